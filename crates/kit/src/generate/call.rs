//! Operations as calls of a migration, for each database. What is executed on the scratch database and what is written are
//! made from the same calls.

use sea_orm_drift::{
    DefaultExpr,
    model::{Check, ForeignKey, Index, Nullability, TableName},
};
use sea_orm_migration::sea_orm::sea_query::{
    Alias, ColumnType, MysqlQueryBuilder, PostgresQueryBuilder, StringLen, Table, TableBuilder,
};

use super::{
    definition::{definition, reference},
    length::{of_postgres, within_limit},
    operation::{Enum, Fill, Operation, Pace, Step},
    spec::{ColumnSpec, TableSpec, Unique},
};

/// One statement of a migration.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Call {
    CreateType(Enum),
    DropType(String),
    CreateTable(TableSpec),
    DropTable(TableName),
    /// SQLite: makes it anew.
    RebuildTable(TableSpec),
    RenameTable {
        from: TableName,
        to: TableName,
    },
    RenameColumn {
        table: TableName,
        from: String,
        to: String,
    },
    AddColumn {
        table: TableName,
        column: ColumnSpec,
    },
    DropColumn {
        table: TableName,
        column: String,
    },
    Modify {
        table: TableName,
        column: Modified,
    },
    AddForeignKey {
        table: TableName,
        key: ForeignKey,
    },
    DropForeignKey {
        table: TableName,
        name: String,
    },
    CreateIndex {
        table: TableName,
        index: Index,
        pace: Pace,
    },
    DropIndex {
        table: TableName,
        index: Index,
        pace: Pace,
    },
    Fill(Fill),
    /// SQL that sea-query cannot build.
    Sql(String),
}

/// What `modify_column` is given: on PostgreSQL only what changes, on MySQL and MariaDB the whole column.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Modified {
    pub(super) name: String,
    pub(super) ty: Option<ColumnType>,
    pub(super) nullability: Option<Nullability>,
    pub(super) default: Option<DefaultExpr>,
    pub(super) is_generated: bool,
    pub(super) using: Option<String>,
    pub(super) extra: Option<String>,
}

/// The calls on each kind of database.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Calls {
    pub(super) postgres: Vec<Call>,
    pub(super) mysql: Vec<Call>,
    pub(super) sqlite: Vec<Call>,
}

impl Calls {
    fn everywhere(calls: Vec<Call>) -> Self {
        Self { postgres: calls.clone(), mysql: calls.clone(), sqlite: calls }
    }

    fn on_postgres(calls: Vec<Call>) -> Self {
        Self { postgres: calls, ..Self::default() }
    }

    pub(super) fn of(operation: &Operation) -> Self {
        match operation.clone() {
            Operation::CreateEnum(it) => Self::on_postgres(vec![Call::CreateType(it)]),
            Operation::DropEnum(it) => Self::on_postgres(vec![Call::DropType(it.name)]),
            Operation::ChangeEnum { name, from, to, columns, is_used_at_once } => {
                Self::on_postgres(relabelled(&name, &from, &to, &columns, is_used_at_once))
            }
            Operation::CreateTable(table) => {
                let (name, indexes) = (table.name.clone(), table.indexes.clone());
                let create = |index| Call::CreateIndex { table: name.clone(), index, pace: Pace::AtOnce };
                let indexes = indexes.into_iter().map(create);
                Self::everywhere(std::iter::once(Call::CreateTable(table)).chain(indexes).collect())
            }
            Operation::DropTable(table) => Self::everywhere(vec![Call::DropTable(table.name)]),
            Operation::RenameTable { from, to } => Self::everywhere(vec![Call::RenameTable { from, to }]),
            Operation::RenameColumn { table, from, to } => {
                Self::everywhere(vec![Call::RenameColumn { table, from, to }])
            }
            Operation::AlterTable { before, after, steps } => Self {
                postgres: steps.iter().flat_map(|step| on_postgres(&before.name, step)).collect(),
                mysql: if let Some(calls) = keeping_index_on_mysql(&before, &steps) {
                    calls
                } else if steps.iter().any(is_of_primary_key) {
                    with_primary_key_on_mysql(&before.name, &steps)
                } else {
                    steps.iter().flat_map(|step| on_mysql(&before.name, step)).collect()
                },
                sqlite: on_sqlite(&before, &after, &steps),
            },
            Operation::CreateIndex { table, index, pace } => {
                Self::everywhere(vec![Call::CreateIndex { table, index, pace }])
            }
            Operation::DropIndex { table, index, pace } => {
                Self::everywhere(vec![Call::DropIndex { table, index, pace }])
            }
            Operation::Fill(fill) => Self::everywhere(vec![Call::Fill(fill)]),
        }
    }
}

