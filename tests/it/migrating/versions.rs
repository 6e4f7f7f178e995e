//! Old and new programs on one database: a newer version has migrated it, and this one goes on.

use migration::{Migrator, MigratorTrait};
use rstest::rstest;
use sea_orm::{ConnectionTrait, TransactionTrait};

use super::{Running, history, in_transactions, known, sleep};
use crate::{
    it::{cargo::migration, program::call_log},
    servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
};

const FUTURE: &str = "m20990101_000000_from_the_future";

#[rstest]
#[tokio::test]
async fn a_newer_history_is_no_error(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    Migrator::up(&db, None).await.unwrap();
    db.execute_unprepared(&format!("INSERT INTO seaql_migrations VALUES ('{FUTURE}', 0)")).await.unwrap();
    db.execute_unprepared("ALTER TABLE call_log ADD COLUMN from_the_future integer").await.unwrap();
    let all = history(&db).await;

    let notice = format!(
        "unknown  applied by another version or another program, left as they are: {FUTURE}\nnothing to apply\n"
    );
    let up = call_log(&["migrate", "up"], &database.url);
    assert_eq!((up.code, up.stderr.as_str()), (0, notice.as_str()), "{}", up.stdout);
    let status = call_log(&["migrate", "status"], &database.url);
    assert_eq!((status.code, status.stdout.lines().last()), (0, Some(format!("unknown  {FUTURE}").as_str())));
    let down = call_log(&["migrate", "down"], &database.url);
    let refusal = format!(
        "error: the last migrations in `seaql_migrations` are unknown here: {FUTURE}; undo them first with the program \
         that applied them, which may be another version of this one. If another program shares the table, let its migrator \
         return another name from `migration_table_name`\n"
    );
    assert_eq!((down.code, down.stderr), (1, refusal.clone()));

    let settings = [("DATABASE_URL", database.url.as_str())];
    let plain = migration(&["up"], &settings);
    assert_eq!((plain.code, plain.stderr), (0, notice));
    let plain = migration(&["status"], &settings);
    assert_eq!((plain.code, plain.stdout.lines().last()), (0, Some(format!("unknown  {FUTURE}").as_str())));
    for verb in ["down", "reset", "refresh"] {
        let plain = migration(&[verb], &settings);
        assert_eq!((plain.code, plain.stderr), (1, refusal.clone()), "{verb}");
    }

    Migrator::up(&db, None).await.unwrap();
    Migrator::status(&db).await.unwrap();
    assert_eq!(Migrator::get_pending_migrations(&db).await.unwrap().len(), 0);
    assert_eq!(Migrator::get_applied_migrations(&db).await.unwrap().len(), known().len());
    assert!(Migrator::down(&db, Some(1)).await.unwrap_err().to_string().contains(FUTURE));
    assert_eq!(history(&db).await, all, "the history is as it was");
    service::schema::validate(&db).await.unwrap();
}

/// A newer version has applied its own, and one of ours is missing: it is applied all the same.
#[rstest]
#[tokio::test]
async fn what_is_pending_is_applied_behind_a_newer_one(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    Migrator::up(&db, Some(1)).await.unwrap();
    db.execute_unprepared(&format!("INSERT INTO seaql_migrations VALUES ('{FUTURE}', 0)")).await.unwrap();
    let up = call_log(&["migrate", "up"], &database.url);
    assert_eq!(up.code, 0, "{}", up.stderr);
    assert_eq!(history(&db).await, [known(), vec![FUTURE.to_owned()]].concat());
}

#[rstest]
#[tokio::test]
async fn the_status_of_the_migration_crate_writes_nothing(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    let status = migration(&["status"], &[("DATABASE_URL", database.url.as_str())]);
    assert_eq!((status.code, status.stdout.matches("pending  m").count()), (1, known().len()), "{}", status.stderr);
    assert!(db.execute_unprepared("SELECT * FROM seaql_migrations").await.is_err(), "no table was made");
}

