//! `ALTER TABLE`: the algorithm that each of its operations needs, and the lock that the server takes for all of them.

use sqlparser::ast::{
    AlterColumnOperation, AlterTable, AlterTableAlgorithm, AlterTableLock, AlterTableOperation, ColumnDef,
    ColumnOption, DataType, Expr, GeneratedExpressionMode, MySQLColumnPosition, TableConstraint, UnaryOperator,
};

use super::{
    algorithm::{Algorithm, combined},
    facts::Facts,
    index::{foreign_engine, unique_index},
    modify_column::modify_column,
    names::{name, table},
};
use crate::{
    impact::Impact,
    lock_mode::LockMode,
    plan::Work,
    server::{Product, Server, Version},
};

/// An `ALTER TABLE` on a server of which these facts are known.
pub(super) struct Alteration<'a> {
    server: &'a Server,
    facts: &'a Facts,
    /// Whether the statement adds a primary key.
    adds_key: bool,
}

impl<'a> Alteration<'a> {
    pub(super) fn new(alter: &AlterTable, server: &'a Server, facts: &'a Facts) -> Self {
        Self { server, facts, adds_key: alter.operations.iter().any(adds_key) }
    }

    pub(super) fn analyse(&self, alter: &AlterTable) -> Impact {
        let name = table(&alter.name);
        if let Some(reason) = self.unsupported_version() {
            return Impact::unknown(reason);
        }
        if self.is_nothing(alter) {
            return Impact::on(name, LockMode::OnlineDdl, Work::Nothing)
                .with_reason("the columns already exist, so without IF NOT EXISTS the server rejects the statement");
        }
        if let Some(engine) = &self.facts.engine {
            return Impact::unknown(foreign_engine(engine));
        }
        let mut algorithms = self.algorithms(alter);
        if self.keeps_hash_index(alter) {
            algorithms.push(Algorithm::Copy);
        }
        let analysed = combined(&name, &algorithms);
        let wish = alter.operations.iter().find_map(|operation| match operation {
            AlterTableOperation::Algorithm { algorithm, .. } => Some(*algorithm),
            _ => None,
        });
        let impact = match wish {
            Some(AlterTableAlgorithm::Copy) => combined(&name, &[Algorithm::Copy]),
            Some(AlterTableAlgorithm::Instant) if analysed.work == Work::Metadata => analysed,
            Some(AlterTableAlgorithm::Instant) => Impact::on(&name, LockMode::OnlineDdl, Work::Metadata)
                .with_reason("ALGORITHM=INSTANT: the server changes metadata only, or rejects the statement"),
            Some(AlterTableAlgorithm::Inplace) if algorithms.contains(&Algorithm::Copy) => {
                Impact::on(&name, LockMode::OnlineDdl, Work::Nothing)
                    .with_reason("ALGORITHM=INPLACE: the server needs to copy the table, so it rejects the statement")
            }
            Some(AlterTableAlgorithm::Inplace | AlterTableAlgorithm::Default) | None => analysed,
        };
        self.with_lock(alter, &name, impact)
    }

    /// Versions that are older than the rules.
    fn unsupported_version(&self) -> Option<String> {
        let oldest = if self.is_mariadb() { Version(10, 4, 0) } else { Version(8, 0, 12) };
        (self.server.version < oldest).then(|| format!("no rules for {}: it is older than {oldest}", self.server))
    }

    fn is_mariadb(&self) -> bool {
        self.server.product == Product::MariaDB
    }

    /// The server takes the lock of a `LOCK` clause, or rejects the statement.
    fn with_lock(&self, alter: &AlterTable, table: &str, impact: Impact) -> Impact {
        let copies = impact.work == Work::RewritesTable
            && impact.locks.as_ref().is_some_and(|locks| locks.iter().any(|(_, mode)| *mode == LockMode::SharedDdl));
        let asked = alter.operations.iter().find_map(|operation| match operation {
            AlterTableOperation::Lock { lock: AlterTableLock::None, .. } => Some(LockMode::OnlineDdl),
            AlterTableOperation::Lock { lock: AlterTableLock::Shared, .. } => Some(LockMode::SharedDdl),
            _ => None,
        });
        match asked {
            Some(mode) if impact.locks.is_some() => {
                Impact { locks: Some(vec![(Some(table.to_owned()), mode)]), ..impact }
            }
            // Since 11.2 MariaDB copies while writes continue, with exceptions: <https://mariadb.com/kb/en/alter-table/>.
            None if copies && self.is_mariadb() && self.server.version >= Version(11, 2, 0) => {
                Impact { locks: None, ..impact }
                    .with_reason("the server copies the table; whether writes wait is unknown")
            }
            _ => impact,
        }
    }

