//! Which database a verb is about.

use clap::{ArgMatches, Args, parser::ValueSource};
use migration::connection::{Access, ConnectError, DatabaseUrl, connect};
use sea_orm::DbConn;

/// Which database; the same for all verbs.
#[derive(Debug, Args)]
pub(super) struct DatabaseArgs {
    /// Database URL: postgres://, mysql:// or sqlite://. Also read from `.env`.
    #[arg(long, global = true, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,

    /// The same for `migrate` only, before `DATABASE_URL`: the way to the server past a pooler.
    #[arg(long, global = true, env = "MIGRATION_DATABASE_URL", hide_env_values = true)]
    migration_database_url: Option<String>,

    /// PostgreSQL schema to work in; without it the role's own search path counts.
    #[arg(long, global = true, env = "DATABASE_SCHEMA")]
    database_schema: Option<String>,

    /// Whether the first one was typed, and is not a setting.
    #[arg(skip)]
    is_typed: bool,
}

impl DatabaseArgs {
    pub(super) fn note_what_was_typed(&mut self, matches: &ArgMatches) {
        self.is_typed = matches.value_source("database_url") == Some(ValueSource::CommandLine);
    }

    /// The URL, where one is given. An empty one is a setting that somebody forgot to fill in, not none.
    pub(super) fn url(&self) -> Result<Option<DatabaseUrl>, ConnectError> {
        self.database_url.as_deref().map(str::parse).transpose()
    }

    pub(super) fn schema(&self) -> Option<&str> {
        self.database_schema.as_deref()
    }

    pub(super) async fn connect(&self, access: Access) -> Result<(DatabaseUrl, DbConn), ConnectError> {
        self.connect_to(self.database_url.as_deref(), access).await
    }

    /// Past a pooler, where a setting says how, and no other URL was typed.
    pub(super) async fn connect_to_migrate(&self, access: Access) -> Result<(DatabaseUrl, DbConn), ConnectError> {
        let past_pooler = self.migration_database_url.as_deref().filter(|_| !self.is_typed);
        self.connect_to(past_pooler.or(self.database_url.as_deref()), access).await
    }

    async fn connect_to(&self, url: Option<&str>, access: Access) -> Result<(DatabaseUrl, DbConn), ConnectError> {
        let url: DatabaseUrl = url.ok_or(ConnectError::NotNamed)?.parse()?;
        let db = connect(&url, self.schema(), access).await?;
        Ok((url, db))
    }
}