/// SQLite adds plain columns and drops those that nothing else names; for all else the table is made anew.
fn on_sqlite(before: &TableSpec, after: &TableSpec, steps: &[Step]) -> Vec<Call> {
    let table = || before.name.clone();
    let is_rebuilt = is_rebuilt(before, steps);
    let native = steps.iter().filter_map(|step| match step {
        // A column that must have a value gets it before the table is made anew.
        Step::AddColumn(column) if is_native(step, before) && (!is_rebuilt || column.default.is_some()) => {
            Some(Call::AddColumn { table: table(), column: column.clone() })
        }
        Step::DropColumn(column) if !is_rebuilt => {
            Some(Call::DropColumn { table: table(), column: column.name.clone() })
        }
        _ => None,
    });
    let mut calls: Vec<Call> = native.collect();
    if is_rebuilt {
        let mut after = after.clone();
        // Only a key of one column counts by itself.
        for column in &mut after.columns {
            column.is_generated &= after.primary_key == [column.name.clone()];
        }
        calls.push(Call::RebuildTable(after));
    }
    calls
}

/// Whether SQLite makes the table anew.
pub(super) fn is_rebuilt(before: &TableSpec, steps: &[Step]) -> bool {
    !steps.iter().all(|step| is_native(step, before))
}

fn is_native(step: &Step, before: &TableSpec) -> bool {
    match step {
        Step::AddColumn(column) => {
            let is_constant = !matches!(column.default, Some(DefaultExpr::Now | DefaultExpr::Expression(_)));
            !column.is_required() && is_constant && !column.is_generated && column.extra.is_none()
        }
        Step::DropColumn(column) => {
            let names = |columns: &[String]| columns.contains(&column.name);
            !names(&before.primary_key)
                && !before.foreign_keys.iter().any(|key| names(&key.columns))
                && !before.uniques.iter().any(|unique| names(&unique.columns))
                && !before.checks.iter().any(|check| names(&check.columns))
        }
        Step::ModifyColumn { .. }
        | Step::AddPrimaryKey(_)
        | Step::DropPrimaryKey(_)
        | Step::AddForeignKey(_)
        | Step::DropForeignKey(_)
        | Step::AddUnique(_)
        | Step::DropUnique(_)
        | Step::AddCheck(_)
        | Step::DropCheck(_) => false,
    }
}

