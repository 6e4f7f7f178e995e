//! Who may look, and where: roles that may only read, schemas other than `public`.

use rstest::rstest;
use sea_orm::{ConnectionTrait, DbConn, Statement};
use sea_orm_connect::{Access, connect};

use super::{
    cargo::migration,
    program::{call_log, call_log_with},
};
use crate::servers::{Database, Server::Postgres};

async fn texts(db: &DbConn, sql: &str) -> Vec<String> {
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

/// A role of this database's own, dropped by the test's end where it can be.
async fn role(database: &Database, db: &DbConn) -> String {
    let name = database.url.rsplit_once('/').unwrap().1.to_owned();
    db.execute_unprepared(&format!("CREATE ROLE {name} LOGIN PASSWORD 's3cret'")).await.unwrap();
    name
}

#[rstest]
#[case::which_may_read_the_history_too(
    "GRANT SELECT ON call_log, seaql_migrations TO",
    "help: migration m20251228_000051"
)]
#[case::which_may_not("GRANT SELECT ON call_log TO", "note: cannot tell whether a migration is pending: ")]
#[tokio::test]
async fn a_role_that_may_only_read_can_check(#[case] grant: &str, #[case] words: &str) {
    let Some(database) = Postgres.empty_database().await else { return };
    assert_eq!(call_log(&["migrate", "up"], &database.url).code, 0);
    let db = database.connect().await;
    let role = role(&database, &db).await;
    db.execute_unprepared(&format!("{grant} {role}")).await.unwrap();

    let url = database.url_as(&role, "s3cret");
    let check = call_log(&["check"], &url);
    assert_eq!(check.code, 0, "{}{}", check.stdout, check.stderr);
    assert!(check.stdout.contains("OK: the schema matches") && !check.stdout.contains("s3cret"), "{}", check.stdout);

    db.execute_unprepared("ALTER TABLE call_log DROP COLUMN recording_mode").await.unwrap();
    let check = call_log(&["check"], &url);
    assert_eq!(check.code, 1, "{}", check.stdout);
    assert!(check.stdout.contains("call_log.recording_mode") && check.stdout.contains(words), "{}", check.stdout);

    db.execute_unprepared(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await.unwrap();
}

/// The role that migrates may do everything; whether the program may start depends on its own.
#[tokio::test]
async fn what_is_checked_after_migrating_is_the_programs_own_role() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    let role = role(&database, &db).await;
    let program = database.url_as(&role, "s3cret");
    let settings = [("DATABASE_URL", program.as_str()), ("MIGRATION_DATABASE_URL", database.url.as_str())];
    let up = call_log_with(&["migrate", "up"], &settings);
    assert_eq!(up.code, 1, "{}{}", up.stdout, up.stderr);
    assert!(up.stdout.contains("error[privilege-missing]") && up.stdout.contains("must not start"), "{}", up.stdout);
    assert!(up.stdout.contains(&format!("postgres://{role}:***@")), "{}", up.stdout);

    let grant = format!(
        "GRANT SELECT, INSERT, UPDATE ON call_log TO {role}; GRANT USAGE ON SEQUENCE call_log_id_seq TO {role}"
    );
    db.execute_unprepared(&grant).await.unwrap();
    let up = call_log_with(&["migrate", "up"], &settings);
    assert_eq!(up.code, 0, "{}{}", up.stdout, up.stderr);
    db.execute_unprepared(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await.unwrap();
}

#[tokio::test]
async fn database_schema_names_the_schema() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    db.execute_unprepared("CREATE SCHEMA app").await.unwrap();
    let settings = [("DATABASE_URL", database.url.as_str()), ("DATABASE_SCHEMA", "app")];

    let up = migration(&["up"], &settings);
    assert_eq!(up.code, 0, "{}{}", up.stdout, up.stderr);

    assert_eq!(schemas_of_call_log(&db).await, ["app"]);
    assert_eq!(call_log_with(&["check"], &settings).code, 0);
    assert_eq!(call_log_with(&["migrate", "status"], &settings).code, 0);
    let elsewhere = call_log(&["check"], &database.url);
    assert!(elsewhere.stdout.contains("error[table-missing]"), "it is not on the role's own path");
}

#[tokio::test]
async fn a_schema_that_is_not_there_is_a_sentence() {
    let Some(database) = Postgres.empty_database().await else { return };
    let settings = [("DATABASE_URL", database.url.as_str()), ("DATABASE_SCHEMA", "nowhere")];
    let check = call_log_with(&["check"], &settings);
    assert_eq!((check.code, check.stderr.lines().count()), (78, 1), "{}", check.stderr);
    assert!(check.stderr.starts_with("error: there is no schema `nowhere` in postgres://"), "{}", check.stderr);
}

