//! Values that get another type: SQLite takes any value in any column, and the driver reads only what has the form of its type.

use std::fmt::Debug;

use sea_orm_kit::generate::{Decisions, find_missing_migrations};
use sea_orm_migration::sea_orm::{
    ConnectionTrait, DbBackend, QueryResult, Statement, TryGetable,
    prelude::{Date, DateTime, DateTimeUtc, Time, Uuid},
    sea_query::{
        ColumnDef,
        ColumnType::{
            self, Binary, Boolean, Char, Date as Day, DateTime as Moment, Decimal, Double, Integer, Text,
            Time as Clock, TimestampWithTimeZone as Instant, Uuid as Id,
        },
        ForeignKey, Table,
    },
};
use test_servers::Server::{MySqlOrMariaDb, Postgres, Sqlite};

use super::{
    edits::{one, post, two},
    entities, scratch,
};

/// What the driver makes of a value.
type Read = fn(&QueryResult) -> String;

fn as_<T: TryGetable + Debug>(row: &QueryResult) -> String {
    format!("{:?}", row.try_get_by_index::<Option<T>>(0))
}

/// A value, as SQL in the form of the first type; what is read of it before `up`, after it, and after `down`.
struct Case {
    from: (ColumnType, Read),
    to: (ColumnType, Read),
    sql: &'static str,
    seen: [&'static str; 3],
}

fn cases() -> Vec<Case> {
    let decimal = Decimal(Some((9, 2)));
    let (text, day, moment): (Read, Read, Read) = (as_::<String>, as_::<Date>, as_::<DateTime>);
    let (instant, clock, number): (Read, Read, Read) = (as_::<DateTimeUtc>, as_::<Time>, as_::<i32>);
    let case = |from, to, sql, seen| Case { from, to, sql, seen };
    vec![
        case((Day, day), (Instant, instant), "'2020-02-29'", ["2020-02-29", "2020-02-29T00:00:00Z", "2020-02-29"]),
        case((Day, day), (Moment, moment), "'2020-02-29'", ["2020-02-29", "2020-02-29T00:00:00", "2020-02-29"]),
        case(
            (Instant, instant),
            (Day, day),
            "'2020-02-29T23:30:00+00:00'",
            ["2020-02-29T23:30:00Z", "2020-02-29", "2020-02-29T00:00:00Z"],
        ),
        case(
            (Moment, moment),
            (Clock, clock),
            "'2020-02-29 23:30:00.5'",
            ["2020-02-29T23:30:00.500", "23:30:00.500", "1970-01-01T23:30:00.500"],
        ),
        case(
            (Text, text),
            (Instant, instant),
            "'2020-02-29'",
            ["\"2020-02-29\"", "2020-02-29T00:00:00Z", "\"2020-02-29T00:00:00+00:00\""],
        ),
        case(
            (Text, text),
            (Day, day),
            "'2020-02-29 23:30:00'",
            ["\"2020-02-29 23:30:00\"", "2020-02-29", "\"2020-02-29\""],
        ),
        case(
            (Text, text),
            (Id, as_::<Uuid>),
            "'0198F2B4-7C1D-7A10-8F00-00000000ABCD'",
            [
                "\"0198F2B4-7C1D-7A10-8F00-00000000ABCD\"",
                "0198f2b4-7c1d-7a10-8f00-00000000abcd",
                "\"0198f2b4-7c1d-7a10-8f00-00000000abcd\"",
            ],
        ),
        case(
            (Id, as_::<Uuid>),
            (Text, text),
            "x'0198F2B47C1D7A108F0000000000ABCD'",
            [
                "0198f2b4-7c1d-7a10-8f00-00000000abcd",
                "\"0198f2b4-7c1d-7a10-8f00-00000000abcd\"",
                "0198f2b4-7c1d-7a10-8f00-00000000abcd",
            ],
        ),
        case((Double, as_::<f64>), (Integer, number), "2.5", ["2.5", "3", "3.0"]),
        case((decimal, as_::<f64>), (Integer, number), "-0.25", ["-0.25", "0", "0.0"]),
        case((Text, text), (Boolean, as_::<bool>), "'true'", ["\"true\"", "true", "\"true\""]),
        case((Boolean, as_::<bool>), (Text, text), "0", ["false", "\"false\"", "false"]),
    ]
}

#[tokio::test]
async fn on_sqlite_every_value_can_be_read_in_its_new_type() {
    for Case { from, to, sql, seen } in cases() {
        let name = format!("{:?} to {:?}", from.0, to.0);
        let (db, _) = scratch(Sqlite).await.expect("SQLite is built in");
        let declared = |ty: &ColumnType| entities(&one(post([ColumnDef::new_with_type("value", ty.clone())])));
        find_missing_migrations(&db, &declared(&from.0), Decisions::default(), &[], None).await.unwrap();
        let decisions = Decisions { drops: ["post.value".to_owned()].into(), ..Decisions::default() };
        let found = find_missing_migrations(&db, &declared(&to.0), decisions, &[], None).await.unwrap();
        let [migration] = found.migrations.as_slice() else { panic!("{name}: {found:?}") };
        migration.down(&db).await.unwrap();

        db.execute_unprepared(&format!("INSERT INTO post (value) VALUES ({sql}), (NULL)")).await.unwrap();
        for (step, (read, seen)) in [from.1, to.1, from.1].into_iter().zip(seen).enumerate() {
            match step {
                0 => {}
                1 => migration.up(&db).await.unwrap(),
                _ => migration.down(&db).await.unwrap(),
            }
            let select = Statement::from_string(DbBackend::Sqlite, "SELECT value FROM post ORDER BY id");
            let rows = db.query_all_raw(select).await.unwrap();
            let found: Vec<String> = rows.iter().map(read).collect();
            assert_eq!(found, [format!("Ok(Some({seen}))"), "Ok(None)".to_owned()], "{name}, step {step}");
        }
    }
}

/// MySQL and MariaDB would take the bytes of a UUID for characters.
#[tokio::test]
async fn on_mariadb_a_uuid_becomes_its_text_and_comes_back() {
    let Some((db, _database)) = scratch(MySqlOrMariaDb).await else { return };
    let declared = |ty: ColumnType| entities(&one(post([ColumnDef::new_with_type("value", ty)])));
    let decisions = Decisions { drops: ["post.value".to_owned()].into(), ..Decisions::default() };
    let (id, text) = (|| declared(Id), || declared(Text));
    find_missing_migrations(&db, &id(), Decisions::default(), &[], None).await.unwrap();
    let found = find_missing_migrations(&db, &text(), decisions, &[], None).await.unwrap();
    let [migration] = found.migrations.as_slice() else { panic!("{found:?}") };
    migration.down(&db).await.unwrap();
    // The first is valid UTF-8.
    db.execute_unprepared(
        "INSERT INTO post (value) VALUES (unhex('01182234711D7A10110000000000111D')), \
         (unhex('0198F2B47C1D7A108F0000000000ABCD')), (NULL)",
    )
    .await
    .unwrap();
    let read = async |read: Read| {
        let select = Statement::from_string(DbBackend::MySql, "SELECT value FROM post ORDER BY id");
        db.query_all_raw(select).await.unwrap().iter().map(read).collect::<Vec<_>>()
    };
    let ids = ["01182234-711d-7a10-1100-00000000111d", "0198f2b4-7c1d-7a10-8f00-00000000abcd"];
    for _ in 0..2 {
        let [first, second] = ids.map(|id| format!("Ok(Some({id}))"));
        assert_eq!(read(as_::<Uuid>).await, [first, second, "Ok(None)".to_owned()]);
        migration.up(&db).await.unwrap();
        let [first, second] = ids.map(|id| format!("Ok(Some({id:?}))"));
        assert_eq!(read(as_::<String>).await, [first, second, "Ok(None)".to_owned()]);
        migration.down(&db).await.unwrap();
    }
}

/// As MySQL, MariaDB and SQLite store it.
#[tokio::test]
async fn on_postgresql_the_bytes_of_a_uuid_become_one_and_come_back() {
    let Some((db, _database)) = scratch(Postgres).await else { return };
    let declared = |ty: ColumnType| entities(&one(post([ColumnDef::new_with_type("value", ty)])));
    find_missing_migrations(&db, &declared(Binary(16)), Decisions::default(), &[], None).await.unwrap();
    let decisions = Decisions { drops: ["post.value".to_owned()].into(), ..Decisions::default() };
    let found = find_missing_migrations(&db, &declared(Id), decisions, &[], None).await.unwrap();
    let [migration] = found.migrations.as_slice() else { panic!("{found:?}") };
    migration.down(&db).await.unwrap();
    let insert = "INSERT INTO post (value) VALUES ('\\x0198f2b47c1d7a108f0000000000abcd')";
    db.execute_unprepared(insert).await.unwrap();
    for _ in 0..2 {
        migration.up(&db).await.unwrap();
        let select = Statement::from_string(DbBackend::Postgres, "SELECT value FROM post");
        let id: Uuid = db.query_one_raw(select).await.unwrap().unwrap().try_get_by_index(0).unwrap();
        assert_eq!(id.to_string(), "0198f2b4-7c1d-7a10-8f00-00000000abcd");
        migration.down(&db).await.unwrap();
    }
}

#[tokio::test]
async fn on_sqlite_a_key_is_converted_with_those_that_refer_to_it() {
    let (db, _) = scratch(Sqlite).await.expect("SQLite is built in");
    let declared = |ty: ColumnType| {
        let id = ColumnDef::new_with_type("id", ty.clone()).not_null().primary_key().take();
        let mut key = ForeignKey::create().from("post", "author_id").to("author", "id").take();
        let post = post([ColumnDef::new_with_type("author_id", ty)]).foreign_key(&mut key).take();
        entities(&two(Table::create().table("author").col(id).take(), post))
    };
    find_missing_migrations(&db, &declared(Char(Some(36))), Decisions::default(), &[], None).await.unwrap();
    let drops = ["author.id", "post.author_id"].map(ToOwned::to_owned);
    let decisions = Decisions { drops: drops.into(), ..Decisions::default() };
    let found = find_missing_migrations(&db, &declared(Id), decisions, &[], None).await.unwrap();
    for migration in found.migrations.iter().rev() {
        migration.down(&db).await.unwrap();
    }
    let id = "0198f2b4-7c1d-7a10-8f00-00000000abcd";
    for sql in [format!("INSERT INTO author VALUES ('{id}')"), format!("INSERT INTO post (author_id) VALUES ('{id}')")]
    {
        db.execute_unprepared(&sql).await.unwrap();
    }
    let select = "SELECT author.id FROM post JOIN author ON author.id = author_id";
    let row = || db.query_one_raw(Statement::from_string(DbBackend::Sqlite, select));
    for _ in 0..2 {
        for migration in &found.migrations {
            migration.up(&db).await.unwrap();
        }
        assert_eq!(as_::<Uuid>(&row().await.unwrap().unwrap()), format!("Ok(Some({id}))"));
        for migration in found.migrations.iter().rev() {
            migration.down(&db).await.unwrap();
        }
        assert_eq!(as_::<String>(&row().await.unwrap().unwrap()), format!("Ok(Some({id:?}))"));
    }
}
