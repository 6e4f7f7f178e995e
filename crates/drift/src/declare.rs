//! The declared side: what `Schema::create_table_from_entity` would create, read through sea-query's getters. Never
//! connects to a database.

use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, EntityTrait, IdenStatic, Iterable, Schema as SeaOrmSchema, Value,
    sea_query::{
        self, ColumnDef, ColumnType as SeaQueryType, Expr, ForeignKeyAction, IndexCreateStatement, MysqlQueryBuilder,
        PostgresQueryBuilder, QueryBuilder, SqliteQueryBuilder, StringLen, TableBuilder, TableCreateStatement,
        TableForeignKey, TableRef,
    },
};

use crate::{
    impact::is_unreadable,
    model::{
        Action, CharsetCoverage, Check, Collation, Column, ColumnType, DefaultValue, Dialect, Equality, FieldValues,
        ForeignKey, Generation, Index, LogicalType, Nullability, Sign, Stated, Table, TableName, Uniqueness, Validity,
    },
    normalise,
    rust_type::{Field, fields, takes_own_values},
};

/// The types and comments of a table's columns, as the entity declares them for any database.
#[derive(Clone, Debug)]
pub struct ColumnTypes {
    /// The table.
    pub table: TableName,
    /// The names of its columns, with their types.
    pub columns: Vec<(String, SeaQueryType)>,
    /// The names of those that have a comment, with it. The check does not compare comments.
    pub comments: Vec<(String, String)>,
}

/// The table that `entity` declares, as `dialect` would store it.
pub(crate) fn entity<E: EntityTrait>(entity: E, dialect: Dialect) -> Table {
    let schema = SeaOrmSchema::new(dialect.backend());
    let mut table = table(&schema.create_table_from_entity(entity), &schema.create_index_from_entity(entity), dialect);
    let defaults = <E::ActiveModel as ActiveModelTrait>::default_values();
    // The statement has the columns in the same order, and only the names of enums.
    let fields = fields::<E>().into_iter().zip(takes_own_values::<E>());
    for ((column, of_entity), (field, own)) in table.columns.iter_mut().zip(E::Column::iter()).zip(fields) {
        if let Some(field) = field {
            if let Some(ty) = contradicted(&column.ty, &field, dialect) {
                column.ty = ColumnType { stated: Stated::ByField, ..column_type(Some(ty), dialect) };
            } else if let Some(field) = contradicted_on_postgres(of_entity, &field, dialect) {
                column.ty = ColumnType { stated: Stated::ByField, field, ..column.ty.clone() };
            } else if matches!(column.ty.kind, LogicalType::Integer { .. }) {
                column.ty.field = field.unread(dialect).unwrap_or_else(|| column.ty.field.clone());
            }
            // `nullable` on a field that is no Option: a NULL cannot be read.
            if !field.is_option {
                column.nullability = Nullability::NotNull;
            }
        }
        column.values = if own { FieldValues::Own } else { FieldValues::All };
        if is_text_of_a_custom_type(of_entity, &defaults, dialect) {
            column.ty.field = LogicalType::Text(None);
        }
        if let Some(labels) = labels(of_entity) {
            column.ty = with_labels(column.ty.clone(), labels, dialect);
        }
    }
    table
}

/// The type of the field, if the driver does not read or write it in a column of the declared type.
fn contradicted<'a>(declared: &ColumnType, field: &'a Field, dialect: Dialect) -> Option<&'a SeaQueryType> {
    let ty = field.ty.as_ref()?;
    // Arrays of enums, and what an extension reads as text.
    let is_own = matches!(&declared.kind, LogicalType::Enum { .. } | LogicalType::Named(_))
        || matches!(&declared.field, LogicalType::Enum { .. });
    // What holds nothing but text may still be a text of that type to people who write queries of their own.
    if matches!(ty, SeaQueryType::String(_)) {
        return None;
    }
    // The elements of an array are told by their values, which there are none of.
    let is_array = matches!(ty, SeaQueryType::Array(_));
    if is_own || (is_array && dialect == Dialect::Postgres) {
        return None;
    }
    (is_array || is_unreadable(&column_type(Some(ty), dialect), declared, dialect)).then_some(ty)
}

