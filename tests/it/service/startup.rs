//! `call-log serve` before it serves: what it refuses, what it waits for, and how it ends.

use std::time::{Duration, Instant};

use migration::{Migrator, MigratorTrait};
use rstest::rstest;
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{
    proxy::Proxy,
    serving::{ALL, AUTH_TOKEN, Service, call_sid, form, migrated, settings, signature},
};
use crate::{
    it::program::{call_log, call_log_with},
    servers::{
        Database,
        Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
    },
};

const LEGACY: &str = include_str!("../../fixtures/legacy/call_log_before_51.sql");

pub(super) const COST_COLUMNS: [&str; 9] = [
    "recording_mode",
    "stream_started_at",
    "stream_ended_at",
    "stream_duration_sec",
    "stream_connect_count",
    "webhook_11205_count",
    "webhook_retry_count",
    "recording_count",
    "estimated_cost_bucket",
];

/// What is said of [`legacy`] once it is migrated: what the incident's database has of its own, it keeps.
fn healed(server: Server) -> &'static str {
    if server == Postgres { "differs" } else { "in-sync" }
}

/// The database of the incident: on PostgreSQL as it was, elsewhere as the first migration makes it.
pub(super) async fn legacy(server: Server) -> Option<Database> {
    let database = server.empty_database().await?;
    let db = database.connect().await;
    if server == Postgres {
        db.execute_unprepared(LEGACY).await.unwrap();
    } else {
        Migrator::up(&db, Some(1)).await.unwrap();
    }
    db.close().await.unwrap();
    Some(database)
}

#[rstest]
#[tokio::test]
async fn a_drifted_database_is_refused_and_every_column_named(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
) {
    let Some(database) = legacy(server).await else { return };
    let ran = call_log(&["serve", "--listen", "127.0.0.1:0"], &database.url);
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    for column in COST_COLUMNS {
        assert!(ran.stdout.contains(&format!("\n    {column} ")), "{}", ran.stdout);
    }
    assert!(!ran.stderr.contains("listening"), "{}", ran.stderr);
}

/// Whoever has no token must not learn the names of columns.
#[track_caller]
fn names_no_column(text: &str) {
    for name in COST_COLUMNS.iter().chain(&["call_log"]) {
        assert!(!text.contains(name), "{text}");
    }
}

#[rstest]
#[tokio::test]
async fn what_is_not_ready_says_so_and_heals_once_it_is_migrated(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
) {
    let Some(database) = legacy(server).await else { return };
    let service = Service::start(&database.url, &["--on-drift", "not-ready"]);
    service.becomes("drifted", 503).await;
    let missing = service.get_as(ALL, "/readyz").await.json()["missing"].to_string();
    for column in COST_COLUMNS {
        assert!(missing.contains(column), "{missing}");
    }
    names_no_column(&service.get("/readyz").await.body);
    names_no_column(&service.get_as("nobody's", "/readyz").await.body);
    assert_eq!(service.get("/livez").await.status, 200);
    let parameters = [("CallSid", &*call_sid(999)), ("CallStatus", "ringing")];
    for answer in [
        service.get_as(ALL, "/api/calls/last7d").await,
        service.webhook("/webhooks/twilio/call-status?business_id=1", &parameters).await,
    ] {
        answer.is_problem(503);
        assert_eq!(answer.header("retry-after"), "5");
        names_no_column(&answer.body);
    }
    let page = service.get_as(ALL, "/calls").await;
    assert_eq!((page.status.as_u16(), page.header("retry-after")), (503, "5"));
    assert!(page.body.contains("recording_mode") && page.body.contains("drifted"), "{}", page.body);

    let up = call_log(&["migrate", "up"], &database.url);
    assert_eq!(up.code, 0, "{}{}", up.stdout, up.stderr);
    service.becomes(healed(server), 200).await;
    let answer = service.webhook("/webhooks/twilio/call-status?business_id=1", &parameters).await;
    assert_eq!(answer.status, 204, "{answer:?}{}", service.log());
    assert_eq!(service.get_as(ALL, "/api/calls/last7d").await.json()["calls"].as_array().unwrap().len(), 1);
}

#[rstest]
#[tokio::test]
async fn it_can_migrate_first(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
    #[values("refuse", "not-ready")] on_drift: &str,
) {
    let Some(database) = legacy(server).await else { return };
    let service = Service::start(&database.url, &["--migrate", "--on-drift", on_drift]);
    service.becomes(healed(server), 200).await;
}

#[tokio::test]
async fn a_migration_that_fails_is_not_taken_for_a_database_that_is_away() {
    let Some(database) = legacy(Sqlite).await else { return };
    let db = database.connect().await;
    let in_the_way = "ALTER TABLE call_log RENAME TO kept; CREATE VIEW call_log AS SELECT * FROM kept";
    db.execute_unprepared(in_the_way).await.unwrap();
    let service = Service::start(&database.url, &["--migrate", "--on-drift", "not-ready"]);
    service.becomes("not-migrated", 503).await;
    assert_eq!(service.get("/readyz").await.json()["missing"], json!(["a migration failed"]));
    let page = service.get_as(ALL, "/calls").await;
    assert!(page.status == 503 && page.body.contains("Schema: a migration failed"), "{page:?}");
    db.execute_unprepared("DROP VIEW call_log; ALTER TABLE kept RENAME TO call_log").await.unwrap();
    service.becomes("in-sync", 200).await;
}

