//! Exceptions: the findings that a project accepts or reclassifies, why, and until when. A finding keeps its consequence;
//! only its severity changes.

mod exception;
#[cfg(feature = "config")]
mod file;
mod stale;

#[cfg(feature = "config")]
use std::path::Path;

pub use exception::{Exception, ExceptionLevel};
pub use stale::Stale;
#[cfg(test)]
pub(crate) use stale::StaleDiscriminants;

#[cfg(feature = "config")]
use crate::file_error::{FileError, InputFileError};

/// Exceptions in order. The first unexpired one that matches a finding applies, as in `pg_hba.conf`; so put the specific
/// above the general.
///
/// ```
/// use chrono::NaiveDate;
/// use sea_orm_drift::{Exception, Exceptions};
///
/// # fn main() -> Result<(), sea_orm_drift::InputFileError> {
/// let exceptions = Exceptions::new()
///     .add(Exception::deny("column-unexpected", "post.password*", "no secrets beside the posts")?)
///     .add(Exception::allow("column-unexpected", "post.*", "the search engine keeps columns of its own there")?)
///     .add(
///         Exception::warn("index-missing", "post (author)", "built at night, see the migration plan")?
///             .until(NaiveDate::from_ymd_opt(2027, 1, 31).expect("a day of the calendar")),
///     );
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exceptions {
    pub(crate) in_order: Vec<Exception>,
}

impl Exceptions {
    /// Creates an empty list.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends an exception.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "a builder's `add`, not arithmetic")]
    pub fn add(mut self, exception: Exception) -> Self {
        self.in_order.push(exception);
        self
    }

    /// Reads a TOML file of exceptions.
    ///
    /// # Errors
    /// If it cannot be read, and for the first error in it.
    #[cfg(feature = "config")]
    pub fn read(file: &Path) -> Result<Self, FileError> {
        let text = std::fs::read_to_string(file).map_err(|error| InputFileError::Unreadable(error).in_file(file))?;
        Self::parse(&text, &file.display().to_string())
    }

    /// Parses TOML; messages call it `file_name`.
    ///
    /// # Errors
    /// For the first error in it.
    #[cfg(feature = "config")]
    pub fn parse(text: &str, file_name: &str) -> Result<Self, FileError> {
        Ok(Self { in_order: file::parse(text, file_name)? })
    }
}