/// What the field holds, where only PostgreSQL reads no such field in a column of the declared type. A migration is written for every
/// database, and gives the column the type of its field.
fn contradicted_on_postgres(column: impl ColumnTrait, field: &Field, dialect: Dialect) -> Option<LogicalType> {
    let column = column.def();
    // Other databases than PostgreSQL need this, and a driver reads the type that it writes.
    if dialect == Dialect::Postgres || field.ty.as_ref() == Some(column.get_column_type()) {
        return None;
    }
    let declared = column_type(Some(column.get_column_type()), Dialect::Postgres);
    let ty = contradicted(&declared, field, Dialect::Postgres).filter(|ty| exists(ty, dialect))?;
    Some(column_type(Some(ty), dialect).field)
}

/// Whether the field is a `String`, and its column of a type that `custom("...")` names and no driver returns as text.
fn is_text_of_a_custom_type<A: ActiveModelTrait>(
    column: <A::Entity as EntityTrait>::Column,
    defaults: &A,
    dialect: Dialect,
) -> bool {
    let definition = column.def();
    let SeaQueryType::Custom(name) = definition.get_column_type() else { return false };
    let name = name.to_string();
    let is_named = matches!(normalise::column_type(&name, Dialect::Postgres).kind, LogicalType::Named(_));
    let is_text = ["", "citext", "name"].contains(&name.to_lowercase().as_str());
    let is_string = match defaults.get(column) {
        ActiveValue::Set(value) | ActiveValue::Unchanged(value) => matches!(value, Value::String(_)),
        ActiveValue::NotSet => false,
    };
    let plain = Expr::col(column);
    let is_cast = column.select_as(plain.clone()) != plain;
    let is_number = dialect == Dialect::Sqlite && normalise::is_of_numbers(&name);
    (is_named || is_number) && !is_text && is_string && !is_cast
}

/// The table that the statements would create, as `dialect` would store it.
pub(crate) fn table(statement: &TableCreateStatement, separate: &[IndexCreateStatement], dialect: Dialect) -> Table {
    let with_labels = |definition: &ColumnDef| {
        let column = self::column(definition, dialect);
        match definition.get_column_type().and_then(labels_of) {
            Some(labels) => Column { ty: with_labels(column.ty, labels, dialect), ..column },
            None => column,
        }
    };
    let columns: Vec<Column> = statement.get_columns().iter().map(with_labels).collect();
    let of_columns = statement.get_columns().iter().filter(|column| column.get_column_spec().unique).map(|column| {
        let name = column.get_column_name();
        Index {
            name: name.clone(),
            columns: vec![name],
            uniqueness: Uniqueness::Unique,
            restrictions: Vec::new(),
            computed: Vec::new(),
            condition: None,
        }
    });
    let (keys, inline): (Vec<_>, Vec<_>) = statement.get_indexes().iter().partition(|index| index.is_primary_key());
    let indexes = of_columns.chain(inline.into_iter().chain(separate).map(index)).collect();

    let single_key = statement.get_columns().iter().filter(|column| column.get_column_spec().primary_key);
    let mut primary_key: Vec<String> = single_key.map(ColumnDef::get_column_name).collect();
    for key in keys {
        primary_key = key.get_index_spec().get_column_names();
    }
    let checks = statement.get_columns().iter().flat_map(|column| checks(column, &columns, dialect)).collect();
    let foreign_keys =
        statement.get_foreign_key_create_stmts().iter().map(|key| foreign_key(key.get_foreign_key())).collect();
    Table { columns, primary_key, indexes, foreign_keys, checks, ..Table::new(table_name(statement.get_table_name())) }
}

