//! What a release that may still run would lose by the new migrations.

use sea_orm_drift::{
    Change, Consequence, Difference, Entities, Error, Report, Severity,
    model::{Dialect, Nullability},
};
use sea_orm_migration::sea_orm::DatabaseConnection;

use super::decisions::Release;
use crate::release::step;

/// What would break a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// Which release needs what, and what would fail, in a sentence without a full stop.
    pub what: String,
    /// How to make the change in steps.
    pub help: String,
}

/// What the releases find on the scratch database, each in its turn.
pub(super) async fn reports(releases: &[Release], db: &DatabaseConnection) -> Result<Vec<Report>, Error> {
    let mut reports = Vec::new();
    for release in releases {
        reports.push(Entities::from_record(&release.record).check(db).await?);
    }
    Ok(reports)
}

/// What breaks the release after the new migrations and did not before, and what may.
pub(super) fn between(release: &Release, before: &Report, after: &Report) -> (Vec<Break>, Vec<String>) {
    let name = &release.name;
    let (mut breaks, mut remarks) = (Vec::new(), Vec::new());
    for found in after.differences.iter().filter(|found| !before.differences.iter().any(|known| is_same(known, found)))
    {
        let object = found.object();
        let reason = &found.impact.reason;
        if let Some(what) = needed(found, after.dialect) {
            breaks.push(Break { what: format!("{name} {what}"), help: step(name, found) });
        } else if found.severity() == Severity::Warning {
            remarks.push(format!("{name} may still run, and {object} changes for it: {reason}"));
        }
    }
    (breaks, remarks)
}

/// What the release needs of it, and what would fail; `None` if nothing that it needs goes.
fn needed(found: &Difference, dialect: Dialect) -> Option<String> {
    let object = found.object();
    let reason = &found.impact.reason;
    let needs = || format!("needs `{object}` as it is: {reason}");
    let is_error = found.severity() == Severity::Error;
    #[expect(clippy::wildcard_enum_match_arm, reason = "what goes, of many other changes")]
    match &found.change {
        Change::TableMissing { .. } => Some(format!("needs the table `{object}`: {reason}")),
        Change::ColumnUnexpected { .. } => is_error.then(|| format!("does not set `{object}`: {reason}")),
        Change::Type { sides, .. } if !sides.live.is_wider_than(&sides.declared, dialect) => {
            // SQLite keeps any length, the database that it stands for does not.
            let reason = match found.consequence() {
                Consequence::Nothing => format!("writing longer or larger values than {} fails", sides.live),
                _ => reason.clone(),
            };
            Some(format!("needs `{object}` as {}: {reason}", sides.declared))
        }
        Change::Nullability { sides, .. } if sides.live == Nullability::NotNull => {
            Some(format!("needs `{object}` to allow NULL: {reason}"))
        }
        Change::EnumLabels { missing, .. } if !missing.is_empty() => {
            Some(format!("needs the labels {} of `{object}`: {reason}", missing.join(", ")))
        }
        _ => is_error.then(needs),
    }
}

fn is_same(known: &Difference, found: &Difference) -> bool {
    let same_types = match (&known.change, &found.change) {
        (Change::Type { sides: known, .. }, Change::Type { sides: found, .. }) => known == found,
        _ => true,
    };
    same_types && known.fingerprint() == found.fingerprint()
}
