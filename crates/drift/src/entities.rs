//! The list of entities that a program uses, and the check of all of them at once.

use std::{collections::BTreeMap, fmt, sync::Arc};

use sea_orm::{
    ConnectionTrait, EntityTrait,
    sea_query::{IndexCreateStatement, TableCreateStatement, TableRef},
};

use crate::{
    change::Change,
    compare::{Comparison, compare},
    declare,
    difference::Difference,
    error::Error,
    inspect,
    model::{Dialect, Relation, Schema, Table, TableName, Visibility, Writability},
    repair::Place,
    report::{Compared, Report, Role},
};

/// The entities that a program uses.
#[derive(Clone, Default)]
pub struct Entities {
    declare: Vec<Arc<dyn Fn(Dialect) -> Table + Send + Sync>>,
}

impl fmt::Debug for Entities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entities({})", self.declare.len())
    }
}

impl Entities {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// One more. The value counts, for entities whose table's name is not always the same.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "a builder's `add`, not arithmetic")]
    pub fn add<E: EntityTrait>(mut self, entity: E) -> Self {
        self.declare.push(Arc::new(move |dialect| declare::entity(entity, dialect)));
        self
    }

    /// One more that is only read: a view, or a table as a view. Its columns and their types count, and the privilege to
    /// read them; keys, indexes, defaults and all that concerns writing do not.
    #[must_use]
    pub fn add_view<E: EntityTrait>(mut self, entity: E) -> Self {
        let relation = Relation::View(Writability::ReadOnly);
        self.declare
            .push(Arc::new(move |dialect| Table { relation: relation.clone(), ..declare::entity(entity, dialect) }));
        self
    }

    /// One more that has no entity: a table and its indexes as sea-query would create them, for example in a migration.
    ///
    /// ```
    /// use sea_orm::sea_query::{ColumnDef, Table};
    /// use sea_orm_drift::{Entities, model::Dialect};
    ///
    /// let shelf = Table::create().table("shelf").col(ColumnDef::new("id").integer().primary_key()).take();
    /// let entities = Entities::new().add_table(shelf, []);
    /// assert_eq!(entities.declared(Dialect::Sqlite).tables[0].primary_key, ["id"]);
    /// ```
    ///
    /// What an entity cannot say either is not looked for: a partial index or one over an expression counts as one over
    /// its columns, and a CHECK of the table (not of a column) as undeclared.
    ///
    /// # Panics
    /// Where the statement does not name its table.
    #[must_use]
    pub fn add_table(
        mut self,
        table: TableCreateStatement,
        indexes: impl IntoIterator<Item = IndexCreateStatement>,
    ) -> Self {
        assert!(matches!(table.get_table_name(), Some(TableRef::Table(..))), "a table without a name");
        let indexes: Vec<_> = indexes.into_iter().collect();
        self.declare.push(Arc::new(move |dialect| declare::table(&table, &indexes, dialect)));
        self
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.declare.is_empty()
    }

    /// What the entities declare, as `dialect` would keep it.
    pub fn declared(&self, dialect: Dialect) -> Schema {
        let tables = self.declare.iter().map(|declare| declare(dialect)).collect();
        Schema { dialect, tables, elsewhere: BTreeMap::new() }
    }

    /// Compares the entities with the database that `db` is connected to. Reads the catalogue in one or two statements
    /// whatever the number of tables and, on PostgreSQL, asks whether the next value of each sequence is taken.
    ///
    /// # Errors
    /// Where nothing can be compared: no entities, an unknown backend, an unreadable catalogue.
    pub async fn check(&self, db: &impl ConnectionTrait) -> Result<Report, Error> {
        if self.declare.is_empty() {
            return Err(Error::NoEntities);
        }
        let dialect = inspect::dialect(db).await?;
        let declared = self.declared(dialect);
        let wanted: Vec<TableName> = declared.tables.iter().map(|table| table.name.clone()).collect();
        let live = inspect::schema(db, dialect, &wanted).await?;
        let comparison = compare(&declared, &live);
        let lacks_privilege =
            comparison.changes.iter().any(|(_, change)| matches!(change, Change::PrivilegeMissing { .. }));
        // Whom to grant it to; only then is it asked.
        let role = if lacks_privilege { inspect::role(db, dialect).await } else { None };
        Ok(report(&declared, &live, comparison, role.as_deref()))
    }
}

fn report(declared: &Schema, live: &Schema, comparison: Comparison, role: Option<&str>) -> Report {
    let dialect = live.dialect;
    let judge = |(name, change): (TableName, Change)| {
        let of = |schema: &'_ Schema| schema.tables.iter().position(|table| table.name == name);
        let place = of(declared).map(|declared_at| Place {
            declared: &declared.tables[declared_at],
            live: of(live).map(|live_at| &live.tables[live_at]),
            role,
            dialect,
        });
        let difference = Difference::judged(name, change, dialect);
        match place {
            Some(place) => difference.repaired(place),
            None => difference,
        }
    };
    let mut differences: Vec<Difference> = comparison.changes.into_iter().map(judge).collect();
    differences.sort_by_key(|difference| difference.consequence);
    Report {
        dialect: live.dialect,
        target: None,
        compared: Compared::count(declared),
        tables: declared.tables.iter().map(|table| table.name.clone()).collect(),
        differences,
        unchecked: comparison.unchecked,
        role: Role::of(live),
        stale: Vec::new(),
        notes: hidden(live).into_iter().collect(),
    }
}

/// What the role was not shown may be there.
fn hidden(live: &Schema) -> Option<String> {
    let is_hidden = live.tables.iter().any(|table| table.constraints == Visibility::Hidden);
    is_hidden.then(|| "the connected role is not shown all constraints; a check by the owner sees more".to_owned())
}

/// Fails the test unless the database is what the entities say; see [`Report::is_in_sync`].
///
/// # Panics
/// With the report, where it is not, or where nothing could be compared.
pub async fn assert_in_sync(db: &impl ConnectionTrait, entities: &Entities) {
    match entities.check(db).await {
        Ok(report) => assert!(report.is_in_sync(), "the database is not what the entities say\n\n{report}"),
        Err(error) => panic!("nothing could be compared: {error}: {:?}", std::error::Error::source(&error)),
    }
}
