//! An enum of PostgreSQL goes with the last column that uses it, and comes back with it.

use rstest::rstest;
use sea_orm_kit::generate::{Decisions, MissingMigrations};
use sea_orm_migration::sea_orm::{
    ConnectionTrait, DbConn, Statement,
    sea_query::{Alias, ColumnDef, ColumnType, IntoIden, Table},
};
use test_servers::Server::{MySqlOrMariaDb, Postgres};

use super::{
    Declared, clear,
    edits::{author, dropping, keeping, one, post, status, title, two},
    from_one_to_two, scratch,
};

async fn enums(db: &DbConn) -> Vec<String> {
    let list = "SELECT typname::text FROM pg_type WHERE typtype = 'e' ORDER BY 1";
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), list)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

const LABELS: &[&str] = &["draft", "live"];

fn with_status() -> Declared {
    one(post([title(), status(LABELS)]))
}

async fn down(db: &DbConn, found: &MissingMigrations) {
    for migration in found.migrations.iter().rev() {
        migration.down(db).await.unwrap();
    }
}

#[tokio::test]
async fn an_enum_goes_with_its_last_column() {
    let Some((db, _database)) = scratch(Postgres).await else { return };
    let text = ColumnDef::new("status").string_len(20).not_null().default("draft").take();
    let array = {
        let element = ColumnType::clone(status(LABELS).get_column_type().unwrap());
        ColumnDef::new_with_type("all_of_them", ColumnType::Array(std::sync::Arc::new(element))).take()
    };
    let both =
        Decisions { drops: ["post.status", "post.all_of_them"].map(ToOwned::to_owned).into(), ..Decisions::default() };
    for (name, first, second, decisions) in [
        ("a column", with_status(), one(post([title()])), dropping("post.status")),
        ("a table", two(post([status(LABELS)]), author()), one(author()), dropping("post")),
        ("another type", with_status(), one(post([title(), text])), dropping("post.status")),
        ("two columns", one(post([title(), status(LABELS), array])), one(post([title()])), both),
    ] {
        let found = from_one_to_two(&db, &first, &second, decisions, None).await.unwrap();
        assert_eq!(enums(&db).await, [""; 0], "{name}");
        let code: String = found.migrations.iter().map(|migration| migration.code("sea_orm_runner")).collect();
        assert!(code.contains("drop_type") && code.contains("create_type"), "{name}: {code}");
        down(&db, &found).await;
        assert_eq!(enums(&db).await, ["post_status"], "{name}");
        clear(&db, Postgres).await;
    }
}

#[tokio::test]
async fn an_enum_that_something_else_uses_stays() {
    let Some((db, _database)) = scratch(Postgres).await else { return };
    let other = || Table::create().table("other").col(status(LABELS)).take();
    let (first, second) = (two(post([title(), status(LABELS)]), other()), two(post([title()]), other()));
    from_one_to_two(&db, &first, &second, dropping("post.status"), None).await.unwrap();
    assert_eq!(enums(&db).await, ["post_status"], "a table of an entity");
    clear(&db, Postgres).await;

    for (name, make, is_before) in [
        ("a table that no entity declares", "CREATE TABLE kept (status post_status)", false),
        ("an array of it", "CREATE TABLE kept (statuses post_status[])", false),
        ("a domain", "CREATE DOMAIN shown AS post_status", false),
        ("an argument", "CREATE FUNCTION f(post_status) RETURNS int LANGUAGE sql RETURN 1", false),
        (
            "the text of a function",
            "CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN 'live'::Post_Status; END $$",
            false,
        ),
        (
            "an extension",
            "CREATE EXTENSION IF NOT EXISTS plpgsql; CREATE TYPE post_status AS ENUM ('draft', 'live'); ALTER EXTENSION plpgsql ADD TYPE post_status",
            true,
        ),
    ] {
        if is_before {
            db.execute_unprepared(make).await.unwrap();
        }
        from_one_to_two(&db, &Vec::new(), &with_status(), Decisions::default(), None).await.unwrap();
        if !is_before {
            db.execute_unprepared(make).await.unwrap();
        }
        let find_missing_migrations = sea_orm_kit::generate::find_missing_migrations;
        let entities = super::entities(&one(post([title()])));
        find_missing_migrations(&db, &entities, dropping("post.status"), &[], None).await.unwrap();
        assert_eq!(enums(&db).await, ["post_status"], "{name}");
        if is_before {
            db.execute_unprepared("ALTER EXTENSION plpgsql DROP TYPE post_status").await.unwrap();
        }
        clear(&db, Postgres).await;
    }

    let kept = from_one_to_two(&db, &with_status(), &one(post([title()])), keeping("post.status"), None).await;
    assert!(kept.unwrap().migrations.is_empty());
    assert_eq!(enums(&db).await, ["post_status"]);
}

