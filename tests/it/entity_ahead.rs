//! The incident, as a test: an entity that runs ahead of the schema, or a schema that somebody changed by hand, fails
//! the comparison, and the report names the column.

use migration::{Migrator, MigratorTrait};
use rstest::rstest;
use sea_orm::{ConnectionTrait, DbConn, EntityTrait, Statement};
use sea_orm_drift::{Consequence, Entities, Report};
use service::schema::entities;

use crate::servers::{
    Database,
    Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
};

/// Some of the columns of `call_log`, and one that no migration adds.
mod ahead {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "call_log")]
    pub(super) struct Model {
        #[sea_orm(primary_key)]
        pub(super) id: i32,
        pub(super) business_id: i32,
        pub(super) recording_channels: Option<i32>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

#[rstest]
#[tokio::test]
async fn a_field_without_a_migration_is_named(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((_database, db)) = migrated(server).await else { return };
    let ahead = Entities::new().add(ahead::Entity);

    let report = ahead.check(&db).await.unwrap();

    let breaking: Vec<String> =
        findings(&report).into_iter().filter(|finding| finding.ends_with(" ReadsFail")).collect();
    assert_eq!(breaking, ["column-missing call_log.recording_channels ReadsFail"]);
    assert!(!report.is_in_sync());
    let read = ahead::Entity::find().one(&db).await;
    assert!(read.unwrap_err().to_string().contains("recording_channels"), "and it is true");
}

#[rstest]
#[tokio::test]
#[should_panic(expected = "call_log.recording_channels")]
async fn the_test_helper_fails_on_it() {
    let Some((_database, db)) = migrated(Sqlite).await else { return };
    sea_orm_drift::assert_in_sync(&db, &Entities::new().add(ahead::Entity)).await;
}

/// One change made by hand, in the words of each backend. SQLite cannot alter a column, so there it is a replacement in
/// the statement that creates the table.
struct ByHand {
    postgres: &'static str,
    mysql: &'static str,
    sqlite: (&'static str, &'static str),
}

#[rstest]
#[case::a_dropped_column(
    ByHand {
        postgres: "ALTER TABLE call_log DROP COLUMN recording_mode",
        mysql: "ALTER TABLE call_log DROP COLUMN recording_mode",
        sqlite: (r#", "recording_mode" varchar(32) NULL"#, ""),
    },
    "column-missing call_log.recording_mode",
    [Consequence::ReadsFail; 3]
)]
#[case::another_type(
    ByHand {
        postgres: "ALTER TABLE call_log ALTER COLUMN duration TYPE bigint",
        mysql: "ALTER TABLE call_log MODIFY duration double DEFAULT 0",
        sqlite: (r#""duration" integer"#, r#""duration" text"#),
    },
    "type-differs call_log.duration",
    [Consequence::ReadsFail; 3]
)]
#[case::a_shorter_length(
    ByHand {
        postgres: "ALTER TABLE call_log ALTER COLUMN call_sid TYPE varchar(32)",
        mysql: "ALTER TABLE call_log MODIFY call_sid varchar(32)",
        sqlite: (r#""call_sid" varchar(64)"#, r#""call_sid" varchar(32)"#),
    },
    "type-differs call_log.call_sid",
    [Consequence::WritesMayFail, Consequence::WritesMayFail, Consequence::Nothing]
)]
#[case::a_longer_length(
    ByHand {
        postgres: "ALTER TABLE call_log ALTER COLUMN call_sid TYPE varchar(128)",
        mysql: "ALTER TABLE call_log MODIFY call_sid varchar(128)",
        sqlite: (r#""call_sid" varchar(64)"#, r#""call_sid" varchar(128)"#),
    },
    "type-differs call_log.call_sid",
    [Consequence::Nothing; 3]
)]
#[case::null_where_none_is_declared(
    ByHand {
        postgres: "ALTER TABLE call_log ALTER COLUMN business_id DROP NOT NULL",
        mysql: "ALTER TABLE call_log MODIFY business_id int NULL",
        sqlite: (r#""business_id" integer NOT NULL"#, r#""business_id" integer NULL"#),
    },
    "nullability-differs call_log.business_id",
    [Consequence::ReadsMayFail; 3]
)]
#[case::no_null_where_it_is_declared(
    ByHand {
        postgres: "ALTER TABLE call_log ALTER COLUMN status SET NOT NULL",
        mysql: "ALTER TABLE call_log MODIFY status varchar(32) NOT NULL DEFAULT 'received'",
        sqlite: (r#""status" varchar(32) NULL"#, r#""status" varchar(32) NOT NULL"#),
    },
    "nullability-differs call_log.status",
    [Consequence::WritesMayFail; 3]
)]
#[case::another_default(
    ByHand {
        postgres: "ALTER TABLE call_log ALTER COLUMN status SET DEFAULT 'queued'",
        mysql: "ALTER TABLE call_log ALTER COLUMN status SET DEFAULT 'queued'",
        sqlite: ("DEFAULT 'received'", "DEFAULT 'queued'"),
    },
    "default-differs call_log.status",
    [Consequence::ValuesChange; 3]
)]
#[case::a_dropped_default(
    ByHand {
        postgres: "ALTER TABLE call_log ALTER COLUMN recording_count DROP DEFAULT",
        mysql: "ALTER TABLE call_log MODIFY recording_count int NULL",
        sqlite: (r#""recording_count" integer NULL DEFAULT 0"#, r#""recording_count" integer NULL"#),
    },
    "default-differs call_log.recording_count",
    [Consequence::ValuesChange; 3]
)]
#[case::a_column_that_must_be_given(
    ByHand {
        postgres: "ALTER TABLE call_log ADD COLUMN tenant integer NOT NULL",
        mysql: "ALTER TABLE call_log ADD COLUMN tenant integer NOT NULL",
        sqlite: (r#""business_id" integer NOT NULL,"#, r#""business_id" integer NOT NULL, "tenant" integer NOT NULL,"#),
    },
    "column-unexpected call_log.tenant",
    [Consequence::WritesFail; 3]
)]
#[case::no_generator_behind_the_key(
    ByHand {
        postgres: "ALTER TABLE call_log ALTER COLUMN id DROP IDENTITY",
        mysql: "ALTER TABLE call_log MODIFY id int NOT NULL",
        sqlite: (r#""id" integer NOT NULL PRIMARY KEY AUTOINCREMENT"#, r#""id" int NOT NULL PRIMARY KEY"#),
    },
    "generation-differs call_log.id",
    [Consequence::WritesFail; 3]
)]
#[case::no_primary_key(
    ByHand {
        postgres: "ALTER TABLE call_log DROP CONSTRAINT call_log_pkey",
        mysql: "ALTER TABLE call_log DROP PRIMARY KEY, ADD INDEX (id)",
        sqlite: (
            r#""id" integer NOT NULL PRIMARY KEY AUTOINCREMENT"#,
            r#""id" integer NOT NULL DEFAULT 1"#,
        ),
    },
    "primary-key-differs call_log",
    [Consequence::IntegrityLost; 3]
)]
#[tokio::test]
async fn a_change_made_by_hand_is_named(
    #[case] by_hand: ByHand,
    #[case] finding: &str,
    #[case] consequences: [Consequence; 3],
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
) {
    let Some((_database, db)) = migrated(server).await else { return };
    let consequence = match server {
        Postgres => {
            db.execute_unprepared(by_hand.postgres).await.unwrap();
            consequences[0]
        }
        MySqlOrMariaDb => {
            db.execute_unprepared(by_hand.mysql).await.unwrap();
            consequences[1]
        }
        Sqlite => {
            recreate(&db, by_hand.sqlite).await;
            consequences[2]
        }
    };

    let report = entities().check(&db).await.unwrap();

    let expected = format!("{finding} {consequence:?}");
    assert!(findings(&report).contains(&expected), "{expected} is not among {:?}", findings(&report));
    assert!(!report.is_in_sync(), "{report}");
    assert!(report.to_string().contains(finding.split_once(' ').unwrap().1), "the report names it:\n{report}");
}

