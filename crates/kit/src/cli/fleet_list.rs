//! The list of databases that one command works on.

use std::{
    fmt,
    io::{self, Read},
    num::NonZeroUsize,
    path::{Path, PathBuf},
};

use clap::Args;
use sea_orm_connect::{Access, ConnectError, DatabaseUrl, connect, ensure_migratable};
use sea_orm_migration::sea_orm::DbConn;

/// Which databases, instead of one.
#[derive(Debug, Args)]
#[command(next_help_heading = "Several databases")]
pub struct FleetArgs {
    /// Run on every database listed in FILE (`-` for stdin): one URL a line, optionally followed by a schema.
    #[arg(long, value_name = "FILE")]
    fleet: Option<PathBuf>,

    /// How many databases to work on at once.
    #[arg(long, value_name = "NUMBER", default_value = "8", requires = "fleet")]
    pub(super) jobs: NonZeroUsize,
}

/// Why a list of databases cannot be used. Its lines may hold passwords and are not shown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[cfg_attr(test, derive(strum::EnumDiscriminants), strum_discriminants(derive(strum::EnumIter)))]
pub enum FleetError {
    /// The file cannot be read.
    #[error("the list of databases `{file}` cannot be read")]
    Unreadable {
        /// Its name.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// A line does not begin with a URL.
    #[error("cannot use line {line} of the list of databases `{file}`")]
    Line {
        /// The name of the file.
        file: String,
        /// Counted from 1.
        line: usize,
        /// What is wrong with the URL.
        source: Box<ConnectError>,
    },
    /// A line has a third word.
    #[error("line {line} of the list of databases `{file}` has more than a URL and a schema")]
    TooLong {
        /// The name of the file.
        file: String,
        /// Counted from 1.
        line: usize,
    },
    /// A schema for a server that has none.
    #[error(
        "line {line} of the list of databases `{file}` names a schema, which only PostgreSQL has: name the \
         database in the URL"
    )]
    NoSchemas {
        /// The name of the file.
        file: String,
        /// Counted from 1.
        line: usize,
    },
    /// There is no line with a URL.
    #[error("the list of databases `{file}` is empty")]
    Empty {
        /// The name of the file.
        file: String,
    },
}

/// One database.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(super) url: DatabaseUrl,
    pub(super) schema: Option<String>,
}

impl FleetArgs {
    /// Whether a list was given.
    pub fn is_given(&self) -> bool {
        self.fleet.is_some()
    }

    /// The databases, where a list was given. One wrong line and none of them is touched.
    pub(crate) fn read(&self, schema: Option<&str>) -> Result<Option<Vec<Member>>, FleetError> {
        self.fleet.as_deref().map(|file| members(file, schema)).transpose()
    }
}

fn members(path: &Path, schema: Option<&str>) -> Result<Vec<Member>, FleetError> {
    let file = path.display().to_string();
    let mut text = String::new();
    let read = match file.as_str() {
        "-" => io::stdin().read_to_string(&mut text).map(drop),
        _ => std::fs::read_to_string(path).map(|read| text = read),
    };
    read.map_err(|source| FleetError::Unreadable { file: file.clone(), source })?;
    let mut members = Vec::new();
    // With which some editors begin a file.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    for (number, line) in text.lines().enumerate() {
        let (file, line, mut words) = (file.clone(), number + 1, line.split_whitespace());
        let Some(url) = words.next().filter(|word| !word.starts_with('#')) else { continue };
        let url: DatabaseUrl = url.parse().map_err(|source| FleetError::Line {
            file: file.clone(),
            line,
            source: Box::new(ConnectError::Url(source)),
        })?;
        let own = words.next();
        if words.next().is_some() {
            return Err(FleetError::TooLong { file, line });
        }
        if own.is_some() && !url.is_postgres() {
            return Err(FleetError::NoSchemas { file, line });
        }
        members.push(Member { url, schema: own.or(schema).map(str::to_owned) });
    }
    if members.is_empty() { Err(FleetError::Empty { file }) } else { Ok(members) }
}

impl Member {
    pub(crate) async fn connect(&self, access: Access) -> Result<DbConn, ConnectError> {
        connect(&self.url, self.schema.as_deref(), access).await
    }

    /// To apply migrations, unless one of `tables` is in another schema.
    pub(crate) async fn connect_to_apply(&self, tables: &[String]) -> Result<DbConn, ConnectError> {
        let db = self.connect(Access::ReadWrite).await?;
        ensure_migratable(&db, &self.url, tables).await?;
        Ok(db)
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.url)?;
        self.schema.iter().try_for_each(|schema| write!(f, " {schema}"))
    }
}
