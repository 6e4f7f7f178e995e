//! Runs what is run with cargo: the migration crate, on either runtime, the real `sea-orm-cli`, and an example.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, PoisonError},
};

use super::program::{Run, run};
use crate::servers::{find, skip};

/// One cargo at a time: two runs that want different features would replace each other's program.
static CARGO: Mutex<()> = Mutex::new(());

/// The root of the workspace.
pub(crate) fn workspace() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// `cargo run -p migration -- ...` from the root of the workspace.
pub(crate) fn migration(arguments: &[&str], settings: &[(&str, &str)]) -> Run {
    cargo(&["run", "--quiet", "--package", "migration", "--"], arguments, settings)
}

/// The same on async-std.
pub(crate) fn migration_on_async_std(arguments: &[&str], settings: &[(&str, &str)]) -> Run {
    let features = ["--no-default-features", "--features", "cli,runtime-async-std"];
    cargo(&[&["run", "--quiet", "--package", "migration"], &features[..], &["--"]].concat(), arguments, settings)
}

/// An example of the workspace. It is built with the features of `cargo test --workspace`, which has built it already.
pub(crate) fn example(name: &str) -> Run {
    let built = cargo(&["build", "--quiet", "--workspace", "--example", name], &[], &[]);
    assert_eq!(built.code, 0, "{}", built.stderr);
    run(&mut Command::new(target().join("debug/examples").join(name)))
}

fn cargo(words: &[&str], arguments: &[&str], settings: &[(&str, &str)]) -> Run {
    let mut command = Command::new(env!("CARGO"));
    command.args(words).args(arguments);
    alone(command.envs(settings.iter().copied()), workspace())
}

/// `sea-orm-cli migrate ...` in `folder`, or `None` if it is not installed and need not be.
pub(crate) fn sea_orm_cli(arguments: &[&str], folder: &Path, settings: &[(&str, &str)]) -> Option<Run> {
    let program = installed()?;
    let mut command = Command::new(program);
    command.arg("migrate").args(arguments).envs(settings.iter().copied());
    Some(alone(&command, folder))
}

/// Whether `sea-orm-cli` is installed, and can be run by that name.
pub(crate) fn is_sea_orm_cli_there() -> bool {
    installed().is_some()
}

fn installed() -> Option<PathBuf> {
    let cargo = Path::new(env!("CARGO")).parent()?;
    let found = find("sea-orm-cli", &cargo.to_string_lossy());
    if found.is_none() {
        skip("sea-orm-cli (cargo install sea-orm-cli)");
    }
    found
}

/// Runs a command that builds with cargo, when no other does, into the target folder of these tests.
pub(crate) fn alone(command: &Command, folder: &Path) -> Run {
    let _turn = CARGO.lock().unwrap_or_else(PoisonError::into_inner);
    apart(command, folder, target())
}

/// The same into another target folder.
pub(crate) fn apart(command: &Command, folder: &Path, target: &Path) -> Run {
    // With less priority: the tests beside it wait for servers, and some of them have time limits.
    let mut nice = Command::new("nice");
    nice.args(["-n", "10"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => nice.env(name, value),
            None => nice.env_remove(name),
        };
    }
    // What cargo told this program about itself would make build scripts run again, now and at the next `cargo test`.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_") && name != "CARGO_HOME" {
            nice.env_remove(name);
        }
    }
    run(nice.current_dir(folder).env("CARGO_TARGET_DIR", target))
}

fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("a folder inside the target folder")
}
