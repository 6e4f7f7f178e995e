//! What the connected role may not do with a table.

use std::collections::BTreeMap;

use super::Scope;
use crate::{
    change::{Change, Unset},
    model::{Column, Privilege, RowSecurity, Table},
};

pub(super) fn access(declared: &Table, live: &Table, scope: Scope, changes: &mut Vec<Change>) {
    let known: Vec<&Column> = live
        .columns
        .iter()
        .filter(|column| declared.columns.iter().any(|declared| declared.name.eq_ignore_ascii_case(&column.name)))
        .collect();
    let mut denied: BTreeMap<Privilege, Vec<&Column>> = BTreeMap::new();
    for column in &known {
        for privilege in &column.denied {
            denied.entry(*privilege).or_default().push(column);
        }
    }
    for (privilege, columns) in denied {
        if scope == Scope::Read && privilege != Privilege::Select {
            continue;
        }
        let is_refused = columns.iter().any(|column| column.must_be_given());
        let is_whole_table = columns.len() == known.len() && privilege != Privilege::Usage;
        changes.push(Change::PrivilegeMissing {
            privilege,
            columns: if is_whole_table {
                Vec::new()
            } else {
                columns.iter().map(|column| column.name.clone()).collect()
            },
            unset: if is_refused { Unset::Refused } else { Unset::Stored },
        });
    }
    if live.row_security == RowSecurity::Closed {
        changes.push(Change::RowSecurity);
    }
}
