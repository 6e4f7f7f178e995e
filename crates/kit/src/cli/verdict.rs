//! The last line of a check, for people: whether the program may start, and whether the check passes.

use std::fmt;

use anstyle::{AnsiColor, Style};
use sea_orm_drift::{Cause, FailOn, Report, Severity};

/// The verdict on a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    outcome: Outcome,
    schema: Schema,
}

/// Which schema was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// The live one of a database.
    Live,
    /// The one that the migrations build.
    Migrations,
}

#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(strum::EnumDiscriminants), strum_discriminants(derive(strum::EnumIter)))]
enum Outcome {
    /// Nothing breaks the program, and the check passes.
    Starts,
    /// Nothing breaks the program, and the check fails all the same.
    Fails { findings: usize, fail_on: FailOn },
    /// Something breaks the program.
    Breaks {
        errors: usize,
        /// The command that fixes all errors, where pending migrations do.
        up: Option<String>,
    },
}

impl Verdict {
    /// On a report about `schema`, of a check that fails as `fail_on` says.
    pub fn of(report: &Report, schema: Schema, fail_on: FailOn) -> Self {
        let breaking = FailOn::AtLeast(Severity::Error);
        let outcome = match (report.failures(breaking), report.failures(fail_on)) {
            (0, 0) => Outcome::Starts,
            (0, findings) => Outcome::Fails { findings, fail_on },
            (errors, _) => Outcome::Breaks { errors, up: is_pending(report).then(|| report.commands.up.clone()) },
        };
        Self { outcome, schema }
    }

    pub(super) fn style(&self) -> Style {
        match self.outcome {
            Outcome::Starts => AnsiColor::Green.on_default().bold(),
            Outcome::Fails { .. } => AnsiColor::Yellow.on_default().bold(),
            Outcome::Breaks { .. } => AnsiColor::Red.on_default().bold(),
        }
    }
}

/// Whether pending migrations fix everything that breaks the program.
fn is_pending(report: &Report) -> bool {
    let mut breaking = report.differences.iter().filter(|found| found.severity() == Severity::Error);
    let is_judged_by_an_exception = report.unchecked.iter().any(|open| open.severity() == Some(Severity::Error));
    !is_judged_by_an_exception && breaking.all(|found| matches!(found.cause, Some(Cause::PendingMigration(_))))
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let on = match self.schema {
            Schema::Live => "",
            Schema::Migrations => " on what the migrations build",
        };
        match &self.outcome {
            Outcome::Starts => write!(f, "this program may start{on}"),
            Outcome::Fails { findings, fail_on } => {
                write!(f, "this program may start{on}, but the check fails: {}", count(*findings, "finding"))?;
                match fail_on {
                    FailOn::AtLeast(severity) => write!(f, " at or above --fail-on {severity}"),
                    _ => f.write_str(", so it is not exactly what the entities declare"),
                }
            }
            Outcome::Breaks { errors, up } => {
                write!(f, "this program must not start{on}: {}", count(*errors, "error"))?;
                up.iter().try_for_each(|up| write!(f, "; first run {up}"))
            }
        }
    }
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod messages {
    use test_messages::{assert_section, samples};

    use super::*;

    #[test]
    fn the_verdicts_are_documented() {
        let up = || Some("call-log migrate up".to_owned());
        let outcomes = [
            Outcome::Starts,
            Outcome::Fails { findings: 6, fail_on: FailOn::AtLeast(Severity::Warning) },
            Outcome::Fails { findings: 1, fail_on: FailOn::OutOfSync },
            Outcome::Breaks { errors: 12, up: up() },
            Outcome::Breaks { errors: 1, up: None },
        ];
        let text = samples::<_, OutcomeDiscriminants>(&outcomes, |outcome| {
            let on = |schema| Verdict { outcome: outcome.clone(), schema }.to_string();
            format!("{}\n{}", on(Schema::Live), on(Schema::Migrations))
        });
        assert_section("checking: verdicts", "The last line of `check`, `up` and `wait`.", &text);
    }
}
