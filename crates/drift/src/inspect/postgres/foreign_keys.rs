//! Foreign keys, and those that refer to a table.

use super::facts::{ColumnFacts, ForeignKeyFacts, ReferrerFacts, names};
use crate::model::{Action, ForeignKey, Referrer, TableName, Validity};

/// Source: <https://www.postgresql.org/docs/current/catalog-pg-constraint.html>, `confdeltype`.
fn action(letter: char) -> Action {
    match letter {
        'r' => Action::Restrict,
        'c' => Action::Cascade,
        'n' => Action::SetNull,
        'd' => Action::SetDefault,
        _ => Action::NoAction,
    }
}

pub(super) fn referrer(facts: ReferrerFacts) -> Referrer {
    let (on_delete, on_update) = (action(facts.on_delete), action(facts.on_update));
    let does = |wanted| on_delete == wanted || on_update == wanted;
    let not_null_columns = match (does(Action::SetNull), does(Action::SetDefault)) {
        (true, _) => facts.not_null,
        (false, true) => facts.required,
        (false, false) => None,
    };
    let key = ForeignKey {
        name: facts.name,
        columns: facts.columns,
        target: TableName { schema: None, name: String::new() },
        is_target_in_other_schema: false,
        target_columns: facts.target_columns,
        on_delete,
        on_update,
        validity: Validity::Validated,
        is_match_full: false,
    };
    Referrer {
        table: TableName { schema: facts.schema, name: facts.table },
        key,
        not_null_columns: not_null_columns.unwrap_or_default(),
        has_default: does(Action::SetDefault) && facts.has_default,
    }
}

pub(super) fn foreign_key(facts: ForeignKeyFacts, columns: &[ColumnFacts]) -> ForeignKey {
    ForeignKey {
        name: facts.name,
        columns: names(&facts.columns, columns),
        target: TableName { schema: Some(facts.target_schema), name: facts.target_table },
        is_target_in_other_schema: !facts.is_target_visible,
        target_columns: facts.target_columns,
        on_delete: action(facts.on_delete),
        on_update: action(facts.on_update),
        validity: if !facts.is_enforced {
            Validity::NotEnforced
        } else if facts.is_disabled {
            Validity::Disabled
        } else if facts.is_validated {
            Validity::Validated
        } else {
            Validity::NotValidated
        },
        is_match_full: facts.is_match_full,
    }
}
