//! What the table of calls has not: tables that refer to each other, CHECKs, composite keys, odd names.

use rstest::rstest;
use sea_orm::{ConnectionTrait, DbConn, Schema};
use sea_orm_drift::Entities;

use super::repair_all;
use crate::servers::{
    Database,
    Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
};

#[expect(unreachable_pub, reason = "an entity's model is `pub`, here as anywhere")]
mod shelf {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "Shelf \u{5d0}")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        #[sea_orm(column_name = "the \"label\"", column_type = "String(StringLen::N(40))", unique)]
        pub label: String,
        #[sea_orm(default_value = true)]
        pub is_open: bool,
        #[sea_orm(default_value = 1.5)]
        pub width: f64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[expect(unreachable_pub, reason = "an entity's model is `pub`, here as anywhere")]
mod copy {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "copy")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub book: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        #[sea_orm(indexed)]
        pub shelf: Option<i32>,
        #[sea_orm(default_value = 0, extra = "CHECK (pages >= 0)")]
        pub pages: i64,
        #[sea_orm(default_value = "it's \\ \"new\"")]
        pub state: String,
        #[sea_orm(default_expr = "Expr::current_timestamp()")]
        pub bought: DateTime,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "super::shelf::Entity",
            from = "Column::Shelf",
            to = "super::shelf::Column::Id",
            on_delete = "SetNull"
        )]
        Shelf,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

fn both() -> Entities {
    Entities::new().add(shelf::Entity).add(copy::Entity)
}

async fn created(server: Server) -> Option<(Database, DbConn)> {
    let database = server.empty_database().await?;
    let db = database.connect().await;
    let schema = Schema::new(db.get_database_backend());
    db.execute(&schema.create_table_from_entity(shelf::Entity)).await.unwrap();
    db.execute(&schema.create_table_from_entity(copy::Entity)).await.unwrap();
    for index in schema.create_index_from_entity(copy::Entity) {
        db.execute(&index).await.unwrap();
    }
    Some((database, db))
}

#[rstest]
#[tokio::test]
async fn missing_tables_are_made_as_the_entities_declare_them(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    assert_eq!(repair_all(&db, &both(), "empty").await, ["table-missing Shelf \u{5d0}", "table-missing copy"]);
    let report = both().check(&db).await.unwrap();
    assert!(report.differences.is_empty() && report.unchecked.is_empty(), "{report}");
}

#[rstest]
#[case::a_foreign_key(
    "ALTER TABLE copy DROP CONSTRAINT \"fk-copy-shelf\"",
    "ALTER TABLE copy DROP FOREIGN KEY `fk-copy-shelf`",
    &["foreign-key-missing copy (shelf)"]
)]
#[case::a_check(
    "ALTER TABLE copy DROP CONSTRAINT copy_pages_check",
    "ALTER TABLE copy MODIFY pages bigint NOT NULL DEFAULT 0",
    &["check-missing copy (pages)"]
)]
#[case::a_composite_key(
    "ALTER TABLE copy DROP CONSTRAINT \"pk-copy\"",
    "ALTER TABLE copy DROP PRIMARY KEY",
    &["primary-key-differs copy"]
)]
#[case::a_column_with_an_odd_default(
    "ALTER TABLE copy DROP COLUMN state",
    "ALTER TABLE copy DROP COLUMN state",
    &["column-missing copy.state"]
)]
#[case::a_column_with_the_current_time(
    "ALTER TABLE copy DROP COLUMN bought",
    "ALTER TABLE copy DROP COLUMN bought",
    &["column-missing copy.bought"]
)]
// MODIFY, because MariaDB until 10.11.14 keeps a default of the current time that `DROP DEFAULT` takes away.
#[case::an_odd_default(
    "ALTER TABLE copy ALTER COLUMN state DROP DEFAULT, ALTER COLUMN bought DROP DEFAULT, ALTER COLUMN pages DROP DEFAULT",
    "ALTER TABLE copy ALTER COLUMN state DROP DEFAULT, MODIFY bought datetime NOT NULL, ALTER COLUMN pages DROP DEFAULT",
    &["default-differs copy.pages", "default-differs copy.state", "default-differs copy.bought"]
)]
#[case::a_column_with_an_odd_name(
    "ALTER TABLE \"Shelf \u{5d0}\" DROP COLUMN \"the \"\"label\"\"\"",
    "ALTER TABLE `Shelf \u{5d0}` DROP COLUMN `the \"label\"`",
    &["column-missing Shelf \u{5d0}.the \"label\"", "unique-missing Shelf \u{5d0} (the \"label\")"]
)]
#[tokio::test]
async fn what_is_missing_is_added(
    #[case] postgres: &str,
    #[case] mysql: &str,
    #[case] findings: &[&str],
    #[values(Postgres, MySqlOrMariaDb)] server: Server,
) {
    let Some((_database, db)) = created(server).await else { return };
    db.execute_unprepared(if server == Postgres { postgres } else { mysql }).await.unwrap();
    assert_eq!(repair_all(&db, &both(), postgres).await, findings);
}

