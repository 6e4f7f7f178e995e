//! The API over real HTTP: who may read what, and that its document is true.

use std::process::Command;

use rstest::rstest;
use sea_orm::{ConnectionTrait, DbConn};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::serving::{ALL, EIGHT, SEVEN, Service, call_sid, migrated, settings};
use crate::servers::{
    Server::{self, Postgres, Sqlite},
    find, skip,
};

const SHARED: &str = include_str!("../../fixtures/legacy/call_log_before_51.sql");

/// Calls of businesses 7 and 8 in turn, a minute apart, the first one now.
async fn fill(db: &DbConn, number: u32) {
    let rows: Vec<String> = (0..number)
        .map(|row| {
            let at = (chrono::Utc::now() - chrono::TimeDelta::minutes(row.into())).format("%Y-%m-%d %H:%M:%S");
            let bucket = ["'LOW'", "'MED'", "'HIGH'", "NULL"][row as usize % 4];
            format!("({}, '{}', 'completed', 60, {bucket}, '{at}', '{at}')", 7 + row % 2, call_sid(row))
        })
        .collect();
    let sql =
        "INSERT INTO call_log (business_id, call_sid, status, duration, estimated_cost_bucket, created_at, updated_at)";
    db.execute_unprepared(&format!("{sql} VALUES {}", rows.join(", "))).await.unwrap();
}

