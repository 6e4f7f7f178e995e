//! What the changes of `fixtures/changes` cannot show: another database or server, another entity, or something that a program
//! does not feel yet.

mod settings;

use rstest::rstest;
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbConn, EntityTrait, Statement, entity::prelude::*};
use sea_orm_drift::{Consequence, Entities, Report, Severity, model::Dialect};

use crate::{
    call_log,
    servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
};

mod document {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "document")]
    pub(super) struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        #[sea_orm(column_type = "custom(\"tsvector\")", nullable)]
        pub words: Option<String>,
        #[sea_orm(column_type = "custom(\"citext\")", nullable)]
        pub title: Option<String>,
        #[sea_orm(column_type = "custom(\"ltree\")", select_as = "text", save_as = "ltree", nullable)]
        pub path: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

fn calls() -> Entities {
    Entities::new().add(call_log::Entity)
}

async fn check(db: &DbConn) -> Report {
    calls().check(db).await.unwrap()
}

async fn run(db: &DbConn, sql: &str) {
    db.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// The rule, object and consequence of each difference that is louder than info.
fn loud(report: &Report) -> Vec<String> {
    let loud = report.differences.iter().filter(|found| found.severity() > Severity::Info);
    loud.map(|found| format!("{} {} {:?}", found.change.rule(), found.object(), found.consequence())).collect()
}

fn unchecked(report: &Report) -> Vec<&'static str> {
    report.unchecked.iter().map(|open| open.rule.name()).collect()
}

async fn insert(db: &DbConn, business_id: i32) -> Result<call_log::Model, sea_orm::DbErr> {
    call_log::ActiveModel { business_id: Set(business_id), ..Default::default() }.insert(db).await
}

#[tokio::test]
async fn a_field_of_text_over_a_type_that_is_not_returned_as_text_fails_to_read() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    run(&db, "CREATE EXTENSION citext; CREATE EXTENSION ltree").await;
    run(&db, "CREATE TABLE document (id serial PRIMARY KEY, words tsvector, title citext, path ltree)").await;
    run(&db, "INSERT INTO document (title, path) VALUES ('a', 'a.b')").await;
    assert!(document::Entity::find().all(&db).await.is_ok(), "NULL, citext and a cast are read");
    run(&db, "UPDATE document SET words = 'a b'").await;
    let read = document::Entity::find().all(&db).await;
    let report = Entities::new().add(document::Entity).check(&db).await.unwrap();
    assert!(read.is_err());
    assert_eq!(loud(&report), ["type-differs document.words ReadsFail"], "{report}");
}

#[tokio::test]
async fn a_database_of_another_encoding_rejects_other_characters() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    let owner = database.name();
    let name = format!("{owner}_latin1");
    run(&db, &format!("CREATE ROLE {owner} LOGIN PASSWORD 's3cret'")).await;
    let encoding = "ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'";
    run(&db, &format!("CREATE DATABASE {name} OWNER {owner} {encoding}")).await;
    let url = database.url_as(owner, "s3cret");
    let (server, _) = url.rsplit_once('/').unwrap();
    let other = sea_orm::Database::connect(format!("{server}/{name}")).await.unwrap();
    call_log::create(&other).await;
    let hebrew =
        call_log::ActiveModel { business_id: Set(1), summary: Set(Some("שלום".to_owned())), ..Default::default() };
    let written = hebrew.insert(&other).await;
    let report = check(&other).await;
    other.close().await.unwrap();
    run(&db, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
    run(&db, &format!("DROP ROLE {owner}")).await;
    assert!(written.is_err());
    assert_eq!(loud(&report), ["encoding-differs call_log WritesMayFail"], "{report}");
}

#[tokio::test]
async fn a_foreign_key_into_another_database_is_not_the_declared_one() {
    let (Some(database), Some(elsewhere)) =
        (MySqlOrMariaDb.empty_database().await, MySqlOrMariaDb.empty_database().await)
    else {
        return;
    };
    let db = database.connect().await;
    let other = elsewhere.name();
    run(&db, "CREATE TABLE author (id integer PRIMARY KEY)").await;
    run(&db, &format!("CREATE TABLE {other}.author (id integer PRIMARY KEY)")).await;
    let key = format!("FOREIGN KEY (author_id) REFERENCES {other}.author (id)");
    run(&db, &format!("CREATE TABLE book (id integer PRIMARY KEY, author_id integer, {key})")).await;
    let mut declared = sea_orm::sea_query::Table::create();
    declared.table("book").col(sea_orm::sea_query::ColumnDef::new("id").integer().not_null().primary_key());
    declared.col(sea_orm::sea_query::ColumnDef::new("author_id").integer());
    declared.foreign_key(sea_orm::sea_query::ForeignKey::create().from("book", "author_id").to("author", "id"));
    let report = Entities::new().add_table(declared, []).check(&db).await.unwrap();
    let found: Vec<&str> = report.differences.iter().map(|found| found.change.rule().name()).collect();
    run(&db, "DROP TABLE book").await;
    assert_eq!(found, ["foreign-key-missing", "foreign-key-unexpected"], "{report}");
}

