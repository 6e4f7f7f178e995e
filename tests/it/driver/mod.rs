//! The truth is the driver: each change in `tests/fixtures/changes` is made to a migrated database, real operations run
//! through the unchanged entity, and what happened must be what the consequence said, in both directions.
//!
//! Adding a change is adding a file. Its first line says what it breaks, so that three agree: the file, the engine, the
//! driver.

mod operations;
mod types;

use std::{fs, path::PathBuf};

use migration::{Migrator, MigratorTrait};
use rstest::rstest;
use sea_orm::{ConnectionTrait, DbConn, Statement};
use sea_orm_drift::Consequence;
use service::schema::entities;

use self::operations::perform;
use super::cargo::workspace;
use crate::servers::{
    Database,
    Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
};

struct ChangeFile {
    name: String,
    /// What the first line says: `-- breaks: reads-fail`.
    expected: String,
    /// What the second line may say: `-- since: PostgreSQL 15`.
    since: i32,
    sql: String,
}

#[rstest]
#[case::on_postgres(Postgres, "postgres")]
#[case::on_mysql_or_mariadb(MySqlOrMariaDb, "mysql")]
#[case::on_sqlite(Sqlite, "sqlite")]
#[tokio::test]
async fn what_happens_is_what_was_predicted(#[case] server: Server, #[case] folder: &str) {
    let Some((_database, unchanged)) = migrated(server).await else { return };
    let baseline = perform(&unchanged).await;
    let version = if server == Postgres { postgres_version(&unchanged).await } else { i32::MAX };
    let changes: Vec<ChangeFile> = changes(folder).into_iter().filter(|change| change.since <= version).collect();
    assert!(!changes.is_empty(), "no changes in {folder}");

    let mut disagreements = Vec::new();
    for change in &changes {
        let Some((_database, db)) = migrated(server).await else { return };
        db.execute_unprepared(&change.sql).await.unwrap_or_else(|error| panic!("{}: {error}", change.name));

        let report = entities().check(&db).await.unwrap();
        let loudest = report.differences.iter().map(|difference| difference.consequence).min();
        let consequence = loudest.unwrap_or(Consequence::Nothing);
        // What the engine leaves open may turn out either way; that it says so is what counts.
        let is_open = consequence == Consequence::Nothing && !report.unchecked.is_empty();
        let predicted = if is_open { "unchecked".to_owned() } else { word(consequence) };
        let outcomes = perform(&db).await;
        let observed = outcomes.consequence_beside(&baseline);

        #[expect(clippy::print_stdout, reason = "the matrix; shown with --nocapture, or when a change disagrees")]
        {
            println!("{:<48} {predicted:<16} {}", change.name, outcomes.row_beside(&baseline));
        }
        // That a query became slower is not felt by two rows.
        let is_slower = (consequence, observed) == (Consequence::Slower, Consequence::Nothing);
        let agree = is_open || is_slower || consequence == observed;
        if !agree || predicted != change.expected {
            let expected = &change.expected;
            disagreements.push(format!(
                "{}: the file says {expected}, the engine {predicted}, the driver {}\n{}\n{report}",
                change.name,
                word(observed),
                outcomes.departures_from(&baseline)
            ));
        }
    }
    assert!(
        disagreements.is_empty(),
        "{} of {} disagree\n\n{}",
        disagreements.len(),
        changes.len(),
        disagreements.join("\n")
    );
}

fn changes(folder: &str) -> Vec<ChangeFile> {
    let folder = workspace().join("tests/fixtures/changes").join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |path: PathBuf| {
        let sql = fs::read_to_string(&path).unwrap();
        let said = |beginning| sql.lines().find_map(|line| line.strip_prefix(beginning));
        let expected = said("-- breaks: ").unwrap_or_default().to_owned();
        let since = said("-- since: PostgreSQL ").map_or(0, |version| version.parse().unwrap());
        ChangeFile { name: path.file_stem().unwrap().to_string_lossy().into_owned(), expected, since, sql }
    };
    files.into_iter().map(read).collect()
}

async fn migrated(server: Server) -> Option<(Database, DbConn)> {
    let database = server.empty_database().await?;
    let db = database.connect().await;
    Migrator::up(&db, None).await.unwrap();
    operations::seed(&db).await;
    Some((database, db))
}

async fn postgres_version(db: &DbConn) -> i32 {
    let ask = "SELECT current_setting('server_version_num')::integer / 10000";
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), ask)).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

/// A consequence as the reports spell it.
fn word(consequence: Consequence) -> String {
    serde_json::to_value(consequence).unwrap().as_str().unwrap().to_owned()
}