#[rstest]
#[case::a_key_that_was_never_validated(
    "ALTER TABLE copy DROP CONSTRAINT \"fk-copy-shelf\"; \
     ALTER TABLE copy ADD FOREIGN KEY (shelf) REFERENCES \"Shelf \u{5d0}\" (id) ON DELETE SET NULL NOT VALID",
    &["foreign-key-differs copy (shelf)"]
)]
#[case::a_sequence_that_is_behind(
    "INSERT INTO \"Shelf \u{5d0}\" (id, \"the \"\"label\"\"\") VALUES (1, 'x')",
    &["sequence-behind Shelf \u{5d0}.id"]
)]
#[case::a_sequence_that_ends(
    "ALTER SEQUENCE \"Shelf \u{5d0}_id_seq\" AS smallint",
    &["sequence-narrower Shelf \u{5d0}.id"]
)]
#[case::an_identity_that_refuses_keys(
    "ALTER TABLE \"Shelf \u{5d0}\" ALTER COLUMN id SET GENERATED ALWAYS",
    &["generation-differs Shelf \u{5d0}.id"]
)]
#[case::no_generator_behind_a_key_with_rows(
    "INSERT INTO \"Shelf \u{5d0}\" (id, \"the \"\"label\"\"\") VALUES (7, 'x'); \
     ALTER TABLE \"Shelf \u{5d0}\" ALTER COLUMN id DROP IDENTITY",
    &["generation-differs Shelf \u{5d0}.id"]
)]
#[case::an_index_name_that_is_taken(
    "DROP INDEX \"idx-copy-shelf\"; CREATE INDEX \"idx-copy-shelf\" ON copy (pages)",
    &["index-missing copy (shelf)"]
)]
#[tokio::test]
async fn what_postgres_can_besides(#[case] change: &str, #[case] findings: &[&str]) {
    let Some((_database, db)) = created(Postgres).await else { return };
    db.execute_unprepared(change).await.unwrap();
    assert_eq!(repair_all(&db, &both(), change).await, findings);
}

#[rstest]
#[tokio::test]
async fn a_missing_privilege_is_granted_by_the_owner(#[values(Postgres, MySqlOrMariaDb)] server: Server) {
    // MySQL hides a column with which the role may do nothing at all.
    let (privileges, missing) = if server == Postgres { ("SELECT (id)", 3) } else { ("SELECT", 2) };
    let Some((database, owner)) = created(server).await else { return };
    let name = format!("r{}", database.url.rsplit_once("/t").unwrap().1);
    let (make, drop) = if server == Postgres {
        let make =
            format!("CREATE ROLE {name} LOGIN PASSWORD 's3cret'; GRANT {privileges} ON \"Shelf \u{5d0}\" TO {name}");
        (make, format!("DROP OWNED BY {name}; DROP ROLE {name}"))
    } else {
        let make = format!(
            "CREATE USER {name}@'%' IDENTIFIED BY 's3cret'; GRANT {privileges} ON `Shelf \u{5d0}` TO {name}@'%'"
        );
        (make, format!("DROP USER {name}@'%'"))
    };
    owner.execute_unprepared(&make).await.unwrap();
    let entities = Entities::new().add(shelf::Entity);
    let db = database.connect_as(&name).await;
    let report = entities.check(&db).await.unwrap();
    let statements: Vec<&String> =
        report.differences.iter().filter_map(|found| found.repair()).flat_map(|repair| &repair.sql).collect();
    assert_eq!(statements.len(), missing, "{report}");
    for statement in statements {
        owner.execute_unprepared(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    let granted = database.connect_as(&name).await;
    let report = entities.check(&granted).await.unwrap();
    assert!(report.differences.is_empty(), "{report}");
    granted.close().await.unwrap();
    db.close().await.unwrap();
    owner.execute_unprepared(&drop).await.unwrap();
}