/// A key of which a day's use is known: 1000 in each of ten days.
#[rstest]
#[case::of_postgres(Postgres, "SELECT setval(pg_get_serial_sequence('call_log', 'id'), 1999999999)")]
#[case::of_mysql_or_mariadb(MySqlOrMariaDb, "ALTER TABLE call_log AUTO_INCREMENT = 2000000000")]
#[case::of_sqlite(Sqlite, "UPDATE sqlite_sequence SET seq = 1999999999")]
#[tokio::test]
async fn a_key_that_is_half_used_is_a_warning_with_the_days_left(#[case] server: Server, #[case] sql: &str) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    call_log::create(&db).await;
    assert_eq!(loud(&check(&db).await), [""; 0]);
    for (id, day) in [(1, 1), (10_001, 11)] {
        let created_at = chrono::NaiveDate::from_ymd_opt(2024, 5, day).unwrap().and_hms_opt(12, 0, 0);
        let call = call_log::ActiveModel {
            id: Set(id),
            business_id: Set(1),
            created_at: Set(created_at),
            ..Default::default()
        };
        call.insert(&db).await.unwrap();
    }
    run(&db, sql).await;
    let report = check(&db).await;
    assert_eq!(loud(&report), ["keys-run-out call_log.id WritesMayFail"], "{report}");
    let left = i32::MAX - 2_000_000_000 + 1;
    let reason = &report.differences[0].impact.reason;
    assert_eq!(
        *reason,
        format!("inserts that omit id fail after {left} more, in about {} days at the rate so far", left / 1000)
    );
}

#[tokio::test]
async fn a_sequence_that_goes_beyond_its_identity_column_makes_negative_keys() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    run(&db, "CREATE TABLE author (id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, name text NOT NULL)").await;
    let mut declared = sea_orm::sea_query::Table::create();
    let id = sea_orm::sea_query::ColumnDef::new("id").integer().not_null().auto_increment().primary_key().take();
    declared.table("author").col(id).col(sea_orm::sea_query::ColumnDef::new("name").text().not_null());
    let entities = Entities::new().add_table(declared, []);
    run(&db, "ALTER SEQUENCE author_id_seq AS bigint MAXVALUE 9000000000").await;
    assert_eq!(loud(&entities.check(&db).await.unwrap()), [""; 0]);
    run(&db, "SELECT setval('author_id_seq', 2147483647)").await;
    let report = entities.check(&db).await.unwrap();
    run(&db, "INSERT INTO author (name) VALUES ('a')").await;
    let ask = Statement::from_string(db.get_database_backend(), "SELECT id FROM author");
    let id: i32 = db.query_one_raw(ask).await.unwrap().unwrap().try_get_by_index(0).unwrap();
    assert_eq!(id, i32::MIN);
    assert_eq!(loud(&report), ["keys-run-out author.id ValuesChange"], "{report}");
}

/// SQLite ends the transaction of an insert that finds no key, which the matrix of changes does not expect.
#[tokio::test]
async fn a_key_without_values_left_is_an_error() {
    let Some(database) = Sqlite.empty_database().await else { return };
    let db = database.connect().await;
    call_log::create(&db).await;
    insert(&db, 1).await.unwrap();
    run(&db, &format!("UPDATE sqlite_sequence SET seq = {}", i64::MAX)).await;
    assert!(insert(&db, 1).await.is_err());
    let report = check(&db).await;
    assert_eq!(loud(&report), ["keys-run-out call_log.id WritesFail"], "{report}");
}

#[tokio::test]
async fn a_column_that_was_dropped_on_the_other_server_is_not_known_here() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    call_log::create(&db).await;
    insert(&db, 1).await.unwrap();
    run(&db, "ALTER TABLE call_log RENAME TO remote; CREATE EXTENSION postgres_fdw").await;
    run(&db, "DO $$ BEGIN
        EXECUTE format('CREATE SERVER itself FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host %L, port %L, dbname %L)',
            split_part(current_setting('unix_socket_directories'), ',', 1), current_setting('port'), current_database());
        EXECUTE format('CREATE USER MAPPING FOR CURRENT_USER SERVER itself OPTIONS (user %L)', current_user);
        EXECUTE (SELECT 'CREATE FOREIGN TABLE call_log (' || string_agg(quote_ident(attname) || ' '
            || format_type(atttypid, atttypmod) || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END, ', ' ORDER BY attnum)
            || $q$) SERVER itself OPTIONS (table_name 'remote')$q$
            FROM pg_attribute WHERE attrelid = 'remote'::regclass AND attnum > 0 AND NOT attisdropped);
    END $$").await;
    run(&db, "ALTER TABLE remote DROP COLUMN status").await;
    let report = check(&db).await;
    assert!(call_log::Entity::find().all(&db).await.is_err());
    let open: Vec<_> = report.unchecked.iter().map(|open| (open.rule.name(), open.severity())).collect();
    assert_eq!(open, [("relation-unchecked", Some(Severity::Warning))], "{report}");
    assert!(report.fails_at(Severity::Warning));
}

