//! CHECKs, paired by their columns and texts, never by name. Different texts may mean the same: every server prints them in its own
//! way.

use super::{
    accepted_values::accepts_every_value,
    omitted::{left_out, next_keys, omitted},
};
use crate::{
    change::{Change, Rejects},
    model::{Check, Column, Dialect, FieldValues, LogicalType, Nullability, Table},
    normalise::{self, CheckOutcome, StoredValue},
};

/// What cannot be known of the CHECKs.
#[derive(Default)]
pub(super) struct UndecidedChecks<'a> {
    /// CHECKs on the columns of a declared CHECK that has another text.
    pub(super) text_differs: Vec<&'a Check>,
    /// CHECKs on fields that take only some values, which are not known.
    pub(super) of_own_values: Vec<&'a Check>,
    /// CHECKs on undeclared columns that may reject what an insert leaves there.
    pub(super) of_undeclared_columns: Vec<&'a Check>,
    /// CHECKs that may reject rows which leave out their columns.
    pub(super) of_left_out_columns: Vec<&'a Check>,
    /// CHECKs that no value violates, and some may keep from being computed.
    pub(super) of_fallible_expressions: Vec<&'a Check>,
}

impl UndecidedChecks<'_> {
    /// The questions that stay open.
    pub(super) fn report(self, mut report: impl FnMut(String)) {
        for check in self.text_differs {
            report(format!("whether the CHECK {} means the same as the declared one", check.text));
        }
        for check in self.of_own_values {
            let columns = check.columns.join(", ");
            report(format!(
                "whether the CHECK {} accepts every value of {columns}: the entity does not list those of an enum stored as text or \
                 number",
                check.text
            ));
        }
        for check in self.of_fallible_expressions {
            report(format!("whether the CHECK {} can be computed for every row that a program writes", check.text));
        }
        for check in self.of_left_out_columns {
            let columns = check.columns.join(", ");
            report(format!("whether the CHECK {} accepts a row that leaves out {columns}", check.text));
        }
        for check in self.of_undeclared_columns {
            let columns = check.columns.join(", ");
            report(format!("whether the CHECK {} accepts what an insert leaves in {columns}", check.text));
        }
    }
}

/// Whether a declared CHECK and a live one are the same.
type Matches<'a> = dyn Fn(&Check, &Check) -> bool + 'a;

pub(super) fn checks<'a>(
    declared: &Table,
    live: &'a Table,
    dialect: Dialect,
    changes: &mut Vec<Change>,
) -> UndecidedChecks<'a> {
    let mut unexpected: Vec<&'a Check> =
        live.checks.iter().filter(|check| !is_implied_json_check(check, declared, live, dialect)).collect();
    let mut undecided = UndecidedChecks::default();
    let mut missing: Vec<&Check> = declared.checks.iter().collect();
    let has_same_text = |check: &Check, live: &Check| normalise::same_expression(&check.text, &live.text, dialect);
    // The likeliest pairs first.
    let same_text = |check: &Check, live: &Check| share_a_column(check, live) && has_same_text(check, live);
    let ways: [&Matches<'_>; 3] = [&same_text, &same_columns, &share_a_column];
    for matches in ways {
        missing.retain(|check| match unexpected.iter().position(|live| matches(check, live)) {
            Some(position) => {
                let live = unexpected.remove(position);
                if !has_same_text(check, live) {
                    undecided.text_differs.push(live);
                }
                false
            }
            None => true,
        });
    }
    changes.extend(missing.into_iter().map(|check| Change::CheckMissing { declared: check.clone() }));
    for check in unexpected {
        let is_undeclared =
            |name: &String| !declared.columns.iter().any(|column| dialect.same_name(&column.name, name));
        let takes_some_values = |name: &String| {
            let column = declared.columns.iter().find(|column| dialect.same_name(&column.name, name));
            column.is_some_and(|column| column.values == FieldValues::Own)
        };
        let has_only_undeclared_columns = !check.columns.is_empty() && check.columns.iter().all(is_undeclared);
        let outcome = outcome(check, declared, live, dialect);
        // An undeclared `json` column is one finding, not two, unless its default is not JSON.
        let is_json_of_undeclared_column =
            json_column(check, live, dialect).is_some_and(|column| is_undeclared(&column.name));
        if is_json_of_undeclared_column && outcome != CheckOutcome::Rejects {
            continue;
        }
        let rejects = match outcome {
            _ if repeats_not_null(check, declared) => Rejects::Nothing,
            // A second one rejects no more.
            _ if declared.checks.iter().any(|known| same_text(known, check)) => Rejects::Nothing,
            CheckOutcome::Accepts if is_computable(check, declared, live, dialect) => Rejects::Nothing,
            CheckOutcome::Accepts => {
                undecided.of_fallible_expressions.push(check);
                Rejects::Nothing
            }
            CheckOutcome::Rejects => Rejects::EveryOmission,
            CheckOutcome::Depends if rejects_null_on_omission(check, declared, live, dialect) => {
                Rejects::SecondOmission
            }
            CheckOutcome::Depends
                if outcome_of_minimal_insert(check, declared, live, dialect) == CheckOutcome::Rejects =>
            {
                Rejects::SecondOmission
            }
            CheckOutcome::Depends if accepts_every_value(check, declared, live, dialect) => {
                if !is_computable(check, declared, live, dialect) {
                    undecided.of_fallible_expressions.push(check);
                }
                Rejects::Nothing
            }
            CheckOutcome::Depends if has_only_undeclared_columns => {
                undecided.of_undeclared_columns.push(check);
                Rejects::Nothing
            }
            CheckOutcome::Depends if !check.columns.is_empty() && check.columns.iter().all(takes_some_values) => {
                undecided.of_own_values.push(check);
                Rejects::Nothing
            }
            CheckOutcome::Depends => {
                if may_reject_omission(check, declared, live, dialect) {
                    undecided.of_left_out_columns.push(check);
                }
                Rejects::Values
            }
        };
        changes.push(Change::CheckUnexpected { live: check.clone(), rejects });
    }
    undecided
}

