//! Why a check produced no report.

use sea_orm::DbErr;

/// Why nothing could be compared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[cfg_attr(test, derive(strum::EnumDiscriminants), strum_discriminants(derive(strum::EnumIter)))]
pub enum Error {
    /// An empty list of entities, whose check would always pass.
    #[error("there is nothing to compare: no entity was added")]
    NoEntities,
    /// A SeaORM backend that this crate does not support.
    #[error("the backend `{0}` is not supported")]
    UnsupportedBackend(String),
    /// A catalogue query failed, or the connection broke.
    #[error("the database's catalogue cannot be read")]
    Catalogue {
        /// SeaORM's error.
        source: DbErr,
    },
}
