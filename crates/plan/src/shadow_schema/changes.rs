//! Columns and constraints of existing tables that the statements so far change, where the catalog will be wrong by then.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
};

use sea_orm_migration::sea_orm::DbBackend;
use sqlparser::ast::{
    AlterColumnOperation, AlterTable, AlterTableOperation, CheckConstraint, ColumnDef, ColumnOption, CreateTable, Expr,
    ForeignKeyConstraint, Ident, Statement, TableConstraint, visit_expressions,
};

use crate::sql;

/// What will differ from the catalog.
#[derive(Clone, Debug)]
pub(crate) struct Changes {
    backend: DbBackend,
    /// By table and column.
    altered: BTreeSet<(String, String, Aspect)>,
    /// Constraints that are added or validated, by table and name.
    checks: BTreeMap<(String, String), Check>,
    references: Vec<Reference>,
    /// Tables that lose a constraint.
    loosened: BTreeSet<String>,
    /// Tables that get a column or an index which restricts the algorithms of MySQL and MariaDB.
    restricted: BTreeSet<String>,
}

/// A property of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Aspect {
    Type,
    Nullability,
}

#[derive(Clone, Debug, Default)]
struct Check {
    columns: Vec<String>,
    /// The column, if the constraint is `column IS NOT NULL`.
    not_null: Option<String>,
    is_valid: bool,
}

/// A foreign key that is added.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    pub(crate) table: String,
    pub(crate) constraint: String,
    pub(crate) columns: Vec<String>,
    pub(crate) other: String,
}

impl Changes {
    pub(crate) fn new(backend: DbBackend) -> Self {
        Self {
            backend,
            altered: BTreeSet::new(),
            checks: BTreeMap::new(),
            references: Vec::new(),
            loosened: BTreeSet::new(),
            restricted: BTreeSet::new(),
        }
    }

    /// Whether this property will differ from the catalog.
    pub(crate) fn has_altered(&self, table: &str, column: &str, aspect: Aspect) -> bool {
        self.altered.contains(&(table.to_owned(), column.to_owned(), aspect))
    }

    /// Whether a valid `CHECK` will be exactly `column IS NOT NULL`.
    pub(crate) fn has_not_null_check(&self, table: &str, column: &str) -> bool {
        self.checks
            .iter()
            .any(|((of, _), check)| of == table && check.is_valid && check.not_null.as_deref() == Some(column))
    }

    /// Whether an existing constraint will be valid.
    pub(crate) fn validates(&self, table: &str, constraint: &str) -> bool {
        let key = (table.to_owned(), constraint.to_owned());
        self.checks.get(&key).is_some_and(|check| check.is_valid)
    }

    /// Whether the column will be in a valid new `CHECK`.
    pub(crate) fn has_check(&self, table: &str, column: &str) -> bool {
        let of_table = self.checks.iter().filter(|((of, _), _)| of == table);
        of_table
            .map(|(_, check)| check)
            .any(|check| check.is_valid && check.columns.iter().any(|checked| checked == column))
    }

    /// The new foreign keys from this table and to it.
    pub(crate) fn references(&self, table: &str) -> impl Iterator<Item = &Reference> {
        self.references.iter().filter(move |reference| reference.table == table || reference.other == table)
    }

    /// Whether a constraint in the catalog may be gone by then.
    pub(crate) fn drops_constraint(&self, table: &str) -> bool {
        self.loosened.contains(table)
    }

    /// Whether the table gets a column or an index which restricts the algorithms of MySQL and MariaDB.
    pub(crate) fn restricts_algorithms(&self, table: &str) -> bool {
        self.restricted.contains(table)
    }

    pub(crate) fn apply(&mut self, statement: &Statement) {
        match statement {
            Statement::CreateTable(create) => self.create(create),
            Statement::AlterTable(alter) => self.alter(alter),
            _ => {}
        }
    }

    fn create(&mut self, create: &CreateTable) {
        let table = sql::table(self.backend, &create.name);
        for column in &create.columns {
            self.add_column(&table, column);
        }
        for constraint in &create.constraints {
            self.add_constraint(&table, constraint, true);
        }
    }

