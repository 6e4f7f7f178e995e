//! The kinds of locks, and who waits for them.

use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeStruct};

/// A kind of lock, in the words of its server. The stronger of two kinds of the same server is the greater one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Mode {
    /// PostgreSQL: somebody reads.
    AccessShare,
    /// PostgreSQL: somebody locks rows.
    RowShare,
    /// PostgreSQL: somebody changes rows.
    RowExclusive,
    /// PostgreSQL: a table is looked after while it is in use.
    ShareUpdateExclusive,
    /// PostgreSQL: a table is read as it is now.
    Share,
    /// PostgreSQL: the same, by one session only.
    ShareRowExclusive,
    /// PostgreSQL: nobody else changes anything.
    Exclusive,
    /// PostgreSQL: nobody else does anything.
    AccessExclusive,
    /// MySQL, MariaDB: the rows that are changed.
    Rows,
    /// MySQL, MariaDB: the description of a table, at the beginning and at the end only.
    Briefly,
    /// MySQL, MariaDB: the same, and no row changes in between.
    Writers,
    /// SQLite: the file.
    File,
}

impl Mode {
    /// What the server calls it.
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
            Self::Briefly => "metadata lock, LOCK=NONE",
            Self::Writers => "metadata lock, LOCK=SHARED",
            Self::File => "write lock",
        }
    }

    /// Who has to wait.
    ///
    /// <https://www.postgresql.org/docs/current/explicit-locking.html>,
    /// <https://mariadb.com/kb/en/innodb-online-ddl-overview/>, <https://www.sqlite.org/lockingv3.html>
    pub fn held_up(self) -> &'static str {
        match self {
            Self::AccessShare | Self::RowShare => "nobody waits but whoever would change the table's description",
            Self::RowExclusive => {
                "nobody waits but whoever changes the same rows, indexes the table, or changes its description"
            }
            Self::ShareUpdateExclusive => {
                "whoever reads or writes goes on; whoever would vacuum the table or change its description waits"
            }
            Self::Share | Self::ShareRowExclusive | Self::Exclusive => {
                "whoever writes waits; whoever only reads goes on"
            }
            Self::AccessExclusive => "whoever reads or writes waits",
            Self::Rows => "nobody waits but whoever changes the same rows, or the table's description",
            Self::Briefly => {
                "whoever reads or writes waits for a moment at the beginning and at the end, and as long as an older \
                 transaction that has used the table is open"
            }
            Self::Writers => {
                "whoever writes waits until it ends; whoever only reads waits at the end, and as long as an older \
                 transaction that has used the table is open"
            }
            Self::File => {
                "whoever writes waits, whichever table; whoever only reads waits while it is committed, or not at all \
                 in WAL mode"
            }
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Mode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Mode", 2)?;
        fields.serialize_field("mode", self.name())?;
        fields.serialize_field("held_up", self.held_up())?;
        fields.end()
    }
}
