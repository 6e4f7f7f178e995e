//! A run that stops after some rows, and another that goes on after the last key.

use rstest::rstest;
use sea_orm::{ConnectionTrait, DbConn, Statement};
use sea_orm_drift::{Change, Entities, Rule};

use super::{asked, decoding, made};
use crate::servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

/// Reads a batch, begins again after the key that it told, and so on: the keys that were found, in their order.
async fn in_runs(entities: &Entities, db: &DbConn) -> Vec<String> {
    let (mut keys, mut after) = (Vec::new(), None);
    loop {
        let mut options = decoding(2);
        options.after.clone_from(&after);
        let report = entities.check(db).await.unwrap();
        let mut check = entities.check_rows(report, &options);
        assert_eq!(check.wrong_key(), None);
        let batch = check.step(db).await.unwrap().unwrap();
        let report = check.finish();
        for found in &report.differences {
            if let Change::RowsUnreadable { rows, .. } = &found.change {
                keys.extend(rows.first_keys.clone());
            }
        }
        if batch.rows == 0 {
            return keys;
        }
        after = batch.last_key;
    }
}

mod pair {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "pair")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub shelf: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub place: i32,
        pub kind: super::super::reading::Kind,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod token {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "token")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub kind: super::super::reading::Kind,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[rstest]
#[tokio::test]
async fn a_run_goes_on_after_a_key_of_any_kind(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    let schema = sea_orm::Schema::new(db.get_database_backend());
    db.execute(&schema.create_table_from_entity(pair::Entity)).await.unwrap();
    db.execute(&schema.create_table_from_entity(token::Entity)).await.unwrap();

    // In the order of the key: each row of the shelf "b" cannot be read.
    for (shelf, place) in [("a", 2), ("a", 10), ("b", 1), ("b", 2), ("b, \"'", 3), ("c", 1), ("c", 2)] {
        let kind = if shelf.starts_with('b') { "essay" } else { "poem" };
        let values = [shelf.into(), place.into(), kind.into()];
        let insert = match server {
            Postgres => "INSERT INTO pair VALUES ($1, $2, $3)",
            _ => "INSERT INTO pair VALUES (?, ?, ?)",
        };
        db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), insert, values)).await.unwrap();
    }
    let keys = in_runs(&Entities::new().add(pair::Entity), &db).await;
    assert_eq!(keys.len(), 3, "each once: {keys:?}");

    for byte in ["11", "44", "77", "aa", "ff"] {
        let kind = if byte == "77" { "essay" } else { "poem" };
        let id = match server {
            Postgres => format!("'{}'", byte.repeat(16)),
            _ => format!("x'{}'", byte.repeat(16)),
        };
        db.execute_unprepared(&format!("INSERT INTO token VALUES ({id}, '{kind}')")).await.unwrap();
    }
    let keys = in_runs(&Entities::new().add(token::Entity), &db).await;
    assert_eq!(keys.len(), 1, "once: {keys:?}");
}

#[tokio::test]
async fn a_key_that_is_none_of_the_tables_is_told_before_a_row_is_read() {
    let database = Sqlite.empty_database().await.unwrap();
    let db = database.connect().await;
    let schema = sea_orm::Schema::new(db.get_database_backend());
    db.execute(&schema.create_table_from_entity(pair::Entity)).await.unwrap();
    let entities = Entities::new().add(pair::Entity);
    let mut options = decoding(2);
    options.after = Some("17".to_owned());
    let mut check = entities.check_rows(entities.check(&db).await.unwrap(), &options);
    let told = "pair: the key has 2 columns: give their values as a JSON array, such as `[\"a\",2]`, not `17`";
    assert_eq!(check.wrong_key().as_deref(), Some(told));
    assert!(check.step(&db).await.is_err());
}

#[rstest]
#[tokio::test]
async fn a_run_that_goes_on_leaves_out_the_tables_that_were_done(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    made(&db, &["(1, 'a', 'essay', 'x', 1)", "(2, 'b', 'essay', 'y', 1)"]).await;
    let mut options = decoding(1000);
    (options.after, options.after_table) = (Some("0".to_owned()), Some("shelf".to_owned()));
    let report = asked(&db, options.clone()).await;
    assert!(!report.differences.iter().any(|found| found.change.rule() == Rule::RowsUnreadable), "{report}");
    (options.after, options.after_table) = (Some("1".to_owned()), Some("reading".to_owned()));
    let report = asked(&db, options).await;
    assert!(report.to_string().contains("1 row, with the key 2 (of the first 1 row looked at)"), "{report}");
    assert!(report.notes.iter().any(|note| note.starts_with("shelf: its only row was read")), "{:?}", report.notes);
}
