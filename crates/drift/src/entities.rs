//! The entities that a program uses, and the check of all of them.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    fmt,
    future::poll_fn,
    sync::Arc,
    task::Poll,
};

use futures_util::future::join;
use sea_orm::{
    ConnectionTrait, EntityTrait,
    sea_query::{ColumnType, IndexCreateStatement, TableCreateStatement, TableRef},
};

use crate::{
    change::Change,
    commands::Commands,
    compare::{Comparison, compare},
    declare::{self, ColumnTypes},
    difference::Difference,
    error::Error,
    inspect,
    model::{Dialect, RelationKind, Schema, Table, TableName, Visibility, Writability},
    repair::Context,
    report::{Compared, Report, Role},
    rows::scan::{NewScan, Scan},
};

/// What an entity declares to a kind of database.
pub(crate) type Declare = Arc<dyn Fn(Dialect) -> Table + Send + Sync>;

/// The types of its columns, for any database.
type Types = Arc<dyn Fn() -> ColumnTypes + Send + Sync>;

/// One entity, or a table without one.
#[derive(Clone)]
struct Declared {
    name: TableName,
    declare: Declare,
    /// The types of its columns; a record has none.
    types: Option<Types>,
    /// How its rows are looked into.
    scan: Option<NewScan>,
}

/// The entities that a program uses.
#[derive(Clone, Default)]
pub struct Entities {
    declared: Vec<Declared>,
}

impl fmt::Debug for Entities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entities({})", self.declared.len())
    }
}

impl Entities {
    /// Creates an empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an entity. The value matters only for entities whose table name is set at run time.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "a builder's `add`, not arithmetic")]
    pub fn add<E: EntityTrait>(mut self, entity: E) -> Self {
        let scan = scan_of(&entity);
        self.declared.push(Declared {
            name: declare::table_name(Some(&entity.table_ref())),
            declare: Arc::new(move |dialect| declare::entity(entity, dialect)),
            types: Some(Arc::new(move || declare::types_of_entity(entity))),
            scan,
        });
        self
    }

    /// Adds a read-only entity: a view, or a table that the program only reads. The check compares its columns, their types
    /// and the privilege to read them, and ignores keys, indexes, defaults and all else that concerns writing.
    #[must_use]
    pub fn add_view<E: EntityTrait>(mut self, entity: E) -> Self {
        let relation = RelationKind::View(Writability::ReadOnly);
        let (scan, name) = (scan_of(&entity), declare::table_name(Some(&entity.table_ref())));
        let declare: Declare =
            Arc::new(move |dialect| Table { relation: relation.clone(), ..declare::entity(entity, dialect) });
        let types: Option<Types> = Some(Arc::new(move || declare::types_of_entity(entity)));
        self.declared.push(Declared { name, declare, types, scan });
        self
    }

    /// Adds a table without an entity: the statements that create it and its indexes, for example from a migration.
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
    /// The check ignores what an entity cannot declare: a partial index, or one over an expression, counts as one over its
    /// columns, and a CHECK of the table (not of a column) as undeclared.
    ///
    /// # Panics
    /// If the statement does not name its table.
    #[must_use]
    pub fn add_table(
        mut self,
        table: TableCreateStatement,
        indexes: impl IntoIterator<Item = IndexCreateStatement>,
    ) -> Self {
        assert!(matches!(table.get_table_name(), Some(TableRef::Table(..))), "a table without a name");
        let indexes: Vec<_> = indexes.into_iter().collect();
        let types = declare::types_of_table(&table);
        let name = types.table.clone();
        let declare: Declare = Arc::new(move |dialect| declare::table(&table, &indexes, dialect));
        self.declared.push(Declared { name, declare, types: Some(Arc::new(move || types.clone())), scan: None });
        self
    }

