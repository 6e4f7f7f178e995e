//! Why there is no report at all.

use sea_orm::DbErr;

/// Why nothing could be compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An empty list of entities, which would pass for ever.
    #[error("there is nothing to compare: no entity was added")]
    NoEntities,
    /// A backend of SeaORM that this crate does not know.
    #[error("the backend `{0}` is not supported")]
    UnsupportedBackend(String),
    /// The server refused a catalogue query, or the connection broke.
    #[error("the catalogue of the database cannot be read")]
    Catalogue {
        /// What SeaORM said.
        source: DbErr,
    },
}
