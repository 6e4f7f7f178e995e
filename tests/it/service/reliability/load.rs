//! Sends webhooks as Twilio does: sends again what failed, and remembers what was acknowledged.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use entity::call_log;
use futures_util::future::join_all;
use http_body_util::{BodyExt, Full};
use hyper::{Request, body::Bytes, header::CONTENT_TYPE};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use sea_orm::{DbConn, EntityTrait};
use sea_orm_connect::{Access, connect};
use serde_json::Value;

use super::super::serving::{AUTH_TOKEN, Service, call_sid, form, signature};

pub(super) const SENDERS: u32 = 12;

/// How long the senders begin new calls.
pub(super) const RUN_DURATION: Duration = Duration::from_secs(30);

/// When a fault begins and ends, from the start of the run.
pub(super) const FAULT_WINDOW: Range<Duration> = Duration::from_secs(8)..Duration::from_secs(14);

/// The pause before a webhook that failed is sent again.
pub(super) const RETRY_INTERVAL: Duration = Duration::from_millis(250);

/// How long a webhook that fails is sent again.
pub(super) const GIVE_UP_AFTER: Duration = Duration::from_mins(1);

pub(super) type HttpClient = Client<HttpConnector, Full<Bytes>>;

/// Sends the webhooks of many calls at once, and counts the answers.
pub(super) struct LoadGenerator {
    client: HttpClient,
    /// The service's current address; a fault may change it.
    pub(super) address: Mutex<String>,
    pub(super) began: Instant,
    pub(super) is_over: AtomicBool,
    next_call_number: AtomicU32,
    sent: AtomicU64,
    pub(super) accepted: AtomicU64,
    pub(super) unavailable: AtomicU64,
    unanswered: AtomicU64,
    retried: AtomicU64,
    given_up: AtomicU64,
    /// By call, the lines of the column `deliveries` whose webhooks were acknowledged.
    acknowledged_by_call: Mutex<HashMap<String, HashSet<String>>>,
    acceptance: Mutex<Acceptance>,
    /// Each change of `/readyz`, and when it was seen.
    readiness: Mutex<Vec<(Duration, String)>>,
}

/// When webhooks were accepted.
struct Acceptance {
    last_accepted_at: Instant,
    longest_gap: Duration,
}

