//! Many tables are inspected by reading their whole schema (MariaDB), few by asking for each: with the same result.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fmt::Write;

use sea_orm::{
    ConnectionTrait,
    sea_query::{ColumnDef, ForeignKey, ForeignKeyAction, Index, Table},
};
use sea_orm_drift::{Entities, Rule};
use test_servers::Server::MySqlOrMariaDb;

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
