//! Lock modes, and which sessions wait for each.

use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeStruct};

/// A lock mode, named as its server names it. Among the modes of one server, the stronger one is the greater one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum LockMode {
    /// PostgreSQL: `SELECT`.
    AccessShare,
    /// PostgreSQL: `SELECT ... FOR UPDATE`.
    RowShare,
    /// PostgreSQL: `INSERT`, `UPDATE` and `DELETE`.
    RowExclusive,
    /// PostgreSQL: maintenance that runs beside reads and writes.
    ShareUpdateExclusive,
    /// PostgreSQL: writes wait.
    Share,
    /// PostgreSQL: writes wait; held by one session at a time.
    ShareRowExclusive,
    /// PostgreSQL: only plain reads continue.
    Exclusive,
    /// PostgreSQL: reads and writes wait.
    AccessExclusive,
    /// MySQL, MariaDB: the rows that a statement changes.
    Rows,
    /// MySQL, MariaDB: a metadata lock, exclusive at the start and the end only (`LOCK=NONE`).
    OnlineDdl,
    /// MySQL, MariaDB: a metadata lock that also stops writes (`LOCK=SHARED`).
    SharedDdl,
    /// Galera: the statement runs on all nodes, in the order of all writes.
    TotalOrder,
    /// SQLite: the database file.
    File,
}

impl LockMode {
    /// The server's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::AccessShare => "ACCESS SHARE",
            Self::RowShare => "ROW SHARE",
            Self::RowExclusive => "ROW EXCLUSIVE",
            Self::ShareUpdateExclusive => "SHARE UPDATE EXCLUSIVE",
            Self::Share => "SHARE",
            Self::ShareRowExclusive => "SHARE ROW EXCLUSIVE",
            Self::Exclusive => "EXCLUSIVE",
            Self::AccessExclusive => "ACCESS EXCLUSIVE",
            Self::Rows => "row locks",
            Self::OnlineDdl => "metadata lock, LOCK=NONE",
            Self::SharedDdl => "metadata lock, LOCK=SHARED",
            Self::TotalOrder => "total order isolation",
            Self::File => "write lock",
        }
    }

    /// Which sessions wait, and which continue.
    ///
    /// <https://www.postgresql.org/docs/current/explicit-locking.html>,
    /// <https://mariadb.com/kb/en/innodb-online-ddl-overview/>, <https://mariadb.com/kb/en/schema-upgrades/>,
    /// <https://www.sqlite.org/lockingv3.html>
    pub fn effect(self) -> &'static str {
        match self {
            Self::AccessShare | Self::RowShare => "reads and writes continue; schema changes wait",
            Self::RowExclusive => {
                "reads and writes continue, except writes to the same rows; index builds and schema changes wait"
            }
            Self::ShareUpdateExclusive => "reads and writes continue; VACUUM and schema changes wait",
            Self::Share | Self::ShareRowExclusive | Self::Exclusive => "writes wait; reads continue",
            Self::AccessExclusive => "reads and writes wait",
            Self::Rows => "reads and writes continue, except writes to the same rows; schema changes wait",
            Self::OnlineDdl => {
                "reads and writes wait briefly at the start and the end, and while an older transaction that used the \
                 table is open"
            }
            Self::SharedDdl => {
                "writes wait until it ends; reads wait briefly at the end, and while an older transaction that used \
                 the table is open"
            }
            Self::TotalOrder => {
                "writes to any table wait on all nodes until it ends; reads continue; transactions that are open and used the \
                 table end at once with error 1213"
            }
            Self::File => "writes to any table wait; reads wait during the commit, or not at all in WAL mode",
        }
    }
}

impl fmt::Display for LockMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for LockMode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("LockMode", 2)?;
        fields.serialize_field("mode", self.name())?;
        fields.serialize_field("effect", self.effect())?;
        fields.end()
    }
}