/// The types of the entity's columns, enums with their labels.
pub(crate) fn types_of_entity<E: EntityTrait>(entity: E) -> ColumnTypes {
    let columns = E::Column::iter().zip(fields::<E>()).map(|(column, field)| {
        let declared = column.def().get_column_type().clone();
        let of_postgres = column_type(Some(&declared), Dialect::Postgres);
        let field = field.as_ref().and_then(|field| contradicted(&of_postgres, field, Dialect::Postgres));
        (column.as_str().to_owned(), field.cloned().unwrap_or(declared))
    });
    let columns = columns.collect();
    let statement = SeaOrmSchema::new(Dialect::Postgres.backend()).create_table_from_entity(entity);
    ColumnTypes { table: table_name(Some(&entity.table_ref())), columns, comments: comments(&statement) }
}

/// The columns with a comment. SeaORM adds the earlier name of a renamed column to it, which is none of the database's.
fn comments(statement: &TableCreateStatement) -> Vec<(String, String)> {
    let comment = |column: &ColumnDef| {
        let comment = column.get_column_spec().comment.as_ref()?;
        let end = comment.rfind("renamed_from \"").unwrap_or(comment.len());
        let comment = comment[..end].trim_end_matches("; ");
        (!comment.is_empty()).then(|| (column.get_column_name(), comment.to_owned()))
    };
    statement.get_columns().iter().filter_map(comment).collect()
}

/// The types of the columns that the statement would create.
pub(crate) fn types_of_table(statement: &TableCreateStatement) -> ColumnTypes {
    let columns = statement.get_columns().iter().filter_map(|column| {
        let ty = column.get_column_type()?.clone();
        Some((column.get_column_name(), ty))
    });
    let columns = columns.collect();
    ColumnTypes { table: table_name(statement.get_table_name()), columns, comments: comments(statement) }
}

fn foreign_key(key: &TableForeignKey) -> ForeignKey {
    let action = |action: Option<ForeignKeyAction>| match action {
        Some(ForeignKeyAction::Cascade) => Action::Cascade,
        Some(ForeignKeyAction::SetNull) => Action::SetNull,
        Some(ForeignKeyAction::SetDefault) => Action::SetDefault,
        _ => Action::Refuse,
    };
    ForeignKey {
        name: key.get_name().unwrap_or_default().to_owned(),
        columns: key.get_columns(),
        target: table_name(key.get_ref_table()),
        is_target_elsewhere: false,
        target_columns: key.get_ref_columns(),
        on_delete: action(key.get_on_delete()),
        on_update: action(key.get_on_update()),
        validity: Validity::Validated,
        is_full: false,
    }
}

/// Those in `extra = "CHECK (...)"`, the only place where an entity can declare one, and that of [`ColumnDef::check`].
fn checks(column: &ColumnDef, all: &[Column], dialect: Dialect) -> impl Iterator<Item = Check> {
    let spec = column.get_column_spec();
    let sql = spec.check.iter().map(|check| check_text(check, dialect)).chain(spec.extra.clone());
    let names: Vec<String> = all.iter().map(|column| column.name.clone()).collect();
    let found = sql.flat_map(|sql| normalise::checks_in(&sql, &names, dialect)).collect::<Vec<_>>().into_iter();
    let own = column.get_column_name();
    found.map(move |check| {
        let is_about = |name: &&String| **name == own || check.columns.contains(name);
        Check { columns: names.iter().filter(is_about).cloned().collect(), ..check }
    })
}

fn check_text(check: &sea_query::Check, dialect: Dialect) -> String {
    let mut sql = String::new();
    let text = &mut sql;
    match dialect {
        Dialect::Postgres => PostgresQueryBuilder.prepare_check_constraint(check, text),
        Dialect::MySql | Dialect::MariaDb => MysqlQueryBuilder.prepare_check_constraint(check, text),
        Dialect::Sqlite => SqliteQueryBuilder.prepare_check_constraint(check, text),
    }
    sql
}

/// `extra = "COLLATE ..."`.
fn collation(extra: &str) -> Option<Collation> {
    let name = normalise::collation_in(extra)?;
    Some(Collation { name, equality: Equality::AsDefault, coverage: CharsetCoverage::Unicode })
}

