//! The commands that the advice of a report names.

/// The commands of the program that migrates the database. By default those of `sea-orm-cli`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commands {
    /// Applies all pending migrations.
    pub up: String,
    /// Writes a new migration; its name follows.
    pub generate: String,
}

impl Default for Commands {
    fn default() -> Self {
        Self { up: "sea-orm-cli migrate up".to_owned(), generate: "sea-orm-cli migrate generate".to_owned() }
    }
}
