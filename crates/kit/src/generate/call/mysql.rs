//! MySQL and MariaDB, where a column is restated as a whole.

use sea_orm_drift::{
    DefaultExpr,
    model::{ForeignKey, TableName},
};
use sea_orm_migration::sea_orm::sea_query::{Alias, ColumnType, IntoIden, MysqlQueryBuilder, StringLen, Table};

use super::{
    check::{check_name, condition},
    statement::{Call, Modified, on_server},
    types::{Family, family},
};
use crate::generate::{
    definition::{definition, reference},
    operation::Step,
    spec::{ColumnSpec, TableSpec, Unique},
};

pub(super) fn on_mysql(table: &TableName, step: &Step) -> Vec<Call> {
    let alter = |words: String| Call::Sql(format!("ALTER TABLE {} {words}", backquoted_table(table)));
    match step {
        Step::ModifyColumn { from, to } => {
            let column = Modified {
                name: to.name.clone(),
                ty: Some(to.ty.clone()),
                nullability: Some(to.nullability),
                default: to.default.clone(),
                is_generated: to.is_generated,
                using: None,
                extra: to.restated(),
            };
            let mut calls = uuid_as_bytes(table, from, to);
            calls.push(Call::Modify { table: table.clone(), column });
            calls
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

/// Between a UUID and its text: MySQL and MariaDB store `binary(16)`, and would take its bytes for characters. Both statements may be
/// repeated.
fn uuid_as_bytes(table: &TableName, from: &ColumnSpec, to: &ColumnSpec) -> Vec<Call> {
    let name = backquoted(&to.name);
    let is_text = |ty: &ColumnType| family(ty) == Some(Family::Text);
    let (value, length) = match (&from.ty, &to.ty) {
        (ColumnType::Uuid | ColumnType::Binary(16), to) if is_text(to) => {
            let part = |start: u8, length: u8| format!("substr(hex({name}), {start}, {length})");
            let parts = [part(1, 8), part(9, 4), part(13, 4), part(17, 4), part(21, 12)].join(", ");
            (format!("lower(concat_ws('-', {parts}))"), 16)
        }
        (from, ColumnType::Uuid | ColumnType::Binary(16)) if is_text(from) => {
            (format!("coalesce(unhex(replace(CONVERT({name} USING ascii), '-', '')), {name})"), 36)
        }
        _ => return Vec::new(),
    };
    let column = Modified {
        name: to.name.clone(),
        ty: Some(ColumnType::VarBinary(StringLen::N(255))),
        nullability: Some(from.nullability),
        ..Modified::default()
    };
    let table_text = backquoted_table(table);
    vec![
        Call::Modify { table: table.clone(), column },
        Call::Sql(format!("UPDATE {table_text} SET {name} = {value} WHERE length({name}) = {length}")),
    ]
}

/// An enum of PostgreSQL is a part of each column's type here.
pub(super) fn relabelled_on_mysql(labels: &[String], columns: &[(TableName, ColumnSpec)]) -> Vec<Call> {
    let relabelled = columns.iter().filter_map(|(table, from)| {
        let ColumnType::Enum { name, .. } = &from.ty else { return None };
        let variants = labels.iter().map(|label| Alias::new(label.clone()).into_iden()).collect();
        let ty = ColumnType::Enum { name: name.clone(), variants };
        // A default that goes is replaced later.
        let default =
            from.default.clone().filter(|it| !matches!(it, DefaultExpr::Text(text) if !labels.contains(text)));
        let to = ColumnSpec { ty, default, ..from.clone() };
        Some(on_mysql(table, &Step::ModifyColumn { from: from.clone(), to }))
    });
    relabelled.flatten().collect()
}

/// A foreign key needs an index: where the only one is a UNIQUE that goes, it gets its own first.
pub(super) fn keeping_index_on_mysql(before: &TableSpec, steps: &[Step]) -> Option<Vec<Call>> {
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

pub(super) fn is_of_primary_key(step: &Step) -> bool {
    matches!(step, Step::AddPrimaryKey(_) | Step::DropPrimaryKey(_))
}

/// A column that counts must be in a key at each moment: the key and the columns change in one statement.
pub(super) fn with_primary_key_on_mysql(table: &TableName, steps: &[Step]) -> Vec<Call> {
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
                together.modify_column(definition(&ColumnSpec { extra: to.restated(), ..to.clone() }));
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

/// As MySQL names it by itself.
fn mysql_name(unique: &Unique) -> String {
    let own = || unique.columns.first().cloned().unwrap_or_default();
    unique.name.clone().unwrap_or_else(own)
}

fn backquoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

fn backquoted_table(table: &TableName) -> String {
    let schema = table.schema.as_ref().map(|schema| backquoted(schema) + ".").unwrap_or_default();
    schema + &backquoted(&table.name)
}
