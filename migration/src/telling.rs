//! What both programs say on stderr.

use std::{
    error::Error,
    io::{self, Write},
};

/// One line. Nothing ends half-way because nobody listens.
pub fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// An error and its causes in one line; `SeaORM` repeats a cause in its own text, and once is enough.
pub fn sentence(error: &(dyn Error + 'static)) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let text = next.to_string();
        if !told.contains(&text) {
            told = format!("{told}: {text}");
        }
        cause = next.source();
    }
    told
}
