//! The last line of a check, for people: whether the program may start, what breaks it, and whether the check passes.

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
    /// What breaks the program is accepted.
    StartsAsAccepted { errors: usize },
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
            (0, 0) => match report.accepted_errors() {
                0 => Outcome::Starts,
                errors => Outcome::StartsAsAccepted { errors },
            },
            (0, findings) => Outcome::Fails { findings, fail_on },
            (errors, _) => Outcome::Breaks { errors, up: is_pending(report).then(|| report.commands.up.clone()) },
        };
        Self { outcome, schema }
    }

    pub(super) fn style(&self) -> Style {
        match self.outcome {
            Outcome::Starts => AnsiColor::Green.on_default().bold(),
            Outcome::StartsAsAccepted { .. } | Outcome::Fails { .. } => AnsiColor::Yellow.on_default().bold(),
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
            Outcome::StartsAsAccepted { errors } => {
                let (errors, are) = (count(*errors, "error"), if *errors == 1 { "is" } else { "are" });
                write!(f, "this program may start{on} only because {errors} that would break it {are} accepted")
            }
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

/// The verdict of a verb whose question is only whether the program may start.
pub fn may_start(report: &Report) -> Verdict {
    Verdict::of(report, Schema::Live, FailOn::AtLeast(Severity::Error))
}

/// What would break this program, in one line: so many findings, and how many more there are.
pub(super) fn breaking(report: &Report, most: usize) -> String {
    let mut breaks: Vec<String> = report
        .differences
        .iter()
        .filter(|difference| difference.severity() == Severity::Error)
        .map(|difference| difference.fingerprint().to_string())
        .collect();
    if breaks.is_empty() {
        return report.to_string().lines().last().unwrap_or_default().to_owned();
    }
    let more = breaks.len().saturating_sub(most);
    breaks.truncate(most);
    let shown = breaks.join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

/// The last line of `status`, which reads the history and no schema: what is `pending`, and what is of `others`. `check` is the
/// command that compares the schema, where there are entities to compare.
pub(super) fn of_status(pending: usize, others: usize, up: &str, check: Option<&str>) -> String {
    let mut words = match pending {
        0 => "nothing is pending".to_owned(),
        1 => format!("a migration is pending: run {up} before this program starts"),
        _ => format!("migrations are pending: run {up} before this program starts"),
    };
    match others {
        0 => {}
        1 => words.push_str("; another version or program applied one"),
        _ => words.push_str("; another version or program applied some"),
    }
    match (pending, check) {
        (_, None) => words,
        (0, Some(check)) => format!("{words}; {check} says whether this program may start"),
        (_, Some(check)) => format!("{words}; {check} says whether it may start without"),
    }
}

/// The last line about several databases: on how many of `all` this program `may` start and `must_not`. Of the others it is not
/// known.
pub(super) fn of_fleet(all: usize, may: usize, must_not: usize) -> String {
    let databases = count(all, "database");
    let words = match must_not {
        0 if may == all && all == 1 => return "this program may start".to_owned(),
        0 if may == all => return format!("this program may start on all {databases}"),
        0 => format!("this program may start on {may} of {databases}"),
        _ => format!("this program must not start on {must_not} of {databases}"),
    };
    match all - may - must_not {
        0 => words,
        open => format!("{words}; for {open} it is not known"),
    }
}

/// The last line about releases that may still run: those that break, where the program itself breaks, and the command that a
/// database needs first.
pub(super) fn of_rolling(releases: &[&str], breaking: &[&str], is_broken: bool, first: Option<&str>) -> String {
    match (is_broken, breaking) {
        (true, _) => "this program must not start: it breaks on the schema of its own migrations".to_owned(),
        (false, []) => {
            let first = first.map(|up| format!(", after {up}")).unwrap_or_default();
            format!("this program may start beside {}{first}", releases.join(" and "))
        }
        (false, _) => format!("this program must not start beside {}", breaking.join(" and ")),
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
    fn the_verdicts_of_lists_say_whether_this_program_may_start() {
        let check = Some("call-log check");
        assert_eq!(
            of_status(0, 0, "call-log migrate up", check),
            "nothing is pending; call-log check says whether this program may start"
        );
        assert_eq!(
            of_status(2, 1, "call-log migrate up", check),
            "migrations are pending: run call-log migrate up before this program starts; another version or program applied \
             one; call-log check says whether it may start without"
        );
        assert_eq!(of_status(0, 0, "up", None), "nothing is pending");
        assert_eq!(of_fleet(1, 1, 0), "this program may start");
        assert_eq!(of_fleet(2, 2, 0), "this program may start on all 2 databases");
        assert_eq!(of_fleet(3, 2, 0), "this program may start on 2 of 3 databases; for 1 it is not known");
        assert_eq!(of_fleet(3, 1, 1), "this program must not start on 1 of 3 databases; for 1 it is not known");
        assert_eq!(of_rolling(&["release 1.0"], &[], false, None), "this program may start beside release 1.0");
        assert_eq!(
            of_rolling(&["release 1.0", "release 1.1"], &[], false, Some("call-log migrate up")),
            "this program may start beside release 1.0 and release 1.1, after call-log migrate up"
        );
        assert_eq!(
            of_rolling(&["release 0.9", "release 1.0"], &["release 0.9"], false, None),
            "this program must not start beside release 0.9"
        );
    }

    #[test]
    fn the_verdicts_are_documented() {
        let up = || Some("call-log migrate up".to_owned());
        let outcomes = [
            Outcome::Starts,
            Outcome::StartsAsAccepted { errors: 1 },
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