/// The labels of a column of a native enum or an array of one; the statement has only its name.
fn labels(column: impl ColumnTrait) -> Option<Vec<String>> {
    labels_of(column.def().get_column_type())
}

fn labels_of(ty: &SeaQueryType) -> Option<Vec<String>> {
    let element = if let SeaQueryType::Array(element) = ty { element } else { ty };
    let SeaQueryType::Enum { variants, .. } = element else { return None };
    Some(variants.iter().map(ToString::to_string).collect())
}

fn with_labels(ty: ColumnType, labels: Vec<String>, dialect: Dialect) -> ColumnType {
    match dialect {
        Dialect::Postgres => ty.with_labels(&labels),
        // sea-query does not escape quotes in labels, so they are not read from its text.
        Dialect::MySql | Dialect::MariaDb => {
            let kind = LogicalType::Enum { name: None, labels };
            ColumnType { field: kind.clone(), kind, ..ty }
        }
        // Stored as text without a check.
        Dialect::Sqlite => ColumnType { field: LogicalType::Enum { name: None, labels }, ..ty },
    }
}

fn table_name(reference: Option<&TableRef>) -> TableName {
    let Some(TableRef::Table(table, _)) = reference else {
        unreachable!("an entity always names its table, and `Entities::add_table` looks");
    };
    TableName { schema: table.0.as_ref().map(|schema| schema.1.to_string()), name: table.1.to_string() }
}

fn index(statement: &IndexCreateStatement) -> Index {
    let spec = statement.get_index_spec();
    Index {
        name: spec.get_name().unwrap_or_default().to_owned(),
        columns: spec.get_column_names(),
        uniqueness: if statement.is_unique_key() { Uniqueness::Unique } else { Uniqueness::Plain },
        restrictions: Vec::new(),
        computed: Vec::new(),
        condition: None,
    }
}

fn column(definition: &ColumnDef, dialect: Dialect) -> Column {
    let spec = definition.get_column_spec();
    let not_null = spec.nullable == Some(false) || spec.primary_key;
    let extra = spec.extra.as_deref().unwrap_or_default();
    let generated = spec.generated.as_ref().map(|generated| expression_text(&generated.expr, dialect));
    let says = |words: &str| extra.to_ascii_uppercase().contains(words);
    // SQLite generates no values of another type.
    let ty = match definition.get_column_type() {
        Some(ty) if spec.auto_increment && dialect == Dialect::Sqlite && is_small(ty) => Some(&SeaQueryType::Integer),
        ty => ty,
    };
    Column {
        nullability: if not_null { Nullability::NotNull } else { Nullability::Nullable },
        default: spec.default.as_ref().and_then(|default| default_value(default, dialect)),
        generation: if spec.auto_increment {
            Generation::AutoIncrement
        } else if says("ALWAYS AS IDENTITY") {
            Generation::AlwaysIdentity
        } else if spec.generated.is_some() || says("GENERATED ALWAYS AS") {
            Generation::Computed
        } else if says("ON UPDATE CURRENT_TIMESTAMP") {
            Generation::OnUpdate
        } else {
            Generation::Supplied
        },
        expression: generated.or_else(|| normalise::generated_in(extra)).filter(|_| !says("AS IDENTITY")),
        collation: collation(extra).map(Box::new),
        ..Column::plain(definition.get_column_name(), column_type(ty, dialect))
    }
}

fn is_small(ty: &SeaQueryType) -> bool {
    use SeaQueryType::{SmallInteger, SmallUnsigned, TinyInteger, TinyUnsigned};
    matches!(ty, TinyInteger | TinyUnsigned | SmallInteger | SmallUnsigned)
}

