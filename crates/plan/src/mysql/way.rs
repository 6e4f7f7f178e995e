//! The ways in which a server changes a table, of which it takes the shortest.

use crate::{effect::Effect, mode::Mode, model::Work};

/// What one operation takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// The description, whatever else is done.
    Description,
    /// The description, unless the rows are gone through anyway: then they are written anew.
    Instant,
    /// A new index, in place.
    Index,
    /// The whole table anew, in place.
    Rebuild,
    /// The same, without writers.
    QuietRebuild,
    /// The whole table as a copy.
    Copy,
    Unknown(String),
}

/// What all operations of one statement take together.
pub(crate) fn together(table: &str, ways: &[Way]) -> Effect {
    let takes = |way: &Way| ways.contains(way);
    let unknown = ways.iter().find_map(|way| if let Way::Unknown(because) = way { Some(because) } else { None });
    if takes(&Way::Copy) {
        Effect::on(table, Mode::Writers, Work::RewritesTable).because("the server copies the table")
    } else if let Some(because) = unknown {
        Effect::unknown(because)
    } else if takes(&Way::QuietRebuild) {
        Effect::on(table, Mode::Writers, Work::RewritesTable).because("the server rebuilds the table in place")
    } else if takes(&Way::Rebuild) || (takes(&Way::Index) && takes(&Way::Instant)) {
        Effect::on(table, Mode::Briefly, Work::RewritesTable).because("the server rebuilds the table in place")
    } else if takes(&Way::Index) {
        Effect::on(table, Mode::Briefly, Work::ReadsTable).because("the index is built in place")
    } else {
        Effect::on(table, Mode::Briefly, Work::Metadata)
    }
}
