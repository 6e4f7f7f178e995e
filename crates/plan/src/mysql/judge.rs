//! One statement.

use sea_orm_migration::sea_orm::DbBackend;
use sqlparser::ast::{
    AlterColumnOperation, AlterTable, AlterTableAlgorithm, AlterTableLock, AlterTableOperation, ColumnDef,
    ColumnOption, CreateTable, DataType, Expr, FromTable, GeneratedExpressionMode, Ident, MySQLColumnPosition,
    ObjectName, ObjectType, Statement, TableConstraint, TableFactor, TableObject, TableWithJoins, UnaryOperator,
};

use super::{
    facts::Facts,
    modify::modify,
    way::{Way, together},
};
use crate::{
    effect::Effect,
    mode::Mode,
    model::Work,
    server::{Product, Server, Version},
    sql,
};

pub(crate) fn judge(statement: &Statement, server: &Server, facts: &Facts) -> Effect {
    match statement {
        Statement::CreateTable(create) => create_table(create),
        Statement::AlterTable(alter) => {
            let adds_key = alter.operations.iter().any(adds_key);
            Alteration { server, facts, adds_key }.judge(alter)
        }
        Statement::CreateIndex(create) => of_index(&table(&create.table_name), Way::Index, facts),
        Statement::Drop { object_type: ObjectType::Index, table: Some(of), .. } => {
            of_index(&table(of), Way::Description, facts)
        }
        Statement::Drop { object_type: ObjectType::Table | ObjectType::View, names, .. } => {
            let effects = names.iter().map(|name| Effect::on(table(name), Mode::Briefly, Work::Metadata));
            effects.reduce(Effect::and).unwrap_or_else(|| Effect::unknown("it names no table"))
        }
        Statement::RenameTable(renamings) => {
            let effects =
                renamings.iter().map(|renaming| Effect::on(table(&renaming.old_name), Mode::Briefly, Work::Metadata));
            effects.reduce(Effect::and).unwrap_or_else(|| Effect::unknown("it names no table"))
        }
        Statement::Truncate(truncate) => {
            let tables = truncate.table_names.iter().map(|target| table(&target.name));
            tables.fold(Effect::elsewhere(Work::ChangesRows), |effect, table| effect.locking(table, Mode::Briefly))
        }
        Statement::Insert(insert) => match &insert.table {
            TableObject::TableName(name) => changes(&table(name)),
            _ => Effect::unknown("what it inserts into is not a table"),
        },
        Statement::Update(update) => of_relation(&update.table),
        Statement::Delete(delete) => {
            let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
            from.first().map_or_else(|| Effect::unknown("it names no table"), of_relation)
        }
        Statement::CreateView(_)
        | Statement::CreateFunction(_)
        | Statement::CreateProcedure { .. }
        | Statement::Grant(_)
        | Statement::Revoke(_) => Effect::elsewhere(Work::Metadata),
        Statement::Set(_) => Effect::elsewhere(Work::Nothing).because("it is a setting"),
        _ => Effect::unknown("this kind of statement is not among those that are judged"),
    }
}

fn of_index(table: &str, way: Way, facts: &Facts) -> Effect {
    match &facts.engine {
        Some(engine) => Effect::unknown(kept_by(engine)),
        None => together(table, &[way]),
    }
}

/// What is known here is what `InnoDB` does.
fn kept_by(engine: &str) -> String {
    format!("the table is kept by {engine}")
}

/// Nobody sees a table that is just being made.
fn create_table(create: &CreateTable) -> Effect {
    match &create.query {
        None => Effect::elsewhere(Work::Metadata),
        Some(_) => Effect::unknown("what is read to fill the table is not judged"),
    }
}

struct Alteration<'a> {
    server: &'a Server,
    facts: &'a Facts,
    /// Whether the statement adds a primary key.
    adds_key: bool,
}

