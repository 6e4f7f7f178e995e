//! What is read of the calls.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use entity::{
    CallId,
    call_log::{ActiveModel, Entity, Model},
    enums::CostBucket,
};
use rstest::rstest;
use sea_orm::{ActiveValue::Set, ConnectOptions, ConnectionTrait, Database, DbBackend, DbConn, EntityTrait, Statement};
use service::queries::{CostReader, Cursor, DayCosts, Filter, by_sid, calls, last_seven_days};

use super::{at, ended, insert, migrated};
use crate::servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

async fn sids(db: &DbConn, filter: &Filter) -> Vec<String> {
    let page = calls(db, filter, None, 500).await.unwrap();
    assert_eq!(page.next, None);
    page.calls.into_iter().map(|call| call.call_sid.unwrap()).collect()
}

/// Groups of calls at the same moment, of more than a page.
#[rstest]
#[tokio::test]
async fn every_call_is_on_one_page(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
    #[values(1, 7, 10)] limit: u64,
    #[values(None, Some(7))] business_id: Option<i32>,
) {
    let Some((_database, db)) = migrated(server).await else { return };
    let mut expected = Vec::new();
    for number in 0..50 {
        // The order of the ids is not that of time.
        let created_at = at((number * 7 % 50) / 20);
        let business = if number % 3 == 0 { 8 } else { 7 };
        let call = ActiveModel { business_id: Set(business), ..ended(&format!("CA{number}"), created_at) };
        let Model { id, created_at, .. } = insert(&db, call).await;
        if business_id.is_none_or(|wanted| wanted == business) {
            expected.push((created_at.unwrap(), id));
        }
    }
    expected.sort_unstable_by(|one, other| other.cmp(one));
    let filter = Filter { business_id, ..Filter::default() };
    let (mut found, mut after, mut arrived) = (Vec::new(), None, 0);
    loop {
        let page = calls(&db, &filter, after, limit).await.unwrap();
        assert!(page.calls.len() as u64 <= limit);
        found.extend(page.calls.iter().map(|call| (call.created_at.unwrap(), call.id)));
        assert!(found.len() <= expected.len(), "{found:?}");
        insert(&db, ended(&format!("CAnew{arrived}"), at(100))).await;
        arrived += 1;
        let Some(next) = page.next else { break };
        after = Some(next.to_string().parse::<Cursor>().unwrap());
    }
    assert_eq!(found, expected);
}

/// `SQLAlchemy` writes six digits to SQLite, where SeaORM writes none.
#[tokio::test]
async fn a_page_continues_among_rows_that_others_wrote_to_sqlite() {
    let Some((_database, db)) = migrated(Sqlite).await else { return };
    for number in 0..9 {
        let moment = match number {
            0 | 3 | 4 => "10:00:00.000000",
            1 | 2 | 5 => "10:00:00",
            _ => "09:59:59.999999",
        };
        db.execute_unprepared(&format!(
            "INSERT INTO call_log (business_id, call_sid, created_at) VALUES (7, 'CA{number}', '2026-01-15 {moment}')"
        ))
        .await
        .unwrap();
    }
    let filter = Filter { to: Some(at(1)), from: Some(at(-1)), ..Filter::default() };
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = calls(&db, &filter, after, 2).await.unwrap();
        found.extend(page.calls.into_iter().map(|call| call.call_sid.unwrap()));
        assert!(found.len() <= 9, "{found:?}");
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(found, ["CA4", "CA3", "CA0", "CA5", "CA2", "CA1", "CA8", "CA7", "CA6"]);
    assert_eq!(sids(&db, &Filter { from: Some(at(0)), ..Filter::default() }).await.len(), 6, "from is inclusive");
    assert_eq!(sids(&db, &Filter { to: Some(at(0)), ..Filter::default() }).await.len(), 3, "to is exclusive");
}