/// On MySQL and MariaDB the labels are a part of each column's type.
#[tokio::test]
async fn a_label_that_is_found_on_postgresql_is_also_written_for_mariadb() {
    let Some((postgres, _database)) = scratch(Postgres).await else { return };
    let Some((mariadb, _other)) = scratch(MySqlOrMariaDb).await else { return };
    let (first, second) = (with_status(), one(post([title(), status(&["draft", "hidden", "live"])])));
    let found = from_one_to_two(&postgres, &first, &second, Decisions::default(), None).await.unwrap();
    from_one_to_two(&mariadb, &Vec::new(), &first, Decisions::default(), None).await.unwrap();
    mariadb.execute_unprepared("INSERT INTO post (title, status) VALUES ('a', 'live')").await.unwrap();
    for migration in &found.migrations {
        migration.up(&mariadb).await.unwrap();
    }
    let report = super::entities(&second).check(&mariadb).await.unwrap();
    assert!(report.is_in_sync(), "{report}");
    down(&mariadb, &found).await;
    let report = super::entities(&first).check(&mariadb).await.unwrap();
    assert!(report.is_in_sync(), "{report}");
    let code = found.migrations[0].code("sea_orm_runner");
    assert!(code.contains("sea_orm::DbBackend::MySql => {"), "{code}");
}

/// Prisma and `TypeORM` name enums in capitals; sea-query writes the name of a column's type without quotes.
#[rstest]
#[case::capitals("Role")]
#[case::a_reserved_word("user")]
#[case::a_blank("kind of user")]
#[tokio::test]
async fn an_enum_keeps_its_name(#[case] name: &str) {
    let Some((db, _database)) = scratch(Postgres).await else { return };
    let ty = |labels: &[&'static str]| ColumnType::Enum {
        name: Alias::new(name).into_iden(),
        variants: labels.iter().map(|label| Alias::new(*label).into_iden()).collect(),
    };
    let role = |labels| ColumnDef::new_with_type("role", ty(labels)).not_null().default("draft").take();
    let roles = ColumnDef::new_with_type("roles", ColumnType::Array(std::sync::Arc::new(ty(LABELS)))).take();
    let first = one(post([title()]));
    let added = one(post([title(), role(LABELS), roles]));
    let found = from_one_to_two(&db, &first, &added, Decisions::default(), None).await.unwrap();
    let code = found.migrations[0].code("sea_orm_runner");
    assert!(code.contains(&format!("{:?}", format!("\"{name}\""))), "{code}");
    assert_eq!(enums(&db).await, [name]);

    clear(&db, Postgres).await;
    let roles = |labels| ColumnDef::new_with_type("roles", ColumnType::Array(std::sync::Arc::new(ty(labels)))).take();
    let more = &["draft", "hidden", "live"];
    for (labels, decisions) in [(more, Decisions::default()), (&["draft", "live", "gone"], dropping("post.role"))] {
        let (first, second) = (one(post([title(), role(LABELS)])), one(post([title(), role(labels), roles(labels)])));
        from_one_to_two(&db, &first, &second, decisions, None).await.unwrap();
        clear(&db, Postgres).await;
    }
    let (first, last) = (one(post([title(), role(LABELS)])), one(post([title()])));
    from_one_to_two(&db, &first, &last, dropping("post.role"), None).await.unwrap();
    assert_eq!(enums(&db).await, [""; 0]);
}
