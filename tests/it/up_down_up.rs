//! There and back: `down` undoes `up`, and a second `up` leaves the same schema, with rows in the table.

use entity::{call_log, prelude::*};
use migration::{Migrator, MigratorTrait};
use rstest::rstest;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DbConn, EntityTrait, QueryOrder, QuerySelect, Statement,
};

use super::growth::downs_through;
use crate::servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

const COST_METRICS: &str = "m20251228_000051_add_call_log_cost_metrics";

#[rstest]
#[tokio::test]
async fn up_down_up_leaves_the_same_schema_and_rows(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    Migrator::up(&db, None).await.unwrap();
    let schema = schema(server, &db).await;
    for number in 0..100 {
        let call = call_log::ActiveModel {
            business_id: Set(number),
            call_sid: Set(Some(format!("CA{number}"))),
            recording_mode: Set(Some(RecordingMode::Off)),
            ..Default::default()
        };
        call.insert(&db).await.unwrap();
    }

    Migrator::down(&db, Some(downs_through(COST_METRICS))).await.unwrap();
    assert_ne!(self::schema(server, &db).await, schema);
    Migrator::up(&db, None).await.unwrap();

    assert_eq!(self::schema(server, &db).await, schema);
    let calls = CallLog::find().order_by_asc(call_log::Column::Id).all(&db).await.unwrap();
    assert_eq!(calls.iter().map(|call| call.business_id).collect::<Vec<_>>(), (0..100).collect::<Vec<_>>());
    assert!(calls.iter().all(|call| call.recording_mode.is_none() && call.recording_count == Some(0)));

    Migrator::down(&db, None).await.unwrap();
    assert!(self::schema(server, &db).await.is_empty(), "the last `down` takes the table");
    Migrator::up(&db, None).await.unwrap();
    assert_eq!(self::schema(server, &db).await, schema);
}

#[rstest]
#[tokio::test]
async fn a_table_whose_columns_were_partly_there_gets_the_rest(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    Migrator::up(&db, Some(1)).await.unwrap();
    db.execute_unprepared("ALTER TABLE call_log ADD COLUMN recording_count integer DEFAULT 0").await.unwrap();
    Migrator::up(&db, None).await.unwrap();
    let newest: Option<i32> =
        CallLog::find().select_only().column(call_log::Column::RecordingCount).into_tuple().one(&db).await.unwrap();
    assert_eq!(newest, None, "no row, and no error");

    Migrator::down(&db, Some(downs_through(COST_METRICS))).await.unwrap();
    let columns = schema(server, &db).await.join("\n");
    assert!(columns.contains("recording_count"), "what was there before stays");
    assert!(!columns.contains("recording_mode"), "what was added goes");
}

#[rstest]
#[case::after_the_table_was_made("m20251227_000050_create_call_log", 1)]
#[case::after_the_columns_were_added(COST_METRICS, 2)]
#[case::after_more_columns_were_added("m20261125_000052_add_call_log_bookkeeping", 3)]
#[case::after_the_indexes_were_built("m20261125_000053_index_call_log_lists", 4)]
#[tokio::test]
async fn a_run_that_was_killed_does_not_adopt_its_own_work(#[case] migration: &str, #[case] number: u32) {
    let Some(database) = MySqlOrMariaDb.empty_database().await else { return };
    let db = database.connect().await;
    Migrator::up(&db, Some(number)).await.unwrap();
    // As a run leaves it that was killed after its DDL.
    let unrecorded = format!("DELETE FROM seaql_migrations WHERE version = '{migration}'");
    db.execute_unprepared(&unrecorded).await.unwrap();

    Migrator::up(&db, Some(1)).await.unwrap();
    Migrator::down(&db, None).await.unwrap();

    assert!(schema(MySqlOrMariaDb, &db).await.is_empty(), "the table was this workspace's own");
    let left =
        "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME LIKE 'call%'";
    let left = Statement::from_string(db.get_database_backend(), left);
    assert_eq!(db.query_all_raw(left).await.unwrap().len(), 0);
}

