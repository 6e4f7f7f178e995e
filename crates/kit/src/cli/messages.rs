//! Every message of the command line; see `docs/messages.md`.

use clap::CommandFactory;
use sea_orm_connect::ConnectError;
use test_messages::{assert_section, help, samples};

use super::{
    Cli,
    fleet::{FleetError, FleetErrorDiscriminants},
};

#[test]
fn the_errors_of_a_list_of_databases_are_documented() {
    let (file, line) = (|| "tenants.txt".to_owned(), 3);
    let errors = [
        FleetError::Unreadable { file: file(), source: std::io::ErrorKind::NotFound.into() },
        FleetError::Line { file: file(), line, source: Box::new(ConnectError::NoDatabaseNamed) },
        FleetError::TooLong { file: file(), line },
        FleetError::NoSchemas { file: file(), line },
        FleetError::Empty { file: file() },
    ];
    let text = samples::<_, FleetErrorDiscriminants>(&errors, ToString::to_string);
    assert_section("command line: lists of databases", "Why a list cannot be used.", &text);
}

#[test]
fn the_help_is_documented() {
    // `call-log --help` shows the others.
    let own = ["", "generate", "fresh", "refresh", "reset"];
    let text = help(Cli::command().name("migration"), |verb| own.contains(&verb));
    assert_section("help of a migration crate", "What `call-log` does not have.", &text);
}