fn on_postgres(table: &TableName, step: &Step) -> Vec<Call> {
    let alter = |words: String| Call::Sql(format!("ALTER TABLE {} {words}", double_quoted_table(table)));
    match step {
        Step::ModifyColumn { from, to } => {
            let plain = Modified { name: to.name.clone(), ..Modified::default() };
            let is_retyped = from.ty != to.ty;
            let mut calls = Vec::new();
            // A default of the old type may have no meaning in the new one.
            if from.default.is_some() && (is_retyped || to.default.is_none()) {
                calls.push(alter(format!("ALTER COLUMN {} DROP DEFAULT", double_quoted(&to.name))));
            }
            if let Some(collation) = to.extra.as_ref().filter(|extra| is_retyped && extra.starts_with("COLLATE ")) {
                let using = using(from, to).map(|using| format!(" USING {using}")).unwrap_or_default();
                let (name, ty) = (double_quoted(&to.name), postgres_text(&to.ty));
                calls.push(alter(format!("ALTER COLUMN {name} TYPE {ty} {collation}{using}")));
            } else if is_retyped {
                let column = Modified { ty: Some(to.ty.clone()), using: using(from, to), ..plain.clone() };
                calls.push(Call::Modify { table: table.clone(), column });
            }
            let nullability = (from.nullability != to.nullability).then_some(to.nullability);
            let default = to.default.clone().filter(|default| is_retyped || from.default.as_ref() != Some(default));
            if nullability.is_some() || default.is_some() {
                calls.push(Call::Modify { table: table.clone(), column: Modified { nullability, default, ..plain } });
            }
            let name = double_quoted(&to.name);
            match (from.is_generated, to.is_generated) {
                (true, false) => calls.extend([
                    alter(format!("ALTER COLUMN {name} DROP IDENTITY IF EXISTS")),
                    alter(format!("ALTER COLUMN {name} DROP DEFAULT")), // of a serial
                ]),
                (false, true) => calls.extend([
                    alter(format!("ALTER COLUMN {name} ADD GENERATED BY DEFAULT AS IDENTITY")),
                    Call::Sql(counted_on(table, &to.name)),
                ]),
                (true, true) | (false, false) => {}
            }
            calls
        }
        Step::AddPrimaryKey(key) => {
            let columns = key.columns.iter().map(|column| double_quoted(column)).collect::<Vec<_>>().join(", ");
            vec![alter(format!("ADD CONSTRAINT {} PRIMARY KEY ({columns})", double_quoted(&key.name)))]
        }
        Step::DropPrimaryKey(key) => vec![alter(format!("DROP CONSTRAINT {}", double_quoted(&key.name)))],
        Step::AddUnique(unique) => {
            let columns = unique.columns.iter().map(|column| double_quoted(column)).collect::<Vec<_>>().join(", ");
            vec![alter(format!("ADD CONSTRAINT {} UNIQUE ({columns})", double_quoted(&postgres_name(table, unique))))]
        }
        Step::DropUnique(unique) => {
            vec![alter(format!("DROP CONSTRAINT {}", double_quoted(&postgres_name(table, unique))))]
        }
        Step::AddCheck(check) => vec![alter(format!(
            "ADD CONSTRAINT {} CHECK {}",
            double_quoted(&check_name(table, check)),
            condition(check)
        ))],
        Step::DropCheck(check) => {
            vec![alter(format!("DROP CONSTRAINT {}", double_quoted(&check_name(table, check))))]
        }
        shared => on_server(table, shared),
    }
}

fn on_mysql(table: &TableName, step: &Step) -> Vec<Call> {
    let alter = |words: String| Call::Sql(format!("ALTER TABLE {} {words}", backquoted_table(table)));
    match step {
        Step::ModifyColumn { to, .. } => {
            let column = Modified {
                name: to.name.clone(),
                ty: Some(to.ty.clone()),
                nullability: Some(to.nullability),
                default: to.default.clone(),
                is_generated: to.is_generated,
                using: None,
                extra: to.extra.clone(),
            };
            vec![Call::Modify { table: table.clone(), column }]
        }
        Step::AddUnique(unique) => {
            let columns = unique.columns.iter().map(|column| backquoted(column)).collect::<Vec<_>>().join(", ");
            vec![alter(format!("ADD UNIQUE INDEX {} ({columns})", backquoted(&mysql_name(unique))))]
        }
        Step::DropUnique(unique) => vec![alter(format!("DROP INDEX {}", backquoted(&mysql_name(unique))))],
        Step::AddCheck(check) => {
            vec![alter(format!("ADD CONSTRAINT {} CHECK {}", backquoted(&check_name(table, check)), condition(check)))]
        }
        Step::DropCheck(check) => vec![alter(format!("DROP CONSTRAINT {}", backquoted(&check_name(table, check))))],
        shared => on_server(table, shared),
    }
}

