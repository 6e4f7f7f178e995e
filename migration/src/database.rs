//! Which database, on the command line or in the environment; the same for both programs.

use clap::{ArgMatches, Args, parser::ValueSource};
use sea_orm_migration::sea_orm::DbConn;

use crate::connection::{Access, ConnectError, DatabaseUrl, connect};

/// Which database.
#[derive(Debug, Args)]
pub struct DatabaseArgs {
    /// Database URL: postgres://, mysql:// or sqlite://. Also read from `.env`.
    #[arg(short = 'u', long, global = true, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,

    /// The same for migrating only, before `DATABASE_URL`: the way to the server past a pooler.
    #[arg(long, global = true, env = "MIGRATION_DATABASE_URL", hide_env_values = true)]
    migration_database_url: Option<String>,

    /// PostgreSQL schema to work in; without it the role's own search path counts.
    #[arg(short = 's', long, global = true, env = "DATABASE_SCHEMA")]
    database_schema: Option<String>,

    /// Whether `database_url` was typed, and `migration_database_url` is a setting.
    #[arg(skip)]
    is_typed_before_set: bool,
}

impl DatabaseArgs {
    /// Tells a URL that was typed from one that was set: what is typed counts before what is set.
    pub fn note_what_was_typed(&mut self, matches: &ArgMatches) {
        let is_typed = |name| matches.value_source(name) == Some(ValueSource::CommandLine);
        self.is_typed_before_set = is_typed("database_url") && !is_typed("migration_database_url");
    }

    /// The URL, where one is given. An empty one is a setting that somebody forgot to fill in, not none.
    pub fn url(&self) -> Result<Option<DatabaseUrl>, ConnectError> {
        self.database_url.as_deref().map(str::parse).transpose()
    }

    /// The schema, where one is given.
    pub fn schema(&self) -> Option<&str> {
        self.database_schema.as_deref()
    }

    /// Connects.
    ///
    /// # Errors
    /// See [`ConnectError`].
    pub async fn connect(&self, access: Access) -> Result<(DatabaseUrl, DbConn), ConnectError> {
        self.connect_to(self.database_url.as_deref(), access).await
    }

    /// Connects past a pooler, where a setting says how, and no other URL was typed.
    ///
    /// # Errors
    /// See [`ConnectError`].
    pub async fn connect_to_migrate(&self, access: Access) -> Result<(DatabaseUrl, DbConn), ConnectError> {
        self.connect_to(self.past_pooler(), access).await
    }

    /// The URL with which [`connect_to_migrate`](Self::connect_to_migrate) connects.
    ///
    /// # Errors
    /// Where there is none, or it is none.
    pub fn url_to_migrate(&self) -> Result<DatabaseUrl, ConnectError> {
        self.past_pooler().ok_or(ConnectError::NotNamed)?.parse()
    }

    fn past_pooler(&self) -> Option<&str> {
        let set = self.migration_database_url.as_deref().filter(|_| !self.is_typed_before_set);
        set.or(self.database_url.as_deref())
    }

    async fn connect_to(&self, url: Option<&str>, access: Access) -> Result<(DatabaseUrl, DbConn), ConnectError> {
        let url: DatabaseUrl = url.ok_or(ConnectError::NotNamed)?.parse()?;
        let db = connect(&url, self.schema(), access).await?;
        Ok((url, db))
    }
}