    fn alter(&mut self, alter: &AlterTable) {
        let table = sql::table(self.backend, &alter.name);
        for operation in &alter.operations {
            match operation {
                AlterTableOperation::AddColumn { column_def, .. } => self.add_column(&table, column_def),
                AlterTableOperation::AlterColumn { column_name, op } => match op {
                    AlterColumnOperation::SetDataType { .. } => self.record(&table, column_name, &[Aspect::Type]),
                    AlterColumnOperation::SetNotNull | AlterColumnOperation::DropNotNull => {
                        self.record(&table, column_name, &[Aspect::Nullability]);
                    }
                    _ => {}
                },
                AlterTableOperation::ModifyColumn { col_name: name, .. }
                | AlterTableOperation::ChangeColumn { new_name: name, .. }
                | AlterTableOperation::RenameColumn { new_column_name: name, .. } => {
                    self.record(&table, name, &[Aspect::Type, Aspect::Nullability]);
                }
                AlterTableOperation::AddConstraint { constraint, not_valid } => {
                    self.add_constraint(&table, constraint, !not_valid);
                }
                AlterTableOperation::ValidateConstraint { name } => {
                    self.checks.entry(self.key(&table, name)).or_default().is_valid = true;
                }
                AlterTableOperation::DropConstraint { name, .. } => {
                    self.checks.remove(&self.key(&table, name));
                    self.loosened.insert(table.clone());
                }
                _ => {}
            }
        }
    }

    fn add_column(&mut self, table: &str, column: &ColumnDef) {
        self.record(table, &column.name, &[Aspect::Type, Aspect::Nullability]);
        for option in &column.options {
            match &option.option {
                ColumnOption::ForeignKey(reference) => {
                    let columns = std::slice::from_ref(&column.name);
                    self.add_reference(table, reference, columns);
                }
                ColumnOption::Generated { .. } => {
                    self.restricted.insert(table.to_owned());
                }
                _ => {}
            }
        }
    }

    fn add_constraint(&mut self, table: &str, constraint: &TableConstraint, is_valid: bool) {
        match constraint {
            TableConstraint::ForeignKey(reference) => self.add_reference(table, reference, &reference.columns),
            TableConstraint::Check(check) => {
                let name = check.name.clone().unwrap_or_else(|| Ident::new(check.expr.to_string()));
                let check = Check { is_valid, ..self.check(check) };
                self.checks.insert(self.key(table, &name), check);
            }
            TableConstraint::FulltextOrSpatial(_) => {
                self.restricted.insert(table.to_owned());
            }
            _ => {}
        }
    }

    fn add_reference(&mut self, table: &str, reference: &ForeignKeyConstraint, columns: &[Ident]) {
        let constraint = reference.name.as_ref().map(|name| sql::name(self.backend, name)).unwrap_or_default();
        self.references.push(Reference {
            table: table.to_owned(),
            constraint,
            columns: columns.iter().map(|column| sql::name(self.backend, column)).collect(),
            other: sql::table(self.backend, &reference.foreign_table),
        });
    }

    fn check(&self, check: &CheckConstraint) -> Check {
        let mut columns = Vec::new();
        let _ = visit_expressions(check.expr.as_ref(), |expression| {
            if let Expr::Identifier(identifier) = expression {
                columns.push(sql::name(self.backend, identifier));
            }
            ControlFlow::<()>::Continue(())
        });
        let not_null = match check.expr.as_ref() {
            Expr::IsNotNull(inner) => match inner.as_ref() {
                Expr::Identifier(identifier) => Some(sql::name(self.backend, identifier)),
                _ => None,
            },
            _ => None,
        };
        Check { columns, not_null, is_valid: false }
    }

    fn record(&mut self, table: &str, column: &Ident, aspects: &[Aspect]) {
        let column = sql::name(self.backend, column);
        self.altered.extend(aspects.iter().map(|aspect| (table.to_owned(), column.clone(), *aspect)));
    }

    fn key(&self, table: &str, constraint: &Ident) -> (String, String) {
        (table.to_owned(), sql::name(self.backend, constraint))
    }
}
