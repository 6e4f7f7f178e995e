//! Everything against real servers.

mod added_field;
mod cargo;
mod circles;
mod command_line;
mod dependencies;
mod documentation;
mod entity_ahead;
mod exceptions;
mod formats;
mod growth;
mod legacy;
mod migrating;
mod plan;
pub(crate) mod program;
mod reads_and_writes;
mod repair;
mod roles_and_schemas;
mod rolling;
mod rows;
mod run_cli;
mod sea_orm_cli;
pub(crate) mod service;
mod shop;
mod up_down_up;
mod workspace_copy;
