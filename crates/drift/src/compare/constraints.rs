//! Foreign keys and CHECKs, paired by their columns, never by name. CHECKs with different texts may mean the same: every
//! server prints them in its own way.

use super::omitted::{left_out, omitted};
use crate::{
    change::{Change, Rejects},
    model::{Check, Column, Dialect, ForeignKey, LogicalType, Nullability, Sides, Sign, Table, Validity, Visibility},
    normalise::{self, Outcome, Stored},
};

pub(super) fn foreign_keys(declared: &Table, live: &Table, dialect: Dialect, changes: &mut Vec<Change>) {
    for key in &declared.foreign_keys {
        let alike: Vec<&ForeignKey> =
            live.foreign_keys.iter().filter(|other| refer_alike(key, other, dialect)).collect();
        // If there are two, both act, unless one is not enforced.
        let is_enforced = |key: &&&ForeignKey| !matches!(key.validity, Validity::NotEnforced | Validity::Disabled);
        let acting: Vec<&ForeignKey> = alike.iter().filter(is_enforced).copied().collect();
        let alike = if acting.is_empty() { alike } else { acting };
        match alike
            .iter()
            .find(|found| !does_the_same(key, found, declared))
            .or(alike.first())
            .map(|found| (*found).clone())
        {
            Some(found) if does_the_same(key, &found, declared) || live.constraints == Visibility::Hidden => {}
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
        if !declared.foreign_keys.iter().any(|declared| refer_alike(declared, key, dialect)) {
            let is_unset = |column: &&Column| {
                key.columns.contains(&column.name)
                    && column.is_null_when_omitted()
                    && !declared.columns.iter().any(|known| known.name == column.name)
            };
            let is_written = |name: &String| declared.columns.iter().any(|known| known.name == *name);
            // A key with a NULL is not checked, unless it is MATCH FULL: then all its columns are NULL, or none.
            let is_never_set = if key.is_full {
                !key.columns.iter().any(is_written)
            } else {
                live.columns.iter().any(|column| is_unset(&column))
            };
            let is_partly_set = key.is_full && live.columns.iter().any(|column| is_unset(&column));
            let is_enforced = !matches!(key.validity, Validity::NotEnforced | Validity::Disabled);
            let rejects = if key.validity == Validity::Broken {
                Rejects::EveryInsert
            } else if is_never_set || !is_enforced {
                Rejects::Nothing
            } else if is_partly_set {
                Rejects::Nulls
            } else {
                Rejects::Values
            };
            changes.push(Change::ForeignKeyUnexpected { live: key.clone(), rejects });
        }
    }
}

/// Whether the same columns refer to the same columns.
fn refer_alike(declared: &ForeignKey, live: &ForeignKey, dialect: Dialect) -> bool {
    // SQLite has no keys to another attachment, and names none.
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

fn does_the_same(declared: &ForeignKey, live: &ForeignKey, table: &Table) -> bool {
    let may_be_null = |name: &String| {
        table.columns.iter().any(|column| column.name == *name && column.nullability == Nullability::Nullable)
    };
    (declared.on_delete, declared.on_update, declared.validity) == (live.on_delete, live.on_update, live.validity)
        && !(live.is_full && declared.columns.iter().any(may_be_null))
}

fn same_names(one: &[String], other: &[String], dialect: Dialect) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| dialect.same_name(one, other))
}

/// What cannot be known of the CHECKs.
pub(super) struct OpenChecks<'a> {
    /// Those on the columns of a declared one, with another text.
    pub(super) with_other_texts: Vec<&'a Check>,
    /// Those on undeclared columns, of which it is not known whether they accept what an insert leaves there.
    pub(super) of_undeclared_columns: Vec<&'a Check>,
}

