//! The catalogue of MySQL and MariaDB: two round trips, or three for many tables.

mod scope;

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, Value};
use serde::Deserialize;

use super::{Found, action, parsed, restrictions, rows, uniqueness};
use crate::{
    model::{
        Action, CharsetCoverage, Check, Collation, Column, CounterKind, DefaultValue, Dialect, Equality, ForeignKey,
        Generation, Index, IndexRestriction, LogicalType, NextValue, Nullability, PartitionBound, PartitionMethod,
        Partitions, Privilege, ReadOnly, RelationKind, Sequence, Sign, Table, TableName, Validity, Visibility,
        Writability,
    },
    normalise,
};

#[derive(FromQueryResult)]
struct VersionRow {
    version: String,
}

/// A fact about the table of this number.
#[derive(Debug)]
struct Fact {
    ordinal: usize,
    kind: String,
    /// As JSON.
    text: String,
}

#[derive(Deserialize)]
struct RelationFacts {
    table_type: String,
    engine: Option<String>,
    /// The next value of its key.
    next_key: Option<String>,
    /// What `CREATE TABLE` said: `partitioned`.
    options: Option<String>,
    default_collation: Option<String>,
    /// The default of utf8mb4.
    unicode_collation: Option<String>,
}

/// What the facts of a table are read with.
#[derive(Default)]
struct Background {
    /// The collation of the database, and that of a table that names only its character set.
    default_collations: Vec<String>,
    /// The column with the end of each version of a row (MariaDB).
    row_end: Option<String>,
    /// The next value of its key.
    next_key: Option<String>,
}

#[derive(Deserialize)]
struct GrantFacts {
    is_wide: i64,
    /// Of the server, and whether the role is exempt from it; of the session.
    read_only: Option<String>,
    ignores_read_only: i64,
    session_read_only: Option<String>,
    /// Of the session; CHECKs are not enforced where it is off (MariaDB).
    checks_constraints: String,
    /// `user@host`
    role: String,
}

#[derive(FromQueryResult)]
struct ViewRow {
    ordinal: i64,
    is_updatable: String,
}

#[derive(Deserialize)]
struct ColumnFacts {
    name: String,
    type_text: String,
    is_nullable: String,
    default_text: Option<String>,
    extra: String,
    /// Of a generated column; empty or NULL for any other.
    expression: Option<String>,
    character_set: Option<String>,
    collation: Option<String>,
    /// `select,insert,update,references`.
    privileges: String,
}

/// One column of an index.
#[derive(Deserialize)]
struct IndexFacts {
    name: String,
    non_unique: i64,
    prefix: Option<i64>,
    method: String,
    is_ignored: String,
    /// NULL for a MySQL 8 index over an expression.
    column: Option<String>,
}

/// One column of a foreign key.
#[derive(Deserialize)]
struct ForeignKeyFacts {
    name: String,
    column: String,
    target_schema: String,
    /// Whether that is not the connection's own database.
    is_target_elsewhere: i64,
    target_table: String,
    target_column: String,
}

#[derive(Deserialize)]
struct ForeignKeyActionFacts {
    name: String,
    on_delete: String,
    on_update: String,
}

/// One partition, and the time as partitions may count it.
#[derive(Deserialize)]
struct PartitionFacts {
    /// NULL for a table that is not partitioned.
    method: Option<String>,
    expression: Option<String>,
    description: Option<String>,
    now: String,
    tomorrow: String,
    now_to_days: i64,
    now_to_seconds: i64,
    now_unix_timestamp: i64,
}

/// In a day.
const SECONDS: i64 = 86_400;

#[derive(Deserialize)]
struct TriggerFacts {
    name: String,
    fills: i32,
}

#[derive(Deserialize)]
struct CheckFacts {
    name: String,
    /// `Column` for one that stands with a column and has its name.
    level: String,
    text: String,
}