#[rstest]
#[case::all(Filter::default(), &["CA4", "CA3", "CA2", "CA1"])]
#[case::of_a_business(Filter { business_id: Some(8), ..Filter::default() }, &["CA3"])]
#[case::of_a_direction(Filter { direction: Some("outbound".to_owned()), ..Filter::default() }, &["CA2"])]
#[case::in_a_status(Filter { status: Some("busy".to_owned()), ..Filter::default() }, &["CA4"])]
#[case::in_a_bucket(Filter { bucket: Some(CostBucket::High), ..Filter::default() }, &["CA3", "CA1"])]
#[case::from_inclusive(Filter { from: Some(at(3)), ..Filter::default() }, &["CA4", "CA3"])]
#[case::to_exclusive(Filter { to: Some(at(3)), ..Filter::default() }, &["CA2", "CA1"])]
#[case::all_at_once(
    Filter {
        business_id: Some(7), direction: Some("inbound".to_owned()), status: Some("completed".to_owned()),
        bucket: Some(CostBucket::High), from: Some(at(1)), to: Some(at(2)),
    },
    &["CA1"],
)]
#[case::a_quote_is_no_statement(Filter { status: Some("' OR 1=1 --".to_owned()), ..Filter::default() }, &[])]
#[case::the_last_seven_days(last_seven_days(at(7 * 86_400 + 2)), &["CA4", "CA3", "CA2"])]
#[tokio::test]
async fn a_filter_narrows_the_list(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
    #[case] filter: Filter,
    #[case] expected: &[&str],
) {
    let Some((_database, db)) = migrated(server).await else { return };
    let high = Set(Some(CostBucket::High));
    insert(&db, ActiveModel { estimated_cost_bucket: high.clone(), ..ended("CA1", at(1)) }).await;
    insert(&db, ActiveModel { direction: Set(Some("outbound".to_owned())), ..ended("CA2", at(2)) }).await;
    insert(&db, ActiveModel { business_id: Set(8), estimated_cost_bucket: high, ..ended("CA3", at(3)) }).await;
    insert(&db, ActiveModel { status: Set(Some("busy".to_owned())), ..ended("CA4", at(4)) }).await;
    insert(&db, ActiveModel { created_at: Set(None), ..ended("CAtimeless", at(0)) }).await;
    assert_eq!(sids(&db, &filter).await, expected);
}

#[rstest]
#[tokio::test]
async fn a_call_is_found_by_its_sid_in_its_business(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((_database, db)) = migrated(server).await else { return };
    let call = insert(&db, ended("CA1", at(0))).await;
    let id = async |call_sid, business| by_sid(&db, call_sid, business).await.unwrap().map(|whole| whole.call.id);
    assert_eq!(id("CA1", None).await, Some(call.id));
    assert_eq!(id("CA1", Some(7)).await, Some(call.id));
    for (call_sid, business) in [("CA1", Some(8)), ("CA%", None), ("ca1", None), ("CA1 ", None)] {
        assert_eq!(id(call_sid, business).await, None, "{call_sid}");
    }
}

/// The table is another program's, too.
#[rstest]
#[tokio::test]
async fn a_value_that_nobody_knows_hides_no_call(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((_database, db)) = migrated(server).await else { return };
    insert(&db, ended("CA1", at(0))).await;
    insert(&db, ended("CA2", at(1))).await;
    let strange = "UPDATE call_log SET recording_mode = 'DISC', transcript_source = 'whisper', \
                   estimated_cost_bucket = 'FREE' WHERE call_sid = 'CA1'";
    db.execute_unprepared(strange).await.unwrap();
    assert_eq!(sids(&db, &Filter::default()).await, ["CA2", "CA1"]);
    let call = by_sid(&db, "CA1", None).await.unwrap().unwrap().call;
    assert_eq!((call.recording_mode.as_deref(), call.transcript_source.as_deref()), (Some("DISC"), Some("whisper")));
    assert_eq!((call.estimated_cost_bucket.as_deref(), call.bucket()), (Some("FREE"), None));
    let costs = CostReader::default().read(&db, &Filter::default()).await.unwrap();
    assert_eq!(costs.iter().map(|costs| (costs.bucket, costs.calls)).collect::<Vec<_>>(), [(None, 2)]);
}

