#![doc = include_str!("../README.md")]
#![cfg_attr(
    not(all(feature = "mysql", feature = "postgres", feature = "sqlite")),
    allow(
        dead_code,
        unused_imports,
        unused_variables,
        reason = "some items are used only if all drivers are compiled in"
    )
)]

mod driver_url;
mod engine;
mod env_file;
mod error;
mod error_kind;
pub mod galera;
#[cfg(test)]
mod message_tests;
#[cfg(feature = "mysql")]
mod mysql;
mod open;
mod pool_options;
mod pool_renewal;
mod pooler_safe;
#[cfg(feature = "postgres")]
mod postgres;
mod preflight;
pub mod prepared;
mod reachability;
#[cfg(feature = "postgres")]
mod server_refusal;
pub mod snapshot;
#[cfg(feature = "sqlite")]
mod sqlite;
#[cfg(feature = "postgres")]
mod transaction_pooling;
mod url;
mod url_error;

#[cfg(not(any(feature = "mysql", feature = "postgres", feature = "sqlite")))]
compile_error!(
    "enable at least one of the features `mysql`, `postgres` and `sqlite`: one for each kind of database that you use"
);

pub use engine::{Engine, Support};
pub use env_file::read_env_file;
pub use error::ConnectError;
pub use error_kind::{ErrorKind, driver_error, message_of, mysql_error_number};
pub use open::{connect, in_memory};
pub use pool_options::{Access, PoolOptions};
pub use pooler_safe::PoolerSafe;
pub use preflight::{ensure_migratable, ensure_tables_in_default_schema};
pub use url::DatabaseUrl;
pub use url_error::UrlError;
