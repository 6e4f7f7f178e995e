//! What the statements so far change about tables that are there, so that the catalogue is not believed where it will be
//! wrong by then.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
};

use sea_orm_migration::sea_orm::DbBackend;
use sqlparser::ast::{
    AlterColumnOperation, AlterTable, AlterTableOperation, CheckConstraint, ColumnDef, ColumnOption, CreateTable, Expr,
    ForeignKeyConstraint, Ident, Statement, TableConstraint, visit_expressions,
};

use super::sql;

/// What is no longer as the catalogue says.
#[derive(Clone, Debug)]
pub(crate) struct Changes {
    backend: DbBackend,
    /// By table and column.
    altered: BTreeSet<(String, String, Aspect)>,
    /// By table and constraint: those that are made, and those that are validated.
    checks: BTreeMap<(String, String), Check>,
    references: Vec<Reference>,
    /// Tables that lose a constraint.
    loosened: BTreeSet<String>,
    /// Tables that get what keeps MySQL and MariaDB from changing them at once.
    odd: BTreeSet<String>,
}

/// Something about a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Aspect {
    Type,
    Nulls,
}

#[derive(Clone, Debug, Default)]
struct Check {
    columns: Vec<String>,
    /// The column of which it says nothing but that it is not null.
    proof: Option<String>,
    is_valid: bool,
}

/// A foreign key that is made.
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
            odd: BTreeSet::new(),
        }
    }

    /// Whether this is not as the catalogue says.
    pub(crate) fn has_altered(&self, table: &str, column: &str, aspect: Aspect) -> bool {
        self.altered.contains(&(table.to_owned(), column.to_owned(), aspect))
    }

    /// Whether a valid `CHECK` will say that the column is not null.
    pub(crate) fn proves(&self, table: &str, column: &str) -> bool {
        self.checks
            .iter()
            .any(|((of, _), check)| of == table && check.is_valid && check.proof.as_deref() == Some(column))
    }

    /// Whether a constraint that is there will be valid.
    pub(crate) fn validates(&self, table: &str, constraint: &str) -> bool {
        let key = (table.to_owned(), constraint.to_owned());
        self.checks.get(&key).is_some_and(|check| check.is_valid)
    }

    /// Whether the column will be in a valid `CHECK` that is not there yet.
    pub(crate) fn checks(&self, table: &str, column: &str) -> bool {
        let of_table = self.checks.iter().filter(|((of, _), _)| of == table);
        of_table
            .map(|(_, check)| check)
            .any(|check| check.is_valid && check.columns.iter().any(|checked| checked == column))
    }

    /// The foreign keys that are made from this table and to it.
    pub(crate) fn references(&self, table: &str) -> impl Iterator<Item = &Reference> {
        self.references.iter().filter(move |reference| reference.table == table || reference.other == table)
    }

    /// Whether a constraint that the catalogue knows may be gone.
    pub(crate) fn loosens(&self, table: &str) -> bool {
        self.loosened.contains(table)
    }

    /// Whether it gets what keeps MySQL and MariaDB from changing it at once.
    pub(crate) fn makes_odd(&self, table: &str) -> bool {
        self.odd.contains(table)
    }

    pub(crate) fn take(&mut self, statement: &Statement) {
        match statement {
            Statement::CreateTable(create) => self.create(create),
            Statement::AlterTable(alter) => self.alter(alter),
            _ => {}
        }
    }

    fn create(&mut self, create: &CreateTable) {
        let table = sql::table(self.backend, &create.name);
        for column in &create.columns {
            self.make(&table, column);
        }
        for constraint in &create.constraints {
            self.constrain(&table, constraint, true);
        }
    }

    fn alter(&mut self, alter: &AlterTable) {
        let table = sql::table(self.backend, &alter.name);
        for operation in &alter.operations {
            match operation {
                AlterTableOperation::AddColumn { column_def, .. } => self.make(&table, column_def),
                AlterTableOperation::AlterColumn { column_name, op } => match op {
                    AlterColumnOperation::SetDataType { .. } => self.note(&table, column_name, &[Aspect::Type]),
                    AlterColumnOperation::SetNotNull | AlterColumnOperation::DropNotNull => {
                        self.note(&table, column_name, &[Aspect::Nulls]);
                    }
                    _ => {}
                },
                AlterTableOperation::ModifyColumn { col_name: name, .. }
                | AlterTableOperation::ChangeColumn { new_name: name, .. }
                | AlterTableOperation::RenameColumn { new_column_name: name, .. } => {
                    self.note(&table, name, &[Aspect::Type, Aspect::Nulls]);
                }
                AlterTableOperation::AddConstraint { constraint, not_valid } => {
                    self.constrain(&table, constraint, !not_valid);
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

    fn make(&mut self, table: &str, column: &ColumnDef) {
        self.note(table, &column.name, &[Aspect::Type, Aspect::Nulls]);
        for option in &column.options {
            match &option.option {
                ColumnOption::ForeignKey(reference) => {
                    let columns = std::slice::from_ref(&column.name);
                    self.refer(table, reference, columns);
                }
                ColumnOption::Generated { .. } => {
                    self.odd.insert(table.to_owned());
                }
                _ => {}
            }
        }
    }

    fn constrain(&mut self, table: &str, constraint: &TableConstraint, is_valid: bool) {
        match constraint {
            TableConstraint::ForeignKey(reference) => self.refer(table, reference, &reference.columns),
            TableConstraint::Check(check) => {
                let name = check.name.clone().unwrap_or_else(|| Ident::new(check.expr.to_string()));
                let check = Check { is_valid, ..self.check(check) };
                self.checks.insert(self.key(table, &name), check);
            }
            TableConstraint::FulltextOrSpatial(_) => {
                self.odd.insert(table.to_owned());
            }
            _ => {}
        }
    }

    fn refer(&mut self, table: &str, reference: &ForeignKeyConstraint, columns: &[Ident]) {
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
        let proof = match check.expr.as_ref() {
            Expr::IsNotNull(inner) => match inner.as_ref() {
                Expr::Identifier(identifier) => Some(sql::name(self.backend, identifier)),
                _ => None,
            },
            _ => None,
        };
        Check { columns, proof, is_valid: false }
    }

    fn note(&mut self, table: &str, column: &Ident, aspects: &[Aspect]) {
        let column = sql::name(self.backend, column);
        self.altered.extend(aspects.iter().map(|aspect| (table.to_owned(), column.clone(), *aspect)));
    }

    fn key(&self, table: &str, constraint: &Ident) -> (String, String) {
        (table.to_owned(), sql::name(self.backend, constraint))
    }
}