/// Its creation failed the first time, and then somebody else made the table: it is adopted.
#[tokio::test]
async fn what_others_made_after_a_failure_is_adopted() {
    let Some(database) = MySqlOrMariaDb.empty_database().await else { return };
    let db = database.connect().await;
    let role = database.name();
    for statement in [
        format!("CREATE USER {role}@'%' IDENTIFIED BY 's3cret'"),
        format!("GRANT SELECT, INSERT, DELETE ON {role}.* TO {role}@'%'"),
        format!("GRANT CREATE, DROP ON {role}.seaql_migrations TO {role}@'%'"),
        format!("GRANT CREATE, DROP ON {role}.call_log_adopted TO {role}@'%'"),
    ] {
        db.execute_unprepared(&statement).await.unwrap();
    }
    let limited = database.connect_as(role).await;
    Migrator::up(&limited, None).await.unwrap_err();
    db.execute_unprepared(
        "CREATE TABLE call_log (id integer PRIMARY KEY AUTO_INCREMENT, business_id integer NOT NULL)",
    )
    .await
    .unwrap();
    db.execute_unprepared("INSERT INTO call_log (business_id) VALUES (1), (2)").await.unwrap();
    Migrator::up(&db, None).await.unwrap();
    Migrator::down(&db, None).await.unwrap();
    let rows = Statement::from_string(db.get_database_backend(), "SELECT business_id FROM call_log");
    assert_eq!(db.query_all_raw(rows).await.unwrap().len(), 2);
    db.execute_unprepared(&format!("DROP USER {role}@'%'")).await.unwrap();
}

#[tokio::test]
async fn a_table_in_another_case_is_adopted_too() {
    let Some(database) = Sqlite.empty_database().await else { return };
    let db = database.connect().await;
    db.execute_unprepared("CREATE TABLE CALL_LOG (id integer PRIMARY KEY, business_id integer NOT NULL)")
        .await
        .unwrap();
    db.execute_unprepared("INSERT INTO CALL_LOG (business_id) VALUES (1), (2)").await.unwrap();
    Migrator::up(&db, None).await.unwrap();
    Migrator::down(&db, None).await.unwrap();
    let rows = Statement::from_string(db.get_database_backend(), "SELECT business_id FROM call_log");
    assert_eq!(db.query_all_raw(rows).await.unwrap().len(), 2);
}

/// MariaDB drops the index that it made for a foreign key as soon as another can serve it, and that one cannot be dropped.
#[tokio::test]
async fn a_foreign_key_of_an_adopted_table_keeps_an_index() {
    let Some(database) = MySqlOrMariaDb.empty_database().await else { return };
    let db = database.connect().await;
    for statement in [
        "CREATE TABLE business (id integer PRIMARY KEY)",
        "CREATE TABLE call_log (id integer PRIMARY KEY AUTO_INCREMENT, business_id integer NOT NULL, created_at datetime, \
         FOREIGN KEY (business_id) REFERENCES business (id))",
    ] {
        db.execute_unprepared(statement).await.unwrap();
    }
    let before = schema(MySqlOrMariaDb, &db).await;
    Migrator::up(&db, None).await.unwrap();
    Migrator::down(&db, None).await.unwrap();
    assert_eq!(schema(MySqlOrMariaDb, &db).await, before);
}

/// An adopted table may lack what an index is about: it goes without, and the check says what it lacks.
#[rstest]
#[tokio::test]
async fn a_table_without_the_columns_of_an_index_goes_without(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    db.execute_unprepared("CREATE TABLE call_log (id integer PRIMARY KEY, business_id integer NOT NULL)")
        .await
        .unwrap();
    let before = schema(server, &db).await;
    Migrator::up(&db, None).await.unwrap();
    assert!(!schema(server, &db).await.join("\n").contains("ix_call_log"));
    Migrator::down(&db, None).await.unwrap();
    assert_eq!(schema(server, &db).await, before);
}

/// Columns and indexes of `call_log`, read from the catalogue without this workspace's own code.
async fn schema(server: Server, db: &DbConn) -> Vec<String> {
    let sql = match server {
        Postgres => {
            "SELECT concat_ws(' ', column_name, data_type, character_maximum_length, is_nullable, column_default) \
             FROM (SELECT * FROM information_schema.columns WHERE table_name = 'call_log' ORDER BY ordinal_position) AS c \
             UNION ALL SELECT * FROM (SELECT indexdef FROM pg_indexes WHERE tablename = 'call_log' ORDER BY indexname) AS i"
        }
        MySqlOrMariaDb => {
            "SELECT CONCAT_WS(' ', COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA, COLUMN_KEY) AS line \
             FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'call_log' \
             UNION ALL SELECT CONCAT_WS(' ', INDEX_NAME, SEQ_IN_INDEX, COLUMN_NAME, NON_UNIQUE) \
             FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'call_log'"
        }
        Sqlite => {
            "SELECT concat_ws(' ', name, type, \"notnull\", dflt_value, pk) FROM pragma_table_xinfo('call_log') \
             UNION ALL SELECT sql FROM sqlite_master WHERE tbl_name = 'call_log' AND type = 'index'"
        }
    };
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}
