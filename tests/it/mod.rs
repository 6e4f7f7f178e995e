//! Everything against real servers.

#[expect(unreachable_pub, reason = "an entity's model is `pub`, here as anywhere")]
mod call_log_ahead;
mod cargo;
mod command_line;
mod dependencies;
mod documentation;
mod entity_ahead;
mod exceptions;
mod formats;
mod legacy;
mod migrating;
mod plan;
mod program;
mod reads_and_writes;
mod repair;
mod roles_and_schemas;
mod rolling;
mod rows;
mod sea_orm_cli;
mod service;
mod shop;
mod up_down_up;
