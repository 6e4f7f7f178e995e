//! Why there is no plan.

use sea_orm_connect::ErrorKind;
use sea_orm_migration::sea_orm::DbErr;

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The migration history could not be read, or the connection was lost before it was.
    #[error(transparent)]
    History(#[from] sea_orm_runner::Error),
    /// The connection was lost.
    #[error("the connection was lost while planning; nothing was changed, so plan again")]
    ConnectionLost {
        /// What SeaORM said.
        source: DbErr,
    },
    /// The database could not be asked what the plan depends on.
    #[error("the effect of the pending migrations cannot be determined")]
    Unknown {
        /// What SeaORM said.
        source: DbErr,
    },
}

impl Error {
    /// What a program should return: 2 where there is no answer, 69 where the server is away, or as the runner says.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::History(sea_orm_runner::Error::History { .. }) | Self::Unknown { .. } => 2,
            Self::History(error) => error.exit_code(),
            Self::ConnectionLost { .. } => 69,
        }
    }
}

impl From<DbErr> for Error {
    fn from(source: DbErr) -> Self {
        match ErrorKind::of(&source) {
            ErrorKind::Connection => Self::ConnectionLost { source },
            ErrorKind::Lock | ErrorKind::ReadOnly | ErrorKind::Statement => Self::Unknown { source },
        }
    }
}
