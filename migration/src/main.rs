//! `cargo run -p migration -- up`: what `sea-orm-cli migrate` runs.

use migration::Migrator;
use sea_orm_kit::{Project, entities};

fn main() -> std::process::ExitCode {
    Project::<Migrator>::new(entities![]).adopting("call_log").run()
}
