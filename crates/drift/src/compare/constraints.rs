//! Foreign keys and CHECKs, paired by their columns and texts, never by name. CHECKs with different texts may mean the same: every
//! server prints them in its own way.

use super::omitted::{left_out, omitted};
use crate::{
    change::{Change, Rejects},
    model::{
        Check, Column, Dialect, FieldValues, ForeignKey, Generation, LogicalType, Nullability, Sequence, Sides, Sign,
        Table, Validity, Visibility,
    },
    normalise::{self, Outcome, StoredValue},
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
        let candidates = if enforced.is_empty() { candidates } else { enforced };
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
            let is_never_checked = if key.is_full { nulls == key.columns.len() } else { nulls > 0 };
            let is_partly_null = key.is_full && nulls > 0;
            let is_set_by_nobody = !key.columns.iter().any(is_declared);
            let is_constant_when_left_out =
                |name: &String| matches!(left_out(name, declared, live, dialect), Some(StoredValue::Constant(_)));
            let is_enforced = !matches!(key.validity, Validity::NotEnforced | Validity::Disabled);
            let may_be_null =
                |column: &Column| key.columns.contains(&column.name) && column.nullability == Nullability::Nullable;
            // SQLite looks for the referenced table even where a column is NULL.
            let takes_nulls = dialect != Dialect::Sqlite && live.columns.iter().any(may_be_null);
            let rejects = if key.validity == Validity::Broken && !takes_nulls {
                Rejects::EveryInsert
            } else if is_never_checked || !is_enforced {
                Rejects::Nothing
            } else if is_partly_null && is_set_by_nobody {
                Rejects::EveryInsert
            } else if is_partly_null {
                Rejects::Nulls
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

/// Whether the same columns refer to the same columns.
fn is_same_reference(declared: &ForeignKey, live: &ForeignKey, dialect: Dialect) -> bool {
    // A foreign key of SQLite cannot refer to another attached database, and names none.
    let is_same_schema = match &declared.target.schema {
        _ if dialect == Dialect::Sqlite => true,
        None => !live.is_target_elsewhere,
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
        && !(live.is_full && declared.columns.iter().any(may_be_null))
}

fn same_names(one: &[String], other: &[String], dialect: Dialect) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| dialect.same_name(one, other))
}

/// What cannot be known of the CHECKs.
pub(super) struct UndecidedChecks<'a> {
    /// CHECKs on the columns of a declared CHECK that has another text.
    pub(super) text_differs: Vec<&'a Check>,
    /// CHECKs on fields that take only some values, which are not known.
    pub(super) of_own_values: Vec<&'a Check>,
    /// CHECKs on undeclared columns that may reject what an insert leaves there.
    pub(super) of_undeclared_columns: Vec<&'a Check>,
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
    let mut undecided =
        UndecidedChecks { text_differs: Vec::new(), of_own_values: Vec::new(), of_undeclared_columns: Vec::new() };
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
        let takes_own_values = |name: &String| {
            let column = declared.columns.iter().find(|column| dialect.same_name(&column.name, name));
            column.is_some_and(|column| column.values == FieldValues::Own)
        };
        let has_only_undeclared_columns = !check.columns.is_empty() && check.columns.iter().all(is_undeclared);
        let outcome = outcome(check, declared, live, dialect);
        // An undeclared `json` column is one finding, not two, unless its default is no JSON.
        let is_json_of_undeclared_column =
            json_column(check, live, dialect).is_some_and(|column| is_undeclared(&column.name));
        if is_json_of_undeclared_column && outcome != Outcome::Rejects {
            continue;
        }
        let rejects = match outcome {
            _ if repeats_not_null(check, declared) => Rejects::Nothing,
            // A second one rejects no more.
            _ if declared.checks.iter().any(|known| same_text(known, check)) => Rejects::Nothing,
            Outcome::Accepts => Rejects::Nothing,
            Outcome::Rejects => Rejects::EveryInsert,
            Outcome::Depends if rejects_null_on_omission(check, declared, live, dialect) => Rejects::Nulls,
            Outcome::Depends if outcome_of_minimal_insert(check, declared, live, dialect) == Outcome::Rejects => {
                Rejects::Nulls
            }
            Outcome::Depends if accepts_every_value(check, declared, live, dialect) => Rejects::Nothing,
            Outcome::Depends if has_only_undeclared_columns => {
                undecided.of_undeclared_columns.push(check);
                Rejects::Nothing
            }
            Outcome::Depends if !check.columns.is_empty() && check.columns.iter().all(takes_own_values) => {
                undecided.of_own_values.push(check);
                Rejects::Nothing
            }
            Outcome::Depends => Rejects::Values,
        };
        changes.push(Change::CheckUnexpected { live: check.clone(), rejects });
    }
    undecided
}

/// What the CHECK says of each row that a program inserts, whatever it sets.
fn outcome(check: &Check, declared: &Table, live: &Table, dialect: Dialect) -> Outcome {
    normalise::outcome(&check.text, dialect, |name| omitted(column_of(check, name), declared, live, dialect))
}

