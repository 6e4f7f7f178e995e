//! Whoever means harm: too much, too slow, too clever. Each is refused, and none is in the log.

use std::time::{Duration, Instant};

use http_body_util::Full;
use rstest::rstest;
use sea_orm::ConnectionTrait;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use url::form_urlencoded;

use super::serving::{ALL, AUTH_TOKEN, SEVEN, Service, call_sid, migrated};
use crate::servers::Server::{self, Postgres, Sqlite};

const STATUS: &str = "/webhooks/twilio/call-status?business_id=7";

/// What comes back for these bytes, until the connection is closed.
async fn raw(service: &Service, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(&service.address).await.unwrap();
    // A server that has seen enough closes while this still writes.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut answer)).await.expect("it is closed");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let Some((database, _db)) = migrated(Sqlite).await else { return };
    let service = Service::start(&database.url, &[]);
    let long = "x".repeat(70 * 1024);
    service.webhook(STATUS, &[("CallSid", &call_sid(1)), ("CallStatus", &long)]).await.is_problem(413);
    // Also one that does not say how long it is.
    let head = format!(
        "POST {STATUS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nX-Twilio-Signature: AAAA\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    let chunk = format!("4000\r\n{}\r\n", "x".repeat(0x4000));
    let answer = raw(&service, format!("{head}{}", chunk.repeat(6)).as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    let login = service.request("POST", "/calls/login").body(Full::from(long)).unwrap();
    service.send(login).await.is_problem(413);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up() {
    let Some((database, _db)) = migrated(Sqlite).await else { return };
    let service = Service::start(&database.url, &[]);
    let began = Instant::now();
    let head = format!(
        "POST {STATUS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nX-Twilio-Signature: AAAA\r\nContent-Length: 50\r\n\r\nCall"
    );
    let answer = raw(&service, head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("application/problem+json"), "{answer}");
    assert!(began.elapsed() < Duration::from_mins(1), "{:?}", began.elapsed());
}

#[tokio::test]
async fn half_sent_logins_time_out_and_do_not_make_the_service_check_the_database() {
    let Some((database, _db)) = migrated(Sqlite).await else { return };
    let service = Service::start(&database.url, &[]);
    let before = schema_checks(&service).await;
    let head = "POST /calls/login HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\ntoken=";
    let answers = futures_util::future::join_all((0..60).map(|_| raw(&service, head.as_bytes()))).await;
    for answer in answers {
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
    assert_eq!(schema_checks(&service).await, before, "{}", service.log());
    assert_eq!(service.readiness().await, ("in-sync".to_owned(), 200));
}

/// Whoever guesses tokens is slowed down, and nobody else. The proxy says who it is, in the last place.
#[tokio::test]
async fn an_address_may_log_in_only_so_often() {
    let Some((database, _db)) = migrated(Sqlite).await else { return };
    let arguments = ["--logins-per-minute", "5", "--client-address", "x-forwarded-for"];
    let service = Service::start(&database.url, &arguments);
    let log_in = async |client: &str, token: &str| {
        let request =
            service.request("POST", "/calls/login").header("content-type", "application/x-www-form-urlencoded");
        let request = request.header("x-forwarded-for", client);
        service.send(request.body(format!("token={token}").into()).unwrap()).await
    };
    for number in 0..5 {
        let claimed = format!("10.0.0.{number}, 203.0.113.9");
        assert_eq!(log_in(&claimed, "guess").await.status, 401);
    }
    let refused = log_in("10.0.0.7, 203.0.113.9", ALL).await;
    assert_eq!(refused.status, 429, "{refused:?}");
    assert!(refused.body.contains("Too many logins"), "{refused:?}");
    let seconds: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    assert_eq!(log_in("203.0.113.10", ALL).await.status, 303, "another client");
    assert_eq!(service.get_as(ALL, "/api/calls/last7d").await.status, 200);
}

/// One client cannot take all connections: the next one of another address is served.
#[tokio::test]
async fn an_address_may_open_only_so_many_connections() {
    let Some((database, _db)) = migrated(Sqlite).await else { return };
    let service = Service::start(&database.url, &["--connections-per-address", "20"]);
    let connect = async |from: [u8; 4]| {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind((from, 0).into()).unwrap();
        socket.connect(service.address.parse().unwrap()).await.unwrap()
    };
    let request = b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let answer = async |mut stream: TcpStream| {
        let _ = stream.write_all(request).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await; // a reset is an answer, too
        String::from_utf8_lossy(&answer).into_owned()
    };
    let mut held = Vec::new();
    for _ in 0..20 {
        held.push(connect([127, 0, 0, 2]).await);
    }
    // The last one is served, so all were admitted before.
    let mut last = held.pop().unwrap();
    last.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut first = [0; 12];
    last.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    assert_eq!(answer(connect([127, 0, 0, 2]).await).await, "", "one too many");
    assert!(answer(connect([127, 0, 0, 3]).await).await.starts_with("HTTP/1.1 200"));
    drop((held, last));
    let began = Instant::now();
    while !answer(connect([127, 0, 0, 2]).await).await.starts_with("HTTP/1.1 200") {
        assert!(began.elapsed() < Duration::from_mins(1), "the number is never less");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn schema_checks(service: &Service) -> String {
    let metrics = service.get_as(ALL, "/metrics").await.body;
    let line = metrics.lines().find(|line| line.starts_with("schema_checks_total"));
    line.unwrap_or_else(|| panic!("{metrics}")).to_owned()
}

/// What a browser may do with an answer.
const SECURITY_HEADERS: [(&str, &str); 4] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
];

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let Some((database, _db)) = migrated(Sqlite).await else { return };
    let service = Service::start(&database.url, &[]);
    let too_long = service.request("POST", "/calls/login").body(Full::from("x".repeat(70 * 1024))).unwrap();
    let cross_site = service.request("POST", "/calls/logout").header("sec-fetch-site", "cross-site");
    for (status, answer) in [
        (200, service.get_as(ALL, "/calls").await),
        (200, service.get_as(ALL, "/api/calls/last7d").await),
        (200, service.get("/style.css").await),
        (200, service.get("/livez").await),
        (200, service.get("/openapi.json").await),
        (401, service.get("/calls").await),
        (403, service.send(cross_site.body(Full::default()).unwrap()).await),
        (404, service.get("/nowhere").await),
        (405, service.send(service.request("DELETE", "/calls").body(Full::default()).unwrap()).await),
        (405, service.get("/calls/login").await),
        (413, service.send(too_long).await),
    ] {
        assert_eq!(answer.status, status, "{answer:?}");
        for (name, value) in SECURITY_HEADERS {
            assert_eq!(answer.header(name), value, "{name}: {answer:?}");
        }
    }
}

/// More than the service takes.
const HALF_OPEN: usize = 1_030;

#[tokio::test(flavor = "multi_thread")]
async fn probes_on_their_own_address_answer_while_half_open_connections_exhaust_the_public_one() {
    let Some((database, _db)) = migrated(Sqlite).await else { return };
    let service = Service::start(&database.url, &["--admin-listen", "127.0.0.1:0"]);
    let line = service.logs("probes and metrics").await;
    let port: String = line.split_once("127.0.0.1:").unwrap().1.chars().take_while(char::is_ascii_digit).collect();
    let admin = Service::requests_to(&format!("127.0.0.1:{port}"));
    let mut held = Vec::new();
    for _ in 0..HALF_OPEN {
        let mut stream = TcpStream::connect(&service.address).await.unwrap();
        stream.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\n").await.unwrap();
        held.push(stream);
    }
    let began = Instant::now();
    for path in ["/livez", "/readyz", "/metrics"] {
        let answer = service.send(admin(path)).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    for path in ["/calls", "/api/calls/last7d", "/openapi.json"] {
        service.send(admin(path)).await.is_problem(404);
    }
    drop(held);
    assert_eq!(service.get("/livez").await.status, 200);
}

#[tokio::test]
async fn headers_that_do_not_come_are_given_up() {
    let Some((database, _db)) = migrated(Sqlite).await else { return };
    let service = Service::start(&database.url, &[]);
    let began = Instant::now();
    raw(&service, b"GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: ").await;
    assert!(began.elapsed() < Duration::from_mins(1), "{:?}", began.elapsed());
    assert_eq!(service.get("/livez").await.status, 200);
}

#[rstest]
#[case::many("GET /livez HTTP/1.1\r\nHost: x\r\n", "A: b\r\n", 1_000)]
#[case::a_long_one("GET /livez HTTP/1.1\r\nHost: x\r\nA: ", "b", 100_000)]
#[case::a_long_address("GET /livez?", "a", 100_000)]
#[tokio::test]
async fn a_bomb_of_headers_is_refused(#[case] beginning: &str, #[case] repeated: &str, #[case] times: usize) {
    let Some((database, _db)) = migrated(Sqlite).await else { return };
    let service = Service::start(&database.url, &[]);
    let answer = raw(&service, format!("{beginning}{}\r\n\r\n", repeated.repeat(times)).as_bytes()).await;
    assert!(!answer.starts_with("HTTP/1.1 2"), "{answer}");
    assert_eq!(service.get("/livez").await.status, 200);
}

#[rstest]
#[case::no_http(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")]
#[case::two_lengths(b"POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab")]
#[case::a_length_and_chunks(b"POST /webhooks/twilio/stream HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
#[tokio::test]
async fn what_is_no_request_is_not_answered_with_success(#[case] bytes: &[u8]) {
    let Some((database, _db)) = migrated(Sqlite).await else { return };
    let service = Service::start(&database.url, &[]);
    let mut stream = TcpStream::connect(&service.address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    assert!(!answer.starts_with("HTTP/1.1 2"), "{answer}");
    assert_eq!(service.get("/livez").await.status, 200);
}

#[rstest]
#[tokio::test]
async fn sql_in_a_parameter_is_a_text_and_no_more(#[values(Postgres, Sqlite)] server: Server) {
    let Some((database, db)) = migrated(server).await else { return };
    let service = Service::start(&database.url, &[]);
    let sid = call_sid(1);
    let good = [("CallSid", sid.as_str()), ("CallStatus", "ringing")];
    assert_eq!(service.webhook("/webhooks/twilio/call-status?business_id=8", &good).await.status, 204);
    for attack in
        ["' OR '1'='1", "'; DROP TABLE call_log; --", "\" OR \"\"=\"", "7 OR 1=1", "\\' OR 1=1 --", "$1", "?", "%' --"]
    {
        let encoded: String = form_urlencoded::byte_serialize(attack.as_bytes()).collect();
        for name in ["business", "direction", "status", "bucket", "cursor", "limit", "from", "to"] {
            for path in ["/api/calls/last7d", "/api/costs/summary", "/calls"] {
                let answer = service.get_as(SEVEN, &format!("{path}?{name}={encoded}")).await;
                assert!([200, 400].contains(&answer.status.as_u16()), "{path} {name} {attack}: {answer:?}");
                assert!(!answer.body.contains(&sid), "{path} {name} {attack}: {answer:?}");
            }
            let ranged = format!("/api/calls/range?from=2020-01-01T00:00:00Z&to=2030-01-01T00:00:00Z&{name}={encoded}");
            assert!([200, 400].contains(&service.get_as(SEVEN, &ranged).await.status.as_u16()));
        }
        let path = encoded.replace('+', "%20");
        service.get_as(SEVEN, &format!("/api/calls/{path}")).await.is_problem(404);
        assert_eq!(service.get_as(SEVEN, &format!("/calls/{path}")).await.status, 404, "{attack}");
        let own = call_sid(2);
        for name in [
            "CallSid",
            "CallStatus",
            "CallDuration",
            "From",
            "To",
            "Direction",
            "ParentCallSid",
            "StreamSid",
            "RecordingSid",
            "RecordingUrl",
            "RecordingStatus",
            "Sid",
            "Timestamp",
        ] {
            for kind in ["call-status", "stream", "recording", "error"] {
                let mut parameters = vec![
                    ("CallSid", own.as_str()),
                    ("CallStatus", "ringing"),
                    ("StreamSid", "MZ00000000000000000000000000000001"),
                    ("StreamEvent", "stream-started"),
                    ("RecordingSid", "RE00000000000000000000000000000001"),
                    ("Sid", "NO00000000000000000000000000000001"),
                ];
                parameters.retain(|(given, _)| *given != name);
                parameters.push((name, attack));
                let answer = service.webhook(&format!("/webhooks/twilio/{kind}?business_id=7"), &parameters).await;
                assert!(
                    [204, 400].contains(&answer.status.as_u16()),
                    "{kind} {name} {attack}: {answer:?}{}",
                    service.log()
                );
            }
        }
    }
    let count = "SELECT count(*) FROM call_log WHERE business_id = 8 AND status = 'ringing'";
    let row =
        db.query_one_raw(sea_orm::Statement::from_string(db.get_database_backend(), count)).await.unwrap().unwrap();
    assert_eq!(
        row.try_get_by_index::<i64>(0).unwrap(),
        1,
        "the table is there, and the other business's call as it was"
    );
    assert_eq!(service.readiness().await.1, 200);
}

#[tokio::test]
async fn nobody_is_told_more_than_the_path_takes() {
    let Some((database, _db)) = migrated(Sqlite).await else { return };
    let service = Service::start(&database.url, &[]);
    service.get("/").await.is_problem(404);
    service.get("/webhooks/twilio/../../etc/passwd").await.is_problem(404);
    service.get_as(ALL, "/api/calls/%ff").await.is_problem(400);
    let wrong = service.get(STATUS).await;
    wrong.is_problem(405);
    assert_eq!(wrong.header("allow"), "POST");
    let json = service.request("POST", STATUS).header("content-type", "application/json");
    service.send(json.body(Full::from("{}")).unwrap()).await.is_problem(415);
    let delete = service.request("DELETE", "/api/calls/last7d").body(Full::default()).unwrap();
    service.send(delete).await.is_problem(405);
    let unsigned = service.request("POST", STATUS).header("content-type", "application/x-www-form-urlencoded");
    service.send(unsigned.body(Full::default()).unwrap()).await.is_problem(403);
}

#[rstest]
#[case::for_people("human")]
#[case::for_programs("json")]
#[tokio::test]
async fn no_number_token_or_transcript_is_in_the_log(#[case] format: &str) {
    let Some((database, db)) = migrated(Sqlite).await else { return };
    let service = Service::start(&database.url, &["--log-format", format, "--log-filter", "trace"]);
    let sid = call_sid(1);
    let number = "+14158675310";
    let good = [("CallSid", sid.as_str()), ("CallStatus", "ringing"), ("From", number), ("To", number)];
    assert_eq!(service.webhook(STATUS, &good).await.status, 204);
    db.execute_unprepared("UPDATE call_log SET final_transcript = 'whispered words'").await.unwrap();
    service.webhook_signed(STATUS, &good, "c2VjcmV0LXNpZ25hdHVyZQ==").await.is_problem(403);
    service.get_as(ALL, &format!("/api/calls/{sid}")).await;
    service.get_as("guessed-token", "/api/calls/last7d?status=guessed-query").await.is_problem(401);
    service.get_as(ALL, &format!("/calls/{sid}")).await;
    service.get(&format!("/{number}")).await.is_problem(404);
    // An error of the database, which may repeat what it was given.
    db.execute_unprepared("ALTER TABLE call_log RENAME COLUMN from_number TO number").await.unwrap();
    service.webhook(STATUS, &good).await.is_problem(503);
    service.becomes("drifted", 503).await;
    let log = service.log();
    assert!(log.contains("answered") && log.contains("/webhooks/twilio/call-status"), "{log}");
    for secret in ["4158675310", AUTH_TOKEN, ALL, "guessed", "whispered", "c2VjcmV0", sid.as_str()] {
        assert!(!log.contains(secret), "{secret} is in the log: {log}");
    }
    if format == "json" {
        let id = service.get("/livez").await.header("x-request-id").to_owned();
        let line = service.logs(&id).await;
        let line: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(
            (&line["message"], &line["status"], &line["path"]),
            (&"answered".into(), &200.into(), &"/livez".into())
        );
        assert!(line["ms"].is_u64(), "{line}");
    }
}
