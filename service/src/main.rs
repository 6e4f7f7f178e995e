//! `call-log`: checks and migrates the call_log schema.

mod cli;

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    cli::main().await.into()
}
