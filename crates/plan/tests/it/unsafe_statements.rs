//! Statements that are unsafe on a table in use get a warning, and others do not.

use rstest::rstest;
use sea_orm::{ConnectionTrait, DbConn};
use sea_orm_migration::prelude::{DbErr, MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait};
use sea_orm_plan::{Plan, Work};
use test_servers::{Database, Server::Postgres};

use super::{migrator, plan, predicted};

async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    manager.get_connection().execute_unprepared(sql).await.map(drop)
}

/// A database with a table in use.
async fn used() -> Option<(Database, DbConn)> {
    let database = Postgres.empty_database().await?;
    let db = database.connect().await;
    let table = "CREATE TABLE used (id int PRIMARY KEY, a int, name varchar(32), \
                 filled int CHECK (filled IS NOT NULL)); \
                 CREATE TABLE other (id int PRIMARY KEY)";
    db.execute_unprepared(table).await.unwrap();
    Some((database, db))
}

fn rules(plan: &Plan) -> Vec<&str> {
    plan.statements().flat_map(|statement| &statement.warnings).map(|warning| warning.rule.as_str()).collect()
}

#[rstest]
#[case::an_index("CREATE INDEX ix ON used (a)", &["require-concurrent-index-creation"])]
#[case::an_index_in_a_transaction(
    "CREATE INDEX CONCURRENTLY ix ON used (a)",
    &["ban-concurrent-index-creation-in-transaction"]
)]
#[case::a_foreign_key("ALTER TABLE used ADD CONSTRAINT x FOREIGN KEY (a) REFERENCES other (id)",
    &["adding-foreign-key-constraint"])]
#[case::a_check("ALTER TABLE used ADD CONSTRAINT x CHECK (a > 0)", &["constraint-missing-not-valid"])]
#[case::a_unique_constraint("ALTER TABLE used ADD CONSTRAINT x UNIQUE (a)", &["disallowed-unique-constraint"])]
#[case::another_type("ALTER TABLE used ALTER COLUMN a TYPE bigint", &["changing-column-type"])]
#[case::no_null("ALTER TABLE used ALTER COLUMN a SET NOT NULL", &["adding-not-nullable-field"])]
#[case::a_required_column("ALTER TABLE used ADD COLUMN x int NOT NULL", &["adding-required-field"])]
#[case::a_volatile_default(
    "ALTER TABLE used ADD COLUMN x double precision DEFAULT random()",
    &["adding-field-with-default"]
)]
#[case::a_column_that_goes("ALTER TABLE used DROP COLUMN a", &["ban-drop-column"])]
#[case::a_table_that_goes("DROP TABLE used", &["ban-drop-table"])]
#[case::another_name("ALTER TABLE used RENAME COLUMN a TO b", &["renaming-column"])]
#[case::another_name_of_the_table("ALTER TABLE used RENAME TO unused", &["renaming-table"])]
#[tokio::test]
async fn an_unsafe_statement_gets_a_warning(#[case] statement: &str, #[case] expected: &[&str]) {
    let Some((_database, db)) = used().await else { return };
    let planned = predicted(&db, statement).await;
    let rules: Vec<&str> = planned.warnings.iter().map(|warning| warning.rule.as_str()).collect();
    assert_eq!(rules, expected, "{:#?}", planned.warnings);
}

#[rstest]
#[case::a_column("ALTER TABLE used ADD COLUMN x int")]
#[case::a_column_of_a_short_text(
    "ALTER TABLE used ADD COLUMN x varchar(32), ADD COLUMN y timestamp, ADD COLUMN z char(2)"
)]
#[case::a_constant_default("ALTER TABLE used ADD COLUMN x int NOT NULL DEFAULT 5")]
#[case::a_check_for_new_rows("ALTER TABLE used ADD CONSTRAINT x CHECK (a > 0) NOT VALID")]
#[case::a_longer_text("ALTER TABLE used ALTER COLUMN name TYPE varchar(64)")]
#[case::no_null_where_a_check_says_so("ALTER TABLE used ALTER COLUMN filled SET NOT NULL")]
#[case::a_table("CREATE TABLE x (id serial PRIMARY KEY, at timestamp, name varchar(5))")]
#[case::a_table_that_refers("CREATE TABLE x (id int PRIMARY KEY, o int REFERENCES other (id))")]
#[case::rows("INSERT INTO other VALUES (1)")]
#[case::an_index_that_is_there("CREATE INDEX IF NOT EXISTS used_pkey ON used (id)")]
#[case::a_table_that_is_not_there("DROP TABLE IF EXISTS nowhere")]
#[tokio::test]
async fn a_safe_statement_gets_no_warning(#[case] statement: &str) {
    let Some((_database, db)) = used().await else { return };
    let planned = predicted(&db, statement).await;
    assert_eq!(planned.warnings, []);
}

migrator!(Fresh {
    m1_make(None) = async |manager| {
        run(manager, "CREATE TABLE fresh (id int, name text)").await?;
        run(manager, "CREATE INDEX ix ON fresh (name)").await?;
        run(manager, "ALTER TABLE fresh ADD CONSTRAINT x UNIQUE (id)").await
    }
    m2_change(None) = async |manager| {
        run(manager, "ALTER TABLE fresh ALTER COLUMN name SET NOT NULL").await?;
        run(manager, "CREATE INDEX ix2 ON fresh (id)").await?;
        run(manager, "CREATE TABLE IF NOT EXISTS used (id int)").await?;
        run(manager, "CREATE INDEX ix3 ON used (a)").await
    }
});

