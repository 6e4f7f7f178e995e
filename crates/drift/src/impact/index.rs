//! Unique indexes: one that is missing or restricted, and one that no entity declares.

use crate::{
    change::Rejects,
    consequence::{Consequence, Impact, harmless},
    model::{Dialect, Index, IndexRestriction, TableName, Uniqueness},
};

/// What happens where the nearest index does not enforce what the entity declares.
pub(super) fn without_unique(nearest: Option<&Index>, table: &TableName, dialect: Dialect) -> String {
    let upserts = match dialect {
        Dialect::Postgres | Dialect::Sqlite => "fail: no unique constraint matches ON CONFLICT",
        Dialect::MySql | Dialect::MariaDb => "insert another row each time",
    };
    let restricted = nearest.filter(|index| index.uniqueness == Uniqueness::Unique);
    let has = |restriction| restricted.is_some_and(|index| index.restrictions.contains(&restriction));
    if let Some(loss) = restricted.and_then(|index| loss(&index.restrictions)) {
        return loss;
    }
    if has(IndexRestriction::Prefix) {
        "different values that begin alike are rejected, and upserts overwrite the other row".to_owned()
    } else if has(IndexRestriction::Deferrable) {
        format!("duplicates are only rejected at the end of the transaction, and upserts by these columns {upserts}")
    } else if has(IndexRestriction::LeavesOutNulls) {
        format!("upserts by these columns {upserts} without the WHERE of the index")
    } else if restricted.is_some_and(|index| index.restrictions.iter().any(|limit| limit.is_exclusion())) {
        "upserts by these columns fail: ON CONFLICT cannot use an exclusion constraint".to_owned()
    } else if has(IndexRestriction::PerPartition) {
        format!(
            "upserts by these columns {upserts}, and duplicates get into other partitions of {table}; reads and updates work. \
             Partition by these columns instead, for example by HASH"
        )
    } else {
        format!("duplicates get into {table}, and upserts by these columns {upserts}")
    }
}

/// What SQLite does with a row that repeats a value, where it does not reject it.
pub(super) fn loss(restrictions: &[IndexRestriction]) -> Option<String> {
    let has = |restriction| restrictions.contains(&restriction);
    if has(IndexRestriction::Replaces) {
        Some("an insert that repeats a value deletes the row that has it, without an error".to_owned())
    } else if has(IndexRestriction::Ignores) {
        Some("an insert that repeats a value is dropped, without an error".to_owned())
    } else {
        None
    }
}

pub(super) fn undeclared_index(live: &Index, rejects: Rejects, table: &TableName, dialect: Dialect) -> Impact {
    let columns = live.columns.join(", ");
    if let (Rejects::Duplicates | Rejects::SecondOmission, Some(loss)) = (rejects, loss(&live.restrictions)) {
        return Consequence::IntegrityLost.because(loss);
    }
    match rejects {
        Rejects::SecondOmission => {
            Consequence::WritesFail.because(format!("the second insert into {table} that omits {columns} fails"))
        }
        Rejects::Upserts => Consequence::IntegrityLost.because(format!(
            "upserts of {table} by {columns} that insert a row fail: ON CONFLICT cannot use a deferrable index, and takes all over the \
             same columns"
        )),
        Rejects::Duplicates | Rejects::Values | Rejects::EveryOmission => {
            let what = if rejects == Rejects::Values && live.restrictions.contains(&IndexRestriction::LongValues) {
                let columns: Vec<&str> = live.columns.iter().chain(&live.included).map(String::as_str).collect();
                format!("long {} values, in a B-tree those of more than about 2,700 bytes, even compressed", columns.join(", "))
            } else if live.restrictions.contains(&IndexRestriction::NullsNotDistinct) {
                format!("a second row with the same {columns}, also with NULL")
            } else if live.restrictions.contains(&IndexRestriction::Prefix) {
                format!("{columns} values that begin alike")
            } else if live.restrictions.iter().any(|limit| limit.is_exclusion()) {
                format!("{columns} values that conflict by its operators")
            } else if live.restrictions.contains(&IndexRestriction::Collation) {
                format!("{columns} values that its collation takes for equal")
            } else {
                format!("duplicate {columns} values")
            };
            // <https://dev.mysql.com/doc/refman/8.0/en/insert-on-duplicate.html>: it is about any unique index.
            if matches!(dialect, Dialect::MySql | Dialect::MariaDb) {
                return Consequence::IntegrityLost.because(format!(
                    "the database rejects {what}, which the entity allows; an upsert overwrites the other row, whatever \
                     key it is by"
                ));
            }
            Consequence::WritesMayFail.because(format!("the database rejects {what}; the entity allows them"))
        }
        Rejects::Nothing => harmless(),
    }
}
