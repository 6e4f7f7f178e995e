//! A plan says what it does not know, and why.

use rstest::rstest;
use sea_orm::{ConnectionTrait, Statement};
use sea_orm_migration::prelude::{
    Alias, DbErr, MigrationName, MigrationTrait, MigratorTrait, Query, SchemaManager, Table, async_trait,
};
use test_servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

use super::{migrator, plan, sql};

async fn ask(manager: &SchemaManager<'_>, sql: &str) -> Result<usize, DbErr> {
    let db = manager.get_connection();
    Ok(db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await?.len())
}

async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    manager.get_connection().execute_unprepared(sql).await.map(drop)
}

migrator!(Dependent {
    m1_make(None) = async |manager| {
        run(manager, "CREATE TABLE fresh (id integer)").await?;
        run(manager, "INSERT INTO fresh (id) VALUES (1)").await
    }
    m2_count(None) = async |manager| {
        run(manager, "CREATE TABLE before_that (id integer)").await?;
        ask(manager, "SELECT count(*) FROM fresh").await?;
        run(manager, "CREATE TABLE behind_that (id integer)").await
    }
    m3_go_on(None) = async |manager| {
        run(manager, "CREATE TABLE another (id integer)").await
    }
});

#[rstest]
#[tokio::test]
async fn a_query_about_a_pending_table_cuts_one_migration_short(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    let plan = plan::<Dependent>(&db).await;
    assert_eq!(plan.migrations[0].incomplete_reason, None);
    let reason = plan.migrations[1].incomplete_reason.as_deref().unwrap();
    let beginning = "its remaining statements are unknown until m1_make is applied and the statements above have run: ";
    assert!(reason.starts_with(beginning) && reason.contains("fresh"), "{reason}");
    assert_eq!(sql(&plan, 1), ["CREATE TABLE before_that (id integer)"]);
    assert_eq!(
        (sql(&plan, 2), &plan.migrations[2].incomplete_reason),
        (vec!["CREATE TABLE another (id integer)"], &None)
    );
}

migrator!(Curious {
    m1_count(None) = async |manager| {
        ask(manager, "SELECT count(*) FROM known").await?;
        run(manager, "UPDATE known SET id = id + 1").await?;
        run(manager, "CREATE TABLE other (id integer)").await
    }
    m2_count_another(None) = async |manager| {
        ask(manager, "SELECT count(*) FROM unrelated").await?;
        Ok(())
    }
    m3_count_again(None) = async |manager| {
        if ask(manager, "SELECT id FROM known WHERE id = 1").await? > 0 {
            run(manager, "DELETE FROM known").await?;
        }
        Ok(())
    }
});

#[rstest]
#[tokio::test]
async fn a_query_about_rows_that_an_earlier_migration_changes_is_noted(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    for table in ["known", "unrelated"] {
        db.execute_unprepared(&format!("CREATE TABLE {table} (id integer)")).await.unwrap();
    }
    db.execute_unprepared("INSERT INTO known VALUES (1)").await.unwrap();
    let plan = plan::<Curious>(&db).await;
    let notes: Vec<usize> = plan.migrations.iter().map(|migration| migration.notes.len()).collect();
    assert_eq!(notes, [0, 0, 1], "{plan:#?}");
    assert!(plan.migrations[2].notes[0].ends_with("its statements may differ when it runs"));
    assert_eq!(sql(&plan, 2), ["DELETE FROM known"], "for the rows as they are now");
}

migrator!(Demanding {
    m1_insert(None) = async |manager| {
        let db = manager.get_connection();
        let insert = Query::insert().into_table("known").columns(["id"]).values_panic([7.into()]).take();
        let row = db.query_one(insert.clone().returning_col("id")).await?;
        let row = row.ok_or_else(|| DbErr::RecordNotFound("no row came back".to_owned()))?;
        let id: i32 = row.try_get_by_index(0)?;
        run(manager, &format!("UPDATE known SET id = {id}")).await
    }
    m2_lock(None) = async |manager| {
        ask(manager, "SELECT id FROM known FOR UPDATE").await?;
        Ok(())
    }
    m3_panic(None) = async |manager| {
        run(manager, "CREATE TABLE before_the_panic (id integer)").await?;
        panic!("of all things")
    }
    m4_wait(None) = async |manager| {
        while ask(manager, "SELECT id FROM known WHERE id = 1").await? > 0 {
            run(manager, "DELETE FROM known WHERE id = 1").await?;
        }
        Ok(())
    }
    m5_fail(None) = async |manager| {
        let _ = manager;
        Err(DbErr::Migration("never".to_owned()))
    }
});

