//! Privileges that the connected role lacks, and row security that stops it.

use super::scope::Scope;
use crate::{
    change::{Change, OnOmit},
    model::{Column, Dialect, Generation, Privilege, RowSecurity, Table},
};

pub(super) fn compare_access(
    declared: &Table,
    live: &Table,
    dialect: Dialect,
    scope: Scope,
    changes: &mut Vec<Change>,
) {
    let is_lacked = |privilege: &Privilege| live.columns.iter().any(|column| column.denied.contains(privilege));
    let all = [Privilege::Select, Privilege::Insert, Privilege::Update, Privilege::Usage];
    for privilege in all.into_iter().filter(is_lacked) {
        if scope == Scope::ReadOnlyColumns && privilege != Privilege::Select {
            continue;
        }
        let is_needed = |column: &&Column| is_needed(column, privilege, declared, dialect);
        let (denied, allowed): (Vec<&Column>, Vec<&Column>) =
            live.columns.iter().filter(is_needed).partition(|column| column.denied.contains(&privilege));
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
            on_omit: if denied.iter().any(|column| column.must_be_given()) { OnOmit::Rejected } else { OnOmit::Stored },
        });
    }
    if live.row_security == RowSecurity::Refused {
        changes.push(Change::RowSecurityRefused);
    }
    if let RowSecurity::Closed(commands) = &live.row_security {
        let commands: Vec<Privilege> = commands
            .iter()
            .copied()
            .filter(|command| scope != Scope::ReadOnlyColumns || *command == Privilege::Select)
            .collect();
        if !commands.is_empty() {
            changes.push(Change::RowSecurity { commands });
        }
    }
}

/// Whether a program needs the privilege for the column. It never updates the primary key and never sets generated columns. An insert
/// also takes a number from the sequence of an undeclared column, which needs USAGE.
fn is_needed(column: &Column, privilege: Privilege, declared: &Table, dialect: Dialect) -> bool {
    let is_declared = declared.columns.iter().any(|declared| dialect.same_name(&declared.name, &column.name));
    match privilege {
        Privilege::Select => is_declared,
        // A program may set a key that the database would generate.
        Privilege::Insert => {
            let may_be_set = [Generation::Supplied, Generation::OnUpdate, Generation::AutoIncrement];
            is_declared && may_be_set.contains(&column.generation)
        }
        Privilege::Update => {
            let is_key = declared.primary_key.iter().any(|key| dialect.same_name(key, &column.name));
            is_declared && column.generation != Generation::Computed && !is_key
        }
        Privilege::Usage => true,
    }
}
