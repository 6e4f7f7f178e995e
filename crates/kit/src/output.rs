//! Lines on stderr, and errors as one line.

use sea_orm_connect::message_of;

use std::{
    error::Error,
    io::{self, Write},
};

/// Writes a line to stderr. Ignores that nobody reads it: that must not end a run half-way.
pub fn print_line(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Formats an error and its causes as one line. Drops causes that the text before them repeats, as SeaORM's does.
pub fn error_chain(error: &(dyn Error + 'static)) -> String {
    let mut chain = message_of(error);
    let mut cause = error.source();
    while let Some(next) = cause {
        let text = message_of(next);
        if !chain.contains(&text) {
            chain = format!("{chain}: {text}");
        }
        cause = next.source();
    }
    chain
}
