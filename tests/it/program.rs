//! Runs the programs as a person would: in an empty folder, with nothing set but what the test sets.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use tempfile::TempDir;

/// What a run returned.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// `call-log` with `DATABASE_URL` set.
pub(crate) fn call_log(arguments: &[&str], url: &str) -> Run {
    call_log_with(arguments, &[("DATABASE_URL", url)])
}

/// `call-log` with these settings and no others.
pub(crate) fn call_log_with(arguments: &[&str], settings: &[(&str, &str)]) -> Run {
    call_log_in(TempDir::new().unwrap().path(), arguments, settings)
}

/// `call-log` in a folder of the test's own.
pub(crate) fn call_log_in(folder: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_call-log"));
    command.args(arguments).env_clear().envs(settings.iter().copied()).current_dir(folder);
    run(&mut command)
}

pub(crate) fn run(command: &mut Command) -> Run {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    Run {
        code: output.status.code().expect("ended by itself"),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

pub(crate) fn lines_beginning<'a>(text: &'a str, beginning: &str) -> Vec<&'a str> {
    text.lines().filter(|line| line.starts_with(beginning)).collect()
}