impl Alteration<'_> {
    fn judge(&self, alter: &AlterTable) -> Effect {
        let name = table(&alter.name);
        if let Some(refusal) = self.refusal() {
            return Effect::unknown(refusal);
        }
        if self.is_nothing(alter) {
            return Effect::on(name, Mode::Briefly, Work::Nothing).because("the columns are there already");
        }
        if let Some(engine) = &self.facts.engine {
            return Effect::unknown(kept_by(engine));
        }
        let ways = self.ways(alter);
        let judged = together(&name, &ways);
        let wish = alter.operations.iter().find_map(|operation| match operation {
            AlterTableOperation::Algorithm { algorithm, .. } => Some(*algorithm),
            _ => None,
        });
        let effect = match wish {
            Some(AlterTableAlgorithm::Copy) => together(&name, &[Way::Copy]),
            Some(AlterTableAlgorithm::Instant) if judged.work == Work::Metadata => judged,
            Some(AlterTableAlgorithm::Instant) => Effect::on(&name, Mode::Briefly, Work::Metadata)
                .because("ALGORITHM=INSTANT: the server changes the description alone, or refuses"),
            Some(AlterTableAlgorithm::Inplace) if ways.contains(&Way::Copy) => {
                Effect::on(&name, Mode::Briefly, Work::Nothing)
                    .because("ALGORITHM=INPLACE: the server would have to copy the table, and refuses")
            }
            Some(AlterTableAlgorithm::Inplace | AlterTableAlgorithm::Default) | None => judged,
        };
        self.with_lock(alter, &name, effect)
    }

    /// Versions whose rules are not here.
    fn refusal(&self) -> Option<String> {
        let oldest = if self.is_mariadb() { Version(10, 4, 0) } else { Version(8, 0, 12) };
        (self.server.version < oldest).then(|| format!("{} is older than {oldest}, whose rules are known", self.server))
    }

    fn is_mariadb(&self) -> bool {
        self.server.product == Product::MariaDB
    }

    /// A `LOCK` that is asked for is had, or the server refuses.
    fn with_lock(&self, alter: &AlterTable, table: &str, effect: Effect) -> Effect {
        let copies = effect.work == Work::RewritesTable
            && effect.locks.as_ref().is_some_and(|locks| locks.iter().any(|(_, mode)| *mode == Mode::Writers));
        let asked = alter.operations.iter().find_map(|operation| match operation {
            AlterTableOperation::Lock { lock: AlterTableLock::None, .. } => Some(Mode::Briefly),
            AlterTableOperation::Lock { lock: AlterTableLock::Shared, .. } => Some(Mode::Writers),
            _ => None,
        });
        match asked {
            Some(mode) if effect.locks.is_some() => {
                Effect { locks: Some(vec![(Some(table.to_owned()), mode)]), ..effect }
            }
            // From then on it copies while rows change, with exceptions: <https://mariadb.com/kb/en/alter-table/>.
            None if copies && self.is_mariadb() && self.server.version >= Version(11, 2, 0) => {
                Effect { locks: None, ..effect }
                    .because("the server copies the table; whether who writes waits meanwhile, it decides")
            }
            _ => effect,
        }
    }

    /// `ADD COLUMN IF NOT EXISTS` of what exists.
    fn is_nothing(&self, alter: &AlterTable) -> bool {
        alter.operations.iter().all(|operation| match operation {
            AlterTableOperation::AddColumn { column_def, .. } => self.facts.present.contains(&name(&column_def.name)),
            AlterTableOperation::Algorithm { .. } | AlterTableOperation::Lock { .. } => true,
            _ => false,
        })
    }

    fn ways(&self, alter: &AlterTable) -> Vec<Way> {
        let dropped: Vec<String> = alter.operations.iter().flat_map(dropped_columns).collect();
        alter.operations.iter().map(|operation| self.way(operation, &dropped)).collect()
    }

    fn way(&self, operation: &AlterTableOperation, dropped: &[String]) -> Way {
        match operation {
            AlterTableOperation::AddColumn { column_def, column_position, .. } => {
                self.add(column_def, column_position.as_ref())
            }
            AlterTableOperation::DropColumn { column_names, .. } => {
                column_names.iter().fold(Way::Description, |way, column| match self.drop(&name(column), dropped) {
                    Way::Description => way,
                    other => other,
                })
            }
            AlterTableOperation::ModifyColumn { col_name, data_type, options, column_position } => {
                self.change(&name(col_name), data_type, options, column_position.as_ref())
            }
            AlterTableOperation::ChangeColumn { old_name, data_type, options, column_position, .. } => {
                self.change(&name(old_name), data_type, options, column_position.as_ref())
            }
            AlterTableOperation::RenameColumn { .. }
                if !self.is_mariadb() && self.server.version < Version(8, 0, 28) =>
            {
                Way::Description
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
            } => Way::Description,
            // In the same breath as another one is added.
            AlterTableOperation::DropPrimaryKey { .. } if self.adds_key => Way::Rebuild,
            AlterTableOperation::DropPrimaryKey { .. } => Way::Copy,
            AlterTableOperation::AddConstraint { constraint, .. } => match constraint {
                TableConstraint::Unique(_) | TableConstraint::Index(_) => Way::Index,
                TableConstraint::PrimaryKey(_) => Way::Rebuild,
                TableConstraint::FulltextOrSpatial(_) => Way::QuietRebuild,
                TableConstraint::ForeignKey(_) | TableConstraint::Check(_) => Way::Copy,
                _ => unjudged(),
            },
            _ => unjudged(),
        }
    }

    fn add(&self, column: &ColumnDef, position: Option<&MySQLColumnPosition>) -> Way {
        let mut way = Way::Instant;
        for option in &column.options {
            match &option.option {
                ColumnOption::Generated { generation_expr_mode: Some(GeneratedExpressionMode::Stored), .. } => {
                    return Way::Copy;
                }
                ColumnOption::Generated { .. } if position.is_none() => way = Way::Description,
                ColumnOption::Generated { .. } => return unjudged(),
                ColumnOption::Unique(_) | ColumnOption::PrimaryKey(_) => way = Way::Rebuild,
                // MySQL reads over it.
                ColumnOption::ForeignKey(_) if self.is_mariadb() => return Way::Copy,
                ColumnOption::ForeignKey(_) => {}
                ColumnOption::Check(_) if !self.is_mariadb() => return Way::Copy,
                ColumnOption::Default(default) if !is_constant(default) => {
                    return Way::Unknown(format!("whether {default} is the same for all rows is not known"));
                }
                // AUTO_INCREMENT: each row is given a number.
                ColumnOption::DialectSpecific(_) => return Way::QuietRebuild,
                ColumnOption::Null
                | ColumnOption::NotNull
                | ColumnOption::Default(_)
                | ColumnOption::Check(_)
                | ColumnOption::Comment(_)
                | ColumnOption::CharacterSet(_)
                | ColumnOption::Collation(_)
                | ColumnOption::OnUpdate(_) => {}
                _ => return unjudged(),
            }
        }
        match (&self.facts.oddity, position) {
            _ if way == Way::Description => way,
            (Some(oddity), _) => Way::Unknown(oddity.clone()),
            // Before 8.0.29 at the end only.
            (None, Some(_)) if !self.is_mariadb() && self.server.version < Version(8, 0, 29) => Way::Rebuild,
            (None, _) => way,
        }
    }

    fn drop(&self, column: &str, dropped: &[String]) -> Way {
        if let Some(oddity) = &self.facts.oddity {
            return Way::Unknown(oddity.clone());
        }
        if self.facts.changes_indexes {
            return Way::Unknown("which indexes the column is in by then is not known yet".to_owned());
        }
        if !self.is_mariadb() && self.server.version < Version(8, 0, 29) {
            return Way::Rebuild;
        }
        // An index goes with its last column, and is made anew where others are left.
        let mut indexes = self.facts.indexes.values().filter(|columns| columns.iter().any(|of| of == column));
        if indexes.any(|columns| columns.iter().any(|column| !dropped.contains(column))) {
            return Way::Rebuild;
        }
        Way::Instant
    }

    fn change(
        &self,
        column: &str,
        data_type: &DataType,
        options: &[ColumnOption],
        position: Option<&MySQLColumnPosition>,
    ) -> Way {
        let Some(known) = self.facts.columns.get(column) else {
            return Way::Unknown(format!("what {column} is by then is not known yet"));
        };
        match (modify(self.facts, known, data_type, options), position, &self.facts.oddity) {
            (Way::Description, None, _) => Way::Description,
            (Way::Description | Way::Rebuild, _, Some(oddity)) => Way::Unknown(oddity.clone()),
            // MySQL moves no column without moving all rows.
            (Way::Description, Some(_), None) if !self.is_mariadb() => Way::Rebuild,
            (Way::Description, Some(_), None) => Way::Instant,
            (way, _, _) => way,
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

/// The same for all rows, whenever it is looked at.
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

fn unjudged() -> Way {
    Way::Unknown("this kind of ALTER TABLE is not among those that are judged".to_owned())
}

fn of_relation(relation: &TableWithJoins) -> Effect {
    match &relation.relation {
        TableFactor::Table { name, .. } => changes(&table(name)),
        _ => Effect::unknown("what it changes is not a table"),
    }
}

fn changes(table: &str) -> Effect {
    Effect::on(table, Mode::Rows, Work::ChangesRows)
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

    fn judged((product, version): (Product, Version), operation: &str) -> Effect {
        let statement = sql::parse(DbBackend::MySql, &format!("ALTER TABLE t {operation}")).unwrap().remove(0);
        judge(&statement, &Server { product, version, is_replica: false }, &Facts::default())
    }

    /// <https://dev.mysql.com/doc/refman/8.4/en/innodb-online-ddl-operations.html>,
    /// <https://mariadb.com/kb/en/innodb-online-ddl-operations-with-the-instant-alter-algorithm/>
    #[rstest]
    #[case::a_column_at_the_end(MYSQL_8_0_20, "ADD COLUMN n int", Work::Metadata, Mode::Briefly)]
    #[case::a_column_in_front(MYSQL_8_4, "ADD COLUMN n int FIRST", Work::Metadata, Mode::Briefly)]
    #[case::a_column_in_front_before_8_0_29(MYSQL_8_0_20, "ADD COLUMN n int FIRST", Work::RewritesTable, Mode::Briefly)]
    #[case::dropping_a_column(MYSQL_8_4, "DROP COLUMN b", Work::Metadata, Mode::Briefly)]
    #[case::dropping_a_column_before_8_0_29(MYSQL_8_0_20, "DROP COLUMN b", Work::RewritesTable, Mode::Briefly)]
    #[case::dropping_a_column_of_mariadb(MARIADB_10_4, "DROP COLUMN b", Work::Metadata, Mode::Briefly)]
    #[case::another_name(MYSQL_8_0_20, "RENAME COLUMN a TO b", Work::Metadata, Mode::Briefly)]
    #[case::a_default(MYSQL_8_0_20, "ALTER COLUMN a SET DEFAULT 5", Work::Metadata, Mode::Briefly)]
    #[case::an_index(MYSQL_8_0_20, "ADD INDEX ix (a)", Work::ReadsTable, Mode::Briefly)]
    #[case::a_primary_key(MYSQL_8_4, "ADD PRIMARY KEY (a)", Work::RewritesTable, Mode::Briefly)]
    #[case::no_primary_key(MYSQL_8_4, "DROP PRIMARY KEY", Work::RewritesTable, Mode::Writers)]
    #[case::a_foreign_key(
        MYSQL_8_4,
        "ADD CONSTRAINT x FOREIGN KEY (a) REFERENCES p (id)",
        Work::RewritesTable,
        Mode::Writers
    )]
    #[case::a_reference_that_mysql_reads_over(
        MYSQL_8_0_20,
        "ADD COLUMN n int REFERENCES p (id)",
        Work::Metadata,
        Mode::Briefly
    )]
    #[case::a_reference_that_mariadb_means(
        MARIADB_10_4,
        "ADD COLUMN n int REFERENCES p (id)",
        Work::RewritesTable,
        Mode::Writers
    )]
    #[case::what_is_asked_for(MYSQL_8_4, "ADD INDEX ix (a), LOCK=SHARED", Work::ReadsTable, Mode::Writers)]
    fn it_is_judged_by_the_version(
        #[case] server: (Product, Version),
        #[case] operation: &str,
        #[case] work: Work,
        #[case] mode: Mode,
    ) {
        let effect = judged(server, operation);
        assert_eq!((effect.work, effect.locks), (work, Some(vec![(Some("t".to_owned()), mode)])));
    }

    #[rstest]
    #[case::of_mysql(MYSQL_5)]
    #[case::of_mariadb(MARIADB_10_3)]
    fn an_older_version_is_not_judged(#[case] server: (Product, Version)) {
        let effect = judged(server, "ADD COLUMN n int");
        assert_eq!((effect.work, effect.locks), (Work::Unknown, None));
    }

    #[test]
    fn whether_a_newer_mariadb_lets_others_write_while_it_copies_is_unknown() {
        let effect = judged(MARIADB_11_4, "ADD CONSTRAINT x CHECK (a > 0)");
        assert_eq!((effect.work, effect.locks), (Work::RewritesTable, None));
    }
}