    /// `ADD COLUMN` of existing columns; the parser was not told of `IF NOT EXISTS`.
    fn is_nothing(&self, alter: &AlterTable) -> bool {
        alter.operations.iter().all(|operation| match operation {
            AlterTableOperation::AddColumn { column_def, .. } => self.facts.present.contains(&name(&column_def.name)),
            AlterTableOperation::Algorithm { .. } | AlterTableOperation::Lock { .. } => true,
            _ => false,
        })
    }

    /// Whether a hash index remains. Only renaming the table does not copy it then.
    fn keeps_hash_index(&self, alter: &AlterTable) -> bool {
        let is_dropped = |index: &String| {
            alter.operations.iter().any(|operation| match operation {
                AlterTableOperation::DropIndex { name: dropped } => name(dropped) == *index,
                _ => false,
            })
        };
        let is_renaming =
            |operation: &AlterTableOperation| matches!(operation, AlterTableOperation::RenameTable { .. });
        !alter.operations.iter().all(is_renaming) && !self.facts.hash_indexes.iter().all(is_dropped)
    }

    fn algorithms(&self, alter: &AlterTable) -> Vec<Algorithm> {
        let dropped: Vec<String> = alter.operations.iter().flat_map(dropped_columns).collect();
        alter.operations.iter().map(|operation| self.algorithm(operation, &dropped)).collect()
    }

    fn algorithm(&self, operation: &AlterTableOperation, dropped: &[String]) -> Algorithm {
        match operation {
            AlterTableOperation::AddColumn { column_def, column_position, .. } => {
                self.add_column(column_def, column_position.as_ref())
            }
            AlterTableOperation::DropColumn { column_names, .. } => {
                column_names.iter().fold(Algorithm::Metadata, |algorithm, column| {
                    match self.drop_column(&name(column), dropped) {
                        Algorithm::Metadata => algorithm,
                        other => other,
                    }
                })
            }
            AlterTableOperation::ModifyColumn { col_name, data_type, options, column_position } => {
                self.modify(&name(col_name), data_type, options, column_position.as_ref())
            }
            AlterTableOperation::ChangeColumn { old_name, data_type, options, column_position, .. } => {
                self.modify(&name(old_name), data_type, options, column_position.as_ref())
            }
            AlterTableOperation::RenameColumn { .. }
                if !self.is_mariadb() && self.server.version < Version(8, 0, 28) =>
            {
                Algorithm::Metadata
            }
            AlterTableOperation::RenameColumn { .. }
            | AlterTableOperation::RenameTable { .. }
            | AlterTableOperation::DropIndex { .. }
            | AlterTableOperation::DropForeignKey { .. }
            | AlterTableOperation::DropConstraint { .. }
            | AlterTableOperation::AutoIncrement { .. }
            | AlterTableOperation::Algorithm { .. }
            | AlterTableOperation::Lock { .. }
            | AlterTableOperation::AlterColumn {
                op: AlterColumnOperation::SetDefault { .. } | AlterColumnOperation::DropDefault,
                ..
            } => Algorithm::Metadata,
            // The same statement adds another one.
            AlterTableOperation::DropPrimaryKey { .. } if self.adds_key => Algorithm::Rebuild,
            AlterTableOperation::DropPrimaryKey { .. } => Algorithm::Copy,
            AlterTableOperation::AddConstraint { constraint, .. } => match constraint {
                TableConstraint::Unique(unique) => unique_index(&unique.columns, self.facts),
                TableConstraint::Index(_) => Algorithm::Index,
                TableConstraint::PrimaryKey(_) => Algorithm::Rebuild,
                TableConstraint::FulltextOrSpatial(_) => Algorithm::LockedRebuild,
                TableConstraint::ForeignKey(_) | TableConstraint::Check(_) => Algorithm::Copy,
                _ => no_rule(),
            },
            _ => no_rule(),
        }
    }