/// A foreign key needs an index: where the only one is a UNIQUE that goes, it gets its own first.
fn keeping_index_on_mysql(before: &TableSpec, steps: &[Step]) -> Option<Vec<Call>> {
    let goes = |columns: &[String]| {
        steps.iter().any(|step| matches!(step, Step::DropUnique(unique) if unique.columns.starts_with(columns)))
    };
    let has_another = |columns: &[String]| {
        let uniques = before.uniques.iter().filter(|unique| !steps.contains(&Step::DropUnique((*unique).clone())));
        before.primary_key.starts_with(columns)
            || before.indexes.iter().any(|index| index.columns.starts_with(columns))
            || uniques.into_iter().any(|unique| unique.columns.starts_with(columns))
    };
    let stays = |key: &&ForeignKey| !steps.contains(&Step::DropForeignKey((*key).clone()));
    let needs = |key: &&ForeignKey| goes(&key.columns) && !has_another(&key.columns);
    let keys: Vec<&ForeignKey> = before.foreign_keys.iter().filter(stays).filter(needs).collect();
    if keys.is_empty() || steps.iter().any(is_of_primary_key) {
        return None;
    }
    let index = |key: &&ForeignKey| {
        let columns = key.columns.iter().map(|column| backquoted(column)).collect::<Vec<_>>().join(", ");
        let table = backquoted_table(&before.name);
        Call::Sql(format!("ALTER TABLE {table} ADD INDEX {} ({columns})", backquoted(&key.name)))
    };
    let rest = steps.iter().flat_map(|step| on_mysql(&before.name, step));
    Some(keys.iter().map(index).chain(rest).collect())
}

fn is_of_primary_key(step: &Step) -> bool {
    matches!(step, Step::AddPrimaryKey(_) | Step::DropPrimaryKey(_))
}

/// A column that counts must be in a key at each moment: the key and the columns change in one statement.
fn with_primary_key_on_mysql(table: &TableName, steps: &[Step]) -> Vec<Call> {
    let mut together = Table::alter().table(reference(table)).take();
    let (mut first, mut keys, mut last) = (Vec::new(), Vec::new(), Vec::new());
    for step in steps {
        match step {
            Step::DropPrimaryKey(_) => keys.insert(0, ", DROP PRIMARY KEY".to_owned()),
            Step::AddPrimaryKey(key) => {
                let columns = key.columns.iter().map(|column| backquoted(column)).collect::<Vec<_>>().join(", ");
                keys.push(format!(", ADD PRIMARY KEY ({columns})"));
            }
            Step::ModifyColumn { to, .. } => {
                together.modify_column(definition(to));
            }
            Step::AddColumn(column) => {
                together.add_column(definition(column));
            }
            Step::DropColumn(column) => {
                together.drop_column(Alias::new(column.name.clone()));
            }
            Step::DropForeignKey(_) | Step::DropUnique(_) | Step::DropCheck(_) => first.extend(on_mysql(table, step)),
            Step::AddForeignKey(_) | Step::AddUnique(_) | Step::AddCheck(_) => last.extend(on_mysql(table, step)),
        }
    }
    let keys = keys.concat();
    let alters_columns =
        |step: &Step| matches!(step, Step::ModifyColumn { .. } | Step::AddColumn(_) | Step::DropColumn(_));
    first.push(Call::Sql(if steps.iter().any(alters_columns) {
        together.to_string(MysqlQueryBuilder) + &keys
    } else {
        format!("ALTER TABLE {} {}", backquoted_table(table), keys.trim_start_matches(", "))
    }));
    first.extend(last);
    first
}

/// Lets an identity column go on after the greatest value.
fn counted_on(table: &TableName, column: &str) -> String {
    let (table, name) = (double_quoted_table(table), double_quoted(column));
    let literal = |text: &str| format!("'{}'", text.replace('\'', "''"));
    format!(
        "SELECT setval(pg_get_serial_sequence({}, {}), (SELECT COALESCE(max({name}), 0) + 1 FROM {table}), false)",
        literal(&table),
        literal(column)
    )
}

