//! What the rows say, and what the driver says to the same rows.

mod fragile;
mod runs;
mod untyped_columns;

use crate::servers::{
    Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
    seed,
};
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use rstest::rstest;
use sea_orm::{ConnectionTrait, DbConn, EntityTrait, Statement};
use sea_orm_drift::{Change, Consequence, Difference, Entities, Evidence, Report, RowOptions, Rule};

/// Of the program: each field is narrower than what its column may hold.
mod reading {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "reading")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub title: String,
        pub kind: Kind,
        #[sea_orm(unique)]
        pub code: Option<String>,
        pub shelf_id: Option<i32>,
    }

    #[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "String(StringLen::N(20))")]
    pub enum Kind {
        #[sea_orm(string_value = "novel")]
        Novel,
        #[sea_orm(string_value = "poem")]
        Poem,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(belongs_to = "super::shelf::Entity", from = "Column::ShelfId", to = "super::shelf::Column::Id")]
        Shelf,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod shelf {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "shelf")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// As somebody made it by hand: without NOT NULL, the unique index and the foreign key.
const BY_HAND: &str = "CREATE TABLE reading (id integer PRIMARY KEY, title varchar(255), kind varchar(20) NOT NULL, \
                       code varchar(255), shelf_id integer)";

async fn made(db: &DbConn, rows: &[&str]) {
    db.execute_unprepared("CREATE TABLE shelf (id integer PRIMARY KEY)").await.unwrap();
    db.execute_unprepared("INSERT INTO shelf VALUES (1)").await.unwrap();
    db.execute_unprepared(BY_HAND).await.unwrap();
    for row in rows {
        db.execute_unprepared(&format!("INSERT INTO reading VALUES {row}")).await.unwrap();
    }
}

async fn asked(db: &DbConn, options: RowOptions) -> Report {
    let entities = Entities::new().add(reading::Entity).add(shelf::Entity);
    let report = entities.check(db).await.unwrap();
    let mut check = entities.check_rows(report, &options);
    while check.step(db).await.unwrap().is_some() {}
    check.finish()
}

fn decoding(batch: u64) -> RowOptions {
    let mut options = RowOptions::default();
    (options.decode, options.batch) = (true, batch);
    options
}

fn found(report: &Report, rule: Rule) -> &Difference {
    report.differences.iter().find(|found| found.change.rule() == rule).unwrap_or_else(|| panic!("{rule}\n{report}"))
}

