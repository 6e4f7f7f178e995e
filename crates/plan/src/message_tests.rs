//! Checks that every message of this crate is documented; see `docs/messages.md`.

use sea_orm_migration::sea_orm::DbErr;
use test_messages::{assert_section, prose, samples};

use crate::error::{Error, ErrorDiscriminants};

#[test]
fn the_errors_are_documented() {
    let source = || DbErr::Custom("permission denied for table seaql_migrations".to_owned());
    let errors = [
        Error::History(sea_orm_runner::Error::History { source: source() }),
        Error::ConnectionLost { source: source() },
        Error::ImpactUnknown { source: source() },
    ];
    let text = samples::<_, ErrorDiscriminants>(&errors, ToString::to_string);
    assert_section("planning: errors", "Why there is no plan.", &text);
}

#[test]
fn the_sentences_of_the_sources_are_documented() {
    let about = "The locks, reasons, warnings and notes that a plan can contain. `{...}` stands for a value.";
    assert_section("planning: sentences", about, &prose("crates/plan/src"));
}
