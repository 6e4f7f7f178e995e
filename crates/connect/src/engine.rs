//! Servers that speak the language of PostgreSQL or MySQL and are another engine, and tables whose rows are elsewhere.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

/// An engine that is neither PostgreSQL, nor MySQL or MariaDB, nor SQLite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Engine {
    /// Its name.
    pub name: &'static str,
    /// Whether it can be used.
    pub support: Support,
}

/// Whether an engine can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// Nobody has tried.
    Untested {
        /// What to know about it.
        note: &'static str,
    },
    /// Migrations would do damage.
    Refused {
        /// The damage.
        reason: &'static str,
    },
}

const fn untested(name: &'static str, note: &'static str) -> Engine {
    Engine { name, support: Support::Untested { note } }
}

const fn refused(name: &'static str, reason: &'static str) -> Engine {
    Engine { name, support: Support::Refused { reason } }
}

/// The extension `citus` of PostgreSQL.
const CITUS: Engine = untested(
    "Citus",
    "each unique key of a distributed table must contain the distribution column: see docs/operations.md for the layout",
);

/// Its storage is its own, and its versions are those of PostgreSQL or MySQL.
const AURORA: Engine = untested("Amazon Aurora", "it behaves as PostgreSQL or MySQL as far as its manual says");

/// By a part of what `version()` returns, as the manuals show it.
const BY_VERSION: [(&str, Engine); 6] = [
    // <https://www.cockroachlabs.com/docs/stable/functions-and-operators>
    ("CockroachDB", refused("CockroachDB", "its advisory locks lock nothing, so migrators would run at the same time")),
    // <https://docs.aws.amazon.com/redshift/latest/dg/r_VERSION.html>
    ("Redshift", refused("Amazon Redshift", "it enforces no unique key, so calls would be recorded twice")),
    // <https://docs.yugabyte.com/stable/api/ysql/>
    ("-YB-", untested("YugabyteDB", "migrations need its advisory locks, which older versions lack")),
    // <https://docs.pingcap.com/tidb/stable/information-functions/>
    ("TiDB", untested("TiDB", "migrations need its user-level locks, which older versions lack")),
    // <https://vitess.io/docs/reference/compatibility/mysql-compatibility/>
    ("Vitess", untested("Vitess", "a sharded keyspace needs its own sequences and schema changes")),
    ("OceanBase", untested("OceanBase", "it behaves as MySQL as far as its manual says")),
];

impl Engine {
    /// What the server is, if it is none of those that are tested.
    ///
    /// # Errors
    /// If the server cannot be asked.
    pub async fn of(db: &impl ConnectionTrait) -> Result<Option<Self>, DbErr> {
        let backend = db.get_database_backend();
        let sql = match backend {
            DbBackend::Postgres => include_str!("engine/postgres.sql"),
            DbBackend::MySql => include_str!("engine/mysql.sql"),
            _ => return Ok(None),
        };
        let Some(row) = db.query_one_raw(Statement::from_string(backend, sql)).await? else { return Ok(None) };
        let version: String = row.try_get_by_index(0)?;
        let (is_citus, is_aurora) = if backend == DbBackend::Postgres {
            (row.try_get_by_index(1)?, row.try_get_by_index(2)?)
        } else {
            let ask = Statement::from_string(backend, "SHOW GLOBAL VARIABLES LIKE 'aurora_version'");
            (false, !db.query_all_raw(ask).await?.is_empty())
        };
        Ok(Self::known_by(&version, is_citus, is_aurora))
    }

    fn known_by(version: &str, is_citus: bool, is_aurora: bool) -> Option<Self> {
        let named = BY_VERSION.iter().find(|(part, _)| version.contains(part)).map(|(_, engine)| *engine);
        named.or(is_citus.then_some(CITUS)).or(is_aurora.then_some(AURORA))
    }

    /// What to know about it.
    pub fn note(&self) -> String {
        match self.support {
            Support::Untested { note } => format!("this server is {}, which is untested: {note}", self.name),
            Support::Refused { reason } => format!("this server is {}, which is not supported: {reason}", self.name),
        }
    }
}

/// The first of `tables` whose rows are on other servers, or whose partitions are, and how they are reached: a schema change
/// would not reach them.
pub(crate) async fn find_table_stored_elsewhere(
    db: &impl ConnectionTrait,
    tables: &[String],
) -> Result<Option<(String, String)>, DbErr> {
    let backend = db.get_database_backend();
    let sql = match backend {
        _ if tables.is_empty() => return Ok(None),
        DbBackend::Postgres => include_str!("engine/foreign_postgres.sql"),
        DbBackend::MySql => include_str!("engine/foreign_mysql.sql"),
        _ => return Ok(None),
    };
    let names: Vec<String> = tables.iter().map(|table| format!("'{}'", table.replace('\'', "''"))).collect();
    let sql = sql.replace("{tables}", &names.join(", "));
    let row = db.query_one_raw(Statement::from_string(backend, sql)).await?;
    row.map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_is_known_by_its_version_or_its_catalogue() {
        let name =
            |version, is_citus, is_aurora| Engine::known_by(version, is_citus, is_aurora).map(|engine| engine.name);
        let postgres = "PostgreSQL 15.18 (Debian 15.18-0+deb12u1) on x86_64-pc-linux-gnu, compiled by gcc";
        assert_eq!(name(postgres, false, false), None);
        assert_eq!(name("10.11.19-MariaDB-0+deb12u1", false, false), None);
        assert_eq!(name("8.0.36", false, false), None);
        assert_eq!(name(postgres, true, false), Some("Citus"));
        assert_eq!(name(postgres, false, true), Some("Amazon Aurora"));
        assert_eq!(name("CockroachDB CCL v23.1.11 (x86_64-pc-linux-gnu)", false, false), Some("CockroachDB"));
        assert_eq!(name("PostgreSQL 11.2-YB-2.18.0.1-b0 on x86_64-pc-linux-gnu", false, false), Some("YugabyteDB"));
        assert_eq!(name("8.0.11-TiDB-v7.5.0", false, false), Some("TiDB"));
        assert_eq!(name("8.0.30-Vitess", false, false), Some("Vitess"));
    }
}
