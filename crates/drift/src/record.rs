//! The record of what a release declares: a JSON file, from which a later release learns what its migrations would break.

use std::{collections::BTreeSet, fs, io, path::Path, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    entities::{Declare, Entities},
    file_error::{FileError, InputFileError},
    model::{Dialect, Table},
};

const VERSION: u32 = 1;

/// What the entities of a release declare, and the migrations that it knows.
///
/// ```
/// use sea_orm::sea_query::{ColumnDef, Table};
/// use sea_orm_drift::{Entities, Record, model::Dialect};
///
/// let shelf = Table::create().table("shelf").col(ColumnDef::new("id").integer().primary_key()).take();
/// let released = Record::of(&Entities::new().add_table(shelf, []), ["m0001_shelves".to_owned()]);
/// let mut json = Vec::new();
/// released.write(&mut json)?;
///
/// let read = Record::parse(std::str::from_utf8(&json)?, "entities.json")?;
/// assert_eq!(Entities::from_record(&read).declared(Dialect::Sqlite).tables[0].primary_key, ["id"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Record {
    version: u32,
    /// The name of the release, for messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// The migrations of the release, oldest first; empty if they are not known.
    #[serde(default)]
    pub migrations: Vec<String>,
    pub(crate) entities: Declared,
}

/// What the entities declare to each kind of database: the same tables in the same order, by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Declared {
    postgres: Vec<Table>,
    mysql: Vec<Table>,
    mariadb: Vec<Table>,
    sqlite: Vec<Table>,
}

impl Declared {
    pub(crate) fn tables(&self, dialect: Dialect) -> &[Table] {
        match dialect {
            Dialect::Postgres => &self.postgres,
            Dialect::MySql => &self.mysql,
            Dialect::MariaDb => &self.mariadb,
            Dialect::Sqlite => &self.sqlite,
        }
    }
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

impl Record {
    /// Records what the entities declare, and the names of the migrations that belong to them.
    pub fn of(entities: &Entities, migrations: impl IntoIterator<Item = String>) -> Self {
        let declared = |dialect| sorted(entities.declared(dialect).tables);
        let entities = Declared {
            postgres: declared(Dialect::Postgres),
            mysql: declared(Dialect::MySql),
            mariadb: declared(Dialect::MariaDb),
            sqlite: declared(Dialect::Sqlite),
        };
        Self { version: VERSION, release: None, migrations: migrations.into_iter().collect(), entities }
    }

    /// Reads a record from a file.
    ///
    /// # Errors
    /// If it cannot be read, or is not a record of this version.
    pub fn read(file: &Path) -> Result<Self, FileError> {
        let text = fs::read_to_string(file).map_err(|error| InputFileError::Unreadable(error).in_file(file))?;
        Self::parse(&text, &file.display().to_string())
    }

    /// Parses JSON; `file` is its name in messages.
    ///
    /// # Errors
    /// If it is not a record of this version, or declares nothing.
    pub fn parse(text: &str, file: &str) -> Result<Self, FileError> {
        // Another version may have other fields.
        let Version { version } = serde_json::from_str(text).map_err(|error| form(&error, file))?;
        if version != VERSION {
            return Err(InputFileError::UnsupportedRecordVersion(version).at(file, None));
        }
        let record: Self = serde_json::from_str(text).map_err(|error| form(&error, file))?;
        let names = |dialect| record.entities.tables(dialect).iter().map(|table| &table.name).collect::<Vec<_>>();
        let of_sqlite = names(Dialect::Sqlite);
        if of_sqlite.is_empty() {
            return Err(InputFileError::EmptyRecord.at(file, None));
        }
        if [Dialect::Postgres, Dialect::MySql, Dialect::MariaDb].into_iter().any(|dialect| names(dialect) != of_sqlite)
        {
            return Err(InputFileError::RecordDiffersByDatabase.at(file, None));
        }
        Ok(record)
    }

    /// Writes JSON. The same entities give the same text, in whatever order they were added.
    ///
    /// # Errors
    /// Those of `sink`.
    pub fn write(&self, sink: &mut dyn io::Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *sink, self)?;
        writeln!(sink)
    }

    /// Itself, if it shares a table with these entities, or a migration with these; `file` is where it was read.
    ///
    /// # Errors
    /// If it shares neither: it seems to belong to another project.
    pub fn of_project(self, entities: &Entities, migrations: &[String], file: &Path) -> Result<Self, FileError> {
        let of_record: BTreeSet<_> = self.entities.sqlite.iter().map(|table| &table.name).collect();
        let is_shared = |table: &Table| of_record.contains(&table.name);
        let shares_a_migration = self.migrations.iter().any(|name| migrations.contains(name));
        if shares_a_migration || entities.declared(Dialect::Sqlite).tables.iter().any(is_shared) {
            Ok(self)
        } else {
            Err(InputFileError::OtherProject.in_file(file))
        }
    }
}

impl Entities {
    /// The entities of a release, from its [`Record`].
    pub fn from_record(record: &Record) -> Self {
        let record = Arc::new(record.clone());
        let names = record.entities.tables(Dialect::Sqlite).iter().map(|table| table.name.clone());
        Self::of_tables(names.enumerate().map(|(number, name)| {
            let record = Arc::clone(&record);
            let declare: Declare = Arc::new(move |dialect| record.entities.tables(dialect)[number].clone());
            (name, declare)
        }))
    }
}

/// By name, and what has no order of its own within a table by its columns.
fn sorted(mut tables: Vec<Table>) -> Vec<Table> {
    tables.sort_by(|one, other| one.name.cmp(&other.name));
    for table in &mut tables {
        table.indexes.sort_by(|one, other| (&one.columns, &one.name).cmp(&(&other.columns, &other.name)));
        table.foreign_keys.sort_by(|one, other| (&one.columns, &one.target).cmp(&(&other.columns, &other.target)));
        table.checks.sort_by(|one, other| (&one.columns, &one.text).cmp(&(&other.columns, &other.text)));
    }
    tables
}

fn form(error: &serde_json::Error, file: &str) -> FileError {
    let place = format!(" at line {} column {}", error.line(), error.column());
    let message = error.to_string().replace(&place, "");
    let message = format!("this is not a record of entities: {message}; write it again with the command `entities`");
    InputFileError::Syntax(message).at(file, (error.line() > 0).then(|| error.line()))
}

#[cfg(test)]
mod tests;