#[tokio::test]
async fn a_not_null_that_was_never_validated_leaves_nulls() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    let ask =
        Statement::from_string(db.get_database_backend(), "SELECT current_setting('server_version_num')::integer");
    let version: i32 = db.query_one_raw(ask).await.unwrap().unwrap().try_get_by_index(0).unwrap();
    if version < 180_000 {
        return;
    }
    call_log::create(&db).await;
    run(&db, "ALTER TABLE call_log ALTER business_id DROP NOT NULL").await;
    run(&db, "INSERT INTO call_log (business_id) VALUES (NULL)").await;
    run(&db, "ALTER TABLE call_log ADD CONSTRAINT given NOT NULL business_id NOT VALID").await;
    let report = check(&db).await;
    assert!(call_log::Entity::find().all(&db).await.is_err());
    assert_eq!(loud(&report), ["nullability-differs call_log.business_id ReadsMayFail"], "{report}");
    run(&db, "UPDATE call_log SET business_id = 1; ALTER TABLE call_log VALIDATE CONSTRAINT given").await;
    assert_eq!(loud(&check(&db).await), [""; 0]);
}

#[tokio::test]
async fn an_undeclared_unique_that_replaces_deletes_the_other_row() {
    let Some(database) = Sqlite.empty_database().await else { return };
    let db = database.connect().await;
    let create = "CREATE TABLE author (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, name varchar NOT NULL";
    run(&db, &format!("{create}, UNIQUE (name) ON CONFLICT REPLACE)")).await;
    run(&db, "INSERT INTO author (name) VALUES ('a'); INSERT INTO author (name) VALUES ('a')").await;
    let ask = Statement::from_string(db.get_database_backend(), "SELECT count(*) FROM author");
    let rows: i64 = db.query_one_raw(ask).await.unwrap().unwrap().try_get_by_index(0).unwrap();
    let mut declared = sea_orm::sea_query::Table::create();
    let id = sea_orm::sea_query::ColumnDef::new("id").integer().not_null().auto_increment().primary_key().take();
    declared.table("author").col(id).col(sea_orm::sea_query::ColumnDef::new("name").string().not_null());
    let report = Entities::new().add_table(declared, []).check(&db).await.unwrap();
    assert_eq!(rows, 1);
    assert_eq!(loud(&report), ["index-unexpected author (name) IntegrityLost"], "{report}");
}

#[tokio::test]
async fn a_declared_foreign_key_to_a_table_that_does_not_exist_lets_no_insert_through() {
    let Some(database) = Sqlite.empty_database().await else { return };
    let db = database.connect().await;
    run(&db, "CREATE TABLE book (id integer NOT NULL PRIMARY KEY, author_id integer REFERENCES author (id))").await;
    let mut declared = sea_orm::sea_query::Table::create();
    declared.table("book").col(sea_orm::sea_query::ColumnDef::new("id").integer().not_null().primary_key());
    declared.col(sea_orm::sea_query::ColumnDef::new("author_id").integer());
    declared.foreign_key(sea_orm::sea_query::ForeignKey::create().from("book", "author_id").to("author", "id"));
    let report = Entities::new().add_table(declared, []).check(&db).await.unwrap();
    assert!(db.execute_unprepared("INSERT INTO book (id, author_id) VALUES (1, NULL)").await.is_err());
    assert_eq!(loud(&report), ["foreign-key-differs book (author_id) WritesFail"], "{report}");
}

/// Many programs declare some tables of a database, or delete nothing.
#[tokio::test]
async fn a_key_of_an_undeclared_table_that_refuses_deletes_is_in_sync() {
    let Some(database) = Sqlite.empty_database().await else { return };
    let db = database.connect().await;
    call_log::create(&db).await;
    insert(&db, 1).await.unwrap();
    run(&db, "CREATE TABLE invoice (call_id integer REFERENCES call_log (id)); INSERT INTO invoice VALUES (1)").await;
    let report = check(&db).await;
    assert!(call_log::Entity::delete_by_id(1).exec(&db).await.is_err());
    assert_eq!(unchecked(&report), ["delete-unchecked"], "{report}");
    assert!(report.is_in_sync());
    assert!(report.to_string().starts_with("OK: the schema matches"), "{report}");
}

