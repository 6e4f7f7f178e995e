//! Many tables are inspected by reading their whole schema (MariaDB), or a hundred at a time (SQLite), few by asking for each: with the
//! same result.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    fmt::Write,
    sync::atomic::{AtomicUsize, Ordering},
};

use rstest::rstest;
use sea_orm::{
    ConnectionTrait, DbBackend, DbConn, DbErr, ExecResult, QueryResult, Statement,
    sea_query::{ColumnDef, ForeignKey, ForeignKeyAction, Index, Table},
};
use sea_orm_drift::{Entities, Rule};
use test_servers::Server::{MySqlOrMariaDb, Sqlite};

const TABLES: usize = 40;

fn name(number: usize) -> String {
    format!("Table {number:02}")
}

/// Each declares what its table has, a column that it lacks, and no CHECK, JSON column or trigger.
fn entities(numbers: impl Iterator<Item = usize>) -> Entities {
    numbers.fold(Entities::new(), |entities, number| {
        let mut table = Table::create().table(name(number)).take();
        table.col(ColumnDef::new("id").integer().not_null().primary_key());
        table.col(ColumnDef::new("code").string_len(20).not_null().unique_key());
        table.col(ColumnDef::new("parent").integer());
        table.col(ColumnDef::new("missing").integer());
        if number > 0 {
            let mut key = ForeignKey::create();
            key.from(name(number), "parent").to(name(number - 1), "id").on_delete(ForeignKeyAction::Cascade);
            table.foreign_key(&mut key);
        }
        let index = Index::create().name("by_parent").table(name(number)).col("parent").take();
        entities.add_table(table, [index])
    })
}

async fn findings(db: &impl ConnectionTrait, entities: Entities) -> Vec<String> {
    let report = entities.check(db).await.unwrap();
    assert!(!report.differences.is_empty());
    let differences = report.differences.iter().map(|difference| format!("{difference:?}"));
    // Which tables are undeclared depends on how many are read at once.
    let unchecked = report.unchecked.iter().filter(|unchecked| unchecked.rule != Rule::DeleteUnchecked);
    let mut findings: Vec<String> = differences.chain(unchecked.map(|unchecked| format!("{unchecked:?}"))).collect();
    findings.sort();
    findings
}

#[tokio::test]
async fn a_schema_read_at_once_is_the_schema_read_table_by_table() {
    let Some(database) = MySqlOrMariaDb.empty_database().await else { return };
    let db = database.connect().await;
    for number in 0..TABLES {
        let mut parts = String::from(
            "id int NOT NULL PRIMARY KEY, code varchar(20) NOT NULL UNIQUE, parent int, details json, \
             CONSTRAINT positive CHECK (id > 0), KEY prefix (code(5))",
        );
        if number > 0 {
            let parent = name(number - 1);
            write!(parts, ", FOREIGN KEY (parent) REFERENCES `{parent}` (id)").unwrap();
        }
        let table = name(number);
        db.execute_unprepared(&format!("CREATE TABLE `{table}` ({parts})")).await.unwrap();
        if number % 7 == 0 {
            let body = "FOR EACH ROW SET NEW.code = UPPER(NEW.code)";
            db.execute_unprepared(&format!("CREATE TRIGGER upper_{number} BEFORE INSERT ON `{table}` {body}"))
                .await
                .unwrap();
        }
    }

    let at_once = findings(&db, entities(0..TABLES)).await;
    let mut one_by_one = Vec::new();
    for first in (0..TABLES).step_by(10) {
        one_by_one.extend(findings(&db, entities(first..first + 10)).await);
    }
    one_by_one.sort();
    assert_eq!(at_once, one_by_one);
}

/// Each declares its key, and a column that its table lacks.
fn notes(numbers: impl IntoIterator<Item = usize>) -> Entities {
    numbers.into_iter().fold(Entities::new(), |entities, number| {
        let id = ColumnDef::new("id").integer().not_null().primary_key().take();
        let added = ColumnDef::new("added").integer().take();
        entities.add_table(Table::create().table(name(number)).col(id).col(added).take(), [])
    })
}

/// The connection of a program, while another one adds the columns in the middle of the check.
struct Changing {
    db: DbConn,
    reads: AtomicUsize,
}

#[async_trait::async_trait]
impl ConnectionTrait for Changing {
    fn get_database_backend(&self) -> DbBackend {
        self.db.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.db.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.db.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.db.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        if self.reads.fetch_add(1, Ordering::Relaxed) == 1 {
            for number in 0..NOTES {
                self.db.execute_unprepared(&format!("ALTER TABLE `{}` ADD COLUMN added integer", name(number))).await?;
            }
        }
        self.db.query_all_raw(statement).await
    }
}

/// Read in three parts.
const NOTES: usize = 250;

async fn create_notes(db: &DbConn) {
    for number in 0..NOTES {
        let sql = format!("CREATE TABLE `{}` (id integer NOT NULL PRIMARY KEY)", name(number));
        db.execute_unprepared(&sql).await.unwrap();
    }
}

#[rstest]
#[case::as_they_are(None)]
#[case::beside_a_view_that_cannot_be_read(Some(
    "DROP TABLE `Table 200`; CREATE VIEW `Table 200` AS SELECT * FROM dropped"
))]
#[tokio::test]
async fn tables_read_in_parts_are_the_tables_read_one_by_one(#[case] change: Option<&str>) {
    let Some(database) = Sqlite.empty_database().await else { return };
    let db = database.connect().await;
    create_notes(&db).await;
    if let Some(sql) = change {
        db.execute_unprepared(sql).await.unwrap();
    }
    let in_parts = findings(&db, notes(0..NOTES)).await;
    let mut one_by_one = Vec::new();
    for number in 0..NOTES {
        one_by_one.extend(findings(&db, notes(number..=number)).await);
    }
    one_by_one.sort();
    assert_eq!(in_parts.len(), NOTES);
    assert_eq!(in_parts, one_by_one);
}

#[tokio::test]
async fn a_change_between_two_parts_is_seen_as_a_whole() {
    let Some(database) = Sqlite.empty_database().await else { return };
    let db = database.connect().await;
    create_notes(&db).await;
    let changing = Changing { db, reads: AtomicUsize::new(0) };
    let report = notes(0..NOTES).check(&changing).await.unwrap();
    assert!(report.is_in_sync(), "{report}");
}
