//! Pages of lists on few calls and on many, side by side. Either are spread evenly over thirty days.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use chrono::{NaiveDate, NaiveDateTime};
use entity::CallId;
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DbBackend, DbConn, Statement};
use service::queries::{Cursor, Filter, calls};

use super::servers::{Database, Server};

const FEW: u32 = 10_000;
const MANY: u32 = 5_000_000;
const BUSINESSES: u32 = 50;
pub(crate) const SAMPLES: usize = 60;
const PAGE: u64 = 50;
const DAYS: i64 = 30;
pub(crate) const START: NaiveDateTime = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap();

pub(crate) struct Calls {
    _database: Database,
    pub(crate) db: DbConn,
    pub(crate) number: u32,
}

pub(crate) async fn measure() {
    let Some(few) = filled(FEW).await else { return };
    let many = filled(MANY).await.unwrap();
    println!("\nA page of {PAGE} calls, median of {SAMPLES} (shortest..longest), in ms:\n");
    println!("| list | {FEW} calls | {MANY} calls | ratio |\n|---|---|---|---|");
    let of_business = Filter { business_id: Some(7), ..Filter::default() };
    let inbound = Filter { direction: Some("inbound".to_owned()), ..of_business.clone() };
    let nobody = Filter { status: Some("nobody has this".to_owned()), ..Filter::default() };
    for (name, filter, share) in [
        ("all, newest", Filter::default(), None),
        ("all, from the middle", Filter::default(), Some(2)),
        ("one business, newest", of_business.clone(), None),
        ("one business, from the middle", of_business.clone(), Some(2)),
        ("one business, inbound, newest", inbound, None),
        ("a status that no call has", nobody, None),
    ] {
        let (mut short, mut long) = (Vec::new(), Vec::new());
        for _ in 0..SAMPLES {
            short.push(page(&few, &filter, share).await);
            long.push(page(&many, &filter, share).await);
        }
        let (short, long) = (Figures::of(short), Figures::of(long));
        println!("| {name} | {short} | {long} | {:.1} |", long.median / short.median);
    }
    super::costs::measure(&few, &many).await;
    for (name, filter) in [("all", Filter::default()), ("one business", of_business)] {
        println!(
            "\nThe plan of {name}, from the middle, on {MANY} calls:\n\n```text\n{}\n```",
            plan(&many, &filter).await
        );
    }
}

async fn filled(number: u32) -> Option<Calls> {
    let database = Server::Postgres.empty_database().await?;
    let db = database.connect().await;
    Migrator::up(&db, None).await.unwrap();
    eprintln!("{number} calls");
    let fill = format!(
        "INSERT INTO call_log (business_id, call_sid, direction, status, duration, from_number, created_at, updated_at) \
         SELECT 1 + number % {BUSINESSES}, 'CA' || lpad(to_hex(number), 32, '0'), \
         CASE WHEN number % 3 = 0 THEN 'outbound' ELSE 'inbound' END, 'completed', number % 600, '+14158675310', \
         started_at, started_at \
         FROM generate_series(1, {number}) AS number \
         CROSS JOIN LATERAL (SELECT timestamp '{START}' + number * interval '{} microseconds' AS started_at) AS time",
        microseconds(number)
    );
    db.execute_unprepared(&fill).await.unwrap();
    db.execute_unprepared("VACUUM ANALYZE call_log").await.unwrap();
    Some(Calls { _database: database, db, number })
}

fn place(calls: &Calls, share: u32) -> Cursor {
    let id = calls.number / share;
    let created_at = START + chrono::TimeDelta::microseconds(i64::from(id) * microseconds(calls.number));
    Cursor { created_at, id: CallId(id.into()) }
}

/// Between two calls.
fn microseconds(number: u32) -> i64 {
    DAYS * 86_400_000_000 / i64::from(number)
}

async fn page(on: &Calls, filter: &Filter, share: Option<u32>) -> Duration {
    let after = share.map(|share| place(on, share));
    let began = Instant::now();
    let page = calls(&on.db, filter, after, PAGE).await.unwrap();
    let took = began.elapsed();
    assert_eq!(page.calls.len() as u64, if filter.status.is_some() { 0 } else { PAGE });
    took
}

async fn plan(on: &Calls, filter: &Filter) -> String {
    let seen = Arc::new(Mutex::new(None));
    let mut db = on.db.clone();
    db.set_metric_callback({
        let seen = Arc::clone(&seen);
        move |info| *seen.lock().unwrap() = Some(info.statement.to_string())
    });
    calls(&db, filter, Some(place(on, 2)), PAGE).await.unwrap();
    let statement = seen.lock().unwrap().take().unwrap();
    let explain = Statement::from_string(DbBackend::Postgres, format!("EXPLAIN (COSTS OFF) {statement}"));
    let rows = on.db.query_all_raw(explain).await.unwrap();
    let lines: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
    lines.join("\n")
}

pub(crate) struct Figures {
    pub(crate) median: f64,
    shortest: f64,
    longest: f64,
}

impl Figures {
    pub(crate) fn of(mut samples: Vec<Duration>) -> Self {
        samples.sort_unstable();
        let at = |place: usize| samples[place].as_secs_f64() * 1_000.0;
        Self { median: at(samples.len() / 2), shortest: at(0), longest: at(samples.len() - 1) }
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.2} ({:.2}..{:.2})", self.median, self.shortest, self.longest)
    }
}