fn on_server(table: &TableName, step: &Step) -> Vec<Call> {
    let table = table.clone();
    match step.clone() {
        Step::AddColumn(column) => vec![Call::AddColumn { table, column }],
        Step::DropColumn(column) => vec![Call::DropColumn { table, column: column.name }],
        Step::AddForeignKey(key) => vec![Call::AddForeignKey { table, key }],
        Step::DropForeignKey(key) => vec![Call::DropForeignKey { table, name: key.name }],
        Step::ModifyColumn { .. }
        | Step::AddPrimaryKey(_)
        | Step::DropPrimaryKey(_)
        | Step::AddUnique(_)
        | Step::DropUnique(_)
        | Step::AddCheck(_)
        | Step::DropCheck(_) => Vec::new(),
    }
}

/// PostgreSQL adds labels, and removes none: the type is made anew.
fn relabelled(
    name: &str,
    from: &[String],
    to: &[String],
    columns: &[(TableName, ColumnSpec)],
    is_used_at_once: bool,
) -> Vec<Call> {
    let quoted_label = |label: &String| format!("'{}'", label.replace('\'', "''"));
    if to.starts_with(from) && !is_used_at_once {
        let add =
            |label: &String| Call::Sql(format!("ALTER TYPE {} ADD VALUE {}", double_quoted(name), quoted_label(label)));
        return to[from.len()..].iter().map(add).collect();
    }
    let (ty, old) = (double_quoted(name), double_quoted(&within_limit(&format!("{name}__old"))));
    let labels = to.iter().map(quoted_label).collect::<Vec<_>>().join(", ");
    let mut calls = vec![
        Call::Sql(format!("ALTER TYPE {ty} RENAME TO {old}")),
        Call::Sql(format!("CREATE TYPE {ty} AS ENUM ({labels})")),
    ];
    for (table, column) in columns {
        let (table_text, name) = (double_quoted_table(table), double_quoted(&column.name));
        let array = if matches!(column.ty, ColumnType::Array(_)) { "[]" } else { "" };
        if column.default.is_some() {
            calls.push(Call::Sql(format!("ALTER TABLE {table_text} ALTER COLUMN {name} DROP DEFAULT")));
        }
        calls.push(Call::Sql(format!(
            "ALTER TABLE {table_text} ALTER COLUMN {name} TYPE {ty}{array} USING {name}::text{array}::{ty}{array}"
        )));
        // One that goes is replaced later.
        let stays = |default: &&DefaultExpr| !matches!(default, DefaultExpr::Text(text) if array.is_empty() && !to.contains(text));
        if let Some(default) = column.default.as_ref().filter(stays) {
            let column = Modified { name: column.name.clone(), default: Some(default.clone()), ..Modified::default() };
            calls.push(Call::Modify { table: table.clone(), column });
        }
    }
    calls.push(Call::Sql(format!("DROP TYPE {old}")));
    calls
}

/// How PostgreSQL converts the values; `None` where it does so by itself.
fn using(from: &ColumnSpec, to: &ColumnSpec) -> Option<String> {
    if converts(&from.ty, &to.ty) {
        return None;
    }
    let (name, ty) = (double_quoted(&to.name), postgres_text(&to.ty));
    let is_number = |ty: &ColumnType| family(ty) == Some(Family::Number);
    let is_direct = (from.ty == ColumnType::Boolean && is_number(&to.ty))
        || (is_number(&from.ty) && to.ty == ColumnType::Boolean)
        || family(&to.ty) == Some(Family::Text);
    // A boolean is an `integer` to PostgreSQL's casts, and to no other number.
    Some(match (is_direct, &from.ty, &to.ty) {
        (true, ColumnType::Boolean, to) if is_number(to) => format!("{name}::integer::{ty}"),
        (true, from, ColumnType::Boolean) if is_number(from) => format!("{name}::integer::boolean"),
        (true, ..) => format!("{name}::{ty}"),
        (false, ..) => format!("{name}::text::{ty}"),
    })
}

#[derive(PartialEq)]
enum Family {
    Number,
    Text,
    Instant,
}

