//! Whether the catalogue is asked about single tables or about a whole schema.
//!
//! MariaDB opens every table of a schema to answer a question about the schema, and only one where the question names it as
//! a constant. The price is the analysis of a statement that repeats itself for each table: about ten times as much for a
//! table as the whole schema costs.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, Value};

use crate::{
    inspect::answer::rows,
    model::{Dialect, TableName},
};

/// So few that their names are not more parameters than a statement takes.
const TABLES_PER_STATEMENT: usize = 1000;

/// How many `SELECT`s there are about one table.
const SELECTS: usize = 8;

/// So few tables are asked for one by one in any case.
const FEW: usize = 16;

/// How many tables of a schema may be read for each table that is wanted.
const READ_FOR_EACH: usize = 8;

/// A schema of so many tables is read as a whole for one of them.
const MANY: usize = 200;

#[derive(FromQueryResult)]
struct NumberedRow {
    key: i64,
    kind: String,
    fact: String,
}

#[derive(FromQueryResult)]
struct NamedRow {
    key: String,
    kind: String,
    fact: String,
}

#[derive(FromQueryResult)]
struct SchemaRow {
    tables: i64,
    lower_case: i64,
}

/// A fact about the table of this number.
#[derive(Debug)]
pub(super) struct Fact {
    pub(super) ordinal: usize,
    pub(super) kind: String,
    /// As JSON.
    pub(super) text: String,
}

/// All facts about these tables, those of one table together.
pub(super) async fn facts(
    db: &impl ConnectionTrait,
    dialect: Dialect,
    wanted: &[TableName],
) -> Result<Vec<Fact>, DbErr> {
    if dialect == Dialect::MariaDb && wanted.len() > FEW && share_a_schema(wanted) {
        let schema = wanted[0].schema.as_deref();
        let described: Vec<SchemaRow> = rows(db, describe(schema)).await?;
        let is_cheaper = |row: &&SchemaRow| {
            usize::try_from(row.tables).is_ok_and(|tables| tables <= wanted.len().saturating_mul(READ_FOR_EACH))
        };
        if let Some(row) = described.first().filter(is_cheaper) {
            return of_schema(db, dialect, schema, wanted, NameCase::of(row.lower_case)).await;
        }
    }
    let mut facts = Vec::new();
    for (number, wanted) in wanted.chunks(TABLES_PER_STATEMENT).enumerate() {
        let found: Vec<NumberedRow> = rows(db, ask(dialect, wanted, number * TABLES_PER_STATEMENT)).await?;
        facts.extend(found.into_iter().map(|row| Fact {
            ordinal: usize::try_from(row.key).unwrap_or(usize::MAX),
            kind: row.kind,
            text: row.fact,
        }));
    }
    Ok(facts)
}

/// Whether names of tables that differ in case only are the same.
#[derive(Clone, Copy)]
pub(super) enum NameCase {
    Kept,
    Ignored,
}

impl NameCase {
    /// By the server's `lower_case_table_names`.
    pub(super) fn of(lower_case_table_names: i64) -> Self {
        if lower_case_table_names == 0 { Self::Kept } else { Self::Ignored }
    }

    /// Equal for the same names.
    pub(super) fn key(self, name: &str) -> String {
        match self {
            Self::Kept => name.to_owned(),
            Self::Ignored => name.to_lowercase(),
        }
    }
}

/// That of the schema of these tables; `None` if it has so many others that a question about all of them costs much.
pub(super) async fn case_of_small_schema(
    db: &impl ConnectionTrait,
    dialect: Dialect,
    wanted: &[TableName],
) -> Result<Option<NameCase>, DbErr> {
    let described: Vec<SchemaRow> = rows(db, describe(wanted[0].schema.as_deref())).await?;
    let is_small = |row: &&SchemaRow| {
        let most = wanted.len().saturating_mul(READ_FOR_EACH).max(MANY);
        dialect == Dialect::MySql || usize::try_from(row.tables).is_ok_and(|tables| tables <= most)
    };
    Ok(described.first().filter(is_small).map(|row| NameCase::of(row.lower_case)))
}

