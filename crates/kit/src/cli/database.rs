//! Which database, on the command line or in the environment; the same for both programs.

use clap::{ArgMatches, Args, parser::ValueSource};
use sea_orm_connect::{Access, ConnectError, DatabaseUrl, UrlError, connect, ensure_migratable};
use sea_orm_migration::sea_orm::DbConn;

/// Which database.
#[derive(Debug, Args)]
#[command(next_help_heading = "Database")]
pub struct DatabaseArgs {
    /// URL: `postgres://`, `mysql://` or `sqlite://FILE`. Also read from `.env`. `up` creates a SQLite file that is not there if
    /// the URL ends in `?mode=rwc`.
    #[arg(short = 'u', long, global = true, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,

    /// URL for migrations, used instead of `DATABASE_URL`: the server itself where that one is a pooler.
    #[arg(long, global = true, env = "MIGRATION_DATABASE_URL", hide_env_values = true)]
    migration_database_url: Option<String>,

    /// PostgreSQL schema; by default the first one of the role's `search_path`.
    #[arg(short = 's', long, global = true, env = "DATABASE_SCHEMA")]
    database_schema: Option<String>,

    /// Which of the two was typed, and is not a setting.
    #[arg(skip)]
    typed: Typed,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Typed {
    #[default]
    Neither,
    DatabaseUrl,
    /// Perhaps both.
    MigrationDatabaseUrl,
}

impl DatabaseArgs {
    /// Tells a URL that was typed from one that was set: what is typed counts before what is set.
    pub fn note_what_was_typed(&mut self, matches: &ArgMatches) {
        let is_typed = |name| matches.value_source(name) == Some(ValueSource::CommandLine);
        self.typed = match (is_typed("database_url"), is_typed("migration_database_url")) {
            (_, true) => Typed::MigrationDatabaseUrl,
            (true, false) => Typed::DatabaseUrl,
            (false, false) => Typed::Neither,
        };
    }

    /// Whether `database_url` was typed.
    pub fn is_database_url_typed(&self) -> bool {
        self.typed == Typed::DatabaseUrl
    }

    /// For what `sea-orm-cli` starts, which says what was typed by setting `DATABASE_URL`: refuses to guess which of two
    /// databases is meant, and where rows get lost, which of two ways to one.
    ///
    /// # Errors
    /// [`ConnectError::TwoDatabases`], or where a URL is none.
    pub fn refuse_to_guess(&self, loses_rows: bool) -> Result<(), ConnectError> {
        let (Typed::Neither, Some(set), Some(url)) = (self.typed, self.set_to_migrate(), self.url()?) else {
            return Ok(());
        };
        let to_migrate: DatabaseUrl = set.parse()?;
        if url == to_migrate || (!loses_rows && url.has_name_of(&to_migrate)) {
            return Ok(());
        }
        Err(ConnectError::TwoDatabases { url, to_migrate })
    }

    /// The URL, where one is given. An empty one is a setting that somebody forgot to fill in, not none.
    pub fn url(&self) -> Result<Option<DatabaseUrl>, ConnectError> {
        Ok(self.database_url.as_deref().map(str::parse).transpose()?)
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

    /// Connects to apply migrations, unless one of `tables` is in another schema than the one they would work in.
    ///
    /// # Errors
    /// See [`ConnectError`].
    pub async fn connect_to_apply(&self, tables: &[String]) -> Result<(DatabaseUrl, DbConn), ConnectError> {
        let (url, db) = self.connect_to_migrate(Access::ReadWrite).await?;
        ensure_migratable(&db, &url, tables).await?;
        Ok((url, db))
    }

    /// The URL with which [`connect_to_migrate`](Self::connect_to_migrate) connects.
    ///
    /// # Errors
    /// If there is no URL, or it is not a URL.
    pub fn url_to_migrate(&self) -> Result<DatabaseUrl, ConnectError> {
        Ok(self.past_pooler().ok_or(UrlError::NotNamed)?.parse()?)
    }

    /// Connects as the program does, where migrations ran by another URL.
    ///
    /// # Errors
    /// See [`ConnectError`].
    pub async fn connect_as_program(
        &self,
        migrated: &DatabaseUrl,
    ) -> Result<Option<(DatabaseUrl, DbConn)>, ConnectError> {
        match self.url()? {
            Some(url) if url != *migrated && url.has_name_of(migrated) => {
                self.connect(Access::ReadOnly).await.map(Some)
            }
            _ => Ok(None),
        }
    }

    fn past_pooler(&self) -> Option<&str> {
        let set = self.set_to_migrate().filter(|_| self.typed != Typed::DatabaseUrl);
        set.or(self.database_url.as_deref())
    }

    /// An empty one is none: nobody needs it.
    fn set_to_migrate(&self) -> Option<&str> {
        self.migration_database_url.as_deref().filter(|url| !url.trim().is_empty())
    }

    async fn connect_to(&self, url: Option<&str>, access: Access) -> Result<(DatabaseUrl, DbConn), ConnectError> {
        let url: DatabaseUrl = url.ok_or(UrlError::NotNamed)?.parse()?;
        let db = connect(&url, self.schema(), access).await?;
        Ok((url, db))
    }
}
