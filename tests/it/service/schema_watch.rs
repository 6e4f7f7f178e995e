//! The watch over the schema, on a database that others use.

use sea_orm::{ConnectionTrait, TransactionTrait};
use service::server::{SchemaWatch, WatchConfig};

use super::migrated;
use crate::servers::Server::Postgres;

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_table_says_nothing_about_the_schema() {
    let Some((database, db)) = migrated(Postgres).await else { return };
    let watch = SchemaWatch::new(WatchConfig {
        url: database.url.parse().unwrap(),
        schema: None,
        migrate: None,
        apply_accepted: Box::new(|report| report),
    });
    assert_eq!(watch.check().await.unwrap().name(), "in-sync");

    let holder = db.begin().await.unwrap();
    holder.execute_unprepared("LOCK TABLE call_log IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let refused = watch.check().await.unwrap_err();
    assert_eq!(watch.state().name(), "in-sync", "{refused}");

    // But a difference that can be seen counts.
    holder.execute_unprepared("ALTER TABLE call_log DROP COLUMN recording_mode").await.unwrap();
    holder.commit().await.unwrap();
    assert_eq!(watch.check().await.unwrap().name(), "drifted");
}
