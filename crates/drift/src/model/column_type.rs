//! Column types: their text on each side, and their meaning.

use serde::{Deserialize, Serialize};

/// A type as its side spells it, with its meaning. Two types are equal if they mean the same.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ColumnType {
    /// Declared: as sea-query would create it. Live: as the catalogue prints it.
    pub text: String,
    /// Live: whether it refuses values of other types: of a STRICT table (SQLite).
    #[serde(skip)]
    pub is_strict: bool,
    /// What it means.
    pub kind: LogicalType,
    /// Declared: what the entity's field holds, which may be stored as another type: a UUID as `binary(16)`.
    /// Live: the same as `kind`, but JSON for a text that holds nothing else (MariaDB).
    pub field: LogicalType,
    /// Declared: how much of it the entity says.
    #[serde(default, skip_serializing_if = "Stated::is_full")]
    pub stated: Stated,
}

/// How much of a column's type the entity says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Stated {
    /// All.
    #[default]
    Fully,
    /// A text, and no length.
    WithoutLength,
    /// The type of its field in Rust alone, which its `column_type` contradicts.
    ByField,
}

/// The meaning of a type, whatever its name. Lengths are in characters or bits, sizes in bytes, precisions of
/// points in time in digits of a second.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum LogicalType {
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
    /// One of these labels.
    Enum {
        /// PostgreSQL's type; none for MySQL's inline enum.
        name: Option<Box<str>>,
        /// In the order of their side, which does not count.
        labels: Box<[String]>,
    },
    /// PostgreSQL array of an element type.
    Array(Box<Self>),
    /// Any other type, by its name: extensions, PostgreSQL enums, SQLite's free words.
    Named(String),
    /// Declared: a type of Rust that the driver does not read from the column that is created for it, such as `u64` on PostgreSQL.
    Rust(String),
    /// A declared type that the database does not have.
    Unsupported,
}

/// Whether a whole number takes negative values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    /// It does.
    Signed,
    /// It does not.
    Unsigned,
}

/// Whether a point in time knows its zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Zone {
    /// It does.
    With,
    /// It does not.
    Without,
}

impl Stated {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_full(&self) -> bool {
        *self == Self::Fully
    }
}

/// Labels are a difference of their own.
impl PartialEq for ColumnType {
    fn eq(&self, other: &Self) -> bool {
        self.kind.is_the_same_type(&other.kind)
    }
}

impl ColumnType {
    /// The same type of a native enum, or of an array of it, which goes by its name, with its labels.
    pub(crate) fn with_labels(self, labels: &[String]) -> Self {
        let kind = self.kind.with_labels(labels);
        Self { field: kind.clone(), kind, ..self }
    }
}

impl ColumnType {
    /// The name of a native enum or of the elements of an array of it, with its case: only the text has it.
    pub(crate) fn enum_name(&self) -> Option<&str> {
        let element = if let LogicalType::Array(element) = &self.kind { element } else { &self.kind };
        let is_named = matches!(element, LogicalType::Enum { name: Some(_), .. });
        is_named.then(|| self.text.trim_end_matches("[]").trim_matches('"'))
    }
}

impl LogicalType {
    /// The labels of an enum, or of an array of one.
    pub(crate) fn labels(&self) -> Option<&[String]> {
        if let Self::Array(element) = self {
            element.labels()
        } else if let Self::Enum { labels, .. } = self {
            Some(labels)
        } else {
            None
        }
    }

    fn with_labels(self, labels: &[String]) -> Self {
        if let Self::Array(element) = self {
            Self::Array(Box::new(element.with_labels(labels)))
        } else if let Self::Named(name) = self {
            Self::Enum { name: Some(name.into()), labels: labels.into() }
        } else {
            self
        }
    }

    /// Whether both are the same, whatever labels they have.
    fn is_the_same_type(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Array(one), Self::Array(other)) => one.is_the_same_type(other),
            (Self::Enum { name: one, .. }, Self::Enum { name: other, .. }) => one == other,
            (one, other) => one == other,
        }
    }
}

impl std::fmt::Display for ColumnType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // SQLite has columns without a type.
        f.write_str(if self.text.is_empty() { "no type" } else { &self.text })
    }
}
