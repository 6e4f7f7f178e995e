//! Every message of the command line; see `docs/messages.md`.

use clap::CommandFactory;
use sea_orm_connect::UrlError;
use sea_orm_drift::model::TableName;
use sea_orm_migration::sea_orm::DbErr;
use test_messages::{assert_section, help, samples};

use super::{
    Cli,
    fleet_list::{FleetError, FleetErrorDiscriminants},
};
use crate::generate::{Answer, Break, GenerateError, GenerateErrorDiscriminants, Question};

#[test]
fn the_errors_of_a_list_of_databases_are_documented() {
    let (file, line) = (|| "tenants.txt".to_owned(), 3);
    let errors = [
        FleetError::Unreadable { file: file(), source: std::io::ErrorKind::NotFound.into() },
        FleetError::Line { file: file(), line, source: Box::new(UrlError::NoDatabaseNamed.into()) },
        FleetError::TooLong { file: file(), line },
        FleetError::NoSchemas { file: file(), line },
        FleetError::Empty { file: file() },
    ];
    let text = samples::<_, FleetErrorDiscriminants>(&errors, ToString::to_string);
    assert_section("command line: lists of databases", "Why a list cannot be used.", &text);
}

#[test]
fn the_errors_of_generate_are_documented() {
    let text = |text: &str| text.to_owned();
    let question = Question {
        what: text("`post.title` is gone, and `post.headline` is new"),
        answers: vec![
            Answer::Rename(text("post.title"), text("headline")),
            Answer::Drop(text("post.title")),
            Answer::Keep(text("post.title")),
        ],
    };
    let kept = Question {
        what: text("no entity declares the CHECK (views >= 0) of post"),
        answers: vec![Answer::Drop(text("post.post_views_check")), Answer::Keep(text("post.post_views_check"))],
    };
    let source = || DbErr::Custom(text("no such table: post"));
    let errors = [
        GenerateError::NotCompared(sea_orm_drift::Error::NoEntities),
        GenerateError::Undecided(vec![question]),
        GenerateError::Undecided(vec![kept]),
        GenerateError::Interrupted,
        GenerateError::Usage(text("`--rename` names no object")),
        GenerateError::MigrationsFailed(sea_orm_runner::Error::History { source: source() }),
        GenerateError::Panicked,
        GenerateError::ScratchDatabase(source()),
        GenerateError::Unwritable(text("the table `post` becomes a view")),
        GenerateError::Unproven(text("the index is still missing")),
        GenerateError::Breaks(vec![Break {
            what: text("release 1.2 needs `post.title` as it is: every read of post fails: no such column: post.title"),
            help: text(
                "keep `post.title` in this release; contract: drop it in a later migration, when release 1.2 has stopped \
                 everywhere",
            ),
        }]),
        GenerateError::ScratchUrl(text("the scratch server must be PostgreSQL")),
        GenerateError::Elsewhere(TableName { schema: Some("audit".to_owned()), name: "log".to_owned() }),
        GenerateError::BeyondSqlite(text("`post.tags` is an array")),
        GenerateError::NoCrate(text("migration")),
        GenerateError::File { path: text("src/lib.rs"), reason: text("it is not UTF-8") },
        GenerateError::Connect(UrlError::NoDatabaseNamed.into()),
    ];
    let text = samples::<_, GenerateErrorDiscriminants>(&errors, ToString::to_string);
    assert_section("generating: errors", "Why no migration was written.", &text);
}

#[test]
fn the_help_is_documented() {
    // `call-log --help` shows the others.
    let own = ["", "generate", "fresh", "refresh", "reset"];
    let text = help(Cli::command().name("migration"), |verb| own.contains(&verb));
    assert_section("help of a migration crate", "What `call-log` does not have.", &text);
}
