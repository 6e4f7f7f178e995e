//! The rule for each kind of statement.

use sqlparser::ast::{CreateTable, FromTable, ObjectType, Statement, TableFactor, TableObject, TableWithJoins};

use super::{
    algorithm::Algorithm,
    alteration::Alteration,
    facts::Facts,
    index::{index_impact, unique_index},
    names::table,
};
use crate::{impact::Impact, lock_mode::LockMode, plan::Work, server::Server};

pub(crate) fn analyse(statement: &Statement, server: &Server, facts: &Facts) -> Impact {
    match statement {
        Statement::CreateTable(create) => create_table(create),
        Statement::AlterTable(alter) => Alteration::new(alter, server, facts).analyse(alter),
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
        Statement::Update(update) => changes_rows_of(&update.table),
        Statement::Delete(delete) => {
            let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
            from.first().map_or_else(|| Impact::unknown("the statement names no table"), changes_rows_of)
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

/// No session can wait for a new table.
fn create_table(create: &CreateTable) -> Impact {
    match &create.query {
        None => Impact::lock_free(Work::Metadata),
        Some(_) => Impact::unknown("no rule for CREATE TABLE ... SELECT"),
    }
}

fn changes_rows_of(relation: &TableWithJoins) -> Impact {
    match &relation.relation {
        TableFactor::Table { name, .. } => changes_rows(&table(name)),
        _ => Impact::unknown("the target is not a table"),
    }
}

fn changes_rows(table: &str) -> Impact {
    Impact::on(table, LockMode::Rows, Work::ChangesRows)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use sea_orm_migration::sea_orm::DbBackend;

    use super::*;
    use crate::{
        server::{Product, Version},
        sql,
    };

    const MYSQL_5_7: (Product, Version) = (Product::MySQL, Version(5, 7, 44));
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
    #[case::of_mysql(MYSQL_5_7)]
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
