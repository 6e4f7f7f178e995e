//! SQLite's catalogue: one statement about foreign keys between the tables and others, one for every 100 tables, and one for every 200
//! generated keys.

mod counter;
mod create_table;
mod facts;
mod foreign_keys;
mod functions;

use std::collections::BTreeSet;

use futures_util::future::join;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};

use self::counter::Counter;
use self::create_table::{
    Conflict, ConstraintKind, Definitions, computed_by, definitions, is_strict, never_runs, trigger_columns,
    trigger_event, where_of,
};
use self::facts::{ColumnFacts, IndexFacts, IndexPartFacts, RelationFacts, Row};
use self::foreign_keys::{RelatedTables, foreign_keys};
use super::{
    answer::{as_json, each_row, parsed, rows},
    facts::{Found, partial, restrictions, uniqueness},
};
use crate::{
    model::{
        CharsetCoverage, Collation, Column, ColumnType, Dialect, Equality, Generation, Index, IndexRestriction,
        Nullability, ReadOnly, RelationKind, Table, TableName, UnknownName, Writability,
    },
    normalise,
};

/// What the rows tell, and what is yet to be asked about them.
#[derive(Default)]
struct Reading {
    tables: Vec<Table>,
    counters: Vec<Counter>,
    /// The position of a table, and a function or collation that it uses.
    used: Vec<(usize, UnknownName)>,
    read_only: Option<ReadOnly>,
    schema_versions: BTreeSet<i64>,
    related: RelatedTables,
}

impl Reading {
    fn beside(related: RelatedTables) -> Self {
        Self { schema_versions: BTreeSet::from([related.schema_version]), related, ..Self::default() }
    }

    fn read(&mut self, rows: Vec<Row>, wanted: &[TableName]) -> Result<(), DbErr> {
        for row in rows {
            self.schema_versions.insert(row.schema_version);
            if row.query_only == 1 {
                self.read_only = Some(ReadOnly::Setting);
            }
            let Some(name) = usize::try_from(row.ordinal).ok().and_then(|ordinal| wanted.get(ordinal)) else {
                continue;
            };
            let facts: RelationFacts = parsed(&row.relation)?;
            let is_kept = facts.sql.as_ref().is_some_and(|sql| counter::is_kept(sql));
            let collations = collations(&facts.indexes);
            let table = table(name.clone(), facts, &self.related);
            let position = self.tables.len();
            self.used.extend(functions::used(&table, &collations).into_iter().map(|name| (position, name)));
            self.counters.extend(Counter::of(position, &table, is_kept));
            self.tables.push(if row.ignores_checks == 1 {
                Table { checks: Vec::new(), ignores_checks: true, ..table }
            } else {
                table
            });
        }
        Ok(())
    }

    /// Whether all answers are about one state of the schema.
    fn is_of_one_schema(&self) -> bool {
        self.schema_versions.len() <= 1
    }
}

pub(super) async fn tables(db: &impl ConnectionTrait, wanted: &[TableName]) -> Result<Found, DbErr> {
    let reading = match some_at_a_time(db, wanted).await? {
        Some(reading) => reading,
        None => all_at_once(db, wanted).await?,
    };
    let Reading { mut tables, counters, used, read_only, related, .. } = reading;
    related.add_referrers(wanted, &mut tables);
    functions::ask(db, used, &mut tables).await?;
    counter::ask(db, &counters, &mut tables).await?;
    Ok(Found { tables, read_only, ..Found::default() })
}

/// Asks for some while the answer about others is read: the driver runs a statement in a thread of its own. `None` if the answers may
/// not fit together, because the schema was changed between them or a statement failed.
async fn some_at_a_time(db: &impl ConnectionTrait, wanted: &[TableName]) -> Result<Option<Reading>, DbErr> {
    /// Each statement scans the whole schema once.
    const AT_A_TIME: usize = 100;
    let mut reading = Reading::beside(foreign_keys::ask(db, wanted).await?);
    let mut answer: (Vec<Row>, &[TableName]) = (Vec::new(), &[]);
    for asked in wanted.chunks(AT_A_TIME) {
        let (rows, read) = join(facts(db, asked), async { reading.read(answer.0, answer.1) }).await;
        read?;
        let Ok(rows) = rows else { return Ok(None) };
        answer = (rows, asked);
    }
    reading.read(answer.0, answer.1)?;
    Ok(reading.is_of_one_schema().then_some(reading))
}