/// `InnoDB` tells it of any schema, but only a role with `PROCESS`; for any other role the catalogue opens each table of the schema.
#[tokio::test]
async fn a_key_of_an_undeclared_table_is_found_in_a_large_schema_with_process() {
    let Some(database) = MySqlOrMariaDb.empty_database().await else { return };
    let db = database.connect().await;
    call_log::create(&db).await;
    if check(&db).await.dialect == Dialect::MySql {
        test_servers::not_applicable("MySQL's catalogue opens no table");
        return;
    }
    let referring = "CREATE TABLE `Rëchnung 1` (call_id integer, FOREIGN KEY (call_id) REFERENCES call_log (id))";
    run(&db, referring).await;
    let name = database.name();
    run(&db, &format!("CREATE USER {name}@'%' IDENTIFIED BY 's3cret'; GRANT ALL ON {name}.* TO {name}@'%'")).await;
    let plain = database.connect_as(name).await;
    for found in [check(&db).await, check(&plain).await] {
        assert_eq!(unchecked(&found), ["delete-unchecked"], "{found}");
        assert!(found.unchecked[0].question.contains("rows of Rëchnung 1 (call_id)"), "{found}");
    }
    let many: Vec<String> = (0..200).map(|number| format!("CREATE TABLE t{number} (id integer)")).collect();
    run(&db, &many.join("; ")).await;
    assert_eq!(unchecked(&check(&db).await), ["delete-unchecked"]);
    assert_eq!(unchecked(&check(&plain).await), [""; 0]);
}

/// Two schemas have a table `invoice`, and the entity is of one of them.
#[tokio::test]
async fn the_table_of_a_referring_key_is_known_by_its_schema() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    call_log::create(&db).await;
    run(&db, "CREATE TABLE invoice (id integer PRIMARY KEY); CREATE SCHEMA archive").await;
    run(&db, "CREATE TABLE archive.invoice (call_id integer REFERENCES call_log (id))").await;
    let mut declared = sea_orm::sea_query::Table::create();
    declared.table("invoice").col(sea_orm::sea_query::ColumnDef::new("id").integer().not_null().primary_key());
    let report = calls().add_table(declared, []).check(&db).await.unwrap();
    assert_eq!(unchecked(&report), ["delete-unchecked"], "{report}");
    assert!(report.unchecked[0].question.contains("rows of archive.invoice (call_id)"), "{report}");
}

/// Each is listed, and none is in sync: see the table in the README.
#[rstest]
#[case::a_trigger(
    "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER t BEFORE INSERT ON call_log FOR EACH ROW EXECUTE FUNCTION f()",
    "trigger-unchecked"
)]
#[case::a_generated_column(
    "ALTER TABLE call_log ADD COLUMN cost integer GENERATED ALWAYS AS (duration * 100) STORED",
    "expression-unchecked"
)]
#[case::a_function_of_a_check(
    "CREATE FUNCTION ok(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true'; ALTER TABLE call_log ADD COLUMN tenant text CHECK (ok(tenant))",
    "check-unchecked"
)]
#[case::a_policy(
    "ALTER TABLE call_log ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY p ON call_log USING (business_id > 0)",
    "policy-unchecked"
)]
#[case::a_default(
    "ALTER TABLE call_log ALTER id DROP IDENTITY IF EXISTS; CREATE FUNCTION next_id() RETURNS integer LANGUAGE sql AS 'SELECT 7'; ALTER TABLE call_log ALTER id SET DEFAULT next_id()",
    "generator-unchecked"
)]
#[tokio::test]
async fn what_cannot_be_known_is_listed_as_unchecked(#[case] sql: &str, #[case] rule: &str) {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    call_log::create(&db).await;
    run(&db, sql).await;
    let name = database.name();
    // A superuser is not subject to policies.
    run(
        &db,
        &format!("CREATE ROLE {name} LOGIN PASSWORD 's3cret'; GRANT ALL ON ALL TABLES IN SCHEMA public TO {name}"),
    )
    .await;
    run(&db, &format!("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {name}")).await;
    let app = database.connect_as(name).await;
    let report = check(&app).await;
    app.close().await.unwrap();
    run(&db, &format!("DROP OWNED BY {name} CASCADE; DROP ROLE {name}")).await;
    assert_eq!(unchecked(&report), [rule], "{report}");
    assert!(!report.is_in_sync());
    assert!(report.differences.iter().all(|found| found.consequence() == Consequence::Nothing), "{report}");
}