fn family(ty: &ColumnType) -> Option<Family> {
    match ty {
        ColumnType::TinyInteger
        | ColumnType::SmallInteger
        | ColumnType::Integer
        | ColumnType::BigInteger
        | ColumnType::TinyUnsigned
        | ColumnType::SmallUnsigned
        | ColumnType::Unsigned
        | ColumnType::BigUnsigned
        | ColumnType::Float
        | ColumnType::Double
        | ColumnType::Decimal(_) => Some(Family::Number),
        ColumnType::Char(_) | ColumnType::String(_) | ColumnType::Text => Some(Family::Text),
        ColumnType::DateTime | ColumnType::Timestamp | ColumnType::TimestampWithTimeZone | ColumnType::Date => {
            Some(Family::Instant)
        }
        _ => None,
    }
}

fn converts(from: &ColumnType, to: &ColumnType) -> bool {
    family(from).is_some() && family(from) == family(to)
}

/// Whether every value of `from` has its place in `to`, as far as the types say.
pub(super) fn keeps_every_value(from: &ColumnType, to: &ColumnType) -> bool {
    let is_unlimited = matches!(to, ColumnType::Text | ColumnType::String(StringLen::None | StringLen::Max));
    let is_plain =
        !matches!(from, ColumnType::Binary(_) | ColumnType::VarBinary(_) | ColumnType::Blob | ColumnType::Array(_));
    is_unlimited && is_plain
}

fn postgres_text(ty: &ColumnType) -> String {
    if let ColumnType::Enum { name, .. } = ty {
        return double_quoted(&name.to_string());
    }
    let mut text = String::new();
    if !matches!(ty, ColumnType::Year) {
        TableBuilder::prepare_column_type(&PostgresQueryBuilder, ty, &mut text);
    }
    text
}

/// As PostgreSQL names it by itself.
fn postgres_name(table: &TableName, unique: &Unique) -> String {
    unique.name.clone().unwrap_or_else(|| of_postgres(table, &unique.columns, "key"))
}

/// As MySQL names it by itself.
fn mysql_name(unique: &Unique) -> String {
    let own = || unique.columns.first().cloned().unwrap_or_default();
    unique.name.clone().unwrap_or_else(own)
}

pub(super) fn check_name(table: &TableName, check: &Check) -> String {
    match (check.name.as_str(), check.columns.as_slice()) {
        ("", []) => within_limit(&format!("{}_check", table.name)),
        ("", columns) => within_limit(&format!("{}_{}_check", table.name, columns.join("_"))),
        (name, _) => name.to_owned(),
    }
}

/// A name for each CHECK of a table, as PostgreSQL chooses them.
pub(super) fn check_names(table: &TableSpec) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for check in &table.checks {
        let name = check_name(&table.name, check);
        let numbered = (1_u32..).map(|number| within_limit(&format!("{name}{number}")));
        let free = std::iter::once(name.clone()).chain(numbered).find(|name| !names.contains(name));
        names.push(free.unwrap_or(name));
    }
    names
}

/// In parentheses.
fn condition(check: &Check) -> String {
    format!("({})", bare(&check.text))
}

/// The condition without parentheses around it: each statement adds its own.
pub(super) fn bare(text: &str) -> &str {
    let text = text.trim();
    let Some(inside) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else { return text };
    let (mut depth, mut is_quoted) = (0_i32, false);
    let is_whole = inside.chars().all(|character| {
        is_quoted ^= character == '\'';
        depth += i32::from(!is_quoted && character == '(') - i32::from(!is_quoted && character == ')');
        depth >= 0
    });
    if is_whole && depth == 0 { bare(inside) } else { text }
}

pub(super) fn double_quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn backquoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

fn double_quoted_table(table: &TableName) -> String {
    let schema = table.schema.as_ref().map(|schema| double_quoted(schema) + ".").unwrap_or_default();
    schema + &double_quoted(&table.name)
}

fn backquoted_table(table: &TableName) -> String {
    let schema = table.schema.as_ref().map(|schema| backquoted(schema) + ".").unwrap_or_default();
    schema + &backquoted(&table.name)
}
