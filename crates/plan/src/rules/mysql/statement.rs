//! The rule for each kind of statement.

use sea_orm_migration::sea_orm::DbBackend;
use sqlparser::ast::{
    AlterColumnOperation, AlterTable, AlterTableAlgorithm, AlterTableLock, AlterTableOperation, ColumnDef,
    ColumnOption, CreateTable, DataType, Expr, FromTable, GeneratedExpressionMode, Ident, IndexColumn,
    MySQLColumnPosition, ObjectName, ObjectType, Statement, TableConstraint, TableFactor, TableObject, TableWithJoins,
    UnaryOperator,
};

use super::{
    algorithm::{Algorithm, combined},
    facts::Facts,
    modify_column::modify_column,
};
use crate::{
    impact::Impact,
    lock_mode::LockMode,
    model::Work,
    server::{Product, Server, Version},
    sql,
};

pub(crate) fn analyse(statement: &Statement, server: &Server, facts: &Facts) -> Impact {
    match statement {
        Statement::CreateTable(create) => create_table(create),
        Statement::AlterTable(alter) => {
            let adds_key = alter.operations.iter().any(adds_key);
            Alteration { server, facts, adds_key }.analyse(alter)
        }
        Statement::CreateIndex(create) => {
            let algorithm = if create.unique { unique_index(&create.columns, facts) } else { Algorithm::Index };
            index_impact(&table(&create.table_name), algorithm, "", facts)
        }
        Statement::Drop { object_type: ObjectType::Index, table: Some(of), names, .. } => {
            let index = names.first().map(table).unwrap_or_default();
            index_impact(&table(of), Algorithm::Metadata, &index, facts)
        }
        Statement::Drop { object_type: ObjectType::Table | ObjectType::View, names, .. } => {
            let impacts = names.iter().map(|name| Impact::on(table(name), LockMode::OnlineDdl, Work::Metadata));
            impacts.reduce(Impact::and).unwrap_or_else(|| Impact::unknown("the statement names no table"))
        }
        Statement::RenameTable(renamings) => {
            let impacts = renamings
                .iter()
                .map(|renaming| Impact::on(table(&renaming.old_name), LockMode::OnlineDdl, Work::Metadata));
            impacts.reduce(Impact::and).unwrap_or_else(|| Impact::unknown("the statement names no table"))
        }
        Statement::Truncate(truncate) => {
            let tables = truncate.table_names.iter().map(|target| table(&target.name));
            tables
                .fold(Impact::lock_free(Work::ChangesRows), |impact, table| impact.locking(table, LockMode::OnlineDdl))
        }
        Statement::Insert(insert) => match &insert.table {
            TableObject::TableName(name) => changes_rows(&table(name)),
            _ => Impact::unknown("the target is not a table"),
        },
        Statement::Update(update) => changes_relation(&update.table),
        Statement::Delete(delete) => {
            let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
            from.first().map_or_else(|| Impact::unknown("the statement names no table"), changes_relation)
        }
        Statement::CreateTrigger(create) => Impact::on(table(&create.table_name), LockMode::OnlineDdl, Work::Metadata),
        Statement::DropTrigger(drop) => match &facts.trigger_table {
            Some(table) => Impact::on(table, LockMode::OnlineDdl, Work::Metadata),
            None if drop.if_exists => Impact::lock_free(Work::Nothing).with_reason("there is no such trigger"),
            None => Impact::unknown("the table of the trigger is not known: an earlier statement may create it"),
        },
        Statement::CreateView(_)
        | Statement::CreateFunction(_)
        | Statement::CreateProcedure { .. }
        | Statement::Grant(_)
        | Statement::Revoke(_) => Impact::lock_free(Work::Metadata),
        Statement::Set(_) => Impact::lock_free(Work::Nothing).with_reason("a session setting"),
        _ => Impact::unknown("no rule for this kind of statement"),
    }
}

/// The impact of creating an index, or of dropping the index `dropped`.
fn index_impact(table: &str, algorithm: Algorithm, dropped: &str, facts: &Facts) -> Impact {
    match &facts.engine {
        Some(engine) => Impact::unknown(foreign_engine(engine)),
        None if facts.hash_indexes.iter().any(|index| index != dropped) => combined(table, &[Algorithm::Copy]),
        None => combined(table, &[algorithm]),
    }
}

/// A `UNIQUE` on a whole TEXT or BLOB needs a hidden column with its hash (MariaDB).
fn unique_index(columns: &[IndexColumn], facts: &Facts) -> Algorithm {
    let is_long = |column: &IndexColumn| match &column.column.expr {
        Expr::Identifier(identifier) => facts.columns.get(&name(identifier)).is_some_and(|column| {
            let data_type = column.data_type.to_lowercase();
            data_type.ends_with("text") || data_type.ends_with("blob")
        }),
        _ => false,
    };
    if columns.iter().any(is_long) { Algorithm::Copy } else { Algorithm::Index }
}

/// The rules are those of `InnoDB`.
fn foreign_engine(engine: &str) -> String {
    format!("no rules for the engine {engine}")
}

/// No session can wait for a new table.
fn create_table(create: &CreateTable) -> Impact {
    match &create.query {
        None => Impact::lock_free(Work::Metadata),
        Some(_) => Impact::unknown("no rule for CREATE TABLE ... SELECT"),
    }
}

struct Alteration<'a> {
    server: &'a Server,
    facts: &'a Facts,
    /// Whether the statement adds a primary key.
    adds_key: bool,
}