#[rstest]
#[tokio::test]
async fn rows_that_do_not_fit_make_it_certain(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
    #[values(1, 2, 1000)] batch: u64,
) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    let rows = [
        "(1, 'a', 'novel', 'x', 1)",
        "(2, NULL, 'novel', 'y', 1)",
        "(3, 'c', 'essay', 'x', 7)",
        "(4, 'd', 'poem', NULL, NULL)",
        "(5, NULL, 'poem', NULL, 8)",
    ];
    made(&db, &rows).await;

    let report = asked(&db, decoding(batch)).await;

    let nulls = found(&report, Rule::NullabilityDiffers);
    assert_eq!(nulls.consequence(), Consequence::ReadsFail);
    let evidence = nulls.rows.as_ref().unwrap();
    assert_eq!((evidence.looked_at, evidence.is_complete, evidence.found), (5, true, 2));
    assert_eq!(evidence.first_keys, ["2", "5"]);
    assert_eq!(nulls.impact.reason, "reading these rows fails: 2 rows, first keys 2, 5 (of all 5 rows looked at)");

    let dangling = found(&report, Rule::ForeignKeyMissing).rows.as_ref().unwrap();
    assert_eq!((dangling.found, dangling.first_keys.join(" ")), (2, "3 5".to_owned()));
    let repeated = found(&report, Rule::UniqueMissing);
    assert_eq!(repeated.rows.as_ref().unwrap().found, 1, "`x`, and not NULL");
    assert!(repeated.impact.reason.ends_with("; 1 value occurs more than once"), "{}", repeated.impact.reason);

    let unreadable = found(&report, Rule::RowsUnreadable);
    let text = report.to_string();
    assert!(text.contains("rows that its entity cannot read: 3 rows, first keys 2, 3, 5"), "{text}");
    assert_eq!(unreadable.consequence(), Consequence::ReadsFail);
    assert!(!text.contains("essay"), "a value is personal data\n{text}");

    // Both statements run as they stand.
    let listed = |evidence: &Evidence| {
        let statement = Statement::from_string(db.get_database_backend(), evidence.select.clone().unwrap());
        let db = &db;
        async move { db.query_all_raw(statement).await.unwrap().len() }
    };
    assert_eq!(listed(evidence).await, 2);
    assert_eq!(listed(dangling).await, 2);
    assert_eq!(listed(found(&report, Rule::UniqueMissing).rows.as_ref().unwrap()).await, 1);
    let Change::RowsUnreadable { rows: unread, .. } = &unreadable.change else { unreachable!() };
    assert_eq!(listed(unread).await, 3);
    let fill = evidence.backfill.as_ref().unwrap();
    let code = "Backfill::new(\"reading\", \"id\").run(manager, &Query::update().table(\"reading\").value(\"title\", \"\")\
                .and_where(Expr::col(\"title\").is_null()).take()).await?;";
    assert_eq!(fill.code.as_deref(), Some(code));

    // And it is true.
    for id in 1..=5 {
        let read = reading::Entity::find_by_id(id).one(&db).await;
        assert_eq!(read.is_err(), [2, 3, 5].contains(&id), "{id}: {read:?}");
    }
    let referring = "ALTER TABLE reading ADD FOREIGN KEY (shelf_id) REFERENCES shelf (id)";
    if server != Sqlite {
        assert!(db.execute_unprepared(referring).await.is_err());
    }
    assert!(db.execute_unprepared("CREATE UNIQUE INDEX u ON reading (code)").await.is_err());

    assert_eq!(db.execute_unprepared(&fill.sql).await.unwrap().rows_affected(), 2);
    let report = asked(&db, decoding(batch)).await;
    assert_eq!(found(&report, Rule::NullabilityDiffers).consequence(), Consequence::Nothing);
}

#[rstest]
#[tokio::test]
async fn where_all_rows_fit_it_is_withdrawn(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    made(&db, &["(1, 'a', 'novel', 'x', 1)", "(2, 'b', 'poem', NULL, NULL)"]).await;

    let report = asked(&db, decoding(1000)).await;

    let nulls = found(&report, Rule::NullabilityDiffers);
    assert_eq!(nulls.consequence(), Consequence::Nothing);
    assert!(nulls.impact.reason.contains("no row (of all 2 rows looked at)"), "{}", nulls.impact.reason);
    assert!(!report.differences.iter().any(|found| found.change.rule() == Rule::RowsUnreadable));
    let note = "reading: all 2 rows were read through the entity, and each can be read";
    assert!(report.notes.iter().any(|told| told == note), "{:?}", report.notes);
    assert_eq!(reading::Entity::find().all(&db).await.unwrap().len(), 2);
}

/// Numbers that are kept as text: no number is compared with a text, and no value is made up for what is there.
#[rstest]
#[tokio::test]
async fn a_column_of_another_kind_is_not_asked_for_sizes(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    made(&db, &["(1, 'a', 'novel', 'x', 1)"]).await;
    db.execute_unprepared("ALTER TABLE reading DROP COLUMN shelf_id").await.unwrap();
    db.execute_unprepared("ALTER TABLE reading ADD COLUMN shelf_id varchar(20)").await.unwrap();
    db.execute_unprepared("UPDATE reading SET title = 'b', shelf_id = '7'").await.unwrap();

    let report = asked(&db, RowOptions::default()).await;

    assert!(reading::Entity::find().all(&db).await.is_err());
    let other = found(&report, Rule::TypeDiffers);
    assert_eq!(other.consequence(), Consequence::ReadsFail, "{report}");
    assert_eq!(other.rows.as_ref().and_then(|rows| rows.backfill.as_ref()), None);

    if server == Postgres {
        let note =
            "reading (shelf_id): the rows say nothing about foreign-key-missing: the server refuses the question";
        assert!(report.notes.iter().any(|told| told == note), "{:?}", report.notes);
    }

    // And the other way round.
    let Sqlite = server else { return };
    for (value, consequence) in [("'poem'", Consequence::Nothing), ("7", Consequence::ReadsFail)] {
        for sql in [
            "ALTER TABLE reading DROP COLUMN title",
            "ALTER TABLE reading ADD COLUMN title integer NOT NULL DEFAULT 0",
            "ALTER TABLE reading DROP COLUMN shelf_id",
            "ALTER TABLE reading ADD COLUMN shelf_id integer",
            &format!("UPDATE reading SET title = {value}"),
        ] {
            db.execute_unprepared(sql).await.unwrap();
        }
        let report = asked(&db, RowOptions::default()).await;
        assert_eq!(found(&report, Rule::TypeDiffers).consequence(), consequence, "{report}");
        let read = reading::Entity::find().all(&db).await;
        assert_eq!(read.is_err(), consequence == Consequence::ReadsFail, "{read:?}");
    }
}

