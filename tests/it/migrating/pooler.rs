//! Through PgBouncer in transaction mode, which lends its only session for one transaction at a time.

use super::{Running, history, in_transactions, known, legacy, rows};
use crate::{
    it::program::{call_log, call_log_with, lines_beginning},
    servers::{Server::Postgres, one, pgbouncer},
};

#[tokio::test(flavor = "multi_thread")]
async fn sixteen_migrators_share_one_session() {
    let Some(database) = legacy(Postgres).await else { return };
    let Some((_pooler, url)) = pgbouncer(&database, "") else { return };
    let db = database.connect().await;
    let before = rows(&db).await;
    for _ in 0..3 {
        let status = call_log(&["migrate", "status"], &url);
        assert_eq!(status.code, 1, "what one run prepared is not in the way of the next: {}", status.stderr);
    }
    let running: Vec<Running> = (0..16).map(|_| Running::start(&["migrate", "up"], &url)).collect();
    let mut applied = 0;
    let (in_transactions, known) = (in_transactions(), known());
    let refusal = format!("error: migration {} runs outside a transaction, and ", known[in_transactions.len()]);
    for program in running {
        let up = program.end().await;
        assert_eq!((up.code, up.stdout.as_str()), (78, ""), "{}", up.stderr);
        let last = up.stderr.lines().last().unwrap();
        assert!(
            last.starts_with(&refusal)
                && last.ends_with("set `MIGRATION_DATABASE_URL` to the server itself, not to a pooler"),
            "{last}"
        );
        applied += lines_beginning(&up.stderr, "applied  ").len();
    }
    assert_eq!(applied, in_transactions.len(), "each migration that runs in a transaction once");
    assert_eq!(history(&db).await, in_transactions);
    assert_eq!(rows(&db).await, before);

    let past = [("DATABASE_URL", url.as_str()), ("MIGRATION_DATABASE_URL", database.url.as_str())];
    let up = call_log_with(&["migrate", "up"], &past);
    assert_eq!(up.code, 0, "{}{}", up.stdout, up.stderr);
    assert_eq!((history(&db).await, rows(&db).await), (known.clone(), before));
    for _ in 0..3 {
        let check = call_log(&["check"], &url);
        assert_eq!(check.code, 0, "{}{}", check.stdout, check.stderr);
    }
    let refused = call_log(&["migrate", "down"], &url);
    assert_eq!(refused.code, 78, "{}", refused.stderr);
    assert_eq!(history(&db).await, known);
    let down = call_log_with(&["migrate", "down"], &past);
    assert_eq!(down.code, 0, "{}", down.stderr);
    let down = call_log(&["migrate", "down"], &url);
    assert_eq!(down.code, 0, "{}", down.stderr);
    assert_eq!(history(&db).await.len(), in_transactions.len() - 1);

    let locks = "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND database = \
                 (SELECT oid FROM pg_database WHERE datname = current_database())";
    assert_eq!(one::<i64>(&db, locks).await, 0, "no lock is left");
    let session = sea_orm::Database::connect(url.as_str()).await.unwrap();
    let left = "SELECT current_setting('lock_timeout') || current_setting('idle_in_transaction_session_timeout') || \
                current_setting('search_path')";
    let own = one::<String>(&db, left).await;
    let left = sea_orm::sqlx::raw_sql(left).fetch_one(session.get_postgres_connection_pool()).await.unwrap();
    assert_eq!(sea_orm::sqlx::Row::get::<String, _>(&left, 0), own, "the session that others are lent is as it was");
}

#[tokio::test]
async fn a_schema_that_does_not_reach_the_server_is_a_sentence() {
    let Some(database) = Postgres.empty_database().await else { return };
    for dropped in ["", ", options"] {
        let Some((_pooler, url)) = pgbouncer(&database, dropped) else { return };
        let settings = [("DATABASE_URL", url.as_str()), ("DATABASE_SCHEMA", "public")];
        let up = call_log_with(&["migrate", "up"], &settings);
        assert_eq!((up.code, up.stdout.as_str()), (78, ""), "{dropped}: {}", up.stderr);
        assert!(up.stderr.starts_with("error: `DATABASE_SCHEMA` does not reach the server of "), "{}", up.stderr);
        assert!(up.stderr.contains("MIGRATION_DATABASE_URL"), "{}", up.stderr);

        let past = [&settings[..], &[("MIGRATION_DATABASE_URL", database.url.as_str())]].concat();
        assert_eq!(call_log_with(&["migrate", "up"], &past).code, 0, "past the pooler");
    }
}

#[tokio::test]
async fn a_url_that_is_typed_comes_before_every_setting() {
    let Some(database) = Postgres.empty_database().await else { return };
    let nowhere = "postgres://app@127.0.0.1:1/calls";
    let settings = [("DATABASE_URL", nowhere), ("MIGRATION_DATABASE_URL", nowhere)];
    let status = call_log_with(&["migrate", "status", "--database-url", &database.url], &settings);
    assert_eq!((status.code, status.stdout.matches("pending").count()), (1, known().len()), "{}", status.stderr);
}