/// Whether all of them are in one schema.
pub(super) fn share_a_schema(wanted: &[TableName]) -> bool {
    wanted.windows(2).all(|pair| pair[0].schema == pair[1].schema)
}

fn describe(schema: Option<&str>) -> Statement {
    let sql = "SELECT COUNT(*) AS tables, CAST(@@lower_case_table_names AS SIGNED) AS lower_case \
               FROM information_schema.TABLES WHERE TABLE_SCHEMA = COALESCE(?, DATABASE())";
    Statement::from_sql_and_values(DbBackend::MySql, sql, [schema.into()])
}

async fn of_schema(
    db: &impl ConnectionTrait,
    dialect: Dialect,
    schema: Option<&str>,
    wanted: &[TableName],
    case: NameCase,
) -> Result<Vec<Fact>, DbErr> {
    let ordinals: HashMap<String, usize> =
        wanted.iter().enumerate().map(|(ordinal, table)| (case.key(&table.name), ordinal)).collect();
    let sql = about(dialect, |column| format!("CAST({column} AS CHAR)"), |_| String::new());
    let values: Vec<Value> = vec![schema.into(); SELECTS];
    let found: Vec<NamedRow> =
        rows(db, Statement::from_sql_and_values(DbBackend::MySql, ordered(dialect, &sql), values)).await?;
    let facts = found.into_iter().filter_map(|row| {
        let ordinal = if row.kind == "grants" { usize::MAX } else { *ordinals.get(&case.key(&row.key))? };
        Some(Fact { ordinal, kind: row.kind, text: row.fact })
    });
    Ok(facts.collect())
}

/// One statement that asks for these tables, numbered from `first`.
fn ask(dialect: Dialect, wanted: &[TableName], first: usize) -> Statement {
    let for_one_table = about(dialect, |_| "CAST(? AS SIGNED)".to_owned(), |column| format!("AND {column} = ?"));
    let each = vec![for_one_table.as_str(); wanted.len()].join("UNION ALL\n");
    let values = wanted.iter().enumerate().flat_map(|(ordinal, table)| {
        let of_table = parameters(first + ordinal, table);
        (0..SELECTS).flat_map(move |_| of_table.clone())
    });
    Statement::from_sql_and_values(DbBackend::MySql, ordered(dialect, &each), values.collect::<Vec<_>>())
}

fn ordered(dialect: Dialect, sql: &str) -> String {
    let session = if dialect == Dialect::MySql { "@@SESSION.transaction_read_only" } else { "@@SESSION.tx_read_only" };
    let grants = include_str!("grants.sql").replace("{session_read_only}", session);
    let checks = if dialect == Dialect::MariaDb { "@@SESSION.check_constraint_checks" } else { "1" };
    let grants = grants.replace("{check_constraint_checks}", checks);
    // Columns before what refers to them.
    format!("{sql}{grants}ORDER BY `key`, kind <> 'about', kind <> 'column', kind = 'check', kind, position")
}

/// The `SELECT`s about a table; `key` and `and` write what stands for a column that has the table's name.
fn about(dialect: Dialect, key: impl Fn(&str) -> String, and: impl Fn(&str) -> String) -> String {
    let (is_ignored, checks) = if dialect == Dialect::MySql {
        ("IF(IS_VISIBLE = 'YES', 'NO', 'YES')", include_str!("checks.mysql.sql"))
    } else {
        ("IGNORED", include_str!("checks.mariadb.sql"))
    };
    let mut sql = format!("{}{checks}", include_str!("table.sql").replace("{is_ignored}", is_ignored));
    for column in ["TABLE_NAME", "part.TABLE_NAME", "owner.TABLE_NAME", "EVENT_OBJECT_TABLE"] {
        sql = sql.replace(&format!("{{key of {column}}}"), &key(column));
        sql = sql.replace(&format!("{{and {column}}}"), &and(column));
    }
    sql
}

/// Of one `SELECT` about a table.
pub(super) fn parameters(ordinal: usize, table: &TableName) -> [Value; 3] {
    [Value::from(i64::try_from(ordinal).unwrap_or(i64::MAX)), table.schema.clone().into(), table.name.clone().into()]
}
