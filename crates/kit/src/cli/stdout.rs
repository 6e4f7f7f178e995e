//! Reports on stdout, for programs as they are, for people coloured and wrapped.

use std::io::{self, Write};

use anstream::AutoStream;
use sea_orm_drift::{Report, Verbosity};

use super::{
    verdict::Verdict,
    wrap::{stdout_columns, wrapped},
};

/// Writes a report to stdout. Ignores a reader that closes it early.
///
/// # Errors
/// If stdout cannot be written.
pub fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    print_to(&mut io::stdout().lock(), write)
}

/// Writes a report and its verdict for people to stdout, coloured on a terminal unless `NO_COLOR`, `CLICOLOR` or `TERM`
/// disables it, or if `CLICOLOR_FORCE` enables it.
///
/// # Errors
/// If stdout cannot be written.
pub fn print_text(report: &Report, detail: Verbosity, verdict: &Verdict) -> io::Result<()> {
    let style = verdict.style();
    print_wrapped(|text| {
        report.write_ansi_text(detail, text)?;
        writeln!(text, "{style}{verdict}{style:#}")
    })
}

/// Writes coloured text to stdout, without the colours where nobody wants them, and wrapped where it is a terminal.
pub(super) fn print_wrapped(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut text = Vec::new();
    write(&mut text)?;
    let text = wrapped(&String::from_utf8_lossy(&text), stdout_columns());
    let choice = AutoStream::choice(&io::stdout());
    print_to(&mut AutoStream::new(io::stdout().lock(), choice), |stdout| stdout.write_all(text.as_bytes()))
}

fn print_to(stdout: &mut dyn Write, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    match write(stdout).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}
