#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

#[cfg(not(any(feature = "runtime-tokio", feature = "runtime-async-std")))]
compile_error!("choose a runtime: the feature `runtime-tokio` (default) or `runtime-async-std`");

#[cfg(feature = "cli")]
pub mod cli;
#[cfg(test)]
mod messages;
mod output;
mod project;
mod replay;

#[cfg(feature = "cli")]
pub use cli::run;
pub use output::{error_chain, print_line};
pub use project::{Project, SchemaError, has_pending_migrations, verdict};
pub use sea_orm_drift::Entities;

/// The entities of these modules, as [`Entities`]: `entities![entity::user, entity::post]`, or with a common path
/// `entities![entity::{user, post}]`.
#[macro_export]
macro_rules! entities {
    ($($module:ident)::+ ::{ $($name:ident),* $(,)? }) => {
        $crate::Entities::new()$(.add($($module)::+::$name::Entity))*
    };
    ($($($module:ident)::+),* $(,)?) => {
        $crate::Entities::new()$(.add($($module)::+::Entity))*
    };
}