#[tokio::test]
async fn whether_it_is_ready_is_said_while_a_migration_waits() {
    let Some(database) = legacy(Postgres).await else { return };
    let db = database.connect().await;
    let somebody = db.begin().await.unwrap();
    somebody.execute_unprepared("LOCK TABLE call_log").await.unwrap();
    let service = Service::start(&database.url, &["--migrate", "--on-drift", "not-ready"]);
    service.logs("waiting").await;
    let began = Instant::now();
    assert_eq!(service.readiness().await, ("starting".to_owned(), 503));
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    somebody.rollback().await.unwrap();
    service.becomes(healed(Postgres), 200).await;
}

#[tokio::test]
async fn where_the_log_is_json_all_of_it_is() {
    let Some(database) = legacy(Sqlite).await else { return };
    let service = Service::start(&database.url, &["--migrate", "--log-format", "json"]);
    let first: Value = serde_json::from_str(service.log().lines().next().unwrap()).unwrap();
    assert_eq!(first["event"], "applying", "{first}");
    for line in service.log().lines() {
        assert!(serde_json::from_str::<Value>(line).is_ok(), "{line}");
    }
    let ran =
        call_log_with(&["serve"], &[("DATABASE_URL", "postgres://127.0.0.1:1/x"), ("CALL_LOG_LOG_FORMAT", "json")]);
    let lines = ran.stderr.lines().map(serde_json::from_str);
    let lines: Vec<Value> = lines.collect::<Result<_, _>>().unwrap_or_else(|error| panic!("{error}: {}", ran.stderr));
    let error = lines.last().unwrap();
    assert_eq!((ran.code, &error["event"], &error["exit_code"]), (69, &"error".into(), &69.into()));
}

/// Of a Service `call-log`, in whose namespace this runs.
#[tokio::test]
async fn what_kubernetes_says_of_its_service_is_no_misspelled_key() {
    let Some((database, _db)) = migrated(Sqlite).await else { return };
    let settings = [
        ("CALL_LOG_SERVICE_HOST", "10.0.0.1"),
        ("CALL_LOG_SERVICE_PORT_HTTP", "8080"),
        ("CALL_LOG_PORT", "tcp://10.0.0.1:8080"),
        ("CALL_LOG_PORT_8080_TCP_PORT", "8080"),
    ];
    let service = Service::start_with(&database.url, &[], &settings.map(|(name, value)| (name, value.to_owned())));
    assert_eq!(service.readiness().await, ("in-sync".to_owned(), 200));
}

#[tokio::test]
async fn a_call_of_a_business_that_the_database_does_not_know_is_refused_for_good() {
    let Some(database) = legacy(Postgres).await else { return };
    let service = Service::start(&database.url, &["--migrate"]);
    let parameters = [("CallSid", &*call_sid(999)), ("CallStatus", "ringing")];
    let path = "/webhooks/twilio/call-status?business_id=999";
    let problem = service.webhook(path, &parameters).await.is_problem(400);
    assert_eq!(problem["detail"], "unknown business");
    assert_eq!(service.readiness().await, (healed(Postgres).to_owned(), 200));
}