pub(super) async fn dialect(db: &impl ConnectionTrait) -> Result<Dialect, DbErr> {
    let ask = Statement::from_string(DbBackend::MySql, "SELECT VERSION() AS version");
    let versions = rows::<VersionRow>(db, ask).await?;
    let mariadb = versions.iter().any(|row| row.version.contains("MariaDB"));
    Ok(if mariadb { Dialect::MariaDb } else { Dialect::MySql })
}

pub(super) async fn tables(db: &impl ConnectionTrait, dialect: Dialect, wanted: &[TableName]) -> Result<Found, DbErr> {
    let mut role = None;
    let mut enforces_checks = true;
    let mut read_only = None;
    let mut tables: BTreeMap<usize, Table> = BTreeMap::new();
    let mut constraints = Visibility::Shown;
    let mut background = Background::default();
    for row in scope::facts(db, dialect, wanted).await? {
        if row.kind == "grants" {
            let grants = parsed::<GrantFacts>(&row.text)?;
            let is_on =
                |setting: &Option<String>| setting.as_deref().is_some_and(|value| !["0", "OFF", ""].contains(&value));
            if is_on(&grants.session_read_only) {
                read_only = Some(ReadOnly::Setting);
            } else if is_on(&grants.read_only) && grants.ignores_read_only == 0 {
                read_only = Some(ReadOnly::Server);
            }
            enforces_checks = is_on(&Some(grants.checks_constraints));
            role = Some(grants.role);
            if grants.is_wide == 0 {
                constraints = Visibility::Hidden;
            }
            continue;
        }
        let Some(name) = wanted.get(row.ordinal) else { continue };
        let table = tables.entry(row.ordinal).or_insert_with(|| Table::new(name.clone()));
        add(table, &row, &mut background, dialect)?;
    }
    let views: Vec<usize> =
        tables.iter().filter(|(_, table)| table.relation.is_view()).map(|(ordinal, _)| *ordinal).collect();
    for row in updatable(db, wanted, &views).await? {
        let view = usize::try_from(row.ordinal).ok().and_then(|ordinal| tables.get_mut(&ordinal));
        if let (Some(view), "YES") = (view, row.is_updatable.as_str()) {
            view.relation = RelationKind::View(Writability::Writable);
        }
    }
    // The catalogue shows no column of a view whose table or column is gone.
    let tables = tables.into_values().map(|table| {
        let is_broken = matches!(table.relation, RelationKind::View(_)) && table.columns.is_empty();
        let relation = RelationKind::NoTable("a view that cannot be read".to_owned());
        if is_broken { Table { relation, ..table } } else { table }
    });
    let is_there = |table: &Table| !table.columns.is_empty() || matches!(table.relation, RelationKind::NoTable(_));
    let tables = tables.filter(is_there);
    let tables = tables
        .map(|mut table| {
            table.constraints = constraints;
            if !enforces_checks {
                table.checks.clear();
                table.ignores_checks = true;
            }
            if constraints == Visibility::Hidden {
                table.columns.iter_mut().for_each(forget_json);
            }
            table
        })
        .collect();
    Ok(Found { tables, role, read_only, ..Found::default() })
}

/// Asked of views only, which are few.
async fn updatable(db: &impl ConnectionTrait, wanted: &[TableName], views: &[usize]) -> Result<Vec<ViewRow>, DbErr> {
    if views.is_empty() {
        return Ok(Vec::new());
    }
    let sql = vec![include_str!("view.sql"); views.len()].join("UNION ALL\n");
    let values = views.iter().flat_map(|&ordinal| parameters(ordinal, &wanted[ordinal]));
    rows(db, Statement::from_sql_and_values(DbBackend::MySql, sql, values.collect::<Vec<_>>())).await
}

/// Of one `SELECT` about a table.
fn parameters(ordinal: usize, table: &TableName) -> [Value; 3] {
    [Value::from(i64::try_from(ordinal).unwrap_or(i64::MAX)), table.schema.clone().into(), table.name.clone().into()]
}