    /// Says that these triggers of the entity added last are the project's own: its migrations create them, and they do not
    /// change what is written. The check then does not ask what they do. It does not miss them either.
    ///
    /// # Panics
    /// If no entity was added before.
    #[must_use]
    pub fn with_triggers<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        let names: Vec<String> = names.into_iter().map(|name| format!("trigger {}", name.into())).collect();
        let last = self.declared.last_mut().expect("an entity was added before its triggers");
        let declare = Arc::clone(&last.declare);
        last.declare = Arc::new(move |dialect| Table { triggers: names.clone(), ..declare(dialect) });
        self
    }

    /// Says that the field of this column, in the entity added last, also reads these types, because its `TryGetable` is written
    /// by hand: an id that is read from `integer` and from `bigint`, so that one release works before and after the key is made wider.
    /// The check then takes a column of such a type for one of the declared type.
    ///
    /// # Panics
    /// If no entity was added before, or it has no such column.
    #[must_use]
    pub fn reading(mut self, column: &str, types: impl IntoIterator<Item = ColumnType>) -> Self {
        let types: Vec<ColumnType> = types.into_iter().collect();
        let last = self.declared.last_mut().expect("an entity was added before the types that it reads");
        let (declare, name) = (Arc::clone(&last.declare), column.to_owned());
        last.declare = Arc::new(move |dialect| {
            let mut table = declare(dialect);
            let column = table.columns.iter_mut().find(|column| column.name == name);
            let column = column.unwrap_or_else(|| panic!("the entity has no column `{name}`"));
            column.also_reads = types.iter().map(|ty| declare::column_type(Some(ty), dialect)).collect();
            table
        });
        self
    }

    /// Tables that were recorded, instead of entities.
    pub(crate) fn of_tables(tables: impl IntoIterator<Item = (TableName, Declare)>) -> Self {
        let declared = tables.into_iter().map(|(name, declare)| Declared { name, declare, types: None, scan: None });
        Self { declared: declared.collect() }
    }

    /// Whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.declared.is_empty()
    }

    /// What the entities declare, as `dialect` would store it. A table that was added twice is declared once, and is not a view
    /// if it was also added as a table.
    pub fn declared(&self, dialect: Dialect) -> Schema {
        let mut once = EachOnce::default();
        for of in &self.declared {
            once.add((of.declare)(dialect));
        }
        Schema::new(dialect, once.tables)
    }

    /// The same, a few at a time: what is awaited beside it goes on in between.
    async fn declare_beside(&self, dialect: Dialect) -> Schema {
        /// So many take less than a millisecond.
        const AT_A_TIME: usize = 8;
        let mut once = EachOnce::default();
        for some in self.declared.chunks(AT_A_TIME) {
            for of in some {
                once.add((of.declare)(dialect));
            }
            let mut has_waited = false;
            poll_fn(|context| {
                if std::mem::replace(&mut has_waited, true) {
                    return Poll::Ready(());
                }
                context.waker().wake_by_ref();
                Poll::Pending
            })
            .await;
        }
        Schema::new(dialect, once.tables)
    }

    /// The types of their columns, as the entities declare them for any database: not what one database makes of them.
    pub fn column_types(&self) -> Vec<ColumnTypes> {
        self.declared.iter().filter_map(|of| of.types.as_ref()).map(|types| types()).collect()
    }

    /// What the database that `db` is connected to has of these tables.
    ///
    /// # Errors
    /// If the catalogue cannot be read.
    pub async fn live(db: &impl ConnectionTrait, tables: &[TableName]) -> Result<Schema, Error> {
        let dialect = inspect::dialect(db).await?;
        let found = Box::pin(inspect::tables(db, dialect, tables)).await?;
        let tables: Vec<Table> = tables.iter().cloned().map(Table::new).collect();
        Box::pin(inspect::schema(db, dialect, found, &tables)).await
    }

    /// The tables whose rows can be looked into, and how.
    pub(crate) fn scans(&self, dialect: Dialect) -> impl Iterator<Item = (Table, NewScan)> {
        self.declared.iter().filter_map(move |of| Some(((of.declare)(dialect), of.scan?)))
    }

    /// Compares the entities with the database that `db` is connected to. Reads the catalogue in one or two statements,
    /// however many tables there are; on SQLite in one for every hundred tables. It also asks for the next value of each
    /// generated key and, on PostgreSQL, whether it or one of the thousand after it already exists; and for keys of which more
    /// than half are used, how fast they are used. Those are look-ups by the key.
    ///
    /// # Errors
    /// If nothing can be compared: no entities, an unsupported backend, an unreadable catalogue.
    pub async fn check(&self, db: &impl ConnectionTrait) -> Result<Report, Error> {
        Ok(self.inspect(db, &[]).await?.report)
    }

    /// The same, with what was read for it, and with other tables read beside: one read of the catalogue for all.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub async fn inspect(&self, db: &impl ConnectionTrait, others: &[TableName]) -> Result<Inspected, Error> {
        if self.declared.is_empty() {
            return Err(Error::NoEntities);
        }
        let dialect = inspect::dialect(db).await?;
        let mut wanted: Vec<TableName> = self.declared.iter().map(|of| of.name.clone()).collect();
        let mut seen = BTreeSet::new();
        wanted.retain(|name| seen.insert(name.clone()));
        wanted.extend(others.iter().cloned());
        // Boxed, for the compiler has a limit to futures in futures, and those of the caller come on top.
        let found = Box::pin(inspect::tables(db, dialect, &wanted));
        let (found, declared) = join(found, self.declare_beside(dialect)).await;
        let live = Box::pin(inspect::schema(db, dialect, found?, &declared.tables)).await?;
        let (others, tables) = live.tables.into_iter().partition(|table: &Table| others.contains(&table.name));
        let live = Schema { tables, ..live };
        let comparison = compare(&declared, &live);
        let report = report(&declared, &live, comparison);
        Ok(Inspected { report, declared, live, others: Schema::new(dialect, others) })
    }
}

