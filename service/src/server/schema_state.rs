//! What is known about the schema.

use sea_orm_drift::{Report, Severity};
use sea_orm_kit::has_pending_migrations;

/// What to do about a schema that would break the program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum OnDrift {
    /// Do not start.
    #[default]
    Refuse,
    /// Start, answer 503, and check until the schema fits.
    NotReady,
    /// Start and serve anyway.
    Warn,
}

/// What is known about the schema.
#[derive(Clone, Debug)]
pub enum SchemaState {
    /// No check has ended yet.
    Starting,
    /// The database does not answer or refuses the login; the text is for the log.
    Unreachable(String),
    /// The database takes no writes.
    ReadOnly,
    /// The pending migrations failed; the text is for the log.
    NotMigrated(String),
    /// The schema could not be read; the text is for the log.
    NotCompared(String),
    /// The schema would break the program.
    Drifted(Box<Report>),
    /// The program can run on this schema.
    Fits(Box<Report>),
}

impl SchemaState {
    /// The state's name in `/readyz` and in the metric `schema_state`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Unreachable(_) => "unreachable",
            Self::ReadOnly => "read-only",
            Self::NotMigrated(_) => "not-migrated",
            Self::NotCompared(_) => "not-compared",
            Self::Drifted(_) => "drifted",
            Self::Fits(report) if has_pending_migrations(report) => "pending",
            Self::Fits(report) if report.fails_at(Severity::Warning) => "differs",
            Self::Fits(_) => "in-sync",
        }
    }

    /// The names of all states.
    pub(super) const NAMES: [&'static str; 9] = [
        "starting",
        "unreachable",
        "read-only",
        "not-migrated",
        "not-compared",
        "drifted",
        "pending",
        "differs",
        "in-sync",
    ];

    /// The report, if the schema was compared.
    pub fn report(&self) -> Option<&Report> {
        match self {
            Self::Starting | Self::Unreachable(_) | Self::ReadOnly | Self::NotMigrated(_) | Self::NotCompared(_) => {
                None
            }
            Self::Drifted(report) | Self::Fits(report) => Some(report),
        }
    }

    /// Why the service is not ready, without names of tables and columns; `None` if the schema fits.
    pub fn summary(&self) -> Option<&'static str> {
        match self {
            Self::Starting => Some("the schema has not been checked yet"),
            Self::Unreachable(_) => Some("the database does not answer"),
            Self::ReadOnly => Some("the database takes no writes: it is a replica, or was made read-only"),
            Self::NotMigrated(_) => Some("a migration failed"),
            Self::NotCompared(_) => Some("the schema cannot be read"),
            Self::Drifted(_) => Some("the schema would break this program"),
            Self::Fits(_) => None,
        }
    }

    /// What the service waits for, with names of tables and columns; empty if the schema fits.
    pub fn missing(&self) -> Vec<String> {
        match self {
            Self::Drifted(report) => {
                let errors = report.differences.iter().filter(|difference| difference.severity() == Severity::Error);
                let mut errors: Vec<String> = errors.map(|difference| difference.fingerprint().to_string()).collect();
                if errors.is_empty() {
                    errors.push("the schema was not compared".to_owned());
                }
                errors
            }
            other => other.summary().map(str::to_owned).into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_lists_every_state() {
        let document = include_str!("../../../docs/service.md");
        for name in SchemaState::NAMES {
            assert!(document.contains(&format!("\n| `{name}` | ")), "{name}");
        }
    }
}
