//! Writes a report, in a file for each format. A renderer writes into a sink; nothing here prints.

mod github;
mod json;
#[cfg(feature = "junit")]
mod junit;
mod markdown;
mod message;
#[cfg(feature = "sarif")]
mod sarif;
mod styles;
mod summary;
mod suppression;
mod text;
mod verbosity;

pub use verbosity::Verbosity;

#[cfg(test)]
mod tests;
