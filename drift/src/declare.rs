//! The declared side: what `Schema::create_table_from_entity` would create, read through sea-query's getters.
//! Never talks to a database.

use sea_orm::{
    ColumnTrait, EntityTrait, IdenStatic, Iterable, Schema as SeaOrmSchema,
    sea_query::{
        ColumnDef, ColumnType as SeaQueryType, Expr, IndexCreateStatement, MysqlQueryBuilder, PostgresQueryBuilder,
        Query, SqliteQueryBuilder, TableBuilder, TableRef,
    },
};

use crate::{
    model::{
        Column, ColumnType, DefaultValue, Dialect, Generation, Index, Kind, Nullability, Table, TableName, Uniqueness,
    },
    normalise,
};

/// The table that `entity` declares, as `dialect` would keep it.
pub(crate) fn table<E: EntityTrait>(entity: E, dialect: Dialect) -> Table {
    let schema = SeaOrmSchema::new(dialect.backend());
    let statement = schema.create_table_from_entity(entity);
    let columns: Vec<Column> = statement
        .get_columns()
        .iter()
        .map(|definition| {
            let column = self::column(definition, dialect);
            match labels::<E>(&column.name) {
                Some(labels) => Column { ty: with_labels(column.ty, labels, dialect), ..column },
                None => column,
            }
        })
        .collect();

    let inline = statement.get_columns().iter().filter(|column| column.get_column_spec().unique).map(|column| {
        let name = column.get_column_name();
        Index { name: name.clone(), columns: vec![name], uniqueness: Uniqueness::Unique, limits: Vec::new() }
    });
    let separate = schema.create_index_from_entity(entity);
    let indexes = inline.chain(separate.iter().map(index)).collect();

    let single_key = statement.get_columns().iter().filter(|column| column.get_column_spec().primary_key);
    let mut primary_key: Vec<String> = single_key.map(ColumnDef::get_column_name).collect();
    for key in statement.get_indexes().iter().filter(|index| index.is_primary_key()) {
        primary_key = key.get_index_spec().get_column_names();
    }

    Table {
        name: table_name(statement.get_table_name()),
        columns,
        primary_key,
        primary_key_limits: Vec::new(),
        indexes,
    }
}

/// The labels of the native enum that the column is, or is an array of: the statement has only its name.
fn labels<E: EntityTrait>(column: &str) -> Option<Vec<String>> {
    let column = E::Column::iter().find(|candidate| candidate.as_str() == column)?;
    let definition = column.def();
    let ty = definition.get_column_type();
    let element = if let SeaQueryType::Array(element) = ty { element } else { ty };
    let SeaQueryType::Enum { variants, .. } = element else { return None };
    Some(variants.iter().map(ToString::to_string).collect())
}

fn with_labels(ty: ColumnType, labels: Vec<String>, dialect: Dialect) -> ColumnType {
    match dialect {
        Dialect::Postgres => ty.with_labels(&labels),
        // Not as sea-query writes them, which does not escape quotes.
        Dialect::MySql | Dialect::MariaDb => {
            let kind = Kind::Enum { name: None, labels };
            ColumnType { field: kind.clone(), kind, ..ty }
        }
        // Kept as text that nothing checks.
        Dialect::Sqlite => ColumnType { field: Kind::Enum { name: None, labels }, ..ty },
    }
}

fn table_name(reference: Option<&TableRef>) -> TableName {
    let Some(TableRef::Table(table, _)) = reference else {
        unreachable!("`create_table_from_entity` always names a table");
    };
    TableName { schema: table.0.as_ref().map(|schema| schema.1.to_string()), name: table.1.to_string() }
}

fn index(statement: &IndexCreateStatement) -> Index {
    let spec = statement.get_index_spec();
    Index {
        name: spec.get_name().unwrap_or_default().to_owned(),
        columns: spec.get_column_names(),
        uniqueness: if statement.is_unique_key() { Uniqueness::Unique } else { Uniqueness::Plain },
        limits: Vec::new(),
    }
}

fn column(definition: &ColumnDef, dialect: Dialect) -> Column {
    let spec = definition.get_column_spec();
    let not_null = spec.nullable == Some(false) || spec.primary_key;
    Column {
        name: definition.get_column_name(),
        ty: column_type(definition.get_column_type(), dialect),
        nullability: if not_null { Nullability::NotNull } else { Nullability::Nullable },
        default: spec.default.as_ref().and_then(|default| default_value(default, dialect)),
        generation: if spec.auto_increment {
            Generation::AutoIncrement
        } else if spec.generated.is_some() {
            Generation::Computed
        } else {
            Generation::Given
        },
    }
}

fn column_type(ty: Option<&SeaQueryType>, dialect: Dialect) -> ColumnType {
    match ty {
        Some(ty) if exists(ty, dialect) => {
            let kept_as = normalise::column_type(&type_text(ty, dialect), dialect);
            match field(ty) {
                Some(field) => ColumnType { field, ..kept_as },
                None => kept_as,
            }
        }
        // No database of this dialect can have it, so nothing live will be equal.
        other => {
            let text = format!("{other:?}");
            let kind = Kind::Named(text.clone());
            ColumnType { field: kind.clone(), kind, text }
        }
    }
}

/// What a field holds that some dialects keep as something else.
fn field(ty: &SeaQueryType) -> Option<Kind> {
    let kept_otherwise = [
        (SeaQueryType::Uuid, Kind::Uuid),
        (SeaQueryType::Json, Kind::Json),
        (SeaQueryType::JsonBinary, Kind::JsonBinary),
    ];
    kept_otherwise.into_iter().find_map(|(declared, field)| (declared == *ty).then_some(field))
}

fn type_text(ty: &SeaQueryType, dialect: Dialect) -> String {
    let mut sql = String::new();
    let text = &mut sql;
    match dialect {
        Dialect::Postgres => TableBuilder::prepare_column_type(&PostgresQueryBuilder, ty, text),
        Dialect::MySql | Dialect::MariaDb => TableBuilder::prepare_column_type(&MysqlQueryBuilder, ty, text),
        Dialect::Sqlite => TableBuilder::prepare_column_type(&SqliteQueryBuilder, ty, text),
    }
    sql
}

/// Whether the dialect has the type at all; sea-query panics on those it has not.
fn exists(ty: &SeaQueryType, dialect: Dialect) -> bool {
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
    let select = Query::select().expr(default.clone()).take();
    let text = match dialect {
        Dialect::Postgres => select.to_string(PostgresQueryBuilder),
        Dialect::MySql | Dialect::MariaDb => select.to_string(MysqlQueryBuilder),
        Dialect::Sqlite => select.to_string(SqliteQueryBuilder),
    };
    normalise::default_value(text.strip_prefix("SELECT ").unwrap_or(&text), dialect)
}
