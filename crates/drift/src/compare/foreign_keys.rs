//! Foreign keys, paired by their columns, never by name.

use super::omitted::left_out;
use crate::{
    change::{Change, Rejects},
    model::{Action, Column, Dialect, ForeignKey, Nullability, Sides, Table, Validity, Visibility},
    normalise::StoredValue,
};

/// Returns what cannot be known: whether the rows exist that the defaults of referring columns name.
pub(super) fn foreign_keys(declared: &Table, live: &Table, dialect: Dialect, changes: &mut Vec<Change>) -> Vec<String> {
    let mut questions = Vec::new();
    for key in &declared.foreign_keys {
        let candidates: Vec<&ForeignKey> =
            live.foreign_keys.iter().filter(|other| is_same_reference(key, other, dialect)).collect();
        // If several refer alike, only those that are enforced count, if any is.
        let is_enforced = |key: &&&ForeignKey| !matches!(key.validity, Validity::NotEnforced | Validity::Disabled);
        let enforced: Vec<&ForeignKey> = candidates.iter().filter(is_enforced).copied().collect();
        let mut candidates = if enforced.is_empty() { candidates } else { enforced };
        if matches!(dialect, Dialect::Postgres | Dialect::Sqlite)
            && candidates.iter().any(|candidate| has_same_actions(key, candidate, declared))
        {
            let all = candidates.len();
            candidates.retain(|candidate| has_same_actions(key, candidate, declared) || !is_late(candidate));
            questions.extend((candidates.len() < all && dialect != Dialect::Sqlite).then(|| {
                let columns = key.columns.join(", ");
                format!(
                    "whether rows of {} can be deleted or get another key while rows of {} refer to them: a second foreign key of \
                     ({columns}) is ON DELETE NO ACTION ON UPDATE NO ACTION, and the server checks first the one that was made first",
                    key.target, declared.name
                )
            }));
        }
        match candidates
            .iter()
            .find(|candidate| !has_same_actions(key, candidate, declared))
            .or(candidates.first())
            .map(|candidate| (*candidate).clone())
        {
            Some(candidate)
                if has_same_actions(key, &candidate, declared) || live.constraints == Visibility::Hidden => {}
            Some(live) => changes.push(Change::ForeignKey { sides: Sides { declared: key.clone(), live } }),
            None => changes.push(Change::ForeignKeyMissing {
                declared: key.clone(),
                nearest: live
                    .foreign_keys
                    .iter()
                    .find(|live| same_names(&live.columns, &key.columns, dialect))
                    .cloned(),
            }),
        }
    }
    for key in &live.foreign_keys {
        if !declared.foreign_keys.iter().any(|declared| is_same_reference(declared, key, dialect)) {
            let is_null_undeclared = |column: &&Column| {
                key.columns.contains(&column.name)
                    && column.is_null_when_omitted()
                    && !declared.columns.iter().any(|known| known.name == column.name)
            };
            let is_declared = |name: &String| declared.columns.iter().any(|known| known.name == *name);
            // A key with a NULL is not checked, unless it is MATCH FULL: then all its columns are NULL, or none.
            let nulls = live.columns.iter().filter(is_null_undeclared).count();
            let is_never_checked = if key.is_match_full { nulls == key.columns.len() } else { nulls > 0 };
            let is_partly_null = key.is_match_full && nulls > 0;
            let is_never_null = |name: &String| {
                declared.columns.iter().any(|known| known.name == *name && known.nullability == Nullability::NotNull)
            };
            let is_null_when_left_out =
                |name: &String| left_out(name, declared, live, dialect) == Some(StoredValue::Null);
            let refuses_what_is_left_out = key.is_match_full
                && key.columns.iter().any(is_never_null)
                && key.columns.iter().any(is_null_when_left_out);
            let is_set_by_nobody = !key.columns.iter().any(is_declared);
            let is_constant_when_left_out =
                |name: &String| matches!(left_out(name, declared, live, dialect), Some(StoredValue::Constant(_)));
            let is_enforced = !matches!(key.validity, Validity::NotEnforced | Validity::Disabled);
            let may_be_null =
                |column: &Column| key.columns.contains(&column.name) && column.nullability == Nullability::Nullable;
            // SQLite looks for the referenced table even where a column is NULL.
            let takes_nulls = dialect != Dialect::Sqlite && live.columns.iter().any(may_be_null);
            let rejects = if key.validity == Validity::Broken && !takes_nulls {
                Rejects::EveryOmission
            } else if is_never_checked || !is_enforced {
                Rejects::Nothing
            } else if refuses_what_is_left_out || is_partly_null && is_set_by_nobody {
                Rejects::EveryOmission
            } else if is_partly_null {
                Rejects::SecondOmission
            } else if is_set_by_nobody {
                Rejects::Nothing
            } else {
                Rejects::Values
            };
            let refers_by_default = rejects == Rejects::Nothing && is_set_by_nobody
                || rejects == Rejects::Values && key.columns.iter().all(is_constant_when_left_out);
            if refers_by_default && is_enforced && !is_never_checked {
                let columns = key.columns.join(", ");
                questions.push(format!(
                    "whether {} has the row that the default of {columns} names: inserts that omit {columns} refer to it",
                    key.target
                ));
            }
            changes.push(Change::ForeignKeyUnexpected { live: key.clone(), rejects });
        }
    }
    questions
}

/// Whether it rejects at the end of the statement what another key has not settled until then.
fn is_late(key: &ForeignKey) -> bool {
    key.on_delete == Action::NoAction && key.on_update == Action::NoAction && !key.is_match_full
}

/// Whether the same columns refer to the same columns.
fn is_same_reference(declared: &ForeignKey, live: &ForeignKey, dialect: Dialect) -> bool {
    // A foreign key of SQLite cannot refer to another attached database, and names none.
    let is_same_schema = match &declared.target.schema {
        _ if dialect == Dialect::Sqlite => true,
        None => !live.is_target_in_other_schema,
        schema => *schema == live.target.schema,
    };
    is_same_schema && dialect.same_name(&declared.target.name, &live.target.name) && same_pairs(declared, live, dialect)
}

/// Whether each column refers to the same column, in any order. SQLite omits the referenced
/// columns of a key to a primary key.
fn same_pairs(declared: &ForeignKey, live: &ForeignKey, dialect: Dialect) -> bool {
    let pairs = |key: &ForeignKey| -> Vec<(String, Option<String>)> {
        let targets = key.target_columns.iter().cloned().map(Some).chain(std::iter::repeat(None));
        key.columns.iter().cloned().zip(targets).collect()
    };
    let is_same = |(column, target): &(String, Option<String>), (live, live_target): &(String, Option<String>)| {
        let is_same_target = match (target, live_target) {
            (Some(target), Some(live_target)) => dialect.same_name(target, live_target),
            (_, None) => true,
            (None, Some(_)) => false,
        };
        dialect.same_name(column, live) && is_same_target
    };
    let live_pairs = pairs(live);
    declared.columns.len() == live.columns.len()
        && pairs(declared).iter().all(|pair| live_pairs.iter().any(|live| is_same(pair, live)))
}

fn has_same_actions(declared: &ForeignKey, live: &ForeignKey, table: &Table) -> bool {
    let may_be_null = |name: &String| {
        table.columns.iter().any(|column| column.name == *name && column.nullability == Nullability::Nullable)
    };
    declared.has_same_actions_as(live)
        && declared.validity == live.validity
        && !(live.is_match_full && declared.columns.iter().any(may_be_null))
}

fn same_names(one: &[String], other: &[String], dialect: Dialect) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| dialect.same_name(one, other))
}