#[tokio::test]
async fn rows_that_were_not_looked_at_withdraw_nothing() {
    let database = Sqlite.empty_database().await.unwrap();
    let db = database.connect().await;
    made(&db, &["(1, 'a', 'novel', 'x', 1)", "(2, 'b', 'poem', 'y', 1)", "(3, NULL, 'poem', 'z', 1)"]).await;

    let mut limited = decoding(2);
    limited.limit = Some(2);
    let report = asked(&db, limited).await;
    let nulls = found(&report, Rule::NullabilityDiffers);
    assert_eq!(nulls.consequence(), Consequence::ReadsMayFail);
    assert!(!nulls.rows.as_ref().unwrap().is_complete);

    let mut rest = decoding(2);
    rest.after = Some("2".to_owned());
    let report = asked(&db, rest).await;
    let nulls = found(&report, Rule::NullabilityDiffers);
    assert_eq!(nulls.consequence(), Consequence::ReadsFail);
    assert_eq!(nulls.rows.as_ref().unwrap().first_keys, ["3"]);
}

#[tokio::test]
async fn the_error_of_the_driver_is_shown_where_values_may_be() {
    let database = Sqlite.empty_database().await.unwrap();
    let db = database.connect().await;
    made(&db, &["(1, 'a', 'essay', 'x', 1)"]).await;
    let mut options = decoding(1000);
    options.show_values = true;
    let report = asked(&db, options).await;
    assert!(found(&report, Rule::RowsUnreadable).impact.reason.contains("essay"), "{report}");
}

#[rstest]
#[tokio::test]
async fn a_row_at_which_a_decoder_panics_is_one_that_cannot_be_read(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    db.execute_unprepared("CREATE TABLE fragile (id integer PRIMARY KEY, text text NOT NULL)").await.unwrap();
    db.execute_unprepared("INSERT INTO fragile VALUES (1, 'a'), (2, 'broken'), (3, 'c')").await.unwrap();

    let entities = Entities::new().add(fragile::Entity);
    let report = entities.check(&db).await.unwrap();
    let mut check = entities.check_rows(report, &decoding(1));
    while check.step(&db).await.unwrap().is_some() {}
    let report = check.finish();

    let Change::RowsUnreadable { rows, .. } = &found(&report, Rule::RowsUnreadable).change else { unreachable!() };
    assert_eq!((rows.found, rows.looked_at, rows.first_keys.as_slice()), (1, 3, &["2".to_owned()][..]));
}

/// A value that somebody wrote past the program, as SQL.
fn any_value() -> impl Strategy<Value = &'static str> {
    let values = [
        "NULL",
        "1",
        "-7",
        "99999999999",
        "1.5",
        "'a'",
        "''",
        "'1'",
        "x'00'",
        "'2026-11-28 10:00:00'",
        "'2026-11-28'",
        "'not a day'",
        "'{\"a\": 1}'",
        "'{'",
        "x'000102030405060708090a0b0c0d0e0f'",
        "'01020304-0506-0708-090a-0b0c0d0e0f10'",
        "'2026-13-41 99:00:00'",
    ];
    proptest::sample::select(values.to_vec())
}

