//! Webhooks at full speed, twice and in any order, beside the same ones in their order: nothing is lost, and both tables are
//! the same.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use entity::{CallId, call_log};
use futures_util::future::join_all;
use sea_orm::{DbConn, EntityTrait, QueryOrder};

use super::{
    pgbench::statements_a_second,
    servers::Server,
    serving::{Service, call_sid, migrated},
};

const SENDERS: usize = 16;
const TIME: Duration = Duration::from_secs(30);

/// What Twilio sends of a call, in its order.
type Deliveries = Vec<(&'static str, Vec<(&'static str, String)>)>;

pub(crate) async fn measure() {
    for server in [Server::Postgres, Server::MySqlOrMariaDb, Server::Sqlite] {
        measure_on(server).await;
    }
}

async fn measure_on(server: Server) {
    let Some((database, db)) = migrated(server).await else { return };
    let service = Arc::new(Service::start(&database.url, &[]));
    let next = Arc::new(AtomicU32::new(1));
    let used = service.processor_time();
    let began = Instant::now();
    let senders = (0..SENDERS).map(|sender| {
        let (service, next) = (Arc::clone(&service), Arc::clone(&next));
        tokio::spawn(async move { send(&service, &next, began, sender).await })
    });
    let sent: u32 = join_all(senders).await.into_iter().map(Result::unwrap).sum();
    let took = began.elapsed().as_secs_f64();
    let used = service.processor_time().saturating_sub(used);
    let calls = next.load(Ordering::SeqCst);
    let a_second = f64::from(sent) / took;
    println!(
        "\n{server:?}: {sent} webhooks of {} calls in {took:.0} s, {a_second:.0} a second, {:.3} ms of the service's processor time \
         each, all of them recorded",
        calls - 1,
        used.as_secs_f64() * 1_000.0 / f64::from(sent)
    );

    let (sequential, replayed) = migrated(server).await.unwrap();
    let service = Arc::new(Service::start(&sequential.url, &[]));
    let next = Arc::new(AtomicU32::new(1));
    let replays = (0..SENDERS).map(|_| {
        let (service, next) = (Arc::clone(&service), Arc::clone(&next));
        // One call after the other; each of them in its order.
        tokio::spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::SeqCst);
                if number >= calls {
                    return;
                }
                for (path, parameters) in in_order(number).into_iter().chain(repeated(number)) {
                    deliver(&service, path, &parameters).await;
                }
            }
        })
    });
    join_all(replays).await.into_iter().for_each(Result::unwrap);
    let (loaded, replayed) = (rows(&db).await, rows(&replayed).await);
    assert_eq!(loaded.len(), usize::try_from(calls - 1).unwrap());
    assert!(loaded == replayed, "the tables differ");
    println!("and the table is what a sequential replay makes: {} rows compared", loaded.len());
    if server == Server::Postgres
        && let Some(pgbench) = statements_a_second(&database, &db, calls - 1).await
    {
        println!(
            "and pgbench sends {pgbench:.0} of these statements a second, prepared: {:.2} of it",
            a_second / pgbench
        );
    }
}

async fn send(service: &Service, next: &AtomicU32, began: Instant, seed: usize) -> u32 {
    let mut random = fastrand::Rng::with_seed(seed as u64);
    let mut sent = 0;
    while began.elapsed() < TIME {
        let number = next.fetch_add(1, Ordering::SeqCst);
        let mut deliveries = in_order(number);
        deliveries.extend(repeated(number));
        random.shuffle(&mut deliveries);
        // Several at the same time, as Twilio does.
        for some in deliveries.chunks(3) {
            join_all(some.iter().map(|(path, parameters)| deliver(service, path, parameters))).await;
            sent += u32::try_from(some.len()).unwrap();
        }
    }
    sent
}

async fn deliver(service: &Service, path: &str, parameters: &[(&str, String)]) {
    let parameters: Vec<(&str, &str)> = parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = service.webhook(path, &parameters).await;
    assert_eq!(answer.status, 204, "{path}: {answer:?}{}", service.log());
}

fn in_order(number: u32) -> Deliveries {
    const STATUS: &str = "/webhooks/twilio/call-status?business_id=7";
    const STREAM: &str = "/webhooks/twilio/stream?business_id=7";
    const RECORDING: &str = "/webhooks/twilio/recording?business_id=7";
    let call = || ("CallSid", call_sid(number));
    let stream = || ("StreamSid", format!("MZ{number:032x}"));
    let today = chrono::Utc::now().date_naive();
    let at = |second: u32| ("Timestamp", format!("{today}T00:00:{second:02}Z"));
    let status = |status: &str| ("CallStatus", status.to_owned());
    let event = |event: &str| ("StreamEvent", event.to_owned());
    vec![
        (STATUS, vec![call(), status("ringing"), ("From", "+14158675310".to_owned())]),
        (STATUS, vec![call(), status("in-progress")]),
        (STREAM, vec![call(), stream(), event("stream-started"), at(10)]),
        (STREAM, vec![call(), stream(), event("stream-stopped"), at(10 + number % 40)]),
        (
            RECORDING,
            vec![
                call(),
                ("RecordingSid", format!("RE{number:032x}")),
                ("RecordingStatus", "completed".to_owned()),
                ("RecordingUrl", "https://api.twilio.com/2010-04-01/Recordings/RE1".to_owned()),
                ("RecordingSource", "DialVerb".to_owned()),
            ],
        ),
        (STATUS, vec![call(), status("completed"), ("CallDuration", (30 + number % 60).to_string())]),
    ]
}

/// Those that Twilio sends a second time.
fn repeated(number: u32) -> Deliveries {
    let which = number as usize;
    in_order(number)
        .into_iter()
        .enumerate()
        .filter(|(place, _)| (which + place).is_multiple_of(4))
        .map(|(_, sent)| sent)
        .collect()
}

/// All rows without what depends on when a webhook arrived.
async fn rows(db: &DbConn) -> Vec<call_log::Model> {
    let rows = call_log::Entity::find().order_by_asc(call_log::COLUMN.call_sid).all(db).await.unwrap();
    let timeless = |row| call_log::Model { id: CallId(0), created_at: None, updated_at: None, deliveries: None, ..row };
    rows.into_iter().map(timeless).collect()
}
