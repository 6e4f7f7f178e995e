//! What the connected role may not do with a table.

use super::Scope;
use crate::{
    change::{Change, Unset},
    model::{Column, Dialect, Generation, Privilege, RowSecurity, Table},
};

pub(super) fn access(declared: &Table, live: &Table, dialect: Dialect, scope: Scope, changes: &mut Vec<Change>) {
    for privilege in [Privilege::Select, Privilege::Insert, Privilege::Update, Privilege::Usage] {
        if scope == Scope::Read && privilege != Privilege::Select {
            continue;
        }
        let is_given = |column: &&Column| is_given(column, privilege, declared, live, dialect);
        let (denied, allowed): (Vec<&Column>, Vec<&Column>) =
            live.columns.iter().filter(is_given).partition(|column| column.denied.contains(&privilege));
        if denied.is_empty() {
            continue;
        }
        let is_whole_table = allowed.is_empty() && privilege != Privilege::Usage;
        changes.push(Change::PrivilegeMissing {
            privilege,
            columns: if is_whole_table {
                Vec::new()
            } else {
                denied.iter().map(|column| column.name.clone()).collect()
            },
            unset: if denied.iter().any(|column| column.must_be_given()) { Unset::Refused } else { Unset::Stored },
        });
    }
    if let RowSecurity::Closed(commands) = &live.row_security {
        let commands: Vec<Privilege> =
            commands.iter().copied().filter(|command| scope != Scope::Read || *command == Privilege::Select).collect();
        if !commands.is_empty() {
            changes.push(Change::RowSecurity { commands });
        }
    }
}

/// Whether a program needs the privilege for the column: keys are never updated, generated values never given, and a
/// sequence is drawn from whether the entity knows its column or not.
fn is_given(column: &Column, privilege: Privilege, declared: &Table, live: &Table, dialect: Dialect) -> bool {
    let is_known = declared.columns.iter().any(|declared| dialect.same_name(&declared.name, &column.name));
    match privilege {
        Privilege::Select => is_known,
        Privilege::Insert => is_known && matches!(column.generation, Generation::Given | Generation::Touched),
        Privilege::Update => {
            is_known && column.generation != Generation::Computed && !live.primary_key.contains(&column.name)
        }
        Privilege::Usage => true,
    }
}