#[test]
fn exactly_the_rows_that_the_entity_cannot_read_are_found() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = Config { cases: 60, failure_persistence: None, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed().to_le_bytes(); 4].concat());
    let row = || proptest::array::uniform6(any_value());
    let rows = proptest::collection::vec(row(), 0..12);
    TestRunner::new_with_rng(config, rng)
        .run(&(rows, 1..5_u64), |(rows, batch)| {
            runtime.block_on(decodes_as_the_driver(rows, batch));
            Ok(())
        })
        .unwrap();
}

async fn decodes_as_the_driver(rows: Vec<[&'static str; 6]>, batch: u64) {
    let database = Sqlite.empty_database().await.unwrap();
    let db = database.connect().await;
    // A column without a type has no affinity: SQLite stores values unchanged.
    let table = "CREATE TABLE untyped_columns (shelf text, place integer, pages, rate, at, note, extra, code, PRIMARY KEY (shelf, place))";
    db.execute_unprepared(table).await.unwrap();
    let key =
        |number: usize| (if number.is_multiple_of(3) { "b" } else { "a" }.to_owned(), i32::try_from(number).unwrap());
    for (number, values) in rows.iter().enumerate() {
        let (shelf, place) = key(number);
        let insert = format!("INSERT INTO untyped_columns VALUES ('{shelf}', {place}, {})", values.join(", "));
        db.execute_unprepared(&insert).await.unwrap();
    }
    let mut unreadable = 0;
    for number in 0..rows.len() {
        unreadable += u64::from(untyped_columns::Entity::find_by_id(key(number)).one(&db).await.is_err());
    }

    let entities = Entities::new().add(untyped_columns::Entity);
    let report = entities.check(&db).await.unwrap();
    let mut check = entities.check_rows(report, &decoding(batch));
    while check.step(&db).await.unwrap().is_some() {}
    let report = check.finish();

    let found = report.differences.iter().find_map(|found| match &found.change {
        Change::RowsUnreadable { rows, .. } => Some(rows.found),
        _ => None,
    });
    assert_eq!(found.unwrap_or_default(), unreadable, "{rows:?}\n{report}");
}

/// Of rows whose codes all differ but two: asked only of those that are looked at, and no longer than the server may.
#[rstest]
#[tokio::test]
async fn the_question_about_duplicates_is_bounded(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    made(&db, &["(1, 'a', 'poem', 'x', 1)", "(2, 'b', 'poem', 'y', 1)", "(3, 'c', 'poem', 'x', 1)"]).await;
    let unique = |report: &Report| found(report, Rule::UniqueMissing).rows.clone().unwrap();
    let mut options = decoding(1000);
    let all = unique(&asked(&db, options.clone()).await);
    assert_eq!((all.found, all.looked_at, all.is_complete), (1, 3, true));
    options.limit = Some(2);
    let limited = unique(&asked(&db, options.clone()).await);
    assert_eq!((limited.found, limited.looked_at, limited.is_complete), (0, 2, false));
    (options.limit, options.after) = (None, Some("1".to_owned()));
    let rest = unique(&asked(&db, options.clone()).await);
    assert_eq!((rest.found, rest.looked_at, rest.is_complete), (0, 2, false));

    // SQLite stops no statement.
    if server == Sqlite {
        return;
    }
    let many = match server {
        Postgres => "SELECT i, 'a', 'poem', 'z' || i, 1 FROM generate_series(10, 300000) AS n (i)",
        _ => "SELECT seq, 'a', 'poem', CONCAT('z', seq), 1 FROM seq_10_to_300000",
    };
    db.execute_unprepared(&format!("INSERT INTO reading {many}")).await.unwrap();
    (options.after, options.limit) = (None, None);
    options.statement_timeout = std::time::Duration::from_millis(1);
    let report = asked(&db, options).await;
    let over = unique(&report);
    assert_eq!((over.found, over.looked_at, over.is_complete), (0, 0, false));
    assert!(over.select.unwrap().contains("GROUP BY"));
    let told = "reading: whether values of code occur more than once is not known, the server did not find out in time";
    assert!(report.notes.iter().any(|note| note == told), "{:?}", report.notes);
}