/// What one read of the catalogue gave.
#[derive(Debug)]
#[non_exhaustive]
pub struct Inspected {
    /// The entities against the database.
    pub report: Report,
    /// What the entities declare to this kind of database.
    pub declared: Schema,
    /// Their tables, as the database has them.
    pub live: Schema,
    /// The other tables.
    pub others: Schema,
}

/// Tables, of which each is declared once, and is not a view if it was also added as a table.
#[derive(Default)]
struct EachOnce {
    tables: Vec<Table>,
    positions: BTreeMap<TableName, Vec<usize>>,
}

impl EachOnce {
    fn add(&mut self, table: Table) {
        let tables = &mut self.tables;
        // A program that writes to a table also reads it.
        let is_the_same = |position: &usize| {
            let other = &tables[*position];
            Table { relation: other.relation.clone(), ..table.clone() } == *other
        };
        let named = self.positions.entry(table.name.clone()).or_default();
        match named.iter().copied().find(is_the_same) {
            Some(position) if tables[position].relation.is_view() => tables[position] = table,
            Some(_) => {}
            None => {
                named.push(tables.len());
                tables.push(table);
            }
        }
    }
}

/// None for an entity whose table is named at run time: a query of its rows names another one.
fn scan_of<E: EntityTrait>(entity: &E) -> Option<NewScan> {
    let is_named_here = entity.table_ref() != E::default().table_ref();
    (!is_named_here).then_some(Scan::<E>::boxed as NewScan)
}

fn report(declared: &Schema, live: &Schema, comparison: Comparison) -> Report {
    let dialect = live.dialect;
    let (declared_tables, live_tables) = (declared.by_name(), live.by_name());
    let judge = |(name, change): (TableName, Change)| {
        let context = declared_tables.get(&name).map(|declared| Context {
            declared,
            live: live_tables.get(&name).copied(),
            tables: &live.tables,
            role: live.role.as_deref(),
            types: &live.types,
            taken: &live.taken,
            dialect,
        });
        let difference = Difference::judged(name, change, dialect);
        match context {
            Some(context) => difference.with_repair(context),
            None => difference,
        }
    };
    let mut differences: Vec<Difference> = comparison.changes.into_iter().map(judge).collect();
    differences.sort_by_key(|difference| Reverse(difference.consequence()));
    Report {
        dialect: live.dialect,
        target: None,
        compared: Compared::count(declared),
        tables: declared.tables.iter().map(|table| table.name.clone()).collect(),
        differences,
        unchecked: comparison.unchecked,
        role: Role::of(live),
        stale: Vec::new(),
        commands: Commands::default(),
        notes: hidden(live).into_iter().collect(),
    }
}

/// A note about constraints that the role may not see.
fn hidden(live: &Schema) -> Option<String> {
    let is_hidden = live.tables.iter().any(|table| table.constraints == Visibility::Hidden);
    is_hidden
        .then(|| "the connected role cannot see all constraints: run the check as the owner to compare them".to_owned())
}

/// Fails the test unless the database matches the entities; see [`Report::is_in_sync`].
///
/// # Panics
/// With the report if it does not, or with the error if nothing could be compared.
pub async fn assert_in_sync(db: &impl ConnectionTrait, entities: &Entities) {
    match entities.check(db).await {
        Ok(report) => assert!(report.is_in_sync(), "the database does not match the entities\n\n{report}"),
        Err(error) => panic!("nothing could be compared: {error}: {:?}", std::error::Error::source(&error)),
    }
}

#[cfg(test)]
mod tests;