/// What the CHECK says of a row in which the program sets only what it must.
fn outcome_of_minimal_insert(check: &Check, declared: &Table, live: &Table, dialect: Dialect) -> Outcome {
    normalise::outcome(&check.text, dialect, |name| left_out(column_of(check, name), declared, live, dialect))
}

/// The column that a CHECK names: that of a domain refers to its column as `value`.
fn column_of<'a>(check: &'a Check, name: &'a str) -> &'a str {
    if name == "value" && check.columns.len() == 1 { &check.columns[0] } else { name }
}

/// Whether the CHECK accepts each value of the fields of its columns: each label, each number, and each text that is not too
/// long.
fn accepts_every_value(check: &Check, declared: &Table, live: &Table, dialect: Dialect) -> bool {
    /// More combinations of values than this, and none is tried.
    const MAX_COMBINATIONS: usize = 64;
    let domains = check.columns.iter().map(|name| {
        let column = declared.columns.iter().find(|column| dialect.same_name(&column.name, name));
        column.map(|column| {
            let values = values(column, live, dialect).into_iter();
            values.map(|value| narrowed(value, column, declared, dialect)).collect::<Vec<_>>()
        })
    });
    let Some(domains) = domains.collect::<Option<Vec<_>>>() else { return false };
    let mut combinations: Vec<Vec<StoredValue>> = vec![Vec::new()];
    for values in domains {
        if combinations.len() * values.len() > MAX_COMBINATIONS {
            return false;
        }
        let extend = |row: &Vec<StoredValue>| {
            let append = |value: &StoredValue| [row.as_slice(), std::slice::from_ref(value)].concat();
            values.iter().map(append).collect::<Vec<_>>()
        };
        combinations = combinations.iter().flat_map(extend).collect();
    }
    !check.columns.is_empty()
        && combinations.iter().all(|row| {
            let value_of = |other: &str| {
                let at = check.columns.iter().position(|name| dialect.same_name(name, column_of(check, other)))?;
                row.get(at).cloned()
            };
            normalise::outcome(&check.text, dialect, value_of) == Outcome::Accepts
        })
}

/// What a field may hold.
#[expect(clippy::wildcard_enum_match_arm, reason = "of the values of other types nothing is known")]
fn values(column: &Column, live: &Table, dialect: Dialect) -> Vec<StoredValue> {
    let mut values = match &column.ty.kind {
        LogicalType::Varchar(Some(length)) | LogicalType::Char(length) => vec![StoredValue::UpTo(*length)],
        LogicalType::Varchar(None) | LogicalType::Text(_) => vec![StoredValue::UpTo(u32::MAX)],
        // The database generates it, and counts up from 1.
        LogicalType::Integer { bits, sign } if is_counted_up(column, live, dialect) => {
            let of_sign = i32::from(*sign == Sign::Signed);
            vec![StoredValue::Within(1.0, 2_f64.powi(i32::from(*bits) - of_sign) - 1.0)]
        }
        // Integers of 64 bits are not exact as `f64`, in which they are compared.
        LogicalType::Integer { bits, sign } if *bits <= 32 => {
            let count = 2_f64.powi(i32::from(*bits));
            vec![match sign {
                Sign::Signed => StoredValue::Within(-count / 2.0, count / 2.0 - 1.0),
                Sign::Unsigned => StoredValue::Within(0.0, count - 1.0),
            }]
        }
        LogicalType::Enum { labels, .. } => labels.iter().cloned().map(StoredValue::Constant).collect(),
        LogicalType::Float { .. } if dialect == Dialect::Sqlite => vec![StoredValue::Float],
        LogicalType::Timestamp { .. } | LogicalType::Date | LogicalType::Time { .. } if dialect == Dialect::Sqlite => {
            vec![StoredValue::UpTo(u32::MAX)]
        }
        LogicalType::Timestamp { .. } | LogicalType::Date => vec![StoredValue::Time],
        _ => vec![StoredValue::NotNull],
    };
    if column.nullability == Nullability::Nullable {
        values.push(StoredValue::Null);
    }
    values
}

/// What the declared CHECKs leave of the whole numbers of a field.
fn narrowed(value: StoredValue, column: &Column, declared: &Table, dialect: Dialect) -> StoredValue {
    let StoredValue::Within(least, greatest) = value else { return value };
    let ranges = declared.checks.iter().filter_map(|check| normalise::range(&check.text, dialect, &column.name));
    let (least, greatest) = ranges
        .fold((least, greatest), |(least, greatest), range| (f64::max(least, range.0), f64::min(greatest, range.1)));
    StoredValue::Within(least, greatest)
}

/// Whether the column is a generated key whose values begin at 1.
fn is_counted_up(column: &Column, live: &Table, dialect: Dialect) -> bool {
    let of_table = live.columns.iter().find(|live| dialect.same_name(&live.name, &column.name));
    let counts_up = |column: &Column| {
        let is_upwards = |sequence: &Sequence| sequence.increment > 0 && sequence.first >= 1 && !sequence.cycles;
        column.sequence.as_deref().is_none_or(is_upwards)
    };
    column.generation == Generation::AutoIncrement && of_table.is_some_and(counts_up)
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
    normalise::required(&check.text, &check.columns, dialect).iter().any(may_be_omitted)
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
