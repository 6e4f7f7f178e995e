//! Functions and collations that tables use and another program registered: without them SQLite prepares no statement that
//! needs them. Source: <https://www.sqlite.org/appfunc.html>.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};

use super::create_table::functions;
use crate::{
    inspect::answer::rows,
    model::{DefaultValue, Table, UnknownName, UnknownObjectKind},
};

/// Those of SQLite itself.
const COLLATIONS: [&str; 3] = ["binary", "nocase", "rtrim"];

#[derive(FromQueryResult)]
struct Row {
    name: String,
}

/// Notes in each table what it uses and the connection does not have: one statement, if any uses a function, and one for each
/// collation that is not SQLite's own. `pragma_collation_list` also has those that are only named.
pub(super) async fn ask(
    db: &impl ConnectionTrait,
    used: Vec<(usize, UnknownName)>,
    tables: &mut [Table],
) -> Result<(), DbErr> {
    let (of_functions, of_collations): (Vec<_>, Vec<_>) =
        used.into_iter().partition(|(_, name)| name.kind == UnknownObjectKind::Function);
    if !of_functions.is_empty() {
        let sql = "SELECT DISTINCT lower(name) AS name FROM pragma_function_list";
        let known = rows::<Row>(db, Statement::from_string(DbBackend::Sqlite, sql)).await?;
        let known: BTreeSet<String> = known.into_iter().map(|row| row.name).collect();
        for (table, name) in of_functions.into_iter().filter(|(_, name)| !known.contains(&name.name)) {
            tables[table].unknown_names.push(name);
        }
    }
    let mut asked: BTreeMap<String, bool> = COLLATIONS.map(|name| (name.to_owned(), true)).into();
    for (table, name) in of_collations {
        let key = name.name.to_lowercase();
        if !asked.contains_key(&key) {
            let sql = format!("SELECT '' = '' COLLATE \"{}\"", name.name.replace('"', "\"\""));
            let is_known = db.query_one_raw(Statement::from_string(DbBackend::Sqlite, sql)).await.is_ok();
            asked.insert(key.clone(), is_known);
        }
        if asked.get(&key) == Some(&false) {
            tables[table].unknown_names.push(name);
        }
    }
    for table in tables {
        // That of a column says more than that of an index over it.
        table.unknown_names.sort_by(|one, other| (&one.name, other.kind).cmp(&(&other.name, one.kind)));
        table.unknown_names.dedup_by(|one, other| one.name == other.name);
    }
    Ok(())
}

/// What the table uses. `collations` are those of its indexes, with the name of each index.
pub(super) fn used(table: &Table, collations: &[(String, String)]) -> Vec<UnknownName> {
    let mut used = Vec::new();
    let mut of_text = |text: &str, used_by: String| {
        let names = functions(text).into_iter();
        used.extend(names.map(|name| UnknownName {
            name,
            kind: UnknownObjectKind::Function,
            used_by: used_by.clone(),
        }));
    };
    for check in &table.checks {
        of_text(&check.text, format!("the CHECK {}", check.text));
    }
    for index in &table.indexes {
        index.computed.iter().for_each(|text| of_text(text, format!("the index {}", index.name)));
    }
    for column in &table.columns {
        let default = column.default.as_ref().and_then(|default| match default {
            DefaultValue::Expression(text) => Some(text.as_str()),
            DefaultValue::Literal(_) | DefaultValue::CurrentTimestamp => None,
        });
        for text in column.expression.as_deref().into_iter().chain(default) {
            of_text(text, format!("the column {}", column.name));
        }
    }
    let of_columns = table.columns.iter().filter_map(|column| {
        let name = column.collation.as_ref()?.name.clone();
        Some(UnknownName {
            name,
            kind: UnknownObjectKind::CollationOfColumn,
            used_by: format!("the column {}", column.name),
        })
    });
    let of_indexes = collations.iter().map(|(index, name)| UnknownName {
        name: name.clone(),
        kind: UnknownObjectKind::Collation,
        used_by: format!("the index {index}"),
    });
    used.into_iter().chain(of_columns).chain(of_indexes).collect()
}