    fn add_column(&self, column: &ColumnDef, position: Option<&MySQLColumnPosition>) -> Algorithm {
        let mut algorithm = Algorithm::Instant;
        for option in &column.options {
            match &option.option {
                ColumnOption::Generated { generation_expr_mode: Some(GeneratedExpressionMode::Stored), .. } => {
                    return Algorithm::Copy;
                }
                ColumnOption::Generated { .. } if position.is_none() => algorithm = Algorithm::Metadata,
                ColumnOption::Generated { .. } => return no_rule(),
                ColumnOption::Unique(_) | ColumnOption::PrimaryKey(_) => algorithm = Algorithm::Rebuild,
                // MySQL ignores an inline REFERENCES.
                ColumnOption::ForeignKey(_) if self.is_mariadb() => return Algorithm::Copy,
                ColumnOption::ForeignKey(_) => {}
                ColumnOption::Check(_) if !self.is_mariadb() => return Algorithm::Copy,
                ColumnOption::Default(default) if !is_constant(default) => {
                    return Algorithm::Unknown(format!("it is unknown whether {default} is constant"));
                }
                // AUTO_INCREMENT numbers each row.
                ColumnOption::DialectSpecific(_) => return Algorithm::LockedRebuild,
                ColumnOption::Null
                | ColumnOption::NotNull
                | ColumnOption::Default(_)
                | ColumnOption::Check(_)
                | ColumnOption::Comment(_)
                | ColumnOption::CharacterSet(_)
                | ColumnOption::Collation(_)
                | ColumnOption::OnUpdate(_) => {}
                _ => return no_rule(),
            }
        }
        match (&self.facts.restriction, position) {
            _ if algorithm == Algorithm::Metadata => algorithm,
            (Some(restriction), _) => Algorithm::Unknown(restriction.clone()),
            // Before 8.0.29 MySQL adds a column instantly only at the end.
            (None, Some(_)) if !self.is_mariadb() && self.server.version < Version(8, 0, 29) => Algorithm::Rebuild,
            (None, _) => algorithm,
        }
    }

    fn drop_column(&self, column: &str, dropped: &[String]) -> Algorithm {
        if let Some(restriction) = &self.facts.restriction {
            return Algorithm::Unknown(restriction.clone());
        }
        if self.facts.changes_indexes {
            return Algorithm::Unknown("an earlier statement changes the indexes of the table".to_owned());
        }
        if !self.is_mariadb() && self.server.version < Version(8, 0, 29) {
            return Algorithm::Rebuild;
        }
        // An index is dropped with its last column, and rebuilt if others remain.
        let mut indexes = self.facts.indexes.values().filter(|columns| columns.iter().any(|of| of == column));
        if indexes.any(|columns| columns.iter().any(|column| !dropped.contains(column))) {
            return Algorithm::Rebuild;
        }
        Algorithm::Instant
    }

    fn modify(
        &self,
        column: &str,
        data_type: &DataType,
        options: &[ColumnOption],
        position: Option<&MySQLColumnPosition>,
    ) -> Algorithm {
        let Some(known) = self.facts.columns.get(column) else {
            return Algorithm::Unknown(format!("an earlier statement adds or changes {column}"));
        };
        match (
            modify_column(self.server.product, self.facts, known, data_type, options),
            position,
            &self.facts.restriction,
        ) {
            (Algorithm::Metadata, None, _) => Algorithm::Metadata,
            (Algorithm::Metadata | Algorithm::Rebuild, _, Some(restriction)) => Algorithm::Unknown(restriction.clone()),
            // MySQL rewrites the rows to move a column.
            (Algorithm::Metadata, Some(_), None) if !self.is_mariadb() => Algorithm::Rebuild,
            (Algorithm::Metadata, Some(_), None) => Algorithm::Instant,
            (algorithm, _, _) => algorithm,
        }
    }
}

fn dropped_columns(operation: &AlterTableOperation) -> Vec<String> {
    match operation {
        AlterTableOperation::DropColumn { column_names, .. } => column_names.iter().map(name).collect(),
        _ => Vec::new(),
    }
}

fn adds_key(operation: &AlterTableOperation) -> bool {
    matches!(operation, AlterTableOperation::AddConstraint { constraint: TableConstraint::PrimaryKey(_), .. })
}

/// Whether all rows get the same value.
fn is_constant(expression: &Expr) -> bool {
    match expression {
        Expr::Value(_) => true,
        Expr::Nested(inner) => is_constant(inner),
        Expr::UnaryOp { op: UnaryOperator::Minus | UnaryOperator::Plus, expr } => is_constant(expr),
        Expr::Function(function) => {
            let name = function.name.to_string().to_lowercase();
            ["current_timestamp", "now", "localtime", "localtimestamp"].contains(&name.as_str())
        }
        _ => false,
    }
}

fn no_rule() -> Algorithm {
    Algorithm::Unknown("no rule for this kind of ALTER TABLE".to_owned())
}
