//! The commands that the advice of a report names.

/// The commands of the program that migrates the database. By default those of `sea-orm-cli`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commands {
    /// Applies all pending migrations.
    pub up: String,
    /// Writes the migration that the entities lack; its name follows.
    pub generate: String,
    /// Writes an empty migration; its name follows.
    pub generate_empty: String,
    /// Prints what a rule means; its name follows. `None` if the program has no such command.
    pub explain: Option<String>,
}

impl Commands {
    /// Those of `program`, which has the verbs of a migration crate that runs with sea-orm-kit.
    pub fn of(program: &str) -> Self {
        let [up, generate, generate_empty, explain] =
            ["up", "generate", "generate --empty", "check explain"].map(|verb| format!("{program} {verb}"));
        Self { up, generate, generate_empty, explain: Some(explain) }
    }
}

impl Default for Commands {
    fn default() -> Self {
        // It has none that reads the entities.
        let generate = "sea-orm-cli migrate generate".to_owned();
        Self { up: "sea-orm-cli migrate up".to_owned(), generate_empty: generate.clone(), generate, explain: None }
    }
}