fn sids(page: &Value) -> Vec<String> {
    let calls = page["calls"].as_array().unwrap();
    calls.iter().map(|call| call["call_sid"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn nobody_reads_without_a_token() {
    let Some((database, db)) = migrated(Sqlite).await else { return };
    fill(&db, 1).await;
    let paths = ["/api/calls/last7d", "/api/costs/summary", "/api/calls/range", "/metrics"];
    let configured = Service::start(&database.url, &[]);
    let mut settings = settings();
    settings.retain(|(name, _)| *name != "CALL_LOG_TOKENS");
    let closed = Service::start_with(&database.url, &[], &settings);
    for path in paths.into_iter().chain([&*format!("/api/calls/{}", call_sid(0))]) {
        for answer in [
            configured.get(path).await,
            configured.get_as("nobody's", path).await,
            configured.get_as("", path).await,
            closed.get(path).await,
            closed.get_as(SEVEN, path).await,
        ] {
            answer.is_problem(401);
            assert_eq!(answer.header("www-authenticate"), "Bearer");
        }
    }
    for service in [&configured, &closed] {
        assert_eq!(service.get("/calls").await.status, 401);
        assert_eq!(service.get("/readyz").await.status, 200, "probes have no token");
    }
}

#[rstest]
#[tokio::test]
async fn a_token_sees_its_own_business_only(#[values(Postgres, Sqlite)] server: Server) {
    let Some((database, db)) = migrated(server).await else { return };
    fill(&db, 8).await;
    let service = Service::start(&database.url, &[]);
    for (token, business, number) in [(SEVEN, 7, 4), (EIGHT, 8, 4)] {
        let page = service.get_as(token, "/api/calls/last7d").await.json();
        let calls = page["calls"].as_array().unwrap();
        assert_eq!(calls.len(), number);
        assert!(calls.iter().all(|call| call["business_id"] == business), "{page}");
    }
    assert_eq!(sids(&service.get_as(ALL, "/api/calls/last7d").await.json()).len(), 8);
    assert_eq!(sids(&service.get_as(ALL, "/api/calls/last7d?business=8").await.json()).len(), 4);
    service.get_as(SEVEN, "/api/calls/last7d?business=8").await.is_problem(403);
    service.get_as(SEVEN, "/api/costs/summary?business=8").await.is_problem(403);

    let (own, foreign) = (format!("/api/calls/{}", call_sid(0)), format!("/api/calls/{}", call_sid(1)));
    assert_eq!(service.get_as(SEVEN, &own).await.json()["business_id"], 7);
    let hidden = service.get_as(SEVEN, &foreign).await.is_problem(404);
    assert_eq!(hidden, service.get_as(SEVEN, &format!("/api/calls/{}", call_sid(99))).await.is_problem(404));

    let costs = service.get_as(SEVEN, "/api/costs/summary").await.json();
    let calls: i64 = costs.as_array().unwrap().iter().map(|costs| costs["calls"].as_i64().unwrap()).sum();
    assert_eq!(calls, 4, "{costs}");
    service.get_as(SEVEN, "/metrics").await.is_problem(403);
}

#[rstest]
#[tokio::test]
async fn pages_follow_each_other_to_the_end(#[values(Postgres, Sqlite)] server: Server) {
    let Some((database, db)) = migrated(server).await else { return };
    fill(&db, 11).await;
    let service = Service::start(&database.url, &[]);
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = service.get_as(ALL, &format!("/api/calls/last7d?limit=4{cursor}")).await.json();
        seen.extend(sids(&page));
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
        assert!(seen.len() < 20);
    }
    assert_eq!(seen, (0..11).map(call_sid).collect::<Vec<_>>(), "newest first, each once");
}

#[tokio::test]
async fn a_range_takes_and_gives_rfc_3339() {
    let Some((database, db)) = migrated(Sqlite).await else { return };
    let insert = "INSERT INTO call_log (business_id, call_sid, status, created_at) VALUES";
    let rows = format!(
        "{insert} (7, '{}', 'busy', '2026-01-01 00:00:00'), (7, '{}', 'busy', '2026-01-02 00:00:00')",
        call_sid(1),
        call_sid(2)
    );
    db.execute_unprepared(&rows).await.unwrap();
    let service = Service::start(&database.url, &[]);
    for range in [
        "from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z",
        "from=2026-01-01T02:00:00%2B02:00&to=2026-01-01T19:00:00.5-05:00",
    ] {
        let page = service.get_as(SEVEN, &format!("/api/calls/range?{range}")).await;
        let expected = if range.ends_with('Z') { vec![call_sid(1)] } else { vec![call_sid(2), call_sid(1)] };
        assert_eq!(sids(&page.json()), expected, "{range}: the end is not in it");
        assert_eq!(page.json()["calls"].as_array().unwrap().last().unwrap()["created_at"], "2026-01-01T00:00:00Z");
    }
}

#[rstest]
#[case("/api/calls/range")]
#[case("/api/calls/range?from=2026-01-01T00:00:00Z")]
#[case("/api/calls/range?from=2026-01-01&to=2026-01-02")]
#[case("/api/calls/range?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z")]
#[case("/api/calls/range?from=0000-01-01T00:00:00Z&to=2026-01-01T00:00:00Z")]
#[case("/api/calls/last7d?limit=0")]
#[case("/api/calls/last7d?limit=501")]
#[case("/api/calls/last7d?limit=-1")]
#[case("/api/calls/last7d?cursor=x")]
#[case("/api/calls/last7d?cursor=7fffffffffff-0-1")]
#[case("/api/calls/last7d?bucket=low")]
#[case("/api/calls/last7d?bussiness=7")]
#[case("/api/calls/last7d?business=99999999999")]
#[case("/api/calls/last7d?status=%00")]
#[case("/api/costs/summary?from=9000-01-01T00:00:00Z")]
#[case("/api/costs/summary?from=2001-01-01T00:00:00Z")]
#[case("/api/costs/summary?from=2020-01-01T00:00:00Z&to=2026-01-01T00:00:00Z")]
#[tokio::test]
async fn what_makes_no_sense_is_refused(#[case] path: &str) {
    let Some((database, _db)) = migrated(Sqlite).await else { return };
    let service = Service::start(&database.url, &[]);
    let problem = service.get_as(ALL, path).await.is_problem(400);
    assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{problem}");
}

#[tokio::test]
async fn a_plus_that_became_a_space_is_named() {
    let Some((database, _db)) = migrated(Sqlite).await else { return };
    let service = Service::start(&database.url, &[]);
    for (from, is_named) in [("2026-01-01T00:00:00+02:00", true), ("2026-01-01", false)] {
        let problem = service.get_as(ALL, &format!("/api/costs/summary?from={from}")).await.is_problem(400);
        assert_eq!(problem["detail"].as_str().unwrap().contains("%2B"), is_named, "{problem}");
    }
}

/// Every path of the document, with what an answer must look like.
#[tokio::test]
async fn the_document_is_true() {
    let Some((database, db)) = migrated(Sqlite).await else { return };
    fill(&db, 4).await;
    let service = Service::start(&database.url, &[]);
    let document = service.get("/openapi.json").await.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3."), "{document}");
    let paths: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    assert_eq!(
        paths,
        [
            "/api/calls/last7d",
            "/api/calls/range",
            "/api/calls/{call_sid}",
            "/api/costs/summary",
            "/livez",
            "/metrics",
            "/readyz"
        ]
    );
    let range = "?from=2020-01-01T00:00:00Z&to=2030-01-01T00:00:00Z";
    for path in paths {
        let asked = match path.as_str() {
            "/api/calls/range" => format!("{path}{range}"),
            "/api/calls/{call_sid}" => format!("/api/calls/{}", call_sid(0)),
            _ => path.clone(),
        };
        for (token, status) in [(ALL, "200"), ("nobody's", "401")] {
            let answer = service.get_as(token, &asked).await;
            let described = &document["paths"][path.as_str()]["get"]["responses"][status];
            if described.is_null() {
                assert_eq!(answer.status, 200, "{path} needs no token: {answer:?}");
                continue;
            }
            assert_eq!(answer.status.as_str(), status, "{path}: {answer:?}");
            let kind = answer.header("content-type").split(';').next().unwrap();
            let content = &described["content"][kind];
            assert!(!content.is_null(), "{path} answers with {kind}: {described}");
            if let Some(schema) = content.get("schema").filter(|_| kind.ends_with("json")) {
                let mut schema = schema.clone();
                schema["components"] = document["components"].clone();
                let validator = jsonschema::validator_for(&schema).unwrap();
                let errors: Vec<String> =
                    validator.iter_errors(&answer.json()).map(|error| error.to_string()).collect();
                assert!(errors.is_empty(), "{path}: {errors:?}\n{}", answer.body);
            }
        }
    }
}

/// Costs of seven days until then, or from then until now.
#[tokio::test]
async fn a_summary_with_one_of_its_times() {
    let Some((database, db)) = migrated(Sqlite).await else { return };
    let rows: Vec<String> = [(1, "2026-01-01"), (2, "2026-01-07"), (3, "2026-01-08")]
        .map(|(sid, day)| format!("(7, '{}', 'busy', '{day} 12:00:00')", call_sid(sid)))
        .into();
    let insert = "INSERT INTO call_log (business_id, call_sid, status, created_at) VALUES";
    db.execute_unprepared(&format!("{insert} {}", rows.join(", "))).await.unwrap();
    let service = Service::start(&database.url, &[]);
    let days = async |asked: &str| -> Vec<String> {
        let costs = service.get_as(SEVEN, &format!("/api/costs/summary?{asked}")).await.json();
        costs.as_array().unwrap().iter().map(|of_day| of_day["day"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(days("to=2026-01-08T12:00:00Z").await, ["2026-01-01", "2026-01-07"], "the end is not in it");
    let yesterday = (chrono::Utc::now() - chrono::TimeDelta::days(1)).format("%Y-%m-%dT%H:%M:%SZ");
    assert_eq!(days(&format!("from={yesterday}")).await, Vec::<String>::new());
    fill(&db, 1).await;
    assert_eq!(days(&format!("from={yesterday}")).await.len(), 1);
}

/// What somebody would send who read the document, and what nobody would.
///
/// Not asked for is that all that fits the document is accepted: it cannot say that `to` is not before `from`, nor what a
/// cursor may be.
#[tokio::test]
async fn schemathesis_finds_nothing() {
    let Some(program) = find("schemathesis", "/usr/local/bin") else { return skip("Schemathesis") };
    let Some((database, db)) = migrated(Postgres).await else { return };
    fill(&db, 40).await;
    let service = Service::start(&database.url, &[]);
    let folder = TempDir::new().unwrap();
    let mut command = Command::new(program);
    command.arg("run").arg(format!("http://{}/openapi.json", service.address)).current_dir(folder.path());
    command.args(["--header", &format!("Authorization: Bearer {ALL}")]);
    command.args(["--mode", "all", "--max-examples", "50", "--seed", "1", "--generation-database", "none"]);
    command.args(["--exclude-checks", "positive_data_acceptance", "--continue-on-failure", "--no-color"]);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("Tested: 7"), "{said}");
}

#[tokio::test]
async fn the_call_of_the_incident_reads_as_it_was_written() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    db.execute_unprepared(SHARED).await.unwrap();
    let service = Service::start(&database.url, &["--migrate"]);
    let range = "from=2000-01-01T00:00:00Z&to=2100-01-01T00:00:00Z&limit=500";
    let page = service.get_as(ALL, &format!("/api/calls/range?{range}")).await.json();
    assert!(!sids_or_none(&page).is_empty(), "{page}");
    let of_nobody = json!([]);
    assert_ne!(
        service.get_as(ALL, "/api/costs/summary?from=2025-12-01T00:00:00Z&to=2026-02-01T00:00:00Z").await.json(),
        of_nobody
    );
}

/// Legacy calls need not have an id of Twilio.
fn sids_or_none(page: &Value) -> Vec<Option<&str>> {
    page["calls"].as_array().unwrap().iter().map(|call| call["call_sid"].as_str()).collect()
}
