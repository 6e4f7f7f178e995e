//! The declared side: what `Schema::create_table_from_entity` would create, read through sea-query's getters. Never
//! connects to a database.

mod column_type;
mod field;

use sea_orm::{
    ColumnTrait, EntityTrait, IdenStatic, Iterable, Schema as SeaOrmSchema,
    sea_query::{
        self, ColumnDef, ColumnType as SeaQueryType, Expr, ForeignKeyAction, IndexCreateStatement, MysqlQueryBuilder,
        PostgresQueryBuilder, QueryBuilder, SqliteQueryBuilder, TableBuilder, TableCreateStatement, TableForeignKey,
        TableRef,
    },
};

pub(crate) use self::column_type::{column_type, exists, type_text};
use self::{
    column_type::{labels_of, with_labels},
    field::fields,
};
use crate::{
    model::{
        Action, CharsetCoverage, Check, Collation, Column, DefaultValue, Dialect, Equality, ForeignKey, Generation,
        Index, Nullability, Table, TableName, Uniqueness, Validity,
    },
    normalise,
};

/// The types and comments of a table's columns, as the entity declares them for any database.
#[derive(Clone, Debug)]
pub struct ColumnTypes {
    /// The table.
    pub table: TableName,
    /// The names of its columns, with their types.
    pub columns: Vec<(String, SeaQueryType)>,
    /// The comments: of the column that is named, or of the table. The check does not compare them.
    pub comments: Vec<(Option<String>, String)>,
}

/// The table that `entity` declares, as `dialect` would store it.
pub(crate) fn entity<E: EntityTrait>(entity: E, dialect: Dialect) -> Table {
    let schema = SeaOrmSchema::new(dialect.backend());
    let mut table = table(&schema.create_table_from_entity(entity), &schema.create_index_from_entity(entity), dialect);
    // The statement lists the columns in the same order, and has the names of enums without their labels.
    for ((column, of_entity), field) in table.columns.iter_mut().zip(E::Column::iter()).zip(fields::<E>()) {
        field.apply(column, of_entity, dialect);
        if let Some(labels) = labels_of(of_entity.def().get_column_type()) {
            column.ty = with_labels(column.ty.clone(), labels, dialect);
        }
    }
    table
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
            included: Vec::new(),
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
        let of_field = field.conflicting_type(&of_postgres, Dialect::Postgres).cloned();
        (column.as_str().to_owned(), of_field.unwrap_or(declared))
    });
    let columns = columns.collect();
    let statement = SeaOrmSchema::new(Dialect::Postgres.backend()).create_table_from_entity(entity);
    ColumnTypes { table: table_name(Some(&entity.table_ref())), columns, comments: comments(&statement) }
}

/// Without what SeaORM adds for a renamed column, its earlier name, which does not belong in the database.
fn comments(statement: &TableCreateStatement) -> Vec<(Option<String>, String)> {
    let comment = |column: &ColumnDef| {
        let comment = column.get_column_spec().comment.as_ref()?;
        let end = comment.rfind("renamed_from \"").unwrap_or(comment.len());
        let comment = comment[..end].trim_end_matches("; ");
        Some((Some(column.get_column_name()), comment.to_owned()))
    };
    let of_table = statement.get_comment().map(|comment| (None, comment.clone()));
    let all = of_table.into_iter().chain(statement.get_columns().iter().filter_map(comment));
    all.filter(|(_, comment)| !comment.is_empty()).collect()
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
        Some(ForeignKeyAction::Restrict) => Action::Restrict,
        Some(ForeignKeyAction::Cascade) => Action::Cascade,
        Some(ForeignKeyAction::SetNull) => Action::SetNull,
        Some(ForeignKeyAction::SetDefault) => Action::SetDefault,
        _ => Action::NoAction,
    };
    ForeignKey {
        name: key.get_name().unwrap_or_default().to_owned(),
        columns: key.get_columns(),
        target: table_name(key.get_ref_table()),
        is_target_in_other_schema: false,
        target_columns: key.get_ref_columns(),
        on_delete: action(key.get_on_delete()),
        on_update: action(key.get_on_update()),
        validity: Validity::Validated,
        is_match_full: false,
    }
}

/// The CHECKs of a column: those in `extra = "CHECK (...)"`, the only way of an entity, and that of [`ColumnDef::check`].
fn checks(column: &ColumnDef, all: &[Column], dialect: Dialect) -> impl Iterator<Item = Check> {
    let spec = column.get_column_spec();
    let sql = spec.check.iter().map(|check| check_text(check, dialect)).chain(spec.extra.clone());
    let names: Vec<String> = all.iter().map(|column| column.name.clone()).collect();
    let found =
        sql.flat_map(|sql| normalise::check_constraints_in(&sql, &names, dialect)).collect::<Vec<_>>().into_iter();
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

pub(crate) fn table_name(reference: Option<&TableRef>) -> TableName {
    let Some(TableRef::Table(table, _)) = reference else {
        unreachable!("an entity always names its table, and `Entities::add_table` refuses a statement that does not");
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
        included: Vec::new(),
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
        Some(ty) if spec.auto_increment && dialect == Dialect::Sqlite && is_small_integer(ty) => {
            Some(&SeaQueryType::Integer)
        }
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
        expression: generated
            .or_else(|| normalise::generation_expression_in(extra))
            .filter(|_| !says("AS IDENTITY"))
            .map(Into::into),
        collation: collation(extra).map(Box::new),
        ..Column::plain(definition.get_column_name(), column_type(ty, dialect))
    }
}

fn is_small_integer(ty: &SeaQueryType) -> bool {
    use SeaQueryType::{SmallInteger, SmallUnsigned, TinyInteger, TinyUnsigned};
    matches!(ty, TinyInteger | TinyUnsigned | SmallInteger | SmallUnsigned)
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