#[tokio::test]
async fn a_warning_does_not_keep_it_from_serving() {
    let Some(database) = legacy(Sqlite).await else { return };
    let service = Service::start(&database.url, &["--on-drift", "warn"]);
    assert_eq!(service.readiness().await, ("drifted".to_owned(), 200));
    assert!(service.log().contains("recording_mode"), "{}", service.log());
    // It does what it can, and this it cannot.
    service.get_as(ALL, "/api/calls/last7d").await.is_problem(503);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_database_is_refused_or_waited_for() {
    let Some((database, _db)) = migrated(Postgres).await else { return };
    let mut proxy = Proxy::before(&database.url).await;
    proxy.close().await;
    let ran = call_log(&["serve", "--listen", "127.0.0.1:0"], &proxy.url);
    assert_eq!(ran.code, 69, "{}{}", ran.stdout, ran.stderr);

    let service = Service::start(&proxy.url, &["--on-drift", "not-ready"]);
    service.becomes("unreachable", 503).await;
    service.get_as(ALL, "/api/calls/last7d").await.is_problem(503);
    proxy.open();
    service.becomes("in-sync", 200).await;
    assert_eq!(service.get_as(ALL, "/api/calls/last7d").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_goes_away_is_503_until_it_is_back() {
    let Some((database, _db)) = migrated(Postgres).await else { return };
    let mut proxy = Proxy::before(&database.url).await;
    let service = Service::start(&proxy.url, &[]);
    let path = "/webhooks/twilio/call-status?business_id=7";
    let sid = call_sid(2);
    assert_eq!(service.webhook(path, &[("CallSid", &sid), ("CallStatus", "ringing")]).await.status, 204);

    proxy.close().await;
    let parameters = [("CallSid", sid.as_str()), ("CallStatus", "completed"), ("CallDuration", "9")];
    service.webhook(path, &parameters).await.is_problem(503);
    service.becomes("unreachable", 503).await;
    assert_eq!(service.get("/livez").await.status, 200);

    proxy.open();
    service.becomes("in-sync", 200).await;
    assert_eq!(service.webhook(path, &parameters).await.status, 204);
    let call = service.get_as(ALL, &format!("/api/calls/{sid}")).await.json();
    assert_eq!((&call["status"], &call["duration"]), (&"completed".into(), &9.into()));
}

#[rstest]
#[tokio::test]
async fn a_column_that_goes_away_is_noticed_by_the_first_error(#[values(Postgres, Sqlite)] server: Server) {
    let Some((database, db)) = migrated(server).await else { return };
    let service = Service::start(&database.url, &[]);
    db.execute_unprepared("ALTER TABLE call_log RENAME COLUMN recording_mode TO recording_mood").await.unwrap();
    service.get_as(ALL, "/api/calls/last7d").await.is_problem(503);
    service.becomes("drifted", 503).await;
    db.execute_unprepared("ALTER TABLE call_log RENAME COLUMN recording_mood TO recording_mode").await.unwrap();
    service.becomes("in-sync", 200).await;
    assert_eq!(service.get_as(ALL, "/api/calls/last7d").await.status, 200);
}

#[tokio::test]
async fn what_is_being_answered_is_answered_before_it_ends() {
    let Some((database, _db)) = migrated(Sqlite).await else { return };
    let mut service = Service::start(&database.url, &[]);
    let path = "/webhooks/twilio/call-status?business_id=7";
    let parameters = [("CallSid", &*call_sid(3)), ("CallStatus", "completed")];
    let body = form(&parameters);
    let (first, second) = body.split_at(10);
    let mut stream = TcpStream::connect(&service.address).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         X-Twilio-Signature: {}\r\nContent-Length: {}\r\n\r\n{first}",
        signature(AUTH_TOKEN, path, &parameters),
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    service.signal("TERM");
    tokio::time::sleep(Duration::from_millis(300)).await;
    stream.write_all(second.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    assert_eq!(service.ended().await, 0);
    assert!(TcpStream::connect(&service.address).await.is_err());
}

#[rstest]
#[case::a_flag(&["--log-format", "xml"], &[], "error: invalid value of `--log-format`: it must be human or json\n")]
#[case::a_variable(&[], &[("CALL_LOG_TWILIO_ACCOUNT_SID", "s3cret")], "error: invalid value of `CALL_LOG_TWILIO_ACCOUNT_SID`: it must be AC and 32 hexadecimal digits\n")]
#[case::a_variable_that_nobody_knows(&[], &[("CALL_LOG_TWILIO_AUTH_TOKN", "s3cret")], "error: unknown key: the variable `CALL_LOG_TWILIO_AUTH_TOKN`; see `docs/service.md` for all keys\n")]
#[case::an_empty_secret(&[], &[("CALL_LOG_TWILIO_AUTH_TOKEN", "")], "error: invalid value of `CALL_LOG_TWILIO_AUTH_TOKEN`: it is empty: set a value, or remove the key\n")]
#[case::a_file_that_nobody_named(&[], &[("CALL_LOG_CONFIG", "")], "error: invalid value of `CALL_LOG_CONFIG`: it is empty: set a value, or remove the key\n")]
#[case::the_same_as_a_flag(&["--config", ""], &[], "error: invalid value of `--config`: it is empty: set a value, or remove the key\n")]
#[case::a_token_of_two_businesses(&[], &[("CALL_LOG_TOKENS", "88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589=7,88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589=8")], "error: invalid value of `CALL_LOG_TOKENS`: a hash is listed twice: give each token one business, or `*` for all\n")]
fn a_bad_configuration_is_named(#[case] arguments: &[&str], #[case] variables: &[(&str, &str)], #[case] told: &str) {
    let arguments = [&["serve"], arguments].concat();
    let ran = call_log_with(&arguments, &[&[("DATABASE_URL", "sqlite::memory:")], variables].concat());
    assert_eq!((ran.code, ran.stderr.as_str()), (78, told));
}

#[test]
fn help_shows_no_secret() {
    let mut settings: Vec<(&str, String)> = settings();
    settings.push(("DATABASE_URL", "postgres://app:s3cret@localhost/calls".to_owned()));
    let settings: Vec<(&str, &str)> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let ran = call_log_with(&["serve", "--help"], &settings);
    assert_eq!(ran.code, 0);
    assert!(ran.stdout.contains("--twilio-auth-token") && ran.stdout.contains("CALL_LOG_TWILIO_AUTH_TOKEN"));
    assert!(!ran.stdout.contains(AUTH_TOKEN) && !ran.stdout.contains("s3cret"), "{}", ran.stdout);
}
