//! The server's product and version, on which all rules depend.

use std::fmt;

use sea_orm_migration::sea_orm::{DbBackend, DbErr, Statement};
use serde::{Serialize, Serializer};

use sea_orm_connect::galera;

use crate::{catalog::Catalog, lock_mode::LockMode};

/// The note about a Galera cluster. <https://mariadb.com/kb/en/schema-upgrades/>
const GALERA_NOTE: &str = "this is a Galera cluster: a schema change runs on all nodes at once, and all writes wait for it. To build \
    an index on a large table without that, do it node by node: take a node out of the load balancer, run `SET SESSION \
    wsrep_OSU_method = 'RSU'` and the statement on it, and do the next. `up` then finds the index";

/// A server, as it describes itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Server {
    /// The product.
    pub product: Product,
    /// Its version.
    pub version: Version,
    /// Whether it is a replica (PostgreSQL). Migrations must run on its primary.
    pub is_replica: bool,
    /// Whether it is a node of a Galera cluster, where a schema change stops the writes of all nodes.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_galera: bool,
}

/// A database product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Product {
    /// PostgreSQL.
    PostgreSQL,
    /// MariaDB.
    MariaDB,
    /// MySQL.
    MySQL,
    /// SQLite.
    SQLite,
}

/// A version: major, minor, patch. Missing numbers are 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u32, pub u32, pub u32);

impl Server {
    pub(crate) fn detect(catalog: &Catalog) -> Result<Self, DbErr> {
        let text = |sql| catalog.query_text(Statement::from_string(catalog.backend(), sql));
        Ok(match catalog.backend() {
            DbBackend::Postgres => Self {
                product: Product::PostgreSQL,
                version: Version::parse(&text("SELECT current_setting('server_version')")?),
                is_replica: text("SELECT pg_is_in_recovery()::text")? == "true",
                is_galera: false,
            },
            DbBackend::MySql => {
                let is_galera = galera::is_node_answer(&catalog.query(galera::node_query())?)?;
                Self { is_galera, ..Self::from_mysql_version(&text("SELECT VERSION()")?) }
            }
            _ => Self {
                product: Product::SQLite,
                version: Version::parse(&text("SELECT sqlite_version()")?),
                is_replica: false,
                is_galera: false,
            },
        })
    }

    /// What the plan has to say about this server.
    pub(crate) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.is_replica {
            notes.push("this server is a replica: run the migrations on its primary".to_owned());
        }
        if self.is_galera {
            notes.push(GALERA_NOTE.to_owned());
        }
        let major = self.version.0;
        match self.product {
            Product::PostgreSQL if !(13..=18).contains(&major) => {
                notes.push("this version is untested: the plan uses the rules of PostgreSQL 13 to 18".to_owned());
            }
            Product::MySQL => {
                notes.push("MySQL is untested: the plan uses the rules in the manual of MySQL 8".to_owned());
            }
            Product::PostgreSQL | Product::MariaDB | Product::SQLite => {}
        }
        notes
    }

    /// The lock that a schema change takes here: on Galera it blocks the whole cluster.
    pub(crate) fn effective_lock_mode(&self, mode: LockMode) -> LockMode {
        match mode {
            LockMode::OnlineDdl | LockMode::SharedDdl if self.is_galera => LockMode::TotalOrder,
            other => other,
        }
    }

    /// Reads what `VERSION()` answers. MariaDB's answer has its name in it, and some proxies add the prefix `5.5.5-`.
    fn from_mysql_version(version: &str) -> Self {
        let is_mariadb = version.contains("MariaDB");
        let version = version.strip_prefix("5.5.5-").filter(|_| is_mariadb).unwrap_or(version);
        let product = if is_mariadb { Product::MariaDB } else { Product::MySQL };
        Self { product, version: Version::parse(version), is_replica: false, is_galera: false }
    }
}

impl Version {
    /// Reads texts such as `15.18 (Debian ...)`, `10.11.19-MariaDB` and `8.0.36`.
    fn parse(text: &str) -> Self {
        let numbers = text.split(|character: char| !character.is_ascii_digit() && character != '.').next();
        let mut numbers = numbers.unwrap_or_default().split('.').map(|number| number.parse().unwrap_or(0));
        let mut next = || numbers.next().unwrap_or(0);
        Self(next(), next(), next())
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(major, minor, patch) = self;
        write!(f, "{major}.{minor}")?;
        if *patch == 0 { Ok(()) } else { write!(f, ".{patch}") }
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { product, version, is_replica, is_galera } = self;
        write!(f, "{product:?} {version}")?;
        if *is_galera {
            f.write_str(" (node of a Galera cluster)")?;
        }
        if *is_replica { f.write_str(" (replica)") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_parsed_as_servers_write_them() {
        assert_eq!(Version::parse("15.18 (Debian 15.18-0+deb12u1)"), Version(15, 18, 0));
        assert_eq!(Version::parse("18beta1"), Version(18, 0, 0));
        assert_eq!(Version::parse("3.46.0"), Version(3, 46, 0));
        assert_eq!(Server::from_mysql_version("8.0.36-0ubuntu0.22.04.1").to_string(), "MySQL 8.0.36");
        assert_eq!(Server::from_mysql_version("10.11.19-MariaDB-0+deb12u1").to_string(), "MariaDB 10.11.19");
        assert_eq!(Server::from_mysql_version("5.5.5-10.6.4-MariaDB").to_string(), "MariaDB 10.6.4");
    }
}
