//! `ADD COLUMN`: whether the server rewrites or reads the existing rows.

use sea_orm_migration::sea_orm::DbBackend;
use sqlparser::ast::{ColumnDef, ColumnOption, DataType, Expr, GeneratedExpressionMode, Value, ValueWithSpan};

use super::{
    column_type::is_serial,
    facts::{Facts, TypeKind, Volatility, functions},
};
use crate::{impact::Impact, lock_mode::LockMode, plan::Work, server::Version, sql};

/// The first version with virtual generated columns, which are its default.
const FIRST_WITH_VIRTUAL: Version = Version(18, 0, 0);

/// The impact on the table and on those that the column refers to.
pub(crate) fn add(table: &str, column: &ColumnDef, version: Version, facts: &Facts) -> Impact {
    let on_table = |work| Impact::on(table, LockMode::AccessExclusive, work);
    let mut defaults = column.options.iter().filter_map(|option| match &option.option {
        ColumnOption::Default(default) => Some(default),
        _ => None,
    });
    let of_type_alone = of_type(&column.data_type, facts, &on_table);
    let (has_default, mut impact) = match (defaults.next(), default_of(&column.data_type, facts)) {
        (Some(default), _) => (!is_null(default), of_type_alone),
        (None, Some(Some(default))) => (true, of_type_alone.and(of_default(default, facts, &on_table))),
        (None, Some(None)) => {
            let unknown = on_table(Work::Unknown).with_reason("the default of the domain cannot be parsed");
            (true, of_type_alone.and(unknown))
        }
        (None, None) => (false, of_type_alone),
    };
    for option in &column.options {
        impact = impact.and(match &option.option {
            ColumnOption::Default(default) => of_default(default, facts, &on_table),
            ColumnOption::NotNull if !has_default && !is_generated_by_server(column) => {
                on_table(Work::ReadsTable).with_reason("NOT NULL without a default fails if the table has rows")
            }
            ColumnOption::Generated { generation_expr: None, .. } => {
                on_table(Work::RewritesTable).with_reason("each row gets a number from the sequence")
            }
            ColumnOption::NotNull if is_virtual(column) => {
                on_table(Work::ReadsTable).with_reason("the server checks each row")
            }
            ColumnOption::Generated { generation_expr_mode: Some(GeneratedExpressionMode::Stored), .. } => {
                on_table(Work::RewritesTable).with_reason("each row's value is computed and stored")
            }
            ColumnOption::Generated { .. } if version < FIRST_WITH_VIRTUAL => {
                on_table(Work::Unknown).with_reason("the server rejects a generated column that is not STORED")
            }
            ColumnOption::Generated { .. } => on_table(Work::Metadata),
            ColumnOption::Unique(_) | ColumnOption::PrimaryKey(_) => {
                on_table(Work::ReadsTable).with_reason("the server builds its index")
            }
            ColumnOption::Check(_) => on_table(Work::ReadsTable).with_reason("the server checks each row"),
            ColumnOption::ForeignKey(reference) => {
                let other = sql::table(DbBackend::Postgres, &reference.foreign_table);
                // NULL refers to no row.
                let work = if has_default { Work::ReadsTable } else { Work::Metadata };
                on_table(work).locking(other, LockMode::ShareRowExclusive)
            }
            _ => on_table(Work::Metadata),
        });
    }
    impact
}

fn of_type(data_type: &DataType, facts: &Facts, on_table: &impl Fn(Work) -> Impact) -> Impact {
    let DataType::Custom(name, _) = data_type else { return on_table(Work::Metadata) };
    if is_serial(name) {
        return on_table(Work::RewritesTable).with_reason("each row gets a number from the sequence");
    }
    match facts.types.get(&name.to_string()) {
        Some(TypeKind::Plain) => on_table(Work::Metadata),
        Some(TypeKind::CheckedDomain) => {
            on_table(Work::RewritesTable).with_reason("the server checks the domain for each row")
        }
        None => on_table(Work::Unknown).with_reason(format!("the type {name} does not exist yet")),
    }
}

/// The default of a domain.
fn default_of<'f>(data_type: &DataType, facts: &'f Facts) -> Option<&'f Option<Expr>> {
    let DataType::Custom(name, _) = data_type else { return None };
    facts.defaults.get(&name.to_string())
}

fn of_default(default: &Expr, facts: &Facts, on_table: &impl Fn(Work) -> Impact) -> Impact {
    let mut impact = on_table(Work::Metadata);
    for function in functions(default) {
        impact = impact.and(match facts.functions.get(&function) {
            Some(Volatility::Constant) => on_table(Work::Metadata),
            Some(Volatility::Volatile) => on_table(Work::RewritesTable)
                .with_reason(format!("{function}() is volatile, so the server calls it for each row")),
            Some(Volatility::Unknown) => {
                on_table(Work::Unknown).with_reason(format!("it is unknown whether {function}() is constant"))
            }
            None => on_table(Work::Unknown).with_reason(format!("the function {function}() does not exist yet")),
        });
    }
    impact
}

/// Whether the server generates its values.
fn is_generated_by_server(column: &ColumnDef) -> bool {
    let is_generated = column.options.iter().any(|option| matches!(option.option, ColumnOption::Generated { .. }));
    is_generated || matches!(&column.data_type, DataType::Custom(name, _) if is_serial(name))
}

/// Whether the server computes its values when they are read.
fn is_virtual(column: &ColumnDef) -> bool {
    column.options.iter().any(|option| match &option.option {
        ColumnOption::Generated { generation_expr, generation_expr_mode, .. } => {
            generation_expr.is_some() && *generation_expr_mode != Some(GeneratedExpressionMode::Stored)
        }
        _ => false,
    })
}

fn is_null(expression: &Expr) -> bool {
    matches!(expression, Expr::Value(ValueWithSpan { value: Value::Null, .. }))
}
