//! What was renamed is renamed again: an empty column or table beside the full one would lose the rows.

use rstest::rstest;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use sea_orm_drift::{Entities, Severity};

use super::{created, repair_all, shown};
use crate::{
    call_log,
    servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
};

#[rstest]
#[case::a_column("ALTER TABLE call_log RENAME COLUMN status TO state", &["column-missing call_log.status"])]
#[case::a_column_with_a_unique_index(
    "ALTER TABLE call_log RENAME COLUMN call_sid TO sid",
    &["column-missing call_log.call_sid"]
)]
#[case::two_columns_of_one_type(
    "ALTER TABLE call_log RENAME COLUMN from_number TO from_phone; \
     ALTER TABLE call_log RENAME COLUMN to_number TO to_phone",
    &["column-missing call_log.from_number", "column-missing call_log.to_number"]
)]
#[case::the_key("ALTER TABLE call_log RENAME COLUMN id TO call_id", &["column-missing call_log.id"])]
#[case::the_table("ALTER TABLE call_log RENAME TO calls", &["table-missing call_log"])]
#[tokio::test]
async fn the_repair_of_a_rename_is_a_rename(
    #[case] change: &str,
    #[case] findings: &[&str],
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
) {
    let Some((_database, db)) = created(server).await else { return };
    db.execute_unprepared(change).await.unwrap();
    let entities = Entities::new().add(call_log::Entity);
    let report = entities.check(&db).await.unwrap();
    let loud = report.differences.iter().filter(|found| found.severity() > Severity::Info);
    assert_eq!(loud.clone().map(shown).collect::<Vec<_>>(), findings, "{report}");
    for found in loud {
        let repair = found.repair().unwrap();
        assert!(repair.sql.len() == 1 && repair.sql[0].contains(" RENAME "), "{report}");
    }
    assert_eq!(report.to_string().matches("renamed? ").count(), findings.len(), "{report}");
    repair_all(&db, &entities, change).await;
    assert!(entities.check(&db).await.unwrap().is_in_sync());
    let both = call_log::Entity::find().filter(call_log::Column::CallSid.is_in(["CA1", "CA2"]));
    assert_eq!(both.count(&db).await.unwrap(), 2);
}

#[rstest]
#[case::of_a_similar_name("summary_id bigint")]
#[case::of_another_name_and_a_text_too("call_status varchar(32)")]
#[tokio::test]
async fn a_column_of_another_type_is_no_candidate(
    #[case] column: &str,
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
) {
    let Some((_database, db)) = created(server).await else { return };
    db.execute_unprepared("ALTER TABLE call_log DROP COLUMN summary").await.unwrap();
    db.execute_unprepared(&format!("ALTER TABLE call_log ADD COLUMN {column}")).await.unwrap();
    let report = Entities::new().add(call_log::Entity).check(&db).await.unwrap();
    assert!(!report.to_string().contains("renamed?"), "{report}");
}