#[tokio::test]
async fn a_role_that_may_not_migrate_is_told_so_once() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    db.execute_unprepared("REVOKE CREATE ON SCHEMA public FROM PUBLIC").await.unwrap();
    let role = role(&database, &db).await;
    let up = call_log(&["migrate", "up"], &database.url_as(&role, "s3cret"));
    assert_eq!((up.code, up.stdout.as_str()), (1, ""), "{}", up.stderr);
    assert!(up.stderr.starts_with("error: migration m20251227_000050_create_call_log failed: "), "{}", up.stderr);
    assert_eq!(up.stderr.matches("permission denied for schema public").count(), 1, "{}", up.stderr);
    db.execute_unprepared(&format!("DROP ROLE {role}")).await.unwrap();
}

#[tokio::test]
async fn the_search_path_of_the_role_is_left_alone() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    let role = role(&database, &db).await;
    db.execute_unprepared(&format!("CREATE SCHEMA app AUTHORIZATION {role}; ALTER ROLE {role} SET search_path = app"))
        .await
        .unwrap();
    let url = database.url_as(&role, "s3cret");

    let up = migration(&["up"], &[("DATABASE_URL", &url)]);
    assert_eq!(up.code, 0, "{}{}", up.stdout, up.stderr);

    assert_eq!(schemas_of_call_log(&db).await, ["app"]);
    let check = call_log(&["check"], &url);
    assert_eq!(check.code, 0, "{}", check.stdout);

    db.execute_unprepared(&format!("DROP OWNED BY {role} CASCADE; DROP ROLE {role}")).await.unwrap();
}

#[tokio::test]
async fn a_table_of_the_same_name_in_another_schema_is_not_looked_at() {
    let Some(database) = Postgres.empty_database().await else { return };
    assert_eq!(call_log(&["migrate", "up"], &database.url).code, 0);
    let db = database.connect().await;
    db.execute_unprepared("CREATE SCHEMA other; CREATE TABLE other.call_log (id text)").await.unwrap();
    let path = connect(&database.url.parse().unwrap(), Some("public,other"), Access::ReadOnly).await.unwrap();
    assert!(service::schema::check(&path).await.unwrap().is_in_sync());
    let path = connect(&database.url.parse().unwrap(), Some("other,public"), Access::ReadOnly).await.unwrap();
    assert!(!service::schema::check(&path).await.unwrap().is_in_sync());
}

async fn schemas_of_call_log(db: &DbConn) -> Vec<String> {
    texts(db, "SELECT schemaname::text FROM pg_tables WHERE tablename IN ('call_log', 'seaql_migrations') GROUP BY 1")
        .await
}

#[rstest]
#[case::a_closing_quote(r#"public"; DROP TABLE call_log; SET search_path = "public"#)]
#[case::an_opening_quote(r#""public"; DROP TABLE call_log; --"#)]
#[tokio::test]
async fn a_schema_is_a_name_and_never_a_statement(#[case] schema: &str) {
    let Some(database) = Postgres.empty_database().await else { return };
    assert_eq!(call_log(&["migrate", "up"], &database.url).code, 0);
    let check = call_log_with(&["check"], &[("DATABASE_URL", &database.url), ("DATABASE_SCHEMA", schema)]);
    assert_eq!(check.code, 78, "{}", check.stderr);
    assert_eq!(call_log(&["check"], &database.url).code, 0, "the table is still there");
}

#[rstest]
#[case::in_mixed_case("App")]
#[case::a_reserved_word("select")]
#[tokio::test]
async fn a_schema_may_have_any_name(#[case] schema: &str) {
    let Some(database) = Postgres.empty_database().await else { return };
    database.connect().await.execute_unprepared(&format!("CREATE SCHEMA \"{schema}\"")).await.unwrap();
    let settings = [("DATABASE_URL", database.url.as_str()), ("DATABASE_SCHEMA", schema)];
    for _ in 0..2 {
        let up = call_log_with(&["migrate", "up"], &settings);
        assert_eq!(up.code, 0, "{}", up.stderr);
    }
}

#[tokio::test]
async fn an_empty_schema_is_none() {
    let Some(database) = Postgres.empty_database().await else { return };
    let settings = [("DATABASE_URL", database.url.as_str()), ("DATABASE_SCHEMA", "")];
    assert_eq!(call_log_with(&["migrate", "up"], &settings).code, 0);
    let settings = [("DATABASE_URL", database.url.as_str()), ("DATABASE_SCHEMA", " nowhere , public ")];
    assert_eq!(call_log_with(&["check"], &settings).code, 0);
}

#[tokio::test]
async fn a_table_elsewhere_on_the_path_is_not_shadowed_by_an_empty_one() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    db.execute_unprepared("CREATE TABLE call_log (id serial PRIMARY KEY); CREATE SCHEMA app").await.unwrap();
    let settings = [("DATABASE_URL", database.url.as_str()), ("DATABASE_SCHEMA", "app,public")];

    let up = call_log_with(&["migrate", "up"], &settings);

    assert_eq!(up.code, 78, "{}", up.stderr);
    assert!(up.stderr.contains("set `DATABASE_SCHEMA=public` to migrate that table"), "{}", up.stderr);
    assert_eq!(texts(&db, "SELECT schemaname::text FROM pg_tables WHERE tablename = 'call_log'").await, ["public"]);
}
