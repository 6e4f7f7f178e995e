//! Whoever uses a library compiles no command line, server or parser for it.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

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

/// The tests of the workspace, those of one member, `cargo run` and what `sea-orm-cli migrate` runs choose the same features.
#[test]
fn a_dependency_is_compiled_once() {
    const TESTS: &str = "normal,build,dev";
    let of_all = features(&["--workspace"], TESTS);
    let members = tree(&["--workspace", "--depth", "0", "--format", "{p}"]);
    let names: BTreeSet<&str> = members.lines().filter_map(|line| line.split(' ').next()).collect();
    let tests = names.iter().filter(|name| !name.is_empty()).map(|name| (*name, TESTS));
    for (package, edges) in tests.chain([("service", "normal,build"), ("migration", "normal,build")]) {
        let chosen = features(&["--package", package], edges);
        let others: Vec<String> = chosen
            .iter()
            .filter(|(dependency, sets)| !of_all.get(*dependency).is_some_and(|all| all.is_superset(sets)))
            .map(|(dependency, sets)| format!("{dependency} has {sets:?} instead of {:?}", of_all.get(dependency)))
            .collect();
        let advice = "to have them compiled once, add what is missing to crates/workspace-hack/Cargo.toml";
        assert_eq!(others, [""; 0], "{package} ({edges}): {advice}");
    }
}

/// The sets of features, as cargo writes them, with which each dependency that is not of this workspace is compiled: one for programs,
/// and perhaps another one for macros and build scripts.
fn features(of: &[&str], edges: &str) -> BTreeMap<String, BTreeSet<String>> {
    let tree = tree(&[of, &["--edges", edges, "--format", "{p}|{f}"]].concat());
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (package, features) in tree.lines().filter_map(|line| line.split_once('|')) {
        let is_of_workspace = package.contains("(/");
        if !is_of_workspace {
            found.entry(package.to_owned()).or_default().insert(features.trim_end_matches(" (*)").to_owned());
        }
    }
    found
}

/// The names of all packages that are compiled into what uses it.
fn packages(of: &[&str]) -> Vec<String> {
    let tree = tree(&[&["--edges", "normal", "--format", "{p}"], of].concat());
    tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

fn tree(arguments: &[&str]) -> String {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(workspace()).args(["tree", "--prefix", "none"]).args(arguments);
    let tree = run(&mut cargo);
    assert_eq!(tree.code, 0, "{}", tree.stderr);
    tree.stdout
}
