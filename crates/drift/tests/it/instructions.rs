//! What `.ci/instructions` counts: the same tables, checked once and three times. The difference is the check alone.

use sea_orm::{
    ConnectionTrait,
    sea_query::{ColumnDef, ForeignKey, Index, IndexCreateStatement, SqliteQueryBuilder, Table, TableCreateStatement},
};
use sea_orm_drift::Entities;

use crate::servers::Server::Sqlite;

/// `.ci/instructions` divides by it.
const TABLES: usize = 50;

/// With twenty-one columns, a unique key, an index, and a foreign key to the table before.
fn table(number: usize) -> (TableCreateStatement, IndexCreateStatement) {
    let name = format!("order_{number}");
    let mut table = Table::create().table(name.clone()).take();
    table.col(ColumnDef::new("id").integer().not_null().auto_increment().primary_key());
    table.col(ColumnDef::new("reference").string_len(64).not_null().unique_key());
    for column in 0..6 {
        table.col(ColumnDef::new(format!("quantity_{column}")).big_integer().not_null().default(column));
        table.col(ColumnDef::new(format!("note_{column}")).text());
        table.col(ColumnDef::new(format!("at_{column}")).date_time());
    }
    table.col(ColumnDef::new("previous_id").integer());
    let previous = format!("order_{}", number.saturating_sub(1));
    table.foreign_key(&mut ForeignKey::create().from(name.clone(), "previous_id").to(previous, "id").take());
    (table, Index::create().name(format!("ix_{name}")).table(name).col("quantity_0").take())
}

async fn check(times: usize) {
    let database = Sqlite.empty_database().await.unwrap();
    let db = database.connect().await;
    let mut entities = Entities::new();
    for (table, index) in (0..TABLES).map(table) {
        db.execute_unprepared(&table.to_string(SqliteQueryBuilder)).await.unwrap();
        db.execute_unprepared(&index.to_string(SqliteQueryBuilder)).await.unwrap();
        entities = entities.add_table(table, vec![index]);
    }
    for _ in 0..times {
        let report = entities.check(&db).await.unwrap();
        assert!(report.is_in_sync(), "{report}");
        assert_eq!(report.compared.columns, TABLES * 21);
    }
}

#[tokio::test]
#[ignore = "counted by .ci/instructions"]
async fn checked_once() {
    check(1).await;
}

#[tokio::test]
#[ignore = "counted by .ci/instructions"]
async fn checked_three_times() {
    check(3).await;
}