#[rstest]
#[tokio::test]
async fn the_costs_are_what_the_rows_say(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((_database, db)) = migrated(server).await else { return };
    let mut random = fastrand::Rng::with_seed(5);
    for number in 0..200 {
        let bucket =
            *random.choice(&[None, Some(CostBucket::Low), Some(CostBucket::Med), Some(CostBucket::High)]).unwrap();
        let call = ActiveModel {
            business_id: Set(random.i32(7..9)),
            duration: Set(random.bool().then(|| random.i32(0..5_000))),
            stream_connect_count: Set(random.bool().then(|| random.i32(0..4))),
            recording_count: Set(random.bool().then(|| random.i32(0..3))),
            estimated_cost_bucket: Set(bucket),
            ..ended(&format!("CA{number}"), at(0) + TimeDelta::hours(random.i64(0..100)))
        };
        insert(&db, call).await;
    }
    let filter = Filter { business_id: Some(7), from: Some(at(3_600)), ..Filter::default() };

    let mut expected: BTreeMap<(NaiveDate, usize), DayCosts> = BTreeMap::new();
    let order = [Some(CostBucket::Low), Some(CostBucket::Med), Some(CostBucket::High), None];
    for call in Entity::find().all(&db).await.unwrap() {
        let created_at = call.created_at.unwrap();
        if call.business_id != 7 || created_at < at(3_600) {
            continue;
        }
        let (day, bucket) = (created_at.date(), call.estimated_cost_bucket);
        let place = order.iter().position(|known| *known == bucket).unwrap();
        let costs = expected.entry((day, place)).or_insert(DayCosts {
            day,
            bucket,
            calls: 0,
            seconds: 0,
            reconnects: 0,
            recordings: 0,
        });
        costs.calls += 1;
        costs.seconds += i64::from(call.duration.unwrap_or_default());
        costs.reconnects += i64::from((call.stream_connect_count.unwrap_or_default() - 1).max(0));
        costs.recordings += i64::from(call.recording_count.unwrap_or_default());
    }
    let expected: Vec<DayCosts> = expected.into_values().collect();
    assert!(expected.len() > 12);
    assert_eq!(CostReader::default().read(&db, &filter).await.unwrap(), expected);
}

/// On one connection that keeps its prepared statements.
#[tokio::test]
async fn a_column_of_a_newer_version_breaks_no_prepared_query() {
    let Some((database, other)) = migrated(Postgres).await else { return };
    let mut options = ConnectOptions::new(&database.url);
    options.max_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await.unwrap();
    insert(&other, ended("CA1", at(0))).await;
    let filter = Filter { business_id: Some(7), ..Filter::default() };
    let read = async || {
        let calls = calls(&db, &filter, None, 10).await.unwrap();
        let costs = CostReader::default().read(&db, &filter).await.unwrap();
        (calls, costs, by_sid(&db, "CA1", None).await.unwrap())
    };
    let before = read().await;
    let prepared = "SELECT count(*) AS prepared FROM pg_prepared_statements \
                    WHERE statement LIKE '%call_log%' AND statement NOT LIKE '%prepared%'";
    let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, prepared)).await.unwrap().unwrap();
    assert_eq!(row.try_get::<i64>("", "prepared").unwrap(), 3, "the statements are kept");
    other.execute_unprepared("ALTER TABLE call_log ADD COLUMN region varchar(8) DEFAULT 'eu'").await.unwrap();
    assert_eq!(read().await, before);
}

#[rstest]
#[case("")]
#[case("1-2")]
#[case("1-2-3-4")]
#[case("zz-0-1")]
#[case("0-ffffffff-1")]
#[case("7fffffffffffffff-0-1")]
#[case("+1-0-1")]
#[case("00-0-1")]
#[case("'; DROP TABLE call_log; --")]
fn what_no_page_gave_is_no_cursor(#[case] text: &str) {
    assert!(text.parse::<Cursor>().is_err(), "{text}");
}

proptest::proptest! {
    #[test]
    fn a_cursor_is_read_as_it_was_written(microseconds: i32, seconds in -100_000_000_000_i64..100_000_000_000, id: i64) {
        let created_at = at(seconds) + TimeDelta::microseconds(microseconds.into());
        let cursor = Cursor { created_at, id: CallId(id) };
        let text = cursor.to_string();
        proptest::prop_assert!(text.chars().all(|character| character.is_ascii_alphanumeric() || character == '-'));
        proptest::prop_assert_eq!(text.parse(), Ok(cursor));
    }
}