#[rstest]
#[case::the_unique_one("ix_call_log_call_sid", "unique-missing call_log (call_sid) IntegrityLost")]
#[case::a_plain_one("ix_call_log_lead_id", "index-missing call_log (lead_id) Slower")]
#[case::one_that_another_stands_in_for("ix_call_log_business_id", "index-missing call_log (business_id) Nothing")]
#[tokio::test]
async fn a_dropped_index_is_named(
    #[case] index: &str,
    #[case] finding: &str,
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
) {
    let Some((_database, db)) = migrated(server).await else { return };
    let on_table = if server == MySqlOrMariaDb { " ON call_log" } else { "" };
    db.execute_unprepared(&format!("DROP INDEX {index}{on_table}")).await.unwrap();

    let report = entities().check(&db).await.unwrap();

    assert_eq!(
        findings(&report).iter().filter(|found| !found.starts_with("index-unexpected")).collect::<Vec<_>>(),
        [finding]
    );
    assert!(!report.is_in_sync());
}

#[rstest]
#[case::over_some_rows("CREATE UNIQUE INDEX u ON call_log (call_sid) WHERE duration > 0", "covers only some rows")]
#[case::over_an_expression("CREATE UNIQUE INDEX u ON call_log (lower(call_sid))", "no such index")]
#[case::not_unique("CREATE INDEX u ON call_log (call_sid)", "allows duplicates")]
#[tokio::test]
async fn a_unique_index_that_is_less_than_declared_is_no_unique_index(
    #[case] instead: &str,
    #[case] words: &str,
    #[values(Postgres, Sqlite)] server: Server,
) {
    let Some((_database, db)) = migrated(server).await else { return };
    db.execute_unprepared("DROP INDEX ix_call_log_call_sid").await.unwrap();
    db.execute_unprepared(instead).await.unwrap();
    let report = entities().check(&db).await.unwrap();
    assert!(findings(&report).contains(&"unique-missing call_log (call_sid) IntegrityLost".to_owned()), "{report}");
    assert!(report.to_string().contains(words), "{report}");
}

