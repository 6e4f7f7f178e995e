//! The algorithms with which the server alters a table. It takes the fastest that all operations allow.

use crate::{impact::Impact, lock_mode::LockMode, plan::Work};

/// What one operation needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// Metadata only, also beside operations that read or rewrite the table.
    Metadata,
    /// Metadata only, unless another operation reads the rows: then the server rewrites them.
    Instant,
    /// Builds an index in place.
    Index,
    /// Rebuilds the table in place.
    Rebuild,
    /// Rebuilds the table in place while writes wait.
    LockedRebuild,
    /// Copies the table while writes wait.
    Copy,
    Unknown(String),
}

/// The impact of all operations of one statement.
pub(crate) fn combined(table: &str, algorithms: &[Algorithm]) -> Impact {
    let needs = |algorithm: &Algorithm| algorithms.contains(algorithm);
    let unknown = algorithms
        .iter()
        .find_map(|algorithm| if let Algorithm::Unknown(reason) = algorithm { Some(reason) } else { None });
    if needs(&Algorithm::Copy) {
        Impact::on(table, LockMode::SharedDdl, Work::RewritesTable).with_reason("the server copies the table")
    } else if let Some(reason) = unknown {
        Impact::unknown(reason)
    } else if needs(&Algorithm::LockedRebuild) {
        Impact::on(table, LockMode::SharedDdl, Work::RewritesTable)
            .with_reason("the server rebuilds the table in place")
    } else if needs(&Algorithm::Rebuild) || (needs(&Algorithm::Index) && needs(&Algorithm::Instant)) {
        Impact::on(table, LockMode::OnlineDdl, Work::RewritesTable)
            .with_reason("the server rebuilds the table in place")
    } else if needs(&Algorithm::Index) {
        Impact::on(table, LockMode::OnlineDdl, Work::ReadsTable).with_reason("the server builds the index in place")
    } else {
        Impact::on(table, LockMode::OnlineDdl, Work::Metadata)
    }
}