/// The first fact about a table is `about`, and the columns come before the indexes.
fn add(table: &mut Table, row: &Fact, background: &mut Background, dialect: Dialect) -> Result<(), DbErr> {
    match row.kind.as_str() {
        "about" => {
            let facts: RelationFacts = parsed(&row.text)?;
            let collations = [&facts.default_collation, &facts.unicode_collation];
            let default_collations = collations.into_iter().flatten().cloned().collect();
            *background = Background { default_collations, row_end: None, next_key: facts.next_key.clone() };
            table.relation = relation(facts);
        }
        "column" => {
            let facts: ColumnFacts = parsed(&row.text)?;
            if facts.expression.as_deref() == Some("ROW END") {
                background.row_end = Some(facts.name.clone());
            }
            let mut column = column(facts, &background.default_collations, dialect);
            if column.generation == Generation::AutoIncrement {
                column.sequence = counter(&column, background.next_key.as_deref());
            }
            table.columns.push(column);
        }
        "index" => add_index_part(table, parsed(&row.text)?, background.row_end.as_ref()),
        "partition" => add_partition(table, parsed(&row.text)?),
        "foreign_key" => add_foreign_key_part(table, parsed(&row.text)?),
        "foreign_key_action" => {
            let facts: ForeignKeyActionFacts = parsed(&row.text)?;
            if let Some(key) = table.foreign_keys.iter_mut().find(|key| key.name == facts.name) {
                (key.on_delete, key.on_update) = (action(&facts.on_delete), action(&facts.on_update));
            }
        }
        "trigger" => {
            let trigger: TriggerFacts = parsed(&row.text)?;
            table.triggers.push(format!("trigger {}", trigger.name));
            table.has_filling_trigger |= trigger.fills == 1;
        }
        _ => add_check(table, parsed(&row.text)?),
    }
    Ok(())
}

/// What `AUTO_INCREMENT` counts, to the end of the column's type.
fn counter(column: &Column, next: Option<&str>) -> Option<Box<Sequence>> {
    let LogicalType::Integer { bits, sign } = column.ty.kind else { return None };
    let bits = if sign == Sign::Signed { bits - 1 } else { bits };
    Some(Box::new(Sequence {
        name: "AUTO_INCREMENT".to_owned(),
        kind: CounterKind::AutoIncrement,
        next: next.and_then(|next| next.parse().ok()),
        increment: 1,
        first: 1,
        last: (1_i128 << bits) - 1,
        cycles: false,
        is_cut: false,
        per_day: None,
        state: NextValue::Unknown,
    }))
}

fn relation(facts: RelationFacts) -> RelationKind {
    // <https://dev.mysql.com/doc/refman/8.0/en/storage-engines.html>, <https://mariadb.com/kb/en/information-schema-engines-table/>
    const WITHOUT_TRANSACTIONS: [&str; 7] = ["MyISAM", "Aria", "MEMORY", "CSV", "ARCHIVE", "BLACKHOLE", "MRG_MyISAM"];
    // Tables of other servers. <https://mariadb.com/kb/en/spider/>, <https://mariadb.com/kb/en/federatedx-storage-engine/>
    const ELSEWHERE: [&str; 4] = ["SPIDER", "FEDERATED", "CONNECT", "S3"];
    match facts.engine {
        _ if facts.table_type.ends_with("VIEW") => RelationKind::View(Writability::ReadOnly),
        Some(engine) if WITHOUT_TRANSACTIONS.iter().any(|name| name.eq_ignore_ascii_case(&engine)) => {
            RelationKind::WithoutTransactions(engine)
        }
        Some(engine) if ELSEWHERE.iter().any(|name| name.eq_ignore_ascii_case(&engine)) => {
            RelationKind::Foreign(Writability::Writable)
        }
        _ if facts.table_type == "SEQUENCE" => RelationKind::NoTable("a sequence".to_owned()),
        _ if facts.table_type == "SYSTEM VERSIONED" => RelationKind::Versioned,
        _ if facts.options.is_some_and(|options| options.contains("partitioned")) => RelationKind::Partitioned,
        _ => RelationKind::Table,
    }
}

