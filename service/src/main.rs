//! `call-log`: checks and migrates the schema of call logs.

mod cli;

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    cli::main().await.into()
}