/// What another version applied long ago is in nobody's way.
#[rstest]
#[tokio::test]
async fn what_is_newer_than_an_unknown_one_is_undone(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    Migrator::up(&db, None).await.unwrap();
    let (oldest, newer) = (known()[0].clone(), known()[1..].to_vec());
    let between = format!("{oldest}_of_another_version");
    db.execute_unprepared(&format!("INSERT INTO seaql_migrations VALUES ('{between}', 0)")).await.unwrap();
    let refused = call_log(&["migrate", "down", "-n", "1000"], &database.url);
    assert!(refused.code == 1 && refused.stderr.contains(&between), "{}", refused.stderr);
    assert_eq!(history(&db).await.len(), known().len() + 1, "nothing is undone of what cannot be undone as a whole");

    let steps = newer.len().to_string();
    let down = call_log(&["migrate", "down", "-n", &steps], &database.url);
    assert_eq!(down.code, 0, "{}", down.stderr);
    assert_eq!(history(&db).await, [oldest, between]);
    assert_eq!(call_log(&["migrate", "down"], &database.url).code, 1, "it stands before the unknown one");
}

/// Of a column that is there already and is not as declared, `up` says what it breaks.
#[rstest]
#[tokio::test]
async fn a_column_of_the_same_name_with_another_type_fails_up(#[values(Postgres, MySqlOrMariaDb)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    Migrator::up(&db, Some(1)).await.unwrap();
    db.execute_unprepared("ALTER TABLE call_log ADD COLUMN stream_connect_count varchar(16)").await.unwrap();
    let up = call_log(&["migrate", "up"], &database.url);
    assert_eq!(up.code, 1, "{}", up.stdout);
    let found = "error[type-differs]: `call_log.stream_connect_count` is declared int";
    let said = up.stdout.split("\n\n").find(|finding| finding.starts_with(found));
    let said = said.unwrap_or_else(|| panic!("{}", up.stdout)).lines().collect::<Vec<_>>();
    assert!(said.len() >= 3 && said[1].trim_start().starts_with("every read"), "{said:?}");
    assert!(up.stderr.contains("applied  m20251228_000051_add_call_log_cost_metrics"), "{}", up.stderr);
}

/// Two people each mean to undo one step, the same one: the next one stays.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_who_undo_the_same_step_undo_one(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    Migrator::up(&db, None).await.unwrap();
    let mut downs = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let db = database.connect().await;
        downs.spawn(async move { Migrator::down(&db, Some(1)).await });
    }
    let undone = downs.join_all().await.into_iter().flatten().count();
    let left = history(&db).await.len();
    assert_eq!(left, known().len() - undone, "each that says so has undone one");
    let told = call_log(&["migrate", "status"], &database.url).stdout;
    assert_eq!(told.matches("applied").count(), left);
}

/// A step that another run has undone since this one looked is not made up for with the next.
#[rstest]
#[case::in_a_transaction(in_transactions())]
#[case::in_a_session(known())]
#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_was_undone_meanwhile_is_told(#[case] applied: Vec<String>) {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    Migrator::up(&db, u32::try_from(applied.len()).ok()).await.unwrap();
    assert_eq!(history(&db).await, applied);
    let (last, others) = applied.split_last().unwrap();
    // Somebody has the table for himself, so that both wait after they have looked.
    let holder = db.begin().await.unwrap();
    holder.execute_unprepared("SELECT * FROM call_log").await.unwrap();
    let downs = [(); 2].map(|()| Running::start(&["migrate", "down"], &database.url));
    sleep(4_000).await;
    holder.commit().await.unwrap();
    let mut codes = Vec::new();
    for down in downs {
        let down = down.end().await;
        if down.code == 1 {
            let told = format!("error: another run has undone migration {last} meanwhile; nothing else was undone");
            assert_eq!(down.stderr.lines().last(), Some(told.as_str()));
        }
        codes.push(down.code);
    }
    codes.sort_unstable();
    assert_eq!(codes, [0, 1]);
    assert_eq!(history(&db).await, others);
}
