//! Tables as a migration freezes them: with sea-query's types, which mean the same on every database.

use sea_orm_drift::{
    ColumnTypes, DefaultExpr,
    model::{
        Check, Column, CounterKind, Dialect, ForeignKey, Generation, Index, IndexRestriction, LogicalType, Nullability,
        Table, TableName, Uniqueness,
    },
};
use sea_orm_migration::sea_orm::sea_query::{Alias, ColumnType, IntoIden, RcOrArc};

use super::{length::within_limit, native_enum::live_enum};

/// A table to create, restore or rebuild.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TableSpec {
    pub(super) name: TableName,
    pub(super) columns: Vec<ColumnSpec>,
    pub(super) primary_key: Vec<String>,
    /// In the `CREATE TABLE` itself.
    pub(super) uniques: Vec<Unique>,
    pub(super) foreign_keys: Vec<ForeignKey>,
    pub(super) checks: Vec<Check>,
    /// Apart from it.
    pub(super) indexes: Vec<Index>,
}

/// A column, as `ColumnDef` takes it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ColumnSpec {
    pub(super) name: String,
    pub(super) ty: ColumnType,
    pub(super) nullability: Nullability,
    pub(super) default: Option<DefaultExpr>,
    pub(super) is_generated: bool,
    /// The rowid counts it, without `AUTOINCREMENT` (SQLite).
    pub(super) is_rowid: bool,
    /// It is computed by an expression that is not known here.
    pub(super) is_computed: bool,
    /// Further SQL, as it is.
    pub(super) extra: Option<String>,
    /// What `MODIFY` drops unless it repeats it (MySQL and MariaDB).
    pub(super) kept: Option<String>,
}

/// A `UNIQUE` in the `CREATE TABLE`; a database names it by its own rules.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Unique {
    pub(super) columns: Vec<String>,
    /// Its name on the database where it was found.
    pub(super) name: Option<String>,
}

/// Why a table cannot be written.
#[derive(Debug)]
pub(super) struct Unwritable(pub(super) String);

impl TableSpec {
    /// As the entity declares it.
    pub(super) fn declared(table: &Table, types: &ColumnTypes, dialect: Dialect) -> Result<Self, Unwritable> {
        let columns = table.columns.iter().map(|column| ColumnSpec::declared(column, types, table, dialect));
        let (inline, indexes) = table.indexes.iter().cloned().partition(is_of_column);
        let inline: Vec<Index> = inline;
        let mut spec = Self {
            name: table.name.clone(),
            columns: columns.collect::<Result<_, _>>()?,
            primary_key: table.primary_key.clone(),
            uniques: inline.into_iter().map(|index| Unique { columns: index.columns, name: None }).collect(),
            foreign_keys: Vec::new(),
            checks: table.checks.clone(),
            indexes: Vec::new(),
        };
        for key in &table.foreign_keys {
            let name = spec.free_key_name(key);
            spec.foreign_keys.push(ForeignKey { name, ..key.clone() });
        }
        for index in indexes {
            let name = spec.free_index_name(&index);
            spec.indexes.push(Index { name, ..index });
        }
        Ok(spec)
    }

    /// As the database has it; the types of `types` where the entity declares the same.
    pub(super) fn live(
        table: &Table,
        same: &[(String, ColumnType)],
        unique_constraints: &[String],
        dialect: Dialect,
    ) -> Result<Self, Unwritable> {
        let columns = table.columns.iter().map(|column| ColumnSpec::live(column, same, table, dialect));
        let is_inline = |index: &Index| match dialect {
            Dialect::Sqlite => index.name.starts_with("sqlite_autoindex_"),
            Dialect::Postgres => unique_constraints.contains(&index.name),
            Dialect::MySql | Dialect::MariaDb => {
                index.uniqueness == Uniqueness::Unique && index.columns.first() == Some(&index.name)
            }
        };
        // Such an index cannot be written, and stays as it is.
        let is_usual = |limit: &IndexRestriction| *limit == IndexRestriction::LongValues;
        let usual = table.indexes.iter().filter(|index| index.restrictions.iter().all(is_usual));
        let (inline, indexes): (Vec<Index>, Vec<Index>) = usual.cloned().partition(|index| is_inline(index));
        let backs_key = |index: &Index| {
            matches!(dialect, Dialect::MySql | Dialect::MariaDb)
                && index.uniqueness == Uniqueness::Plain
                && table.foreign_keys.iter().any(|key| key.name == index.name)
        };
        Ok(Self {
            name: table.name.clone(),
            columns: columns.collect::<Result<_, _>>()?,
            primary_key: table.primary_key.clone(),
            uniques: inline
                .into_iter()
                .map(|index| Unique {
                    columns: index.columns,
                    name: Some(index.name).filter(|_| dialect != Dialect::Sqlite),
                })
                .collect(),
            foreign_keys: table
                .foreign_keys
                .iter()
                .map(|key| ForeignKey { target: unqualified(&key.target, &table.name, dialect), ..key.clone() })
                .collect(),
            checks: table.checks.iter().filter(|check| !comes_with_its_column(check, table)).cloned().collect(),
            indexes: indexes.into_iter().filter(|index| !backs_key(index)).collect(),
        })
    }