#[tokio::test]
async fn what_depends_on_rows_that_do_not_exist_yet_is_unknown() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    db.execute_unprepared("CREATE TABLE known (id integer); INSERT INTO known VALUES (1)").await.unwrap();
    let plan = plan::<Demanding>(&db).await;
    let reasons: Vec<&str> =
        plan.migrations.iter().map(|migration| migration.incomplete_reason.as_deref().unwrap_or("")).collect();
    assert_eq!(sql(&plan, 0), ["INSERT INTO \"known\" (\"id\") VALUES (7) RETURNING \"id\""]);
    assert!(
        reasons[0].ends_with("until the statements above have run: RecordNotFound Error: no row came back"),
        "{}",
        reasons[0]
    );
    assert_eq!(
        (sql(&plan, 1), reasons[1]),
        (vec!["SELECT id FROM known FOR UPDATE"], ""),
        "a query that locks is recorded, not sent"
    );
    assert!(reasons[2].ends_with("it panicked: of all things"), "{}", reasons[2]);
    assert!(
        reasons[3].contains("it sends more than 1000 statements, or loops until one of them takes effect"),
        "{}",
        reasons[3]
    );
    assert!(reasons[4].ends_with("Migration Error: never"), "{}", reasons[4]);
    let count = "SELECT count(*) FROM known";
    assert_eq!(super::one::<i64>(&db, count).await, 1);
}

migrator!(Failing {
    m1_fail(None) = async |manager| {
        let _ = manager;
        Err(DbErr::Migration("never".to_owned()))
    }
});

#[tokio::test]
async fn a_migration_that_fails_on_its_own_is_reported_to_fail() {
    let database = Sqlite.empty_database().await.unwrap();
    let plan = plan::<Failing>(&database.connect().await).await;
    assert_eq!(plan.migrations[0].incomplete_reason.as_deref(), Some("it fails here: Migration Error: never"));
}

migrator!(Long {
    m1_make(None) = async |manager| { run(manager, "CREATE TABLE a (id integer)").await }
    m2_make(None) = async |manager| { run(manager, "CREATE TABLE b (id integer)").await }
    m3_make(None) = async |manager| { run(manager, "CREATE TABLE c (id integer)").await }
    m4_count(None) = async |manager| { ask(manager, "SELECT count(*) FROM a").await.map(drop) }
});

#[tokio::test]
async fn earlier_migrations_are_counted_rather_than_listed() {
    let database = Sqlite.empty_database().await.unwrap();
    let plan = plan::<Long>(&database.connect().await).await;
    let reason = plan.migrations[3].incomplete_reason.as_deref().unwrap();
    let beginning = "its remaining statements are unknown until the 3 migrations above are applied: ";
    assert!(reason.starts_with(beginning), "{reason}");
}

migrator!(Later {
    m1_add(None) = async |manager| { run(manager, "INSERT INTO known (id) VALUES (1)").await }
    m2_change(None) = async |manager| {
        if ask(manager, "SELECT id FROM known WHERE id = 1").await? > 0 {
            run(manager, "DELETE FROM known WHERE id = 1").await?;
        }
        Ok(())
    }
});

#[rstest]
#[tokio::test]
async fn a_migration_that_will_find_rows_is_not_said_to_run_no_statement(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    db.execute_unprepared("CREATE TABLE known (id integer)").await.unwrap();
    let plan = plan::<Later>(&db).await;
    assert_eq!((plan.migrations[1].statements.len(), plan.migrations[1].statements_may_differ), (0, true));
    let mut text = Vec::new();
    plan.write_text(&mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("\n  no statement on the data as it is now\n  note: this migration reads data"), "{text}");
}

migrator!(Sleeping {
    m1_sleep(None) = async |manager| {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        manager.drop_table(Table::drop().table(Alias::new("gone")).if_exists().take()).await
    }
});

#[tokio::test]
async fn a_migration_may_need_a_runtime() {
    let database = Sqlite.empty_database().await.unwrap();
    let plan = plan::<Sleeping>(&database.connect().await).await;
    assert_eq!((plan.migrations[0].statements.len(), &plan.migrations[0].incomplete_reason), (1, &None));
}

#[rstest]
#[tokio::test]
async fn migrations_of_a_newer_version_are_listed(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    Dependent::up(&db, Some(1)).await.unwrap();
    db.execute_unprepared("INSERT INTO seaql_migrations VALUES ('m20990101_000000_from_the_future', 0)").await.unwrap();
    let plan = plan::<Dependent>(&db).await;
    assert_eq!(plan.unknown_migrations, ["m20990101_000000_from_the_future"]);
    assert_eq!(plan.migrations.len(), Dependent::migrations().len() - 1);
}
