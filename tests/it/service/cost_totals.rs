//! The totals of costs are what the calls say, whatever happens, whoever writes, and at any moment.

mod events;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use chrono::{NaiveDate, TimeDelta};
use entity::{
    call_log::{self, Entity},
    enums::CostBucket,
};
use futures_util::future::join_all;
use rstest::rstest;
use sea_orm::{ConnectionTrait, DbConn, EntityTrait, Statement};
use sea_orm_drift::assert_in_sync;
use service::{
    cost_totals::{Keeper, count_day, days, fold, is_kept},
    queries::{CostReader, DayCosts, Filter},
    schema::entities,
};

use self::events::{cut_off, happen, write};
use super::{at, migrated};
use crate::{
    it::program::call_log,
    servers::{
        Database,
        Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
        seed,
    },
};

/// A database that keeps totals.
async fn kept(server: Server) -> Option<(Database, DbConn)> {
    let (database, db) = migrated(server).await?;
    migration::cost_totals::create(&db).await.unwrap();
    Some((database, db))
}

/// What the rows come to, in plain Rust.
async fn aggregate(db: &DbConn, filter: &Filter) -> Vec<DayCosts> {
    let mut sums: BTreeMap<(NaiveDate, usize), DayCosts> = BTreeMap::new();
    let order = [Some(CostBucket::Low), Some(CostBucket::Med), Some(CostBucket::High), None];
    for row in Entity::find().all(db).await.unwrap() {
        let Some(created_at) = row.created_at else { continue };
        let bucket = row.estimated_cost_bucket;
        let is_selected = filter.business_id.is_none_or(|id| id == row.business_id)
            && filter.direction.as_ref().is_none_or(|direction| row.direction.as_ref() == Some(direction))
            && filter.status.as_ref().is_none_or(|status| row.status.as_ref() == Some(status))
            && filter.bucket.is_none_or(|wanted| bucket == Some(wanted))
            && filter.from.is_none_or(|from| from <= created_at)
            && filter.to.is_none_or(|to| created_at < to);
        if !is_selected {
            continue;
        }
        let day = created_at.date();
        let place = order.iter().position(|known| *known == bucket).unwrap();
        let zero = DayCosts { day, bucket, calls: 0, seconds: 0, reconnects: 0, recordings: 0 };
        let sum = sums.entry((day, place)).or_insert(zero);
        sum.calls += 1;
        sum.seconds += i64::from(row.duration.unwrap_or_default());
        sum.reconnects += i64::from((row.stream_connect_count.unwrap_or_default() - 1).max(0));
        sum.recordings += i64::from(row.recording_count.unwrap_or_default());
    }
    sums.into_values().collect()
}

fn filters() -> Vec<Filter> {
    let all = Filter::default;
    let (morning, noon) = (at(0), at(2 * 3_600));
    let midnight = |days: i64| Some(at(0).date().and_hms_opt(0, 0, 0).unwrap() + TimeDelta::days(days));
    vec![
        all(),
        Filter { business_id: Some(7), ..all() },
        Filter { direction: Some("outbound".to_owned()), ..all() },
        Filter { status: Some("completed".to_owned()), business_id: Some(8), ..all() },
        Filter { bucket: Some(CostBucket::High), ..all() },
        Filter { from: midnight(1), to: midnight(3), ..all() },
        Filter { from: Some(morning), to: Some(noon + TimeDelta::days(2)), ..all() },
        Filter { from: Some(noon), business_id: Some(7), bucket: Some(CostBucket::Low), ..all() },
    ]
}