/// Asks for all tables in one statement. Repeats that while somebody changes the schema, three times at most.
async fn all_at_once(db: &impl ConnectionTrait, wanted: &[TableName]) -> Result<Reading, DbErr> {
    const ATTEMPTS: usize = 3;
    let mut attempt = 1;
    loop {
        let mut reading = Reading::beside(foreign_keys::ask(db, wanted).await?);
        let rows = match facts(db, wanted).await {
            Ok(rows) => rows,
            // Something stops the whole statement, such as a view whose table is gone.
            Err(_) => one_by_one(db, wanted, &mut reading.tables).await?,
        };
        reading.read(rows, wanted)?;
        if reading.is_of_one_schema() || attempt == ATTEMPTS {
            return Ok(reading);
        }
        attempt += 1;
    }
}

/// The collations of the indexes, with the name of each, except the one that each column has by itself.
fn collations(indexes: &[IndexFacts]) -> Vec<(String, String)> {
    let of_index = |index: &IndexFacts| -> Vec<(String, String)> {
        let with_collation = index.parts.iter().filter(|part| !part.collation.eq_ignore_ascii_case("BINARY"));
        with_collation.map(|part| (index.name.clone(), part.collation.clone())).collect()
    };
    indexes.iter().flat_map(of_index).collect()
}

async fn facts(db: &impl ConnectionTrait, wanted: &[TableName]) -> Result<Vec<Row>, DbErr> {
    let ask = Statement::from_sql_and_values(DbBackend::Sqlite, include_str!("tables.sql"), [as_json(wanted).into()]);
    each_row::<Row>(db, ask).await?.collect()
}

/// Each table by itself, in the order of `wanted`. Views that cannot be read go to `broken`.
async fn one_by_one(
    db: &impl ConnectionTrait,
    wanted: &[TableName],
    broken: &mut Vec<Table>,
) -> Result<Vec<Row>, DbErr> {
    let mut found = Vec::new();
    for (ordinal, name) in (0_i64..).zip(wanted) {
        let error = match facts(db, std::slice::from_ref(name)).await {
            Ok(rows) => {
                found.extend(rows.into_iter().map(|row| Row { ordinal, ..row }));
                continue;
            }
            Err(error) => error,
        };
        let sql = "SELECT CASE WHEN sql LIKE 'CREATE VIRTUAL TABLE %' THEN 'virtual' ELSE type END AS kind FROM sqlite_schema \
                   WHERE type IN ('table', 'view') AND name = ?1 COLLATE NOCASE";
        let ask = Statement::from_sql_and_values(DbBackend::Sqlite, sql, [name.name.clone().into()]);
        let kind = rows::<Kind>(db, ask).await?.pop().map(|row| row.kind);
        let kind = match kind.as_deref() {
            Some("view") => "a view that cannot be read",
            Some("virtual") => "a virtual table of a module that this program lacks",
            _ => return Err(error),
        };
        broken.push(Table { relation: RelationKind::NoTable(kind.to_owned()), ..Table::new(name.clone()) });
    }
    Ok(found)
}

#[derive(FromQueryResult)]
struct Kind {
    kind: String,
}

