//! The labels of native enums, in both directions.

use rstest::rstest;
use sea_orm::{ConnectionTrait, EntityTrait, Set};
use sea_orm_drift::{Consequence, Entities};

use crate::servers::Server::{self, MySqlOrMariaDb, Postgres};

mod call {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "Enum", db_type = "Enum", enum_name = "state")]
    pub(super) enum State {
        #[sea_orm(string_value = "ringing")]
        Ringing,
        #[sea_orm(string_value = "it's over")]
        Over,
    }

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "call")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub state: State,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[rstest]
#[case::the_same(&["ringing", "it's over"], Consequence::Nothing)]
#[case::in_another_order(&["it's over", "ringing"], Consequence::Nothing)]
#[case::one_is_missing(&["ringing"], Consequence::WritesMayFail)]
#[case::one_more(&["ringing", "held", "it's over"], Consequence::ReadsMayFail)]
#[case::one_for_another(&["ringing", "held"], Consequence::ReadsMayFail)]
#[tokio::test]
async fn labels_are_compared_and_judged(
    #[values(Postgres, MySqlOrMariaDb)] server: Server,
    #[case] labels: &[&str],
    #[case] expected: Consequence,
) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    let quoted = labels.iter().map(|label| format!("'{}'", label.replace('\'', "''"))).collect::<Vec<_>>().join(", ");
    let create = match server {
        Postgres => format!(
            "CREATE TYPE state AS ENUM ({quoted}); CREATE TABLE call (id integer PRIMARY KEY, state state NOT NULL)"
        ),
        _ => format!("CREATE TABLE `call` (id integer PRIMARY KEY, state enum({quoted}) NOT NULL)"),
    };
    db.execute_unprepared(&create).await.unwrap();

    let report = Entities::new().add(call::Entity).check(&db).await.unwrap();
    let predicted: Vec<_> =
        report.differences.iter().map(|found| (found.change.rule().name(), found.consequence())).collect();
    let finding = (expected != Consequence::Nothing).then_some(("enum-labels-differ", expected));
    assert_eq!(predicted, finding.into_iter().collect::<Vec<_>>(), "{report}");

    let mut refuses = false;
    for (id, state) in (1..).zip([call::State::Ringing, call::State::Over]) {
        let row = call::ActiveModel { id: Set(id), state: Set(state) };
        refuses |= call::Entity::insert(row).exec_without_returning(&db).await.is_err();
    }
    assert_eq!(refuses, !labels.contains(&"it's over"), "{labels:?}");
    call::Entity::find().all(&db).await.unwrap();

    let table = if server == Postgres { "call" } else { "`call`" };
    let foreign = format!("INSERT INTO {table} VALUES (3, 'held')");
    let is_stored = db.execute_unprepared(&foreign).await.is_ok();
    assert_eq!(call::Entity::find().all(&db).await.is_err(), is_stored);
    assert_eq!(is_stored, labels.contains(&"held"));
}

/// It is stored as the column has it.
#[tokio::test]
async fn a_label_in_another_case_is_written_and_not_read() {
    let Some(database) = MySqlOrMariaDb.empty_database().await else { return };
    let db = database.connect().await;
    let create = "CREATE TABLE `call` (id integer PRIMARY KEY, state enum('RINGING', 'it''s over') NOT NULL)";
    db.execute_unprepared(create).await.unwrap();
    let row = call::ActiveModel { id: Set(1), state: Set(call::State::Ringing) };
    call::Entity::insert(row).exec_without_returning(&db).await.unwrap();
    assert!(call::Entity::find().all(&db).await.is_err());
    let report = Entities::new().add(call::Entity).check(&db).await.unwrap();
    insta::assert_snapshot!(report, @r"
    warning[enum-labels-differ]: the enum of `call.state` has 'RINGING', which the entity lacks
      reading a row of call fails if it holds 'RINGING'

    1 difference (1 warning): 1 entity, 2 columns, 1 index compared
    ");
}

/// An array of the enum has its labels, too.
#[tokio::test]
async fn labels_of_an_array_are_compared() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    let sql = "CREATE TYPE mood AS ENUM ('so', 'so-so', 'so what'); \
               CREATE TABLE typed (id integer PRIMARY KEY, value mood[])";
    db.execute_unprepared(sql).await.unwrap();
    let report = Entities::new().add(super::declared::array_of_enum::Entity).check(&db).await.unwrap();
    insta::assert_snapshot!(report, @r"
    warning[enum-labels-differ]: the enum of `typed.value` has 'so what', which the entity lacks
      reading a row of typed fails if it holds 'so what'

    1 difference (1 warning): 1 entity, 2 columns, 1 index compared
    ");
}
