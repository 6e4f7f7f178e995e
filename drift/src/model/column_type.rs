//! Column types: the words of their side, and what the words mean.

/// A type as its side spells it, with its meaning. Two types are equal when they mean the same.
#[derive(Clone, Debug)]
pub struct ColumnType {
    /// Declared: as sea-query would create it. Live: as the catalogue prints it.
    pub text: String,
    /// What it means.
    pub kind: Kind,
}

/// What a type means, whatever it is called. Lengths are in characters or bits, sizes in bytes, precisions of
/// points in time in digits of a second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `boolean`; `tinyint(1)` on MySQL and MariaDB.
    Boolean,
    /// A whole number.
    Integer {
        /// Bits: 8, 16, 24, 32 or 64.
        bits: u8,
        /// Whether it takes negative numbers.
        sign: Sign,
    },
    /// A binary floating-point number of 32 or 64 bits.
    Float {
        /// Bits: 32 or 64.
        bits: u8,
        /// Precision and scale that MySQL rounds to.
        digits: Option<(u32, u32)>,
    },
    /// A decimal number; without digits, of any size.
    Decimal(Option<(u32, u32)>),
    /// PostgreSQL `money`.
    Money,
    /// Text of exactly this length, padded with blanks.
    Char(u32),
    /// Text of at most this length.
    Varchar(Option<u32>),
    /// Text of at most this many bytes.
    Text(Option<u32>),
    /// Exactly this many bytes.
    Binary(u32),
    /// At most this many bytes.
    Varbinary(Option<u32>),
    /// At most this many bytes, stored apart from the row.
    Blob(Option<u32>),
    /// Exactly this many bits.
    Bit(u32),
    /// At most this many bits.
    BitVarying(Option<u32>),
    /// A day.
    Date,
    /// A time of day.
    Time {
        /// Digits of a second.
        precision: u8,
        /// Whether it knows its zone.
        zone: Zone,
    },
    /// A point in time. MySQL `datetime` has no zone, MySQL `timestamp` has.
    Timestamp {
        /// Digits of a second.
        precision: u8,
        /// Whether it knows its zone.
        zone: Zone,
    },
    /// MySQL `year`.
    Year,
    /// A span of time.
    Interval,
    /// JSON kept as text.
    Json,
    /// PostgreSQL `jsonb`.
    JsonBinary,
    /// A UUID.
    Uuid,
    /// One of these labels: MySQL's inline enum.
    Enum(Vec<String>),
    /// PostgreSQL array of an element type.
    Array(Box<Self>),
    /// Any other type, by its name: extensions, PostgreSQL enums, SQLite's free words.
    Named(String),
}

/// Whether a whole number takes negative values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// It does.
    Signed,
    /// It does not.
    Unsigned,
}

/// Whether a point in time knows its zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// It does.
    With,
    /// It does not.
    Without,
}

impl PartialEq for ColumnType {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

impl std::fmt::Display for ColumnType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}
