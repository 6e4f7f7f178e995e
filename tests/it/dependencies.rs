//! Whoever uses a library compiles no command line, server or parser for it.

use std::{collections::BTreeSet, process::Command};

use rstest::rstest;

use super::{cargo::workspace, program::run};

const COMMAND_LINE: [&str; 6] = ["clap", "indicatif", "sqlparser", "squawk-linter", "axum", "sea-orm-cli"];

#[rstest]
#[case::drift(&["--package", "sea-orm-drift"])]
#[case::runner(&["--package", "sea-orm-runner"])]
#[case::runner_on_tokio(&["--package", "sea-orm-runner", "--features", "runtime-tokio"])]
#[case::start_up_check(&["--package", "sea-orm-kit", "--no-default-features", "--features", "runtime-tokio,sqlite"])]
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

/// A program that asks one database compiles one driver, and no parser for files of exceptions.
#[rstest]
#[case::postgres("postgres", "sqlx-postgres")]
#[case::mysql("mysql", "sqlx-mysql")]
#[case::sqlite("sqlite", "sqlx-sqlite")]
fn a_start_up_check_brings_one_driver(
    #[case] feature: &str,
    #[case] driver: &str,
    #[values("sea-orm-connect", "sea-orm-runner", "sea-orm-plan", "sea-orm-kit")] package: &str,
) {
    let packages = packages(&["--package", package, "--no-default-features", "--features", feature]);
    let others = ["sqlx-mysql", "sqlx-postgres", "sqlx-sqlite", "toml"];
    let brought: BTreeSet<&str> =
        others.into_iter().filter(|name| packages.iter().any(|found| found == name)).collect();
    assert_eq!(brought, BTreeSet::from([driver]), "see `cargo tree --edges normal --invert NAME`");
}

/// The names of all packages that are compiled into what uses it.
fn packages(of: &[&str]) -> Vec<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(workspace()).args(["tree", "--edges", "normal", "--prefix", "none", "--format", "{p}"]).args(of);
    let tree = run(&mut cargo);
    assert_eq!(tree.code, 0, "{}", tree.stderr);
    tree.stdout.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}