/// Without the CHECKs, MariaDB's `json` cannot be told from a `longtext` of its collation.
fn forget_json(column: &mut Column) {
    let is_binary = column.collation.as_ref().is_some_and(|collation| collation.name == "utf8mb4_bin");
    if is_binary && column.ty.text.eq_ignore_ascii_case("longtext") {
        column.collation = None;
    }
}

fn add_check(table: &mut Table, facts: CheckFacts) {
    // The name of a column's own CHECK is the name that the column was created with.
    let is_of_a_column = facts.level == "Column";
    let is_json = |column: &&mut Column| {
        is_of_a_column && facts.text.eq_ignore_ascii_case(&format!("json_valid({})", quoted(&column.name)))
    };
    if let Some(column) = table.columns.iter_mut().find(is_json) {
        // `json` on MariaDB, which brings its own collation: <https://mariadb.com/kb/en/json/>.
        column.collation = None;
        column.ty.field = LogicalType::Json;
    }
    let is_of_its_column = |column: &Column| is_of_a_column && column.name == facts.name;
    let is_named = |column: &&Column| is_of_its_column(column) || facts.text.contains(&quoted(&column.name));
    let columns = table.columns.iter().filter(is_named).map(|column| column.name.clone()).collect();
    table.checks.push(Check { columns, name: facts.name, text: facts.text });
}

/// As the catalogue writes a name.
fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

fn add_index_part(table: &mut Table, facts: IndexFacts, row_end: Option<&String>) {
    // MariaDB adds it to each unique key; all current rows have the same: <https://mariadb.com/kb/en/system-versioned-tables/>.
    if facts.non_unique == 0 && facts.column.is_some() && facts.column.as_ref() == row_end {
        return;
    }
    let is_expression = facts.column.is_none();
    let column = facts.column.unwrap_or_else(|| "(expression)".to_owned());
    let restrictions = restrictions([
        (facts.prefix.is_some(), IndexRestriction::Prefix),
        (is_expression, IndexRestriction::Expression),
        (!["BTREE", "HASH"].contains(&facts.method.as_str()), IndexRestriction::Method),
        (facts.is_ignored == "YES", IndexRestriction::Ignored),
    ]);
    if facts.name == "PRIMARY" {
        table.primary_key.push(column);
        table.primary_key_restrictions.extend(restrictions);
        return;
    }
    match table.indexes.iter_mut().find(|index| index.name == facts.name) {
        Some(index) => {
            index.columns.push(column);
            let new: Vec<IndexRestriction> =
                restrictions.into_iter().filter(|limit| !index.restrictions.contains(limit)).collect();
            index.restrictions.extend(new);
        }
        None => table.indexes.push(Index {
            name: facts.name,
            columns: vec![column],
            uniqueness: uniqueness(facts.non_unique == 0),
            restrictions,
            computed: Vec::new(),
        }),
    }
}

fn add_partition(table: &mut Table, facts: PartitionFacts) {
    // A table that is not partitioned has a row without a name; `RANGE COLUMNS` and `LINEAR HASH` are alike.
    let method = match facts.method.as_deref() {
        Some(method) if method.starts_with("RANGE") => PartitionMethod::Range,
        Some(method) if method.starts_with("LIST") => PartitionMethod::List,
        Some(_) => PartitionMethod::Hash,
        None => return,
    };
    let key = facts.expression.unwrap_or_default();
    let column = |name: &str| table.columns.iter().find(|column| name == quoted(&column.name) || name == column.name);
    // `to_days(`at`)`
    let (function, inside) = key.strip_suffix(')').and_then(|rest| rest.split_once('(')).unwrap_or_default();
    let of_now = match function.to_lowercase().as_str() {
        "to_days" => Some([facts.now_to_days, facts.now_to_days + 1].map(|day| day.to_string())),
        "to_seconds" => Some([facts.now_to_seconds, facts.now_to_seconds + SECONDS].map(|time| time.to_string())),
        "unix_timestamp" => {
            Some([facts.now_unix_timestamp, facts.now_unix_timestamp + SECONDS].map(|time| time.to_string()))
        }
        "year" => Some([facts.now.get(..4), facts.tomorrow.get(..4)].map(|year| year.unwrap_or_default().to_owned())),
        _ => None,
    };
    let first = key.split(',').next().unwrap_or_default();
    let named = if of_now.is_some() { column(inside) } else { column(first) };
    let columns = named.map(|column| column.name.clone()).into_iter().collect();
    let [now, tomorrow] = of_now.unwrap_or([facts.now, facts.tomorrow]);
    let bound = PartitionBound::of_mysql(method, facts.description.as_deref());
    let partitions =
        table.partitions.get_or_insert(Partitions { method, key, columns, bounds: Vec::new(), now, tomorrow });
    partitions.bounds.push(bound);
}