impl LoadGenerator {
    pub(super) fn new(service: &Service) -> Arc<Self> {
        let now = Instant::now();
        Arc::new(Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
            address: Mutex::new(service.address.clone()),
            began: now,
            is_over: AtomicBool::new(false),
            next_call_number: AtomicU32::new(1),
            sent: AtomicU64::default(),
            accepted: AtomicU64::default(),
            unavailable: AtomicU64::default(),
            unanswered: AtomicU64::default(),
            retried: AtomicU64::default(),
            given_up: AtomicU64::default(),
            acknowledged_by_call: Mutex::default(),
            acceptance: Mutex::new(Acceptance { last_accepted_at: now, longest_gap: Duration::ZERO }),
            readiness: Mutex::default(),
        })
    }

    /// Sends for [`RUN_DURATION`], while `fault` runs.
    pub(super) async fn run(self: &Arc<Self>, fault: impl Future<Output = ()>) {
        let senders: Vec<_> = (0..SENDERS).map(|_| tokio::spawn(Arc::clone(self).send_calls())).collect();
        let watch = tokio::spawn(Arc::clone(self).watch_readiness());
        fault.await;
        tokio::time::sleep(RUN_DURATION.saturating_sub(self.began.elapsed())).await;
        self.is_over.store(true, SeqCst);
        join_all(senders).await.into_iter().for_each(Result::unwrap);
        watch.await.unwrap();
    }

    async fn send_calls(self: Arc<Self>) {
        while !self.is_over.load(SeqCst) {
            for (path, parameters, line) in deliveries_of_call(self.next_call_number.fetch_add(1, SeqCst)) {
                self.deliver(path, &parameters, line).await;
            }
        }
    }

    /// Sends a webhook, and again until it is acknowledged or [`GIVE_UP_AFTER`] is over.
    async fn deliver(&self, path: &str, parameters: &[(&str, String)], line: String) {
        let parameters: Vec<(&str, &str)> = parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let signature = signature(AUTH_TOKEN, path, &parameters);
        let began = Instant::now();
        loop {
            self.sent.fetch_add(1, SeqCst);
            match self.post(path, form(&parameters), &signature).await {
                Some(204) => break,
                Some(503) => self.unavailable.fetch_add(1, SeqCst),
                Some(other) => panic!("{path}: {other}"),
                None => self.unanswered.fetch_add(1, SeqCst),
            };
            if began.elapsed() > GIVE_UP_AFTER {
                self.given_up.fetch_add(1, SeqCst);
                return;
            }
            tokio::time::sleep(RETRY_INTERVAL).await;
            self.retried.fetch_add(1, SeqCst);
        }
        self.accepted.fetch_add(1, SeqCst);
        let mut acceptance = self.acceptance.lock().unwrap();
        acceptance.longest_gap = acceptance.longest_gap.max(acceptance.last_accepted_at.elapsed());
        acceptance.last_accepted_at = Instant::now();
        drop(acceptance);
        let sid = parameters[0].1.to_owned();
        self.acknowledged_by_call.lock().unwrap().entry(sid).or_default().insert(line);
    }

    /// The status of the answer; `None` if there was none.
    pub(super) async fn post(&self, path: &str, body: String, signature: &str) -> Option<u16> {
        let address = self.address.lock().unwrap().clone();
        let request = Request::post(format!("http://{address}{path}"))
            .header("X-Twilio-Signature", signature)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body.into())
            .unwrap();
        self.send(request).await.map(|(status, _)| status)
    }

    pub(super) async fn send(&self, request: Request<Full<Bytes>>) -> Option<(u16, Bytes)> {
        let answer = tokio::time::timeout(Duration::from_secs(15), self.client.request(request)).await.ok()?.ok()?;
        let status = answer.status().as_u16();
        Some((status, answer.into_body().collect().await.ok()?.to_bytes()))
    }

    async fn watch_readiness(self: Arc<Self>) {
        while !self.is_over.load(SeqCst) {
            let address = self.address.lock().unwrap().clone();
            let request = Request::get(format!("http://{address}/readyz")).body(Full::default()).unwrap();
            let seen = match self.send(request).await {
                Some((status, body)) => {
                    let body: Value = serde_json::from_slice(&body).unwrap();
                    let missing = body["missing"]
                        .as_array()
                        .is_some_and(|missing| !missing.is_empty() && body["schema"] == "in-sync");
                    format!(
                        "{} {status}{}",
                        body["schema"].as_str().unwrap(),
                        if missing { " (writes fail)" } else { "" }
                    )
                }
                None => "no answer".to_owned(),
            };
            self.note_readiness(seen);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn note_readiness(&self, seen: String) {
        let mut states = self.readiness.lock().unwrap();
        if states.last().is_none_or(|(_, last)| *last != seen) {
            states.push((self.began.elapsed(), seen));
        }
    }

    /// How many of the acknowledged deliveries are not in the database.
    async fn count_lost(&self, db: &DbConn) -> usize {
        let rows = call_log::Entity::find().all(db).await.unwrap();
        let kept: HashMap<String, String> =
            rows.into_iter().filter_map(|row| Some((row.call_sid?, row.deliveries?))).collect();
        let is_kept =
            |sid: &String, line: &String| kept.get(sid).is_some_and(|lines| lines.lines().any(|kept| kept == line));
        let acknowledged = self.acknowledged_by_call.lock().unwrap();
        acknowledged.iter().map(|(sid, lines)| lines.iter().filter(|line| !is_kept(sid, line)).count()).sum()
    }

    /// Prints a row of the table. Fails if an acknowledged webhook is lost, or one failed although `may_fail` is false.
    pub(super) async fn report_and_assert(&self, name: &str, db: &DbConn, may_fail: bool) {
        let lost = self.count_lost(db).await;
        let [sent, accepted, unavailable, unanswered, retried, given_up] =
            [&self.sent, &self.accepted, &self.unavailable, &self.unanswered, &self.retried, &self.given_up]
                .map(|counter| counter.load(SeqCst));
        let longest_gap = self.acceptance.lock().unwrap().longest_gap.as_secs_f64();
        let states = self.readiness.lock().unwrap();
        let states: Vec<String> =
            states.iter().map(|(at, state)| format!("{:.1} s: {state}", at.as_secs_f64())).collect();
        println!(
            "| {name} | {sent} | {accepted} | {unavailable} | {unanswered} | {retried} | {lost} | {longest_gap:.2} s | {} |",
            states.join("; ")
        );
        assert_eq!((lost, given_up), (0, 0), "{name}");
        assert!(
            may_fail || unavailable + unanswered == 0,
            "{name}: {unavailable} times 503 and {unanswered} times no answer, without a fault"
        );
        assert!(accepted > 100, "{name}: {accepted}");
    }
}

/// The path of a webhook, its parameters, and the line in the column `deliveries` once it is recorded.
pub(super) type Delivery = (&'static str, Vec<(&'static str, String)>, String);

/// The webhooks that Twilio sends for a call.
pub(super) fn deliveries_of_call(number: u32) -> Vec<Delivery> {
    const STATUS_PATH: &str = "/webhooks/twilio/call-status?business_id=7";
    let call = || ("CallSid", call_sid(number));
    let stream = format!("MZ{number:032x}");
    let recording = format!("RE{number:032x}");
    let status = |status: &str| {
        let parameters = vec![call(), ("CallStatus", status.to_owned()), ("From", "+14158675310".to_owned())];
        (STATUS_PATH, parameters, format!("status:{status}"))
    };
    let stream = |event: &str| {
        let parameters = vec![call(), ("StreamSid", stream.clone()), ("StreamEvent", event.to_owned())];
        ("/webhooks/twilio/stream?business_id=7", parameters, format!("{event}:{stream}"))
    };
    let recording = (
        "/webhooks/twilio/recording?business_id=7",
        vec![call(), ("RecordingSid", recording.clone()), ("RecordingStatus", "completed".to_owned())],
        format!("recording:{recording}:completed"),
    );
    vec![
        status("initiated"),
        status("ringing"),
        status("in-progress"),
        stream("stream-started"),
        stream("stream-stopped"),
        recording,
        status("completed"),
    ]
}

/// Sleeps until this time after the start of the run.
pub(super) async fn sleep_until(load: &LoadGenerator, when: Duration) {
    tokio::time::sleep(when.saturating_sub(load.began.elapsed())).await;
}

pub(super) async fn open(url: &str) -> DbConn {
    connect(&url.parse().unwrap(), None, Access::ReadWrite).await.unwrap()
}
