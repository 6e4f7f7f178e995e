//! CHECK constraints: their names, as PostgreSQL chooses them, and their conditions.

use sea_orm_drift::model::{Check, TableName};

use crate::generate::{length::within_limit, spec::TableSpec};

pub(in crate::generate) fn check_name(table: &TableName, check: &Check) -> String {
    match (check.name.as_str(), check.columns.as_slice()) {
        ("", []) => within_limit(&format!("{}_check", table.name)),
        ("", columns) => within_limit(&format!("{}_{}_check", table.name, columns.join("_"))),
        (name, _) => name.to_owned(),
    }
}

/// A name for each CHECK of a table, as PostgreSQL chooses them.
pub(in crate::generate) fn check_names(table: &TableSpec) -> Vec<String> {
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
pub(super) fn condition(check: &Check) -> String {
    format!("({})", bare(&check.text))
}

/// The condition without parentheses around it: each statement adds its own.
pub(in crate::generate) fn bare(text: &str) -> &str {
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