    pub(super) fn column(&self, name: &str) -> Option<&ColumnSpec> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// An error if it has a column that is computed by an expression that is not known, so that nobody can make it again.
    pub(super) fn refuse_computed(&self) -> Result<(), Unwritable> {
        self.columns.iter().try_for_each(|column| column.refuse_computed(&self.name))
    }

    /// A name for the index that nothing on this table has.
    pub(super) fn free_index_name(&self, index: &Index) -> String {
        let is_named = !index.name.is_empty() && !is_of_column(index);
        let name =
            if is_named { index.name.clone() } else { format!("idx-{}-{}", self.name.name, index.columns.join("-")) };
        free(&name, self.indexes.iter().map(|index| index.name.as_str()))
    }

    /// A name for the foreign key that nothing on this table has.
    pub(super) fn free_key_name(&self, key: &ForeignKey) -> String {
        let name = if key.name.is_empty() {
            format!("fk-{}-{}", self.name.name, key.columns.join("-"))
        } else {
            key.name.clone()
        };
        free(&name, self.foreign_keys.iter().map(|key| key.name.as_str()))
    }
}

/// A column that is declared unique names its index after itself.
fn is_of_column(index: &Index) -> bool {
    index.uniqueness == Uniqueness::Unique && index.columns == [index.name.clone()]
}

/// The catalogue of a server gives every target a schema.
fn unqualified(target: &TableName, table: &TableName, dialect: Dialect) -> TableName {
    match dialect {
        Dialect::Postgres if table.schema.is_some() => target.clone(),
        _ => TableName::unqualified(target.name.clone()),
    }
}

/// The name, within the limit, or another one that is not taken.
fn free<'a>(name: &str, taken: impl Iterator<Item = &'a str>) -> String {
    let name: String = name.chars().map(|c| if "\"`".contains(c) { '_' } else { c }).collect();
    let taken: Vec<&str> = taken.collect();
    let is_free = |name: &String| !taken.iter().any(|taken| taken.eq_ignore_ascii_case(name));
    let numbered = (2_u32..).map(|number| within_limit(&format!("{name}-{number}")));
    let name = within_limit(&name);
    std::iter::once(name.clone()).chain(numbered).find(is_free).unwrap_or(name)
}

impl ColumnSpec {
    fn declared(column: &Column, types: &ColumnTypes, table: &Table, dialect: Dialect) -> Result<Self, Unwritable> {
        let ty = types.columns.iter().find(|(name, _)| *name == column.name).map(|(_, ty)| ty.clone());
        let unwritable = || Unwritable(format!("the type of {}.{} cannot be written", table.name, column.name));
        let ty = ty.ok_or_else(unwritable)?;
        // sea-query panics when it has to spell it.
        if column.ty.kind == LogicalType::Unsupported {
            let why =
                format!("{}.{} is {}, which this kind of database does not have", table.name, column.name, column.ty);
            return Err(Unwritable(why));
        }
        Ok(Self::with(column, ty, dialect))
    }

    fn live(
        column: &Column,
        same: &[(String, ColumnType)],
        table: &Table,
        dialect: Dialect,
    ) -> Result<Self, Unwritable> {
        let declared = same.iter().find(|(name, _)| *name == column.name).map(|(_, ty)| ty.clone());
        let unwritable =
            || Unwritable(format!("the type {} of {}.{} cannot be written", column.ty, table.name, column.name));
        let ty_of = |name: &str, labels: &[String]| ColumnType::Enum {
            name: Alias::new(name.to_owned()).into_iden(),
            variants: labels.iter().map(|label| Alias::new(label.clone()).into_iden()).collect(),
        };
        let of_enum = || match (&column.ty.kind, live_enum(&column.ty)) {
            (LogicalType::Array(_), Some(it)) => Some(ColumnType::Array(RcOrArc::new(ty_of(&it.name, &it.labels)))),
            (_, Some(it)) => Some(ty_of(&it.name, &it.labels)),
            (LogicalType::Enum { labels, .. }, None) => Some(ty_of(&column.name, labels)),
            _ => None,
        };
        // MariaDB's `json` is a longtext with a CHECK of its own.
        let of_json = || (column.ty.field == LogicalType::Json).then_some(ColumnType::Json);
        let ty = declared
            .or_else(of_enum)
            .or_else(of_json)
            .or_else(|| column.ty.to_sea_query(dialect))
            .ok_or_else(unwritable)?;
        Ok(Self::with(column, ty, dialect))
    }

