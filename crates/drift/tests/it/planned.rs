//! The question about tables is cheap by the planner's own estimate, however many they are: above `jit_above_cost` (100,000 by default)
//! PostgreSQL compiles it, which takes half a second, where it runs in two milliseconds.

use sea_orm::{ConnectionTrait, DbBackend, Statement, TransactionTrait};

use crate::servers::Server::Postgres;

const ASK: &str = include_str!("../../src/inspect/postgres/tables.sql");

#[tokio::test]
async fn postgres_does_not_compile_the_question_about_a_thousand_tables() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await.begin().await.unwrap();
    db.execute_unprepared(&format!("PREPARE ask (text) AS {ASK}")).await.unwrap();
    let tables: serde_json::Value = (0..1_000)
        .map(|number| serde_json::json!({ "ordinal": number, "schema_name": null, "table_name": format!("entity_{number}") }))
        .collect();
    let explain = format!("EXPLAIN EXECUTE ask ('{tables}')");
    let plan = db.query_one_raw(Statement::from_string(DbBackend::Postgres, explain)).await.unwrap().unwrap();
    let plan: String = plan.try_get_by_index(0).unwrap();
    let (_, total) = plan.split_once("..").unwrap();
    let total: f64 = total.split(' ').next().unwrap().parse().unwrap();
    assert!(total < 100_000.0, "{plan}");
}
