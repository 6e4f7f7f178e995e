//! Connections to real servers, as users address and configure them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{io::Read, net::TcpListener};

use sea_orm::{ConnectionTrait, DatabaseExecutor, DbConn, Statement, TransactionTrait};
use sea_orm_connect::{Access, ConnectError, PoolerSafe, connect, snapshot};
use test_servers::{Server, own_mariadb};

async fn number(db: &DbConn, sql: &str) -> i64 {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    db.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

#[tokio::test]
async fn a_server_without_autocommit_keeps_what_is_written() {
    let Some((_server, url)) = own_mariadb() else { return };
    let admin = connect(&format!("{url}/mysql").parse().unwrap(), None, Access::ReadWrite).await.unwrap();
    for statement in ["SET GLOBAL autocommit = 0", "CREATE DATABASE kept", "CREATE TABLE kept.one (id int)"] {
        admin.execute_unprepared(statement).await.unwrap();
    }

    let writer = connect(&format!("{url}/kept").parse().unwrap(), None, Access::ReadWrite).await.unwrap();
    writer.execute_unprepared("INSERT INTO one VALUES (1)").await.unwrap();
    // Rolls back what is not committed, as the death of the program would.
    writer.close().await.unwrap();
    assert_eq!(number(&admin, "SELECT COUNT(*) FROM kept.one").await, 1);
}

/// The driver's own 100 are few for migrations: each further one would wait 40 ms.
#[tokio::test]
async fn a_long_migration_closes_no_statement_on_mysql() {
    let Some(database) = Server::MySqlOrMariaDb.empty_database().await else { return };
    let db = connect(&database.url.parse().unwrap(), None, Access::ReadWrite).await.unwrap();
    // So that it is one connection.
    let transaction = db.begin().await.unwrap();
    for value in 0..200 {
        transaction
            .query_one_raw(Statement::from_string(db.get_database_backend(), format!("SELECT {value}")))
            .await
            .unwrap();
    }
    let closed = Statement::from_string(db.get_database_backend(), "SHOW SESSION STATUS LIKE 'Com_stmt_close'");
    let closed = transaction.query_one_raw(closed).await.unwrap().unwrap();
    assert_eq!(closed.try_get_by_index::<String>(1).unwrap(), "0");
}

#[tokio::test]
async fn a_schema_in_the_url_is_where_tables_are_made() {
    let Some(database) = Server::Postgres.empty_database().await else { return };
    database.connect().await.execute_unprepared("CREATE SCHEMA tenant").await.unwrap();
    for name in ["schema", "currentSchema"] {
        let url = format!("{}?{name}=tenant", database.url).parse().unwrap();
        let db = connect(&url, None, Access::ReadWrite).await.unwrap();
        let made = "SELECT (current_schema() = 'tenant')::int::bigint";
        assert_eq!(number(&db, made).await, 1, "{name}");
    }
}

#[tokio::test]
async fn a_snapshot_shows_the_same_catalogue_to_all_its_statements() {
    let Some(database) = Server::Postgres.empty_database().await else { return };
    let (reader, writer) = (database.connect().await, database.connect().await);
    let transaction = snapshot::begin(&DatabaseExecutor::Connection(&reader)).await.unwrap();
    let count = || async {
        let sql = "SELECT count(*) FROM pg_catalog.pg_class WHERE relname = 'after'";
        let statement = Statement::from_string(transaction.get_database_backend(), sql);
        transaction.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index::<i64>(0).unwrap()
    };
    assert_eq!(count().await, 0);
    writer.execute_unprepared("CREATE TABLE after (id int)").await.unwrap();
    assert_eq!(count().await, 0);
    transaction.rollback().await.unwrap();
    assert_eq!(number(&reader, "SELECT count(*) FROM pg_catalog.pg_class WHERE relname = 'after'").await, 1);
}

#[tokio::test]
async fn a_closed_port_refuses_the_connection() {
    for scheme in ["postgres", "mysql"] {
        let url = format!("{scheme}://app:s3cret@127.0.0.1:1/calls").parse().unwrap();
        let error = connect(&url, None, Access::ReadOnly).await.unwrap_err();
        assert!(matches!(error, ConnectError::Unreachable { .. }), "{error:?}");
        assert!(error.to_string().contains("connection refused at 127.0.0.1 port 1"), "{error}");
    }
}

/// sqlx tries again until its time is over, and then says no more than that.
#[tokio::test]
async fn a_role_without_a_connection_left_is_told_so() {
    let Some(database) = Server::Postgres.empty_database().await else { return };
    let (db, role) = (database.connect().await, database.name());
    db.execute_unprepared(&format!("CREATE ROLE {role} LOGIN PASSWORD 's3cret' CONNECTION LIMIT 0")).await.unwrap();
    let url = database.url_as(role, "s3cret").parse().unwrap();
    let error = connect(&url, None, Access::ReadOnly).await.unwrap_err();
    db.execute_unprepared(&format!("DROP ROLE {role}")).await.unwrap();
    assert!(error.to_string().ends_with(&format!("now: too many connections for role \"{role}\"")), "{error}");
    assert_eq!(error.exit_code(), 69, "{error}");
}

/// As a proxy does whose server has gone.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_closed_without_an_answer_is_tried_again_later() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            // The whole request, or the system would report a reset. Who only looks whether somebody listens sends none.
            stream.unwrap().read_exact(&mut [0; 8]).ok();
        }
    });
    let url = format!("postgres://app:s3cret@127.0.0.1:{port}/calls").parse().unwrap();
    let error = connect(&url, None, Access::ReadOnly).await.unwrap_err();
    assert!(error.to_string().contains("closed the connection"), "{error}");
    assert_eq!(error.exit_code(), 69, "{error}");
}