fn table(name: TableName, facts: RelationFacts, related: &RelatedTables) -> Table {
    let names: Vec<String> = facts.columns.iter().map(|column| column.name.clone()).collect();
    let definitions = facts.sql.as_ref().map(|sql| definitions(sql, &names)).unwrap_or_default();
    let collation_of = |column: &str| {
        let found = definitions.collations.iter().find(|(name, _)| name == column);
        found.map_or("BINARY", |(_, collation)| collation.as_str())
    };

    let mut key: Vec<(i64, String)> = facts.columns.iter().map(|row| (row.key_position, row.name.clone())).collect();
    key.retain(|(position, _)| *position > 0);
    key.sort();
    let rowid = RowidKey {
        has_one_column: key.len() == 1,
        has_index: facts.indexes.iter().any(|index| index.origin == "pk"),
        without_rowid: facts.without_rowid == 1,
    };
    let of_indexes = facts.indexes.into_iter().filter(|index| index.origin != "pk");
    // Those that reject a row, but take others with it, are open questions like triggers.
    let is_known = |conflict: &&Conflict| {
        stores_default(conflict)
            || conflict.constraint != ConstraintKind::NotNull
                && ["REPLACE", "IGNORE"].contains(&conflict.action.as_str())
    };
    let reactions: Vec<String> =
        definitions.conflicts.iter().filter(|conflict| !is_known(conflict)).map(ToString::to_string).collect();
    let primary_key: Vec<String> = key.into_iter().map(|(_, name)| name).collect();
    let is_strict = facts.sql.as_ref().is_some_and(|sql| is_strict(sql));
    let names = facts.triggers.iter().map(|name| format!("trigger {name}"));
    let triggers: Vec<(String, &String)> =
        names.zip(&facts.trigger_texts).filter(|(_, sql)| !never_runs(sql)).collect();
    Table {
        relation: match facts.kind.as_str() {
            "view" => RelationKind::View(writability(&facts.trigger_texts)),
            "virtual" => RelationKind::Virtual,
            _ => RelationKind::Table,
        },
        indexes: of_indexes.map(|facts| index(facts, collation_of, &definitions)).collect(),
        primary_key_restrictions: conflict_of(ConstraintKind::PrimaryKey, &primary_key, &definitions)
            .into_iter()
            .collect(),
        primary_key,
        foreign_keys: foreign_keys(facts.foreign_keys, related),
        columns_of_triggers: triggers
            .iter()
            .map(|(name, sql)| (name.clone(), trigger_columns(sql)))
            .filter(|(_, columns)| !columns.is_empty())
            .collect(),
        triggers: triggers.into_iter().map(|(name, _)| name).chain(reactions).collect(),
        columns: facts
            .columns
            .into_iter()
            .map(|facts| column(facts, &rowid, collation_of, &definitions))
            .map(|column| Column { ty: ColumnType { is_strict, ..column.ty }, ..column })
            .collect(),
        checks: definitions.checks.clone(),
        ..Table::new(name)
    }
}

/// Of a view, which is written only through triggers, and never by an upsert: <https://www.sqlite.org/lang_createtrigger.html>.
fn writability(triggers: &[String]) -> Writability {
    let reacts_to =
        |event: &str| triggers.iter().any(|sql| trigger_event(sql).is_some_and(|words| words.starts_with(event)));
    let is_of_some_columns = |sql: &String| trigger_event(sql).is_some_and(|words| words == "UPDATE OF");
    let updates_all = reacts_to("UPDATE") && !triggers.iter().any(is_of_some_columns);
    match (reacts_to("INSERT"), updates_all) {
        (true, true) => Writability::WithoutUpserts,
        (false, false) if triggers.is_empty() => Writability::ReadOnly,
        _ => Writability::Partly,
    }
}

/// Whether a NOT NULL stores the default for NULL, and rejects NULL only where there is none.
fn stores_default(conflict: &Conflict) -> bool {
    conflict.constraint == ConstraintKind::NotNull && conflict.action == "REPLACE"
}

/// Whether a key is an alias of the rowid. <https://www.sqlite.org/lang_createtable.html#rowid>: only with the exact type
/// `INTEGER`, and not with DESC; any other key has an index.
struct RowidKey {
    has_one_column: bool,
    has_index: bool,
    without_rowid: bool,
}

