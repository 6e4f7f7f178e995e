//! Errors while planning.

use sea_orm_connect::ErrorKind;
use sea_orm_migration::sea_orm::DbErr;

/// An error while planning.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[cfg_attr(test, derive(strum::EnumDiscriminants), strum_discriminants(derive(strum::EnumIter)))]
pub enum Error {
    /// The migration history could not be read, or the connection was lost before it could be.
    #[error(transparent)]
    History(#[from] sea_orm_runner::Error),
    /// The connection was lost.
    #[error("the connection was lost while planning; nothing was changed, so plan again")]
    ConnectionLost {
        /// The error from SeaORM.
        source: DbErr,
    },
    /// A catalog query failed, so there is nothing to plan with.
    #[error("the impact of the pending migrations cannot be determined")]
    ImpactUnknown {
        /// The error from SeaORM.
        source: DbErr,
    },
}

impl Error {
    /// The exit code for a program: 2 if the impact cannot be determined, 69 if the server is unreachable, otherwise that of the
    /// runner's error.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::History(sea_orm_runner::Error::History { .. }) | Self::ImpactUnknown { .. } => 2,
            Self::History(error) => error.exit_code(),
            Self::ConnectionLost { .. } => 69,
        }
    }
}

impl From<DbErr> for Error {
    fn from(source: DbErr) -> Self {
        match ErrorKind::of(&source) {
            ErrorKind::Connection => Self::ConnectionLost { source },
            ErrorKind::Lock | ErrorKind::ReadOnly | ErrorKind::Statement => Self::ImpactUnknown { source },
        }
    }
}
