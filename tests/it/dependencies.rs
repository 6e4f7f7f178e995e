//! Whoever uses a library compiles no command line, server or parser for it.

use std::process::Command;

use rstest::rstest;

use super::{cargo::workspace, program::run};

const COMMAND_LINE: [&str; 6] = ["clap", "indicatif", "sqlparser", "squawk-linter", "axum", "sea-orm-cli"];

#[rstest]
#[case::drift(&["--package", "sea-orm-drift"])]
#[case::runner(&["--package", "sea-orm-runner"])]
#[case::runner_on_tokio(&["--package", "sea-orm-runner", "--features", "runtime-tokio"])]
#[case::service(&["--package", "service", "--no-default-features", "--features", "runtime-tokio"])]
#[case::entity(&["--package", "entity"])]
fn a_library_brings_no_command_line(#[case] of: &[&str]) {
    let packages = packages(of);
    let brought: Vec<&&str> = COMMAND_LINE.iter().filter(|name| packages.iter().any(|found| found == **name)).collect();
    assert_eq!(brought, [&""; 0], "see `cargo tree --edges normal --invert NAME` with {of:?}");
}

/// The list can name something: the program has what the libraries have not.
#[test]
fn the_program_brings_a_command_line() {
    let packages = packages(&["--package", "service"]);
    for name in ["clap", "indicatif", "axum"] {
        assert!(packages.iter().any(|found| found == name), "{name} is not among {packages:?}");
    }
}

/// The names of all packages that are compiled into what uses it.
fn packages(of: &[&str]) -> Vec<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(workspace()).args(["tree", "--edges", "normal", "--prefix", "none", "--format", "{p}"]).args(of);
    let tree = run(&mut cargo);
    assert_eq!(tree.code, 0, "{}", tree.stderr);
    tree.stdout.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}
