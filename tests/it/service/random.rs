//! Webhooks as nobody would write them: whatever is in them, the answer is "taken" or "not understood", and never a 500.

use proptest::{
    collection::vec,
    prelude::*,
    sample::select,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use rstest::rstest;
use sea_orm::EntityTrait;

use super::serving::{AUTH_TOKEN, Service, call_sid, form, migrated, signature};
use crate::servers::{
    Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
    seed,
};

const CASES: usize = 300;

const KINDS: [&str; 4] = ["call-status", "recording", "stream", "error"];

const NAMES: [&str; 22] = [
    "CallSid",
    "ParentCallSid",
    "CallStatus",
    "CallDuration",
    "From",
    "To",
    "Direction",
    "Timestamp",
    "StreamSid",
    "StreamEvent",
    "StreamError",
    "RecordingSid",
    "RecordingStatus",
    "RecordingUrl",
    "RecordingDuration",
    "RecordingSource",
    "Sid",
    "Level",
    "Payload",
    "AccountSid",
    "",
    "InventedTomorrow",
];

/// A value that some parameter might have, at its edge, or any text at all.
fn value() -> impl Strategy<Value = String> {
    let known = [
        call_sid(1),
        format!("MZ{:032x}", 1),
        format!("RE{:032x}", 1),
        "completed".to_owned(),
        "ringing".to_owned(),
        "absent".to_owned(),
        "stream-started".to_owned(),
        "stream-stopped".to_owned(),
        "stream-error".to_owned(),
        "2026-11-25T10:00:00Z".to_owned(),
        "+262142-12-31T23:59:59Z".to_owned(),
        "2147483648".to_owned(),
        "-1".to_owned(),
        "1e400".to_owned(),
        "NaN".to_owned(),
        "\0".to_owned(),
        "x\ny".to_owned(),
        "'); DROP TABLE call_log; --".to_owned(),
        r#"{"resource_sid": 7, "error_code": [11205]}"#.to_owned(),
        format!(r#"{{"resource_sid": "{}", "error_code": "11205"}}"#, call_sid(1)),
        "🕿".repeat(600),
    ];
    prop_oneof![3 => select(known.to_vec()), 1 => any::<String>()]
}

/// Mostly with what no webhook may lack.
fn parameters() -> impl Strategy<Value = Vec<(String, String)>> {
    let some = vec((select(NAMES.to_vec()).prop_map(str::to_owned), value()), 0..8);
    (any::<bool>(), some).prop_map(|(is_whole, mut some)| {
        if is_whole {
            let whole = [("CallSid", call_sid(1)), ("CallStatus", "ringing".to_owned())];
            some.extend(whole.map(|(name, value)| (name.to_owned(), value)));
            some.push(("StreamSid".to_owned(), format!("MZ{:032x}", 2)));
        }
        some
    })
}

/// What `TEST_SEED` repeats.
fn runner() -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed().to_le_bytes());
    TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_in_a_signed_webhook_is_no_500(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((database, db)) = migrated(server).await else { return };
    let service = Service::start(&database.url, &[]);
    let mut runner = runner();
    let mut taken = 0;
    for case in 0..CASES {
        let path = format!("/webhooks/twilio/{}?business_id=7", KINDS[case % KINDS.len()]);
        let parameters = parameters().new_tree(&mut runner).unwrap().current();
        let sent: Vec<(&str, &str)> = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = service.webhook(&path, &sent).await;
        assert!([204, 400].contains(&answer.status.as_u16()), "{path} {parameters:?}: {answer:?}{}", service.log());
        taken += usize::from(answer.status == 204);
    }
    assert!((1..CASES).contains(&taken), "some were understood, and some were not: {taken}");
    entity::call_log::Entity::find().all(&db).await.expect("what was taken can be read");
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_not_signed_is_refused() {
    let Some((database, db)) = migrated(Sqlite).await else { return };
    let service = Service::start(&database.url, &[]);
    let mut runner = runner();
    let path = "/webhooks/twilio/call-status?business_id=7";
    for _ in 0..CASES {
        let (parameters, mut forged) = (parameters(), "[ -~]{0,40}").new_tree(&mut runner).unwrap().current();
        let sent: Vec<(&str, &str)> = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let valid = signature(AUTH_TOKEN, path, &sent);
        if forged.is_empty() {
            // All of a valid one but its last letters.
            forged = valid[..valid.len() - 3].to_owned();
        }
        let answer = service.webhook_signed(path, &sent, forged.trim()).await;
        assert_eq!(answer.status, 403, "{forged} {}: {answer:?}", form(&sent));
    }
    assert!(entity::call_log::Entity::find().one(&db).await.unwrap().is_none());
}