pub(super) fn checks<'a>(
    declared: &Table,
    live: &'a Table,
    dialect: Dialect,
    changes: &mut Vec<Change>,
) -> OpenChecks<'a> {
    let mut unexpected: Vec<&'a Check> =
        live.checks.iter().filter(|check| !is_of_json(check, declared, live, dialect)).collect();
    let mut open = OpenChecks { with_other_texts: Vec::new(), of_undeclared_columns: Vec::new() };
    let mut missing: Vec<&Check> = declared.checks.iter().collect();
    // Pairs those with the same columns before those that share one.
    for belong_together in [same_columns, share_a_column] {
        missing.retain(|check| match unexpected.iter().position(|live| belong_together(check, live)) {
            Some(position) => {
                let live = unexpected.remove(position);
                if !normalise::same_expression(&check.text, &live.text, dialect) {
                    open.with_other_texts.push(live);
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
        let is_elsewhere = !check.columns.is_empty() && check.columns.iter().all(is_undeclared);
        let outcome = outcome(check, declared, live, dialect);
        // An undeclared `json` column is one finding, not two, unless its default is no JSON.
        let is_of_undeclared = json_column(check, live, dialect).is_some_and(|column| is_undeclared(&column.name));
        if is_of_undeclared && outcome != Outcome::Rejects {
            continue;
        }
        let rejects = match outcome {
            _ if repeats_not_null(check, declared) => Rejects::Nothing,
            Outcome::Accepts => Rejects::Nothing,
            Outcome::Rejects => Rejects::EveryInsert,
            Outcome::Depends if rejects_omitted(check, declared, live, dialect) => Rejects::Nulls,
            Outcome::Depends if outcome_of_minimal_insert(check, declared, live, dialect) == Outcome::Rejects => {
                Rejects::Nulls
            }
            Outcome::Depends if accepts_every_value(check, declared, dialect) => Rejects::Nothing,
            Outcome::Depends if is_elsewhere => {
                open.of_undeclared_columns.push(check);
                Rejects::Nothing
            }
            Outcome::Depends => Rejects::Values,
        };
        changes.push(Change::CheckUnexpected { live: check.clone(), rejects });
    }
    open
}

/// What the CHECK says of each row that a program inserts, whatever it sets.
fn outcome(check: &Check, declared: &Table, live: &Table, dialect: Dialect) -> Outcome {
    normalise::outcome(&check.text, dialect, |name| {
        // A domain calls its column so.
        let name = if name == "value" && check.columns.len() == 1 { &check.columns[0] } else { name };
        omitted(name, declared, live, dialect)
    })
}

/// What the CHECK says of a row in which the program sets only what it must.
fn outcome_of_minimal_insert(check: &Check, declared: &Table, live: &Table, dialect: Dialect) -> Outcome {
    normalise::outcome(&check.text, dialect, |name| left_out(name, declared, live, dialect))
}

/// Whether the CHECK accepts each value of the fields of its columns: each label, each number, and each text that is not too
/// long.
fn accepts_every_value(check: &Check, declared: &Table, dialect: Dialect) -> bool {
    /// So many rows are tried.
    const MOST: usize = 64;
    let of_columns = check.columns.iter().map(|name| {
        let column = declared.columns.iter().find(|column| dialect.same_name(&column.name, name));
        column.map(values)
    });
    let Some(of_columns) = of_columns.collect::<Option<Vec<_>>>() else { return false };
    let mut rows: Vec<Vec<Stored>> = vec![Vec::new()];
    for values in of_columns {
        if rows.len() * values.len() > MOST {
            return false;
        }
        let longer = |row: &Vec<Stored>| {
            let with = |value: &Stored| [row.as_slice(), std::slice::from_ref(value)].concat();
            values.iter().map(with).collect::<Vec<_>>()
        };
        rows = rows.iter().flat_map(longer).collect();
    }
    !check.columns.is_empty()
        && rows.iter().all(|row| {
            let of_column = |other: &str| {
                let at = check.columns.iter().position(|name| dialect.same_name(name, other))?;
                row.get(at).cloned()
            };
            normalise::outcome(&check.text, dialect, of_column) == Outcome::Accepts
        })
}

/// What a field may hold.
#[expect(clippy::wildcard_enum_match_arm, reason = "of the values of other types nothing is known")]
fn values(column: &Column) -> Vec<Stored> {
    let mut values = match &column.ty.kind {
        LogicalType::Varchar(Some(length)) | LogicalType::Char(length) => vec![Stored::UpTo(*length)],
        LogicalType::Varchar(None) | LogicalType::Text(_) => vec![Stored::UpTo(u32::MAX)],
        // Those of 64 bits are not exact where they are compared.
        LogicalType::Integer { bits, sign } if *bits <= 32 => {
            let all = 2_f64.powi(i32::from(*bits));
            vec![match sign {
                Sign::Signed => Stored::Within(-all / 2.0, all / 2.0 - 1.0),
                Sign::Unsigned => Stored::Within(0.0, all - 1.0),
            }]
        }
        LogicalType::Enum { labels, .. } => labels.iter().cloned().map(Stored::Constant).collect(),
        _ => vec![Stored::Some],
    };
    if column.nullability == Nullability::Nullable {
        values.push(Stored::Null);
    }
    values
}

/// What MariaDB adds to a column of the type `json`, and the entity never breaks: the field declares it, too, or writes
/// numbers only, which are JSON, or it cannot be read there, which is a finding of its own.
fn is_of_json(check: &Check, declared: &Table, live: &Table, dialect: Dialect) -> bool {
    let is_json = |name: &str| {
        let column = declared.columns.iter().find(|column| dialect.same_name(&column.name, name));
        column.is_some_and(|column| {
            matches!(
                column.ty.field,
                LogicalType::Json
                    | LogicalType::JsonBinary
                    | LogicalType::Array(_)
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

/// The column of the type `json` that MariaDB adds it to.
fn json_column<'a>(check: &Check, live: &'a Table, dialect: Dialect) -> Option<&'a Column> {
    let is_of = |column: &&Column| check.validates_json(&column.name);
    if dialect == Dialect::MariaDb { live.columns.iter().find(is_of) } else { None }
}

/// Whether an insert stores NULL in a column that it may omit, and the CHECK rejects that.
fn rejects_omitted(check: &Check, declared: &Table, live: &Table, dialect: Dialect) -> bool {
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
    let words: String = check.text.chars().filter(|c| !"()\"`[] ".contains(*c)).collect::<String>().to_lowercase();
    let of_column = |name: &String| declared.columns.iter().find(|column| column.name == *name);
    check.columns.first().and_then(of_column).is_some_and(|column| {
        let name: String = column.name.to_lowercase().chars().filter(|c| !" ".contains(*c)).collect();
        column.nullability == Nullability::NotNull && words == format!("{name}isnotnull")
    })
}