pub(crate) fn column_type(ty: Option<&SeaQueryType>, dialect: Dialect) -> ColumnType {
    match ty {
        Some(ty) if exists(ty, dialect) => {
            let stated = if is_text_without_length(ty) { Stated::WithoutLength } else { Stated::Fully };
            let kept_as = ColumnType { stated, ..normalise::column_type(&type_text(ty, dialect), dialect) };
            match field(ty) {
                Some(field) => ColumnType { field, ..kept_as },
                None => kept_as,
            }
        }
        // No live type is equal to it.
        other => {
            let text = other.map_or_else(|| "without a type".to_owned(), foreign_type_text);
            // No driver but that of PostgreSQL reads an array.
            let field = match other {
                Some(SeaQueryType::Array(_)) => LogicalType::Array(Box::new(LogicalType::Unsupported)),
                _ => LogicalType::Unsupported,
            };
            ColumnType { is_strict: false, field, kind: LogicalType::Unsupported, text, stated: Stated::Fully }
        }
    }
}

/// A `String`, or an array of them.
fn is_text_without_length(ty: &SeaQueryType) -> bool {
    let element = if let SeaQueryType::Array(element) = ty { element } else { ty };
    matches!(element, SeaQueryType::String(StringLen::None))
}

/// A type that the dialect does not have, as another one would spell it.
fn foreign_type_text(ty: &SeaQueryType) -> String {
    let has_it = |dialect: &Dialect| exists(ty, *dialect);
    let spelt_by = [Dialect::Postgres, Dialect::MySql].into_iter().find(has_it);
    spelt_by.map_or_else(|| "an unknown type".to_owned(), |dialect| type_text(ty, dialect))
}

/// The type of a field that some dialects store as another type.
fn field(ty: &SeaQueryType) -> Option<LogicalType> {
    let integer = |sign| LogicalType::Integer { bits: 64, sign };
    let kept_otherwise = [
        // SQLite calls an integer of any size `integer`.
        (SeaQueryType::BigInteger, integer(Sign::Signed)),
        (SeaQueryType::BigUnsigned, integer(Sign::Unsigned)),
        (SeaQueryType::Uuid, LogicalType::Uuid),
        (SeaQueryType::Json, LogicalType::Json),
        (SeaQueryType::JsonBinary, LogicalType::JsonBinary),
    ];
    kept_otherwise.into_iter().find_map(|(declared, field)| (declared == *ty).then_some(field))
}

pub(crate) fn type_text(ty: &SeaQueryType, dialect: Dialect) -> String {
    let mut sql = String::new();
    let text = &mut sql;
    match dialect {
        Dialect::Postgres => TableBuilder::prepare_column_type(&PostgresQueryBuilder, ty, text),
        Dialect::MySql | Dialect::MariaDb => TableBuilder::prepare_column_type(&MysqlQueryBuilder, ty, text),
        Dialect::Sqlite => TableBuilder::prepare_column_type(&SqliteQueryBuilder, ty, text),
    }
    sql
}

/// Whether the dialect has the type; sea-query panics on those it does not have.
pub(crate) fn exists(ty: &SeaQueryType, dialect: Dialect) -> bool {
    use SeaQueryType::{Array, Bit, Cidr, Inet, Interval, LTree, MacAddr, VarBit, Vector, Year};
    match dialect {
        Dialect::Postgres => !matches!(ty, Year),
        Dialect::MySql | Dialect::MariaDb => {
            !matches!(ty, Array(_) | Vector(_) | Cidr | Inet | MacAddr | LTree | Interval(..))
        }
        Dialect::Sqlite => !matches!(
            ty,
            Array(_) | Vector(_) | Cidr | Inet | MacAddr | LTree | Interval(..) | Year | Bit(_) | VarBit(_)
        ),
    }
}

fn default_value(default: &Expr, dialect: Dialect) -> Option<DefaultValue> {
    normalise::default_value(&expression_text(default, dialect), dialect)
}

fn expression_text(expression: &Expr, dialect: Dialect) -> String {
    let mut sql = String::new();
    match dialect {
        Dialect::Postgres => PostgresQueryBuilder.prepare_expr(expression, &mut sql),
        Dialect::MySql | Dialect::MariaDb => MysqlQueryBuilder.prepare_expr(expression, &mut sql),
        Dialect::Sqlite => SqliteQueryBuilder.prepare_expr(expression, &mut sql),
    }
    sql
}