    fn with(column: &Column, ty: ColumnType, dialect: Dialect) -> Self {
        let extra = match column.generation {
            Generation::Supplied | Generation::AutoIncrement | Generation::Computed => None,
            Generation::OnUpdate => Some("ON UPDATE CURRENT_TIMESTAMP".to_owned()),
            Generation::AlwaysIdentity => Some("GENERATED ALWAYS AS IDENTITY".to_owned()),
        };
        let collation = column.collation.as_ref().map(|collation| match dialect {
            Dialect::Postgres => format!("COLLATE \"{}\"", collation.name),
            Dialect::MySql | Dialect::MariaDb | Dialect::Sqlite => format!("COLLATE {}", collation.name),
        });
        let extra: Vec<String> = collation.into_iter().chain(extra).collect();
        let is_generated = column.generation == Generation::AutoIncrement;
        Self {
            name: column.name.clone(),
            ty: if is_generated { of_generated(ty, dialect) } else { ty },
            nullability: column.nullability,
            default: column.default.as_ref().map(|default| default.to_expr(&column.ty, dialect)),
            is_generated,
            is_rowid: column
                .sequence
                .as_ref()
                .is_some_and(|sequence| sequence.kind == CounterKind::Rowid { is_kept: false }),
            is_computed: column.generation == Generation::Computed,
            extra: (!extra.is_empty()).then(|| extra.join(" ")),
            kept: None,
        }
    }

    /// An error if it is computed by an expression that is not known.
    pub(super) fn refuse_computed(&self, table: &TableName) -> Result<(), Unwritable> {
        let why = || Unwritable(format!("the expression of the generated column {table}.{} is not known", self.name));
        if self.is_computed { Err(why()) } else { Ok(()) }
    }

    /// All that follows the type, nullability and default in a `MODIFY`.
    pub(super) fn restated(&self) -> Option<String> {
        let parts: Vec<&str> = [&self.extra, &self.kept].into_iter().flatten().map(String::as_str).collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }

    pub(super) fn is_required(&self) -> bool {
        self.nullability == Nullability::NotNull && self.default.is_none() && !self.is_generated
    }

    pub(super) fn nullable(&self) -> Self {
        Self { nullability: Nullability::Nullable, ..self.clone() }
    }
}

/// The type of a generated key that is stored alike, and that the database can generate: SQLite only `INTEGER`, PostgreSQL nothing
/// unsigned, for which sea-query panics.
pub(super) fn of_generated(ty: ColumnType, dialect: Dialect) -> ColumnType {
    use ColumnType::{
        BigInteger, BigUnsigned, Integer, SmallInteger, SmallUnsigned, TinyInteger, TinyUnsigned, Unsigned,
    };
    match (dialect, ty) {
        (Dialect::Sqlite, TinyInteger | TinyUnsigned | SmallInteger | SmallUnsigned | Unsigned)
        | (Dialect::Postgres, SmallUnsigned) => Integer,
        (Dialect::Postgres, TinyInteger | TinyUnsigned) => SmallInteger,
        (Dialect::Sqlite, BigUnsigned) | (Dialect::Postgres, Unsigned | BigUnsigned) => BigInteger,
        (_, ty) => ty,
    }
}

/// Whether it is the CHECK of a `json` column on MariaDB, which is made with the column, and goes with it.
fn comes_with_its_column(check: &Check, table: &Table) -> bool {
    let is_its_column = |column: &Column| column.ty.field == LogicalType::Json && check.validates_json(&column.name);
    table.columns.iter().any(is_its_column)
}

/// A value that a row may have which knows none: for NOT NULL columns. `None` if every value would be a lie that breaks
/// something.
pub(super) fn zero(ty: &ColumnType) -> Option<DefaultExpr> {
    Some(match ty {
        ColumnType::Char(_) | ColumnType::String(_) | ColumnType::Text => DefaultExpr::Text(String::new()),
        ty if is_integer(ty) => DefaultExpr::Integer(0),
        ColumnType::Float | ColumnType::Double | ColumnType::Decimal(_) | ColumnType::Money(_) => {
            DefaultExpr::Integer(0)
        }
        ColumnType::Boolean => DefaultExpr::Boolean(false),
        ColumnType::Date => DefaultExpr::Text("1970-01-01".to_owned()),
        ColumnType::DateTime | ColumnType::Timestamp | ColumnType::TimestampWithTimeZone => {
            DefaultExpr::Text("1970-01-02 00:00:00".to_owned()) // MySQL's timestamp begins on the first, at midnight UTC
        }
        ColumnType::Time => DefaultExpr::Text("00:00:00".to_owned()),
        ColumnType::Enum { variants, .. } => DefaultExpr::Text(variants.first()?.to_string()),
        _ => return None,
    })
}

pub(super) fn is_integer(ty: &ColumnType) -> bool {
    matches!(
        ty,
        ColumnType::TinyInteger
            | ColumnType::SmallInteger
            | ColumnType::Integer
            | ColumnType::BigInteger
            | ColumnType::TinyUnsigned
            | ColumnType::SmallUnsigned
            | ColumnType::Unsigned
            | ColumnType::BigUnsigned
    )
}
