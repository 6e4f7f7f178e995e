//! Lines on stderr, and errors as one line.

use sea_orm_connect::{ErrorKind, message_of};

use std::{
    error::Error,
    io::{self, Write},
};

/// Writes a line to stderr. Ignores that nobody reads it: that must not end a run half-way.
pub fn print_line(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Formats an error and its causes as one line. Drops causes that the text before them repeats, as SeaORM's does. Says whose limit
/// ended a statement, where no error before has said so.
pub fn error_chain(error: &(dyn Error + 'static)) -> String {
    let mut chain = message_of(error);
    let mut cause = error.source();
    while let Some(next) = cause {
        let text = message_of(next);
        if !chain.contains(&text) {
            chain = format!("{chain}: {text}");
        }
        let is_time_out = next.downcast_ref().is_some_and(ErrorKind::is_time_out);
        if is_time_out
            && !["statement_timeout", "max_statement_time", "execution time"].iter().any(|limit| chain.contains(limit))
        {
            chain.push_str(
                "; it was cancelled, or the `statement_timeout` of this role, database or server is too short",
            );
        }
        cause = next.source();
    }
    chain
}