#[tokio::test]
async fn a_folder_and_a_missing_folder_are_told_apart_on_sqlite() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().display();
    let refusal =
        async |url: String| connect(&url.parse().unwrap(), None, Access::ReadWrite).await.unwrap_err().to_string();
    assert!(refusal(format!("sqlite://{path}")).await.contains("it is a folder"));
    let nowhere = refusal(format!("sqlite://{path}/missing/calls.db?mode=rwc")).await;
    assert!(nowhere.contains("its folder must exist") && !nowhere.contains("mode=rwc at the end"), "{nowhere}");
    assert!(refusal(format!("sqlite://{path}/missing.db")).await.contains("?mode=rwc at the end"));
    let read_only = connect(&format!("sqlite://{path}").parse().unwrap(), None, Access::ReadOnly).await.unwrap_err();
    assert!(read_only.to_string().contains("it is a folder") && read_only.exit_code() == 78, "{read_only}");
    // Who only reads does not create it; the folder is there, also where none is named.
    for file in [&format!("{path}/missing.db"), "no_such_file.db"] {
        let url = format!("sqlite://{file}?mode=rwc").parse().unwrap();
        let error = connect(&url, None, Access::ReadOnly).await.unwrap_err().to_string();
        assert!(error.contains("a command that only reads does not create it"), "{error}");
    }
}

/// SQLite rolls a transaction back by itself where its disk is full, as this trigger does; the driver still counts it as open.
#[tokio::test]
async fn what_is_written_after_a_transaction_that_sqlite_ended_itself_is_committed() {
    let folder = tempfile::TempDir::new().unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("calls.db").display()).parse().unwrap();
    let db = PoolerSafe::connect(&url, None, Access::ReadWrite).await.unwrap();
    db.execute_unprepared(
        "CREATE TABLE note (text TEXT); CREATE TRIGGER full BEFORE INSERT ON note WHEN NEW.text = 'too much' \
         BEGIN SELECT RAISE(ROLLBACK, 'no room'); END",
    )
    .await
    .unwrap();
    for _ in 0..3 {
        let transaction = db.begin().await.unwrap();
        transaction.execute_unprepared("INSERT INTO note VALUES ('too much')").await.unwrap_err();
        drop(transaction);
        // The next one, which the driver would take for a part of the first, is undone as usual.
        let transaction = db.begin().await.unwrap();
        transaction.execute_unprepared("INSERT INTO note VALUES ('undone')").await.unwrap();
        transaction.rollback().await.unwrap();
        db.execute_unprepared("INSERT INTO note VALUES ('acknowledged')").await.unwrap();
    }
    let other = connect(&url, None, Access::ReadOnly).await.unwrap();
    assert_eq!(number(&other, "SELECT count(*) FROM note").await, 3);
}