pub(super) async fn assert_exact(costs: &CostReader, db: &DbConn, when: &str) {
    for filter in filters() {
        assert_eq!(costs.read(db, &filter).await.unwrap(), aggregate(db, &filter).await, "{when}: {filter:?}");
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn after_any_sequence_of_events_the_totals_are_what_the_rows_say(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
) {
    let Some((database, db)) = kept(server).await else { return };
    let other = database.connect().await;
    let seed = seed();
    let mut random = fastrand::Rng::with_seed(seed);
    let costs = CostReader::default();
    for round in 0..250 {
        match random.u32(0..20) {
            0 => drop(fold(&db).await.unwrap()),
            1 => count_day(&db, at(0).date() + TimeDelta::days(random.i64(-1..6))).await.unwrap(),
            2 => cut_off(fold(&other), &mut random).await,
            3 => cut_off(count_day(&other, at(0).date()), &mut random).await,
            4 => drop(Keeper::default().finish(&db).await.unwrap()),
            _ => happen(&db, &mut random).await,
        }
        if round % 25 == 0 {
            assert_exact(&costs, &db, &format!("seed {seed}, round {round}")).await;
        }
    }
    Keeper::default().finish(&db).await.unwrap();
    assert_exact(&costs, &db, &format!("seed {seed}, at the end")).await;
    assert!(days(&db, None, None).await.unwrap().len() > 3);
    assert_eq!(number(&db, "SELECT COUNT(*) FROM call_cost_changes").await, 0, "all are in the totals");
}

async fn number(db: &DbConn, sql: &str) -> i64 {
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

/// Webhooks and the host application write, while two processes fold, and a third counts days anew.
#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_totals_are_exact_with_many_writers(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((database, db)) = kept(server).await else { return };
    let patient = async || -> DbConn { database.connect_patiently().await };
    let done = Arc::new(AtomicBool::new(false));
    let mut keepers = tokio::task::JoinSet::new();
    for keeper in 0..3 {
        let (db, done) = (patient().await, Arc::clone(&done));
        keepers.spawn(async move {
            let mut passes = 0;
            while !done.load(Ordering::Relaxed) {
                // Of two that do the same, one has to try again.
                let ended = match keeper {
                    2 => count_day(&db, at(0).date() + TimeDelta::days(passes % 4)).await,
                    _ => fold(&db).await.map(drop),
                };
                passes += i64::from(ended.is_ok());
                tokio::time::sleep(Duration::from_millis(3)).await;
            }
            passes
        });
    }
    let writers = (0..if server == Sqlite { 2 } else { 6 }).map(async |writer| {
        let db = patient().await;
        let mut random = fastrand::Rng::with_seed(writer);
        for _ in 0..150 {
            write(&db, &mut random).await;
        }
    });
    join_all(writers).await;
    done.store(true, Ordering::Relaxed);
    for passes in keepers.join_all().await {
        assert!(passes > 0, "each has done something");
    }
    let costs = CostReader::default();
    assert_exact(&costs, &db, "before the last fold").await;
    Keeper::default().finish(&db).await.unwrap();
    assert_exact(&costs, &db, "after it").await;
    assert!(number(&db, "SELECT COUNT(*) FROM call_cost_totals").await > 0);
}

/// Rows that were there before the totals, and those that came without the triggers.
#[rstest]
#[tokio::test]
async fn what_no_trigger_saw_is_counted_by_the_command(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((database, db)) = migrated(server).await else { return };
    let mut random = fastrand::Rng::with_seed(3);
    for _ in 0..80 {
        write(&db, &mut random).await;
    }
    let refused = call_log(&["costs"], &database.url);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("keeps no totals of costs: `call-log costs --keep`"), "{}", refused.stderr);

    let calls = Entity::find().all(&db).await.unwrap();
    let days: BTreeSet<NaiveDate> = calls.iter().filter_map(|call| Some(call.created_at?.date())).collect();
    let all_days = format!("days counted: {}\n", days.len());
    let keep = call_log(&["costs", "--keep"], &database.url);
    assert_eq!((keep.code, keep.stdout.as_str()), (0, all_days.as_str()), "{}", keep.stderr);
    let costs = CostReader::default();
    assert_exact(&costs, &db, "all is counted").await;
    assert_in_sync(&db, &entities()).await;
    assert_eq!(call_log(&["costs"], &database.url).stdout, "days counted: 0\n");

    // What was remembered is asked again.
    db.execute_unprepared("DELETE FROM call_cost_days").await.unwrap();
    db.execute_unprepared("UPDATE call_cost_totals SET calls = calls + 1").await.unwrap();
    assert_exact(&costs, &db, "no day is counted any more").await;
    assert_eq!(call_log(&["costs", "--rebuild"], &database.url).stdout, all_days);
    assert_exact(&costs, &db, "counted again").await;

    // As by a table that was restored without its triggers.
    db.execute_unprepared("UPDATE call_cost_totals SET calls = calls + 1").await.unwrap();
    assert_ne!(costs.read(&db, &Filter::default()).await.unwrap(), aggregate(&db, &Filter::default()).await);
    assert_eq!(call_log(&["costs", "--rebuild"], &database.url).stdout, all_days);
    assert_exact(&costs, &db, "counted anew").await;

    assert_eq!(call_log(&["costs", "--drop"], &database.url).code, 0);
    assert!(!is_kept(&db).await.unwrap());
    write(&db, &mut random).await;
    assert_exact(&costs, &db, "read from the calls").await;
}

/// The host application's role knows nothing of the totals.
#[tokio::test]
async fn a_role_that_may_only_write_calls_writes_them() {
    let Some((database, db)) = kept(Postgres).await else { return };
    let role = format!("host_{}", database.name());
    for sql in [
        format!("CREATE ROLE {role}"),
        format!("GRANT SELECT, INSERT, UPDATE, DELETE ON call_log TO {role}"),
        format!("GRANT USAGE ON SEQUENCE call_log_id_seq TO {role}"),
    ] {
        db.execute_unprepared(&sql).await.unwrap();
    }
    let written = db
        .execute_unprepared(&format!(
            "BEGIN; SET LOCAL ROLE {role}; INSERT INTO call_log (business_id, created_at) VALUES (7, '2026-01-15 10:00'); COMMIT"
        ))
        .await;
    let changes = number(&db, "SELECT COUNT(*) FROM call_cost_changes").await;
    db.execute_unprepared(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await.unwrap();
    written.unwrap();
    assert_eq!(changes, 1);
}

/// The widest values that the columns take.
#[rstest]
#[tokio::test]
async fn no_call_is_refused_because_it_is_counted(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((_database, db)) = kept(server).await else { return };
    let least = call_log::ActiveModel {
        duration: sea_orm::Set(Some(i32::MIN)),
        stream_connect_count: sea_orm::Set(Some(i32::MAX)),
        recording_count: sea_orm::Set(Some(i32::MIN)),
        status: sea_orm::Set(Some("ש".repeat(32))),
        ..super::ended("CA1", at(0))
    };
    super::insert(&db, least).await;
    db.execute_unprepared("UPDATE call_log SET duration = 2147483647").await.unwrap();
    let costs = CostReader::default();
    assert_exact(&costs, &db, "not folded").await;
    Keeper::default().finish(&db).await.unwrap();
    assert_exact(&costs, &db, "folded").await;
}

/// Adopted without a column that totals need.
#[tokio::test]
async fn a_table_that_lacks_a_column_is_left_alone() {
    let Some(database) = Sqlite.empty_database().await else { return };
    let db = database.connect().await;
    let table = "CREATE TABLE call_log (id integer PRIMARY KEY, business_id integer NOT NULL, created_at datetime)";
    db.execute_unprepared(table).await.unwrap();
    let keep = call_log(&["costs", "--keep"], &database.url);
    assert_eq!(keep.code, 1);
    assert!(keep.stderr.contains("`call_log` lacks the column `direction`"), "{}", keep.stderr);
    let insert = "INSERT INTO call_log (business_id, created_at) VALUES (7, '2026-01-15 10:00:00')";
    db.execute_unprepared(insert).await.unwrap();
}

/// `serve` counts what was there, and what comes.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_service_keeps_the_totals(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((database, db)) = migrated(server).await else { return };
    let mut random = fastrand::Rng::with_seed(4);
    for _ in 0..40 {
        write(&db, &mut random).await;
    }
    migration::cost_totals::create(&db).await.unwrap();
    let _service = super::serving::Service::start(&database.url, &[]);
    for _ in 0..40 {
        write(&db, &mut random).await;
    }
    let has_changes = async || number(&db, "SELECT COUNT(*) FROM call_cost_changes").await > 0;
    for _ in 0..200 {
        if days(&db, None, None).await.unwrap().len() >= 5 && !has_changes().await {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(!has_changes().await, "all are in the totals");
    assert_exact(&CostReader::default(), &db, "kept").await;
}

/// Also after a day more was counted.
#[rstest]
#[tokio::test]
async fn the_second_read_sends_one_statement(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((_database, mut db)) = kept(server).await else { return };
    let mut random = fastrand::Rng::with_seed(5);
    for _ in 0..80 {
        write(&db, &mut random).await;
    }
    Keeper::default().finish(&db).await.unwrap();
    let (costs, filter) = (CostReader::default(), Filter::default());
    costs.read(&db, &filter).await.unwrap();
    super::insert(&db, super::ended("CA1", at(0) - TimeDelta::days(30))).await;
    Keeper::default().finish(&db).await.unwrap();
    let plain = db.clone();
    let statements = Arc::new(AtomicUsize::new(0));
    db.set_metric_callback({
        let statements = Arc::clone(&statements);
        move |_| {
            statements.fetch_add(1, Ordering::Relaxed);
        }
    });
    for _ in 0..2 {
        assert_eq!(costs.read(&db, &filter).await.unwrap(), aggregate(&plain, &filter).await);
    }
    assert_eq!(statements.load(Ordering::Relaxed), 2);
}

/// However many calls there are: `cargo test --test workspace flat -- --ignored --nocapture`.
#[rstest]
#[tokio::test]
#[ignore = "fills a database with a million calls"]
async fn a_summary_is_flat(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    for calls in [10_000_u32, 1_000_000] {
        let Some((_database, db)) = migrated(server).await else { return };
        fill(&db, calls).await;
        let filter = Filter { from: Some(at(0).date().and_hms_opt(0, 0, 0).unwrap()), ..Filter::default() };
        let rows = timed(&db, &filter).await;
        migration::cost_totals::create(&db).await.unwrap();
        let began = std::time::Instant::now();
        Keeper::default().finish(&db).await.unwrap();
        let counting = began.elapsed();
        writeln!(
            std::io::stderr(),
            "{server:?}, {calls} calls in 30 days, 7 days of them: {rows:.2} ms from the calls, {:.2} ms from the totals, all \
             counted in {counting:.1?}",
            timed(&db, &filter).await
        )
        .unwrap();
    }
}

/// Median of 21, in ms.
async fn timed(db: &DbConn, filter: &Filter) -> f64 {
    let (costs, mut times) = (CostReader::default(), Vec::new());
    for _ in 0..21 {
        let began = std::time::Instant::now();
        assert!(!costs.read(db, filter).await.unwrap().is_empty());
        times.push(began.elapsed().as_secs_f64() * 1_000.0);
    }
    times.sort_unstable_by(f64::total_cmp);
    times[10]
}

/// Evenly over thirty days, of fifty businesses; the last seven days begin with `at(0)`'s.
async fn fill(db: &DbConn, calls: u32) {
    let step = 30 * 86_400_000 / i64::from(calls);
    let start = at(0).date().and_hms_opt(0, 0, 0).unwrap() - TimeDelta::days(23);
    let numbers: Vec<u32> = (0..calls).collect();
    for some in numbers.chunks(5_000) {
        let rows: Vec<String> = some
            .iter()
            .map(|number| {
                let time = (start + TimeDelta::milliseconds(step * i64::from(*number))).format("%Y-%m-%d %H:%M:%S");
                let bucket = ["'LOW'", "'MED'", "'HIGH'"][*number as usize % 3];
                let direction = ["inbound", "outbound"][*number as usize % 2];
                format!("({}, 'CA{number}', '{direction}', 'completed', 60, {bucket}, '{time}')", number % 50)
            })
            .collect();
        let insert = "INSERT INTO call_log (business_id, call_sid, direction, status, duration, estimated_cost_bucket, created_at)";
        db.execute_unprepared(&format!("{insert} VALUES {}", rows.join(", "))).await.unwrap();
    }
}
