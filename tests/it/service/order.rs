//! Events come in any order, more than once, and several at a time; the row is the same.

use chrono::TimeDelta;
use entity::{CallId, call_log, enums::RecordingMode};
use futures_util::{StreamExt, future::join_all, stream};
use rstest::rstest;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DbConn};
use service::mutations::{
    CallFields, CallStatusEvent, RecordingEvent, StreamEvent, StreamEventKind, record_call_status, record_recording,
    record_stream_event, record_unreachable,
};

use super::{at, call, migrated, row};
use crate::servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

#[derive(Clone, Debug)]
enum Event {
    Status(&'static str, Option<i32>),
    Stream(&'static str, StreamEventKind),
    Recording(&'static str, &'static str, RecordingMode),
    Unreachable(&'static str),
}

/// A call with everything that can go wrong, in its natural order.
const STORY: [Event; 17] = [
    Event::Status("queued", None),
    Event::Status("initiated", None),
    Event::Status("ringing", None),
    Event::Unreachable("NO1"),
    Event::Status("in-progress", None),
    Event::Stream("MZ1", StreamEventKind::Started),
    Event::Recording("RE2", "in-progress", RecordingMode::TwilioCallRecord),
    Event::Stream("MZ1", StreamEventKind::Error),
    Event::Unreachable("NO12"),
    Event::Stream("MZ2", StreamEventKind::Started),
    Event::Stream("MZ2", StreamEventKind::Stopped),
    Event::Status("completed", Some(95)),
    Event::Recording("RE2", "completed", RecordingMode::TwilioCallRecord),
    Event::Recording("RE1", "completed", RecordingMode::RecordingApi),
    Event::Recording("RE3", "absent", RecordingMode::RecordingApi),
    Event::Unreachable("NO%"),
    Event::Unreachable("NO_"),
];

impl Event {
    /// Delivers the event that has this number in [`STORY`].
    async fn deliver(number: usize, call_sid: &str, db: &DbConn) {
        let at = at(0) + TimeDelta::microseconds(7_100_013 * i64::try_from(number).unwrap());
        let unknown = call(call_sid, at);
        let known = CallFields {
            parent_call_sid: Some("CAparent".to_owned()),
            from_number: Some("+14158675310".to_owned()),
            to_number: Some("client:ועידה".to_owned()),
            direction: Some("outbound-dial".to_owned()),
            ..unknown.clone()
        };
        let delivered = match STORY[number].clone() {
            Self::Status(status, duration) => {
                record_call_status(db, &CallStatusEvent { call: known, status: status.to_owned(), duration }).await
            }
            Self::Stream(sid, kind) => {
                record_stream_event(db, &StreamEvent { call: unknown, stream_sid: sid.to_owned(), kind }).await
            }
            Self::Recording(sid, status, mode) => {
                let is_completed = status == "completed";
                let event = RecordingEvent {
                    call: unknown,
                    recording_sid: sid.to_owned(),
                    status: status.to_owned(),
                    url: is_completed.then(|| format!("https://recordings.example/{sid}")),
                    duration: is_completed.then_some(if sid == "RE1" { 60.5 } else { 90.0 }),
                    mode: Some(mode),
                };
                record_recording(db, &event).await
            }
            Self::Unreachable(report) => record_unreachable(db, &unknown, report).await,
        };
        delivered.unwrap_or_else(|error| panic!("{:?} of {call_sid}: {error}", STORY[number]));
    }
}

/// What was there before the first event.
#[derive(Clone, Copy, Debug)]
enum Before {
    Nothing,
    /// A row that the host application made before the counters were there.
    LegacyRow,
    /// A call that is final.
    FinalRow,
}

async fn prepare(before: Before, call_sid: &str, db: &DbConn) {
    let legacy = call_log::ActiveModel {
        business_id: Set(9),
        lead_id: Set(Some(3)),
        call_sid: Set(Some(call_sid.to_owned())),
        from_number: Set(Some("+97221234567".to_owned())),
        duration: Set(None),
        status: Set(None),
        stream_connect_count: Set(None),
        webhook_11205_count: Set(None),
        webhook_retry_count: Set(None),
        recording_count: Set(None),
        finalise_attempts: Set(None),
        ..Default::default()
    };
    match before {
        Before::Nothing => {}
        Before::LegacyRow => drop(legacy.insert(db).await.unwrap()),
        Before::FinalRow => {
            let bucket = Set(Some(entity::enums::CostBucket::Low));
            call_log::ActiveModel { estimated_cost_bucket: bucket, ..legacy }.insert(db).await.unwrap();
        }
    }
}

/// The row without what may differ.
fn told(row: call_log::Model) -> call_log::Model {
    let mut lines: Vec<&str> = row.deliveries.as_deref().unwrap_or_default().lines().collect();
    lines.sort_unstable();
    let deliveries = Some(lines.join("\n"));
    call_log::Model { id: CallId(0), call_sid: None, updated_at: None, deliveries, ..row }
}

/// Every event, and some of them again.
fn deliveries(random: &mut fastrand::Rng) -> Vec<usize> {
    let again = random.usize(0..8);
    (0..STORY.len()).chain((0..again).map(|_| random.usize(0..STORY.len())).collect::<Vec<_>>()).collect()
}

async fn in_natural_order(mut deliveries: Vec<usize>, call_sid: &str, db: &DbConn) {
    deliveries.sort_unstable();
    for number in deliveries {
        Event::deliver(number, call_sid, db).await;
    }
}

#[rstest]
#[tokio::test]
async fn whatever_the_order_the_row_is_the_same(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
    #[values(Before::Nothing, Before::LegacyRow, Before::FinalRow)] before: Before,
) {
    let Some((_database, db)) = migrated(server).await else { return };
    let seed = fastrand::u64(..);
    let mut random = fastrand::Rng::with_seed(seed);
    for round in 0..25 {
        let (ordered, shuffled) = (format!("CAordered{round}"), format!("CAshuffled{round}"));
        let mut deliveries = deliveries(&mut random);
        prepare(before, &ordered, &db).await;
        prepare(before, &shuffled, &db).await;
        in_natural_order(deliveries.clone(), &ordered, &db).await;
        random.shuffle(&mut deliveries);
        for number in &deliveries {
            Event::deliver(*number, &shuffled, &db).await;
        }
        let (ordered, shuffled) = (told(row(&db, &ordered).await), told(row(&db, &shuffled).await));
        assert_eq!(ordered, shuffled, "seed {seed}: {deliveries:?}");
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn events_at_the_same_time_are_each_counted_once(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
    #[values(Before::Nothing, Before::LegacyRow)] before: Before,
) {
    let Some((database, db)) = migrated(server).await else { return };
    // SQLite has one writer at a time.
    let pools = if server == Sqlite { 2 } else { 4 };
    let pools = join_all((0..pools).map(|_| database.connect_patiently())).await;
    let mut random = fastrand::Rng::new();
    let mut scattered = Vec::new();
    for round in 0..15 {
        let (ordered, parallel) = (format!("CAordered{round}"), format!("CAparallel{round}"));
        let deliveries = deliveries(&mut random);
        prepare(before, &ordered, &db).await;
        prepare(before, &parallel, &db).await;
        scattered.extend(deliveries.iter().map(|number| (parallel.clone(), *number)));
        in_natural_order(deliveries, &ordered, &db).await;
    }
    random.shuffle(&mut scattered);
    let tasks = scattered.into_iter().enumerate().map(|(place, (call_sid, number))| {
        let db = pools[place % pools.len()].clone();
        tokio::spawn(async move { Event::deliver(number, &call_sid, &db).await })
    });
    // No pool's queue gets longer than anybody would wait in it.
    let at_once = if server == Sqlite { pools.len() } else { 40 };
    let mut ended = stream::iter(tasks).buffer_unordered(at_once);
    while let Some(task) = ended.next().await {
        task.unwrap();
    }
    for round in 0..15 {
        let (ordered, parallel) = (format!("CAordered{round}"), format!("CAparallel{round}"));
        assert_eq!(told(row(&db, &ordered).await), told(row(&db, &parallel).await));
    }
}

/// What the whole story comes to, said once in plain numbers.
#[rstest]
#[tokio::test]
async fn the_story_in_numbers(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((_database, db)) = migrated(server).await else { return };
    for number in (0..STORY.len()).chain([0, 5, 5]).rev() {
        Event::deliver(number, "CA1", &db).await;
    }
    let row = row(&db, "CA1").await;
    let counts = [row.stream_connect_count, row.recording_count, row.webhook_11205_count, row.webhook_retry_count];
    assert_eq!(counts, [Some(2), Some(2), Some(4), Some(3)]);
    assert_eq!((row.status.as_deref(), row.duration), (Some("completed"), Some(95)));
    assert_eq!((row.direction.as_deref(), row.twilio_direction.as_deref()), (Some("outbound"), Some("outbound-dial")));
    assert_eq!((row.from_number.as_deref(), row.to_number.as_deref()), (Some("+14158675310"), Some("client:ועידה")));
    assert_eq!(row.recording_sid.as_deref(), Some("RE1"));
    assert_eq!(row.recording_url.as_deref(), Some("https://recordings.example/RE1"));
    assert_eq!((row.audio_duration_sec, row.recording_mode), (Some(60.5), Some(RecordingMode::RecordingApi)));
    assert_eq!(row.deliveries.unwrap().lines().count(), STORY.len());
    // From the fifth event to the tenth, 7.100013 seconds apart; MariaDB and MySQL keep whole seconds.
    let expected = if server == MySqlOrMariaDb { 36.0 } else { 35.500_065 };
    assert_eq!(row.stream_duration_sec, Some(expected));
    assert_eq!(row.created_at, Some(at(0)));
}
