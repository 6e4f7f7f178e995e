//! What can be concluded when operations go otherwise than on an unchanged table.

use sea_orm::{DbConn, TransactionTrait};
use sea_orm_drift::Consequence;

use crate::changes::Entities;

/// What it says if an operation goes otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Meaning {
    /// No program works where it fails.
    Read,
    /// Every program does it.
    PlainWrite,
    /// With values that not every program writes.
    GenerousWrite,
    /// Written and read back; fails where the value was stored as something else.
    OddValues,
    /// The database refuses it, or does what a key makes it do.
    Refusal,
    /// The database refuses it, and the program goes on if it does not.
    Rule,
    /// An upsert of a new row, which overwrites no other.
    UpsertOfANewRow,
    /// The same, and says something only where a key may be given at all.
    UpsertByKey,
    /// Of what another program wrote.
    ReadOfForeignValues,
    /// Only what it returns counts.
    Detail,
}

/// What each operation returned: the rows it saw, or that it failed.
#[derive(Debug)]
pub(super) struct Outcomes {
    operations: &'static [(&'static str, Meaning)],
    results: Vec<Result<String, String>>,
}

impl Outcomes {
    /// Runs every operation, each in a transaction that is rolled back.
    pub(super) async fn of(entities: Entities, db: &DbConn) -> Self {
        let mut results = Vec::new();
        for (name, _) in entities.operations() {
            let transaction = db.begin().await.unwrap();
            let outcome = entities.operate(name, &transaction).await;
            transaction.rollback().await.unwrap();
            results.push(outcome.map_err(|error| error.to_string()));
        }
        Self { operations: entities.operations(), results }
    }

    /// The loudest thing that goes otherwise than in `baseline`.
    pub(super) fn consequence_beside(&self, baseline: &Self) -> Consequence {
        let pairs = || self.operations.iter().zip(self.results.iter().zip(&baseline.results));
        let fails =
            |meaning: Meaning| pairs().any(|((_, of), (one, other))| *of == meaning && one.is_err() && other.is_ok());
        let succeeds =
            |meaning: Meaning| pairs().any(|((_, of), (one, other))| *of == meaning && one.is_ok() && other.is_err());
        let named_fails =
            |wanted: &str| pairs().any(|((name, _), (one, other))| *name == wanted && one.is_err() && other.is_ok());
        let overwrites =
            || pairs().any(|((_, of), (one, other))| *of == Meaning::UpsertOfANewRow && one.is_ok() && one != other);
        let differs = || self.results.iter().zip(&baseline.results).any(|(one, other)| one.is_ok() && one != other);
        if fails(Meaning::Read) {
            Consequence::ReadsFail
        } else if fails(Meaning::PlainWrite) {
            Consequence::WritesFail
        } else if fails(Meaning::Refusal)
            || succeeds(Meaning::Refusal)
            || overwrites()
            || (fails(Meaning::UpsertByKey) && !named_fails("insert-with-key"))
        {
            Consequence::IntegrityLost
        } else if succeeds(Meaning::Rule) {
            Consequence::ConstraintLost
        } else if fails(Meaning::ReadOfForeignValues) || (fails(Meaning::OddValues) && !fails(Meaning::GenerousWrite)) {
            Consequence::ReadsMayFail
        } else if fails(Meaning::GenerousWrite) || fails(Meaning::UpsertOfANewRow) {
            Consequence::WritesMayFail
        } else if differs() {
            Consequence::ValuesChange
        } else {
            Consequence::Nothing
        }
    }

    /// One mark for each operation: as before, another value, failed, or succeeded where it should have failed.
    pub(super) fn row_beside(&self, baseline: &Self) -> String {
        let mark = |(one, other): (&Result<String, String>, &Result<String, String>)| match (one, other) {
            (Ok(one), Ok(other)) if one == other => "=",
            (Ok(_), Ok(_)) => "~",
            (Err(_), Err(_)) => "=",
            (Err(_), Ok(_)) => "x",
            (Ok(_), Err(_)) => "!",
        };
        self.results.iter().zip(&baseline.results).map(mark).collect::<Vec<_>>().join(" ")
    }

    /// What went otherwise, in words.
    pub(super) fn departures_from(&self, baseline: &Self) -> String {
        let lines = self.operations.iter().zip(self.results.iter().zip(&baseline.results)).filter_map(
            |((name, _), (one, other))| match (one, other) {
                (Err(error), Ok(_)) => Some(format!("  {name} fails: {error}")),
                (Ok(_), Err(error)) => Some(format!("  {name} succeeds, not as before: {error}")),
                (Ok(one), Ok(other)) if one != other => {
                    Some(format!("  {name} returns something else: {}", first_difference(one, other)))
                }
                _ => None,
            },
        );
        lines.collect::<Vec<_>>().join("\n")
    }
}

fn first_difference(one: &str, other: &str) -> String {
    let pair = one.lines().zip(other.lines()).find(|(one, other)| one != other);
    pair.map_or_else(String::new, |(one, other)| format!("{} instead of {}", one.trim(), other.trim()))
}