fn add_foreign_key_part(table: &mut Table, facts: ForeignKeyFacts) {
    match table.foreign_keys.iter_mut().find(|key| key.name == facts.name) {
        Some(key) => {
            key.columns.push(facts.column);
            key.target_columns.push(facts.target_column);
        }
        None => table.foreign_keys.push(ForeignKey {
            name: facts.name,
            columns: vec![facts.column],
            target: TableName { schema: Some(facts.target_schema), name: facts.target_table },
            is_target_elsewhere: facts.is_target_elsewhere == 1,
            target_columns: vec![facts.target_column],
            on_delete: Action::Refuse,
            on_update: Action::Refuse,
            validity: Validity::Validated,
            is_full: false,
        }),
    }
}

fn column(facts: ColumnFacts, default_collations: &[String], dialect: Dialect) -> Column {
    let extra = facts.extra.to_lowercase();
    let generation = if extra.contains("auto_increment") {
        Generation::AutoIncrement
    } else if extra.contains("virtual") || extra.contains("stored") || extra.contains("persistent") {
        Generation::Computed
    } else if extra.contains("on update") {
        Generation::OnUpdate
    } else {
        Generation::Supplied
    };
    // MariaDB prints defaults as SQL; MySQL prints bare constants, and marks expressions in `extra`.
    let bare = dialect == Dialect::MySql && !extra.contains("default_generated");
    let may = |privilege: &str| facts.privileges.split(',').any(|may| may == privilege);
    let denied = [(Privilege::Select, "select"), (Privilege::Insert, "insert"), (Privilege::Update, "update")];
    Column {
        ty: normalise::column_type(&facts.type_text, dialect),
        may_hold_nulls: false,
        nullability: if facts.is_nullable == "NO" { Nullability::NotNull } else { Nullability::Nullable },
        default: facts.default_text.as_ref().and_then(|text| {
            if bare { Some(DefaultValue::Literal(text.clone())) } else { normalise::default_value(text, dialect) }
        }),
        generation,
        // The period of a system-versioned table is no expression.
        expression: facts.expression.clone().filter(|text| !text.is_empty() && !text.starts_with("ROW ")),
        domain: None,
        type_schema: None,
        sequence: None,
        collation: collation(&facts, default_collations).map(Box::new),
        denied: denied.into_iter().filter_map(|(privilege, name)| (!may(name)).then_some(privilege)).collect(),
        name: facts.name,
    }
}

/// The collation, unless it is a default and can hold all characters: of the database, or of utf8mb4, which a table has that
/// names only its character set.
fn collation(facts: &ColumnFacts, defaults: &[String]) -> Option<Collation> {
    let (name, default) = (facts.collation.as_ref()?, defaults.first()?);
    // A collation's name begins with its character set.
    let is_unicode = facts.character_set.as_deref().is_some_and(|set| ["utf8mb4", "utf16", "utf32"].contains(&set));
    let ignores_case = |collation: &str| collation.to_lowercase().ends_with("_ci");
    let equality = match (ignores_case(default), ignores_case(name)) {
        (true, false) => Equality::Stricter,
        (false, true) => Equality::Looser,
        (true, true) | (false, false) => Equality::AsDefault,
    };
    (!defaults.contains(name) || !is_unicode).then(|| Collation {
        name: name.clone(),
        equality,
        coverage: if is_unicode { CharsetCoverage::Unicode } else { CharsetCoverage::Limited },
    })
}
