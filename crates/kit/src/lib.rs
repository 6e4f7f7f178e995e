#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

#[cfg(not(any(feature = "runtime-tokio", feature = "runtime-async-std")))]
compile_error!("choose a runtime: the feature `runtime-tokio` (default) or `runtime-async-std`");

#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "cli")]
pub mod generate;
#[cfg(test)]
mod message_tests;
mod output;
mod project;
#[cfg(feature = "cli")]
mod release;
mod replay;
mod rolling;

#[cfg(feature = "cli")]
pub use cli::run;
pub use output::{error_chain, print_line};
pub use project::{Project, SchemaError, has_pending_migrations, verdict};
pub use rolling::{Met, Rolling};
#[cfg(feature = "entity-registry")]
pub use sea_orm_drift::assert_none_forgotten;
pub use sea_orm_drift::{Entities, Record};
/// What written migrations call, for a crate that does not depend on it itself.
pub use sea_orm_runner as runner;

/// The entities of these modules, as [`Entities`]: `entities![entity::user, entity::post]`, or with a common path
/// `entities![entity::{user, post}, billing::entity::invoice]`.
#[macro_export]
macro_rules! entities {
    (@after $entities:expr ;) => { $entities };
    (@after $entities:expr ; $($module:ident)::+ ::{ $($name:ident),* $(,)? } $(, $($rest:tt)*)?) => {
        $crate::entities!(@after {
            let entities = $entities;
            {
                use $($module)::+::{$($name),*};
                entities$(.add($name::Entity))*
            }
        } ; $($($rest)*)?)
    };
    (@after $entities:expr ; $($module:ident)::+ $(, $($rest:tt)*)?) => {
        $crate::entities!(@after $entities.add($($module)::+::Entity) ; $($($rest)*)?)
    };
    ($($modules:tt)*) => { $crate::entities!(@after $crate::Entities::new() ; $($modules)*) };
}