impl Alteration<'_> {
    fn analyse(&self, alter: &AlterTable) -> Impact {
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

fn changes_relation(relation: &TableWithJoins) -> Impact {
    match &relation.relation {
        TableFactor::Table { name, .. } => changes_rows(&table(name)),
        _ => Impact::unknown("the target is not a table"),
    }
}

fn changes_rows(table: &str) -> Impact {
    Impact::on(table, LockMode::Rows, Work::ChangesRows)
}

fn table(name: &ObjectName) -> String {
    sql::table(DbBackend::MySql, name)
}

fn name(identifier: &Ident) -> String {
    sql::name(DbBackend::MySql, identifier)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const MYSQL_5: (Product, Version) = (Product::MySQL, Version(5, 7, 44));
    const MYSQL_8_0_20: (Product, Version) = (Product::MySQL, Version(8, 0, 20));
    const MYSQL_8_4: (Product, Version) = (Product::MySQL, Version(8, 4, 0));
    const MARIADB_10_3: (Product, Version) = (Product::MariaDB, Version(10, 3, 39));
    const MARIADB_10_4: (Product, Version) = (Product::MariaDB, Version(10, 4, 0));
    const MARIADB_11_4: (Product, Version) = (Product::MariaDB, Version(11, 4, 2));

    fn analysed((product, version): (Product, Version), operation: &str) -> Impact {
        let statement = sql::parse(DbBackend::MySql, &format!("ALTER TABLE t {operation}")).unwrap().remove(0);
        analyse(&statement, &Server { product, version, is_replica: false, is_galera: false }, &Facts::default())
    }

    /// <https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html>,
    /// <https://mariadb.com/kb/en/innodb-online-ddl-operations-with-the-instant-alter-algorithm/>
    #[rstest]
    #[case::a_column_at_the_end(MYSQL_8_0_20, "ADD COLUMN n int", Work::Metadata, LockMode::OnlineDdl)]
    #[case::a_column_in_front(MYSQL_8_4, "ADD COLUMN n int FIRST", Work::Metadata, LockMode::OnlineDdl)]
    #[case::a_column_in_front_before_8_0_29(
        MYSQL_8_0_20,
        "ADD COLUMN n int FIRST",
        Work::RewritesTable,
        LockMode::OnlineDdl
    )]
    #[case::dropping_a_column(MYSQL_8_4, "DROP COLUMN b", Work::Metadata, LockMode::OnlineDdl)]
    #[case::dropping_a_column_before_8_0_29(MYSQL_8_0_20, "DROP COLUMN b", Work::RewritesTable, LockMode::OnlineDdl)]
    #[case::dropping_a_column_of_mariadb(MARIADB_10_4, "DROP COLUMN b", Work::Metadata, LockMode::OnlineDdl)]
    #[case::renaming_a_column(MYSQL_8_0_20, "RENAME COLUMN a TO b", Work::Metadata, LockMode::OnlineDdl)]
    #[case::a_default(MYSQL_8_0_20, "ALTER COLUMN a SET DEFAULT 5", Work::Metadata, LockMode::OnlineDdl)]
    #[case::an_index(MYSQL_8_0_20, "ADD INDEX ix (a)", Work::ReadsTable, LockMode::OnlineDdl)]
    #[case::a_primary_key(MYSQL_8_4, "ADD PRIMARY KEY (a)", Work::RewritesTable, LockMode::OnlineDdl)]
    #[case::dropping_the_primary_key(MYSQL_8_4, "DROP PRIMARY KEY", Work::RewritesTable, LockMode::SharedDdl)]
    #[case::a_foreign_key(
        MYSQL_8_4,
        "ADD CONSTRAINT x FOREIGN KEY (a) REFERENCES p (id)",
        Work::RewritesTable,
        LockMode::SharedDdl
    )]
    #[case::a_reference_that_mysql_ignores(
        MYSQL_8_0_20,
        "ADD COLUMN n int REFERENCES p (id)",
        Work::Metadata,
        LockMode::OnlineDdl
    )]
    #[case::a_reference_that_mariadb_enforces(
        MARIADB_10_4,
        "ADD COLUMN n int REFERENCES p (id)",
        Work::RewritesTable,
        LockMode::SharedDdl
    )]
    #[case::an_explicit_lock(MYSQL_8_4, "ADD INDEX ix (a), LOCK=SHARED", Work::ReadsTable, LockMode::SharedDdl)]
    fn the_rules_depend_on_the_version(
        #[case] server: (Product, Version),
        #[case] operation: &str,
        #[case] work: Work,
        #[case] mode: LockMode,
    ) {
        let impact = analysed(server, operation);
        assert_eq!((impact.work, impact.locks), (work, Some(vec![(Some("t".to_owned()), mode)])));
    }

    #[rstest]
    #[case::of_mysql(MYSQL_5)]
    #[case::of_mariadb(MARIADB_10_3)]
    fn an_older_version_is_unknown(#[case] server: (Product, Version)) {
        let impact = analysed(server, "ADD COLUMN n int");
        assert_eq!((impact.work, impact.locks), (Work::Unknown, None));
    }

    #[test]
    fn whether_writes_wait_while_a_newer_mariadb_copies_is_unknown() {
        let impact = analysed(MARIADB_11_4, "ADD CONSTRAINT x CHECK (a > 0)");
        assert_eq!((impact.work, impact.locks), (Work::RewritesTable, None));
    }
}
