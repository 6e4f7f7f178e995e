//! What a change does to the rows that a program writes, as far as the schema tells.

/// Which rows no partition takes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PartitionGap {
    /// All of them: there is no partition.
    All,
    /// Those of now; the time, as the server prints it.
    Now(String),
    /// Those of tomorrow.
    Tomorrow(String),
    /// The next generated key.
    NextKey(String),
    /// Those that omit the column, which then holds this default, or NULL.
    Omitted(Option<String>),
    /// Those whose key has a value that no partition lists.
    OtherValues,
}

/// What an insert that omits a column does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnOmit {
    /// It stores NULL, the default or a generated value.
    Stored,
    /// It fails.
    Rejected,
    /// It fails, because the column is part of the partition key, which the key of the table must contain.
    RejectedAsPartitionKey,
}

/// What becomes of a row that gets the database's default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefaultEffect {
    /// It is stored.
    Stored,
    /// The column does not accept its own default.
    Rejected,
    /// It is stored, and the entity's field cannot hold it.
    Unreadable,
    /// The first row is stored; a unique index rejects the second.
    Repeated,
    /// There is none, not even NULL, and inserts that omit the column fail (MariaDB).
    Missing,
    /// There is none, and a server that is not strict stores an empty value (MySQL, MariaDB).
    EmptyValueStored,
}

/// What an undeclared constraint rejects that the entity allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejects {
    /// Rows that repeat a value.
    Duplicates,
    /// A second row that omits the columns.
    SecondOmission,
    /// Some values, or references to missing rows.
    Values,
    /// Upserts by a declared key, whose ON CONFLICT cannot use it (PostgreSQL).
    Upserts,
    /// Every row that leaves its columns to the database.
    EveryOmission,
    /// Nothing: it is not unique, or a declared key over some of its columns is.
    Nothing,
}
