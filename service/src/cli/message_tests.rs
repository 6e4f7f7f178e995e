//! The help of every verb; see `docs/messages.md`.

use clap::CommandFactory;
use test_messages::{assert_section, help};

use super::Cli;

#[test]
fn the_help_is_documented() {
    assert_section("help of call-log", "`--help` of each verb, at 80 columns.", &help(Cli::command(), |_| true));
}