fn column<'a>(
    facts: ColumnFacts,
    key: &RowidKey,
    collation_of: impl Fn(&str) -> &'a str,
    definitions: &Definitions,
) -> Column {
    let expression = definitions.expressions.iter().find(|(column, _)| *column == facts.name);
    let is_rowid = key.has_one_column
        && facts.key_position == 1
        && facts.type_text.eq_ignore_ascii_case("integer")
        && !key.without_rowid
        && !key.has_index;
    let is_computed = [2, 3].contains(&facts.hidden);
    let not_null = facts.not_null == 1 || is_rowid || (facts.key_position > 0 && key.without_rowid);
    let collation = collation_of(&facts.name);
    Column {
        nullability: if not_null { Nullability::NotNull } else { Nullability::Nullable },
        lacks_default: false,
        stores_default_for_null: definitions
            .conflicts
            .iter()
            .any(|conflict| stores_default(conflict) && conflict.columns == [facts.name.as_str()]),
        default: facts.default_text.and_then(|text| normalise::default_value(&text, Dialect::Sqlite)),
        generation: if is_computed {
            Generation::Computed
        } else if is_rowid {
            Generation::AutoIncrement
        } else {
            Generation::Supplied
        },
        expression: expression.map(|(_, expression)| expression.as_str().into()),
        // <https://www.sqlite.org/datatype3.html#collation>: all other collations take more values for equal.
        collation: (!collation.eq_ignore_ascii_case("BINARY")).then(|| {
            Box::new(Collation {
                name: collation.to_owned(),
                equality: Equality::Looser,
                coverage: CharsetCoverage::Unicode,
            })
        }),
        ..Column::plain(facts.name, normalise::column_type(&facts.type_text, Dialect::Sqlite))
    }
}

/// What a unique constraint or the primary key does with a row that repeats a value, where it does not reject it.
fn conflict_of(constraint: ConstraintKind, columns: &[String], definitions: &Definitions) -> Option<IndexRestriction> {
    let is_alike = |conflict: &&Conflict| {
        let same_name = |(one, other): (&String, &String)| one.eq_ignore_ascii_case(other);
        conflict.constraint == constraint
            && conflict.columns.len() == columns.len()
            && conflict.columns.iter().zip(columns).all(same_name)
    };
    match definitions.conflicts.iter().find(is_alike)?.action.as_str() {
        "REPLACE" => Some(IndexRestriction::Replaces),
        "IGNORE" => Some(IndexRestriction::Ignores),
        _ => None,
    }
}

fn index<'a>(facts: IndexFacts, collation_of: impl Fn(&str) -> &'a str, definitions: &Definitions) -> Index {
    let mut parts = facts.parts;
    parts.sort_by_key(|part| part.position);
    let compares_otherwise = |part: &IndexPartFacts| {
        part.column.as_ref().is_some_and(|column| !part.collation.eq_ignore_ascii_case(collation_of(column)))
    };
    let of_parts = restrictions([
        (parts.iter().any(|part| part.is_expression == 1), IndexRestriction::Expression),
        (parts.iter().any(compares_otherwise), IndexRestriction::Collation),
    ]);
    let uniqueness = uniqueness(facts.is_unique == 1);
    let condition = facts.sql.as_deref().and_then(where_of);
    // The expressions of an index are not read apart: the whole list of its columns is.
    let computed = facts.sql.as_deref().map(computed_by).unwrap_or_default();
    let mut expressions = computed.iter();
    let columns: Vec<String> =
        parts.into_iter().filter_map(|part| part.column.or_else(|| expressions.next().cloned())).collect();
    let partial = (facts.is_partial == 1).then(|| match condition {
        Some(condition) => partial(condition, &columns, uniqueness, Dialect::Sqlite),
        None => IndexRestriction::Partial,
    });
    let is_constraint = facts.origin == "u";
    let of_conflict = is_constraint.then(|| conflict_of(ConstraintKind::Unique, &columns, definitions)).flatten();
    let restrictions = partial.into_iter().chain(of_parts).chain(of_conflict).collect();
    let condition = condition.map(|text| text.trim().to_owned());
    Index { restrictions, columns, name: facts.name, uniqueness, computed, condition, included: Vec::new() }
}
