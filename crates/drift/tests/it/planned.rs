//! The question about a table is cheap by the planner's own estimate: above `jit_above_cost` (100,000 by default) PostgreSQL compiles
//! it, which takes half a second, where it runs in two milliseconds.

use sea_orm::{ConnectionTrait, DbBackend, Statement, TransactionTrait};

use crate::servers::Server::Postgres;

const ASK: &str = include_str!("../../src/inspect/postgres/tables.sql");

#[tokio::test]
async fn postgres_does_not_compile_the_question_about_a_table() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await.begin().await.unwrap();
    db.execute_unprepared(&format!("PREPARE ask (text) AS {ASK}")).await.unwrap();
    let explain = r#"EXPLAIN EXECUTE ask ('[{"ordinal": 0, "schema_name": null, "table_name": "call_log"}]')"#;
    let plan = db.query_one_raw(Statement::from_string(DbBackend::Postgres, explain)).await.unwrap().unwrap();
    let plan: String = plan.try_get_by_index(0).unwrap();
    let (_, total) = plan.split_once("..").unwrap();
    let total: f64 = total.split(' ').next().unwrap().parse().unwrap();
    assert!(total < 100_000.0, "{plan}");
}