#[tokio::test]
async fn a_table_that_the_plan_creates_gets_no_warning() {
    let Some((_database, db)) = used().await else { return };
    let plan = plan::<Fresh>(&db).await;
    assert_eq!(rules(&plan), ["require-concurrent-index-creation"], "of the one table that was there: {plan:#?}");
    assert_eq!(plan.migrations[1].statements[2].work, Work::Nothing);
    let is_new: Vec<bool> = plan
        .statements()
        .flat_map(|statement| statement.locks.iter().flatten())
        .map(|lock| lock.is_new_table)
        .collect();
    assert_eq!(is_new, [true, true, true, true, false]);
}

migrator!(OfOthers {
    m1_change(None) = async |manager| {
        run(manager, "ALTER TABLE used ADD COLUMN x int").await?;
        run(manager, r#"CREATE INDEX ix ON "Quoted" (id)"#).await?;
        run(manager, "CREATE TABLE IF NOT EXISTS other (id int)").await?;
        run(manager, "CREATE TABLE fresh (id int)").await?;
        run(manager, "ALTER TABLE fresh ADD COLUMN x int").await?;
        run(manager, "DROP TABLE other").await
    }
});

migrator!(OfTheSchema {
    m1_drop(None) = async |manager| {
        run(manager, "DROP TABLE own.foreign_one").await?;
        run(manager, "CREATE TEMPORARY TABLE passing (id int)").await
    }
});

#[tokio::test]
async fn what_the_role_may_not_do_is_rejected_as_planned() {
    let Some((database, owner)) = used().await else { return };
    let role = format!("role_of_{}", database.name());
    owner
        .execute_unprepared(&format!(
            r#"CREATE TABLE "Quoted" (id int); CREATE ROLE {role} LOGIN PASSWORD 's3cret';
               REVOKE CREATE ON SCHEMA public FROM PUBLIC"#
        ))
        .await
        .unwrap();
    let db = database.connect_as(&role).await;
    let planned = plan::<OfOthers>(&db).await;
    let not_owned = ["used", "\"Quoted\"", "other"].map(|table| format!("{role} does not own {table}"));
    let not_created = format!("{role} may not create in the schema public");
    let told = |words: &String| planned.notes.iter().filter(|note| note.contains(words.as_str())).count();
    assert_eq!(not_owned.iter().chain([&not_created]).map(told).collect::<Vec<_>>(), [1; 4], "{planned:#?}");
    assert_eq!(planned.notes.len(), 4, "{planned:#?}");
    for statement in planned.statements() {
        assert!(db.execute_unprepared(&statement.sql).await.is_err(), "{statement:#?}");
    }
    // Who owns the schema may drop what is in it; a temporary table is in no schema of the migrations.
    owner
        .execute_unprepared(&format!("CREATE SCHEMA own AUTHORIZATION {role}; CREATE TABLE own.foreign_one (id int)"))
        .await
        .unwrap();
    let planned = plan::<OfTheSchema>(&db).await;
    assert_eq!(planned.notes, [""; 0]);
    for statement in planned.statements() {
        db.execute_unprepared(&statement.sql).await.unwrap();
    }
    let grants = format!(
        r#"ALTER TABLE used OWNER TO {role}; ALTER TABLE other OWNER TO {role}; ALTER TABLE "Quoted" OWNER TO {role};
           GRANT CREATE ON SCHEMA public TO {role}"#
    );
    owner.execute_unprepared(&grants).await.unwrap();
    let planned = plan::<OfOthers>(&db).await;
    assert_eq!(planned.notes, [""; 0]);
    for statement in planned.statements() {
        db.execute_unprepared(&statement.sql).await.unwrap();
    }
    db.close().await.unwrap();
    owner.execute_unprepared(&format!("DROP OWNED BY {role} CASCADE; DROP ROLE {role}")).await.unwrap();
}

migrator!(Outside {
    m1_index(Some(false)) = async |manager| {
        run(manager, "CREATE INDEX CONCURRENTLY ix ON used (a)").await
    }
});

#[tokio::test]
async fn an_index_that_is_built_while_others_write_is_safe_outside_a_transaction() {
    let Some((_database, db)) = used().await else { return };
    assert_eq!(rules(&plan::<Outside>(&db).await), Vec::<&str>::new());
}

migrator!(Holding {
    m1_hold(None) = async |manager| {
        run(manager, "ALTER TABLE used ADD COLUMN x int").await?;
        run(manager, "UPDATE other SET id = id + 1").await
    }
    m2_let_go(None) = async |manager| {
        run(manager, "UPDATE other SET id = id + 1").await?;
        run(manager, "ALTER TABLE used ADD COLUMN y int").await
    }
    m3_outside(Some(false)) = async |manager| {
        run(manager, "ALTER TABLE used ADD COLUMN z int").await?;
        run(manager, "UPDATE other SET id = id + 1").await
    }
});

#[tokio::test]
async fn a_lock_held_during_long_work_is_noted() {
    let Some((_database, db)) = used().await else { return };
    let plan = plan::<Holding>(&db).await;
    let notes: Vec<&[String]> = plan.migrations.iter().map(|migration| migration.notes.as_slice()).collect();
    let note = "the transaction holds ACCESS EXCLUSIVE on used while a later statement works through other: move that \
                statement into a migration of its own";
    assert_eq!(notes, [&[note.to_owned()][..], &[], &[]]);
}
