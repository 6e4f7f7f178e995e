//! Lines on stderr, and errors as one line.

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
    let mut chain = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let text = next.to_string();
        if !chain.contains(&text) {
            chain = format!("{chain}: {text}");
        }
        cause = next.source();
    }
    chain
}