/// Whether the CHECK can be computed for each row that a program writes. That of columns which stay NULL computes NULL.
fn is_computable(check: &Check, declared: &Table, live: &Table, dialect: Dialect) -> bool {
    let kind = |name: &str| {
        let column = live.columns.iter().find(|column| dialect.same_name(&column.name, check.column_named(name)));
        column.map(|column| column.ty.kind.clone())
    };
    let stays_null = |name: &String| omitted(name, declared, live, dialect) == Some(StoredValue::Null);
    check.columns.iter().all(stays_null) || normalise::never_fails(&check.text, dialect, None, kind)
}

/// What the CHECK says of each row that a program inserts, whatever it sets.
fn outcome(check: &Check, declared: &Table, live: &Table, dialect: Dialect) -> CheckOutcome {
    normalise::check_outcome(&check.text, dialect, |name| omitted(check.column_named(name), declared, live, dialect))
}

/// What the CHECK says of a row in which the program sets only what it must.
fn outcome_of_minimal_insert(check: &Check, declared: &Table, live: &Table, dialect: Dialect) -> CheckOutcome {
    let of_column = |name: &str| {
        let column = check.column_named(name);
        next_keys(column, declared, live, dialect).or_else(|| left_out(column, declared, live, dialect))
    };
    if !live.has_lenient_sql_mode && normalise::evaluation_fails(&check.text, dialect, of_column) {
        return CheckOutcome::Rejects;
    }
    normalise::check_outcome(&check.text, dialect, of_column)
}

/// Whether all its columns have a default or NULL in a row that leaves them out, and it is not known whether the CHECK accepts these:
/// not each function is known, nor each regular expression.
fn may_reject_omission(check: &Check, declared: &Table, live: &Table, dialect: Dialect) -> bool {
    let stored: Vec<_> = check.columns.iter().map(|name| left_out(name, declared, live, dialect)).collect();
    let is_known = |stored: &Option<StoredValue>| matches!(stored, Some(StoredValue::Constant(_) | StoredValue::Null));
    !stored.is_empty()
        && stored.iter().all(is_known)
        && outcome_of_minimal_insert(check, declared, live, dialect) == CheckOutcome::Depends
}

/// Whether MariaDB added the CHECK to a column of the type `json`, and the entity never breaks it: the field is JSON, too, or a
/// number, which is JSON, or cannot be read there, which is a finding of its own.
fn is_implied_json_check(check: &Check, declared: &Table, live: &Table, dialect: Dialect) -> bool {
    let is_json = |name: &str| {
        let column = declared.columns.iter().find(|column| dialect.same_name(&column.name, name));
        column.is_some_and(|column| {
            matches!(
                column.ty.field,
                LogicalType::Json
                    | LogicalType::JsonBinary
                    | LogicalType::Array(_)
                    | LogicalType::Rust(_)
                    | LogicalType::Unsupported
                    | LogicalType::Boolean
                    | LogicalType::Integer { .. }
                    | LogicalType::Float { .. }
                    | LogicalType::Decimal(_)
            )
        })
    };
    json_column(check, live, dialect).is_some_and(|column| is_json(&column.name))
}

/// The column of the type `json` to which MariaDB added the CHECK.
fn json_column<'a>(check: &Check, live: &'a Table, dialect: Dialect) -> Option<&'a Column> {
    let validates = |column: &&Column| check.validates_json(&column.name);
    if dialect == Dialect::MariaDb { live.columns.iter().find(validates) } else { None }
}

/// Whether an insert stores NULL in a column that it may omit, and the CHECK rejects that.
fn rejects_null_on_omission(check: &Check, declared: &Table, live: &Table, dialect: Dialect) -> bool {
    let may_be_omitted = |name: &String| {
        let of = |table: &'_ Table| table.columns.iter().position(|column| dialect.same_name(&column.name, name));
        of(declared).is_none_or(|at| declared.columns[at].nullability == Nullability::Nullable)
            && of(live).is_some_and(|at| live.columns[at].is_null_when_omitted())
    };
    normalise::columns_without_null(&check.text, &check.columns, dialect).iter().any(may_be_omitted)
}

fn same_columns(one: &Check, other: &Check) -> bool {
    one.columns.len() == other.columns.len() && one.columns.iter().all(|column| other.columns.contains(column))
}

fn share_a_column(one: &Check, other: &Check) -> bool {
    one.columns.iter().any(|column| other.columns.contains(column))
}

/// Whether it repeats a NOT NULL that the entity declares.
fn repeats_not_null(check: &Check, declared: &Table) -> bool {
    let normalised: String = check.text.chars().filter(|c| !"()\"`[] ".contains(*c)).collect::<String>().to_lowercase();
    let declared_column = |name: &String| declared.columns.iter().find(|column| column.name == *name);
    check.columns.first().and_then(declared_column).is_some_and(|column| {
        let name: String = column.name.to_lowercase().chars().filter(|c| !" ".contains(*c)).collect();
        column.nullability == Nullability::NotNull && normalised == format!("{name}isnotnull")
    })
}