#[rstest]
#[case::another_name_for_an_index("ALTER INDEX ix_call_log_call_sid RENAME TO something_else")]
#[case::a_constraint_for_an_index(
    "DROP INDEX ix_call_log_call_sid; ALTER TABLE call_log ADD CONSTRAINT c UNIQUE (call_sid)"
)]
#[case::serial_for_identity(
    "ALTER TABLE call_log ALTER COLUMN id DROP IDENTITY; CREATE SEQUENCE s OWNED BY call_log.id; \
     ALTER TABLE call_log ALTER COLUMN id SET DEFAULT nextval('s')"
)]
#[case::one_more_nullable_column("ALTER TABLE call_log ADD COLUMN note text")]
#[case::one_more_column_with_a_default("ALTER TABLE call_log ADD COLUMN note text NOT NULL DEFAULT ''")]
#[case::one_more_index("CREATE INDEX another ON call_log (to_number)")]
#[case::a_comment("COMMENT ON COLUMN call_log.status IS 'last status'")]
#[case::many_other_tables(
    "DO $$BEGIN FOR i IN 1..50 LOOP EXECUTE format('CREATE TABLE other_%s (id int)', i); END LOOP; END$$"
)]
#[tokio::test]
async fn what_harms_nobody_is_in_sync(#[case] by_hand: &str) {
    let Some((_database, db)) = migrated(Postgres).await else { return };
    db.execute_unprepared(by_hand).await.unwrap();
    sea_orm_drift::assert_in_sync(&db, &entities()).await;
}

async fn migrated(server: Server) -> Option<(Database, DbConn)> {
    let database = server.empty_database().await?;
    let db = database.connect().await;
    Migrator::up(&db, None).await.unwrap();
    Some((database, db))
}

/// What was found, without the composite indexes that only the migrations make.
fn findings(report: &Report) -> Vec<String> {
    let composite = [
        "index-unexpected call_log (business_id, created_at, id) Nothing",
        "index-unexpected call_log (business_id, direction, created_at) Nothing",
        "index-unexpected call_log (created_at, id) Nothing",
        "index-unexpected call_log (estimated_cost_bucket, created_at) Nothing",
    ];
    let findings = report.differences.iter().map(|difference| {
        format!("{} {} {:?}", difference.change.rule(), difference.object(), difference.consequence())
    });
    findings.filter(|finding| !composite.contains(&finding.as_str())).collect()
}

/// Creates the empty table and its indexes again, with one replacement in the table's statement.
async fn recreate(db: &DbConn, (old, new): (&str, &str)) {
    let ask = "SELECT sql FROM sqlite_master WHERE tbl_name = 'call_log' AND sql IS NOT NULL ORDER BY type DESC";
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), ask)).await.unwrap();
    let statements: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    assert_eq!(statements[0].matches(old).count(), 1, "{old} in {}", statements[0]);
    db.execute_unprepared("DROP TABLE call_log").await.unwrap();
    db.execute_unprepared(&statements[0].replace(old, new)).await.unwrap();
    for index in &statements[1..] {
        db.execute_unprepared(index).await.unwrap();
    }
}
