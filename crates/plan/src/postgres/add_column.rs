//! `ADD COLUMN`: whether the rows that are there can stay as they are.

use sea_orm_migration::sea_orm::DbBackend;
use sqlparser::ast::{ColumnDef, ColumnOption, DataType, Expr, GeneratedExpressionMode, Value, ValueWithSpan};

use super::{
    column_type::is_serial,
    facts::{Facts, TypeKind, Volatility, functions},
};
use crate::{effect::Effect, mode::Mode, model::Work, sql};

/// What the column does to its table, which is locked as for any change, and to those that it refers to.
pub(crate) fn add(table: &str, column: &ColumnDef, facts: &Facts) -> Effect {
    let on_table = |work| Effect::on(table, Mode::AccessExclusive, work);
    let mut defaults = column.options.iter().filter_map(|option| match &option.option {
        ColumnOption::Default(default) => Some(default),
        _ => None,
    });
    let of_type_alone = of_type(&column.data_type, facts, &on_table);
    let (has_default, mut effect) = match (defaults.next(), default_of(&column.data_type, facts)) {
        (Some(default), _) => (!is_null(default), of_type_alone),
        (None, Some(Some(default))) => (true, of_type_alone.and(of_default(default, facts, &on_table))),
        (None, Some(None)) => {
            let unknown = on_table(Work::Unknown).because("the default of the domain cannot be read");
            (true, of_type_alone.and(unknown))
        }
        (None, None) => (false, of_type_alone),
    };
    for option in &column.options {
        effect = effect.and(match &option.option {
            ColumnOption::Default(default) => of_default(default, facts, &on_table),
            ColumnOption::NotNull if !has_default && !is_filled(column) => {
                on_table(Work::ReadsTable).because("NOT NULL without a default fails where there is a row")
            }
            ColumnOption::Generated { generation_expr: None, .. } => {
                on_table(Work::RewritesTable).because("each row is given a number")
            }
            ColumnOption::Generated { generation_expr_mode: Some(GeneratedExpressionMode::Virtual), .. } => {
                on_table(Work::Metadata)
            }
            ColumnOption::Generated { .. } => {
                on_table(Work::RewritesTable).because("the value of each row is computed and stored")
            }
            ColumnOption::Unique(_) | ColumnOption::PrimaryKey(_) => {
                on_table(Work::ReadsTable).because("its index is built")
            }
            ColumnOption::Check(_) => on_table(Work::ReadsTable).because("each row is checked"),
            ColumnOption::ForeignKey(reference) => {
                let other = sql::table(DbBackend::Postgres, &reference.foreign_table);
                // A row without a value refers to nothing.
                let work = if has_default { Work::ReadsTable } else { Work::Metadata };
                on_table(work).locking(other, Mode::ShareRowExclusive)
            }
            _ => on_table(Work::Metadata),
        });
    }
    effect
}

fn of_type(data_type: &DataType, facts: &Facts, on_table: &impl Fn(Work) -> Effect) -> Effect {
    let DataType::Custom(name, _) = data_type else { return on_table(Work::Metadata) };
    if is_serial(name) {
        return on_table(Work::RewritesTable).because("each row is given a number");
    }
    match facts.types.get(&name.to_string()) {
        Some(TypeKind::Plain) => on_table(Work::Metadata),
        Some(TypeKind::CheckedDomain) => on_table(Work::RewritesTable).because("the domain is checked for each row"),
        None => on_table(Work::Unknown).because(format!("the type {name} is not there yet")),
    }
}

/// That of a domain.
fn default_of<'f>(data_type: &DataType, facts: &'f Facts) -> Option<&'f Option<Expr>> {
    let DataType::Custom(name, _) = data_type else { return None };
    facts.defaults.get(&name.to_string())
}

fn of_default(default: &Expr, facts: &Facts, on_table: &impl Fn(Work) -> Effect) -> Effect {
    let mut effect = on_table(Work::Metadata);
    for function in functions(default) {
        effect = effect.and(match facts.functions.get(&function) {
            Some(Volatility::Constant) => on_table(Work::Metadata),
            Some(Volatility::Volatile) => {
                on_table(Work::RewritesTable).because(format!("{function}() is volatile: it is called for each row"))
            }
            Some(Volatility::Unclear) => {
                on_table(Work::Unknown).because(format!("whether {function}() is called for each row is not known"))
            }
            None => on_table(Work::Unknown).because(format!("the function {function}() is not there yet")),
        });
    }
    effect
}

/// Whether it gets its values by itself.
fn is_filled(column: &ColumnDef) -> bool {
    let is_generated = column.options.iter().any(|option| matches!(option.option, ColumnOption::Generated { .. }));
    is_generated || matches!(&column.data_type, DataType::Custom(name, _) if is_serial(name))
}

fn is_null(expression: &Expr) -> bool {
    matches!(expression, Expr::Value(ValueWithSpan { value: Value::Null, .. }))
}
