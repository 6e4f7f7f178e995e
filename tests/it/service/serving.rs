//! `call-log serve` beside the test, and whoever talks to it.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use data_encoding::{BASE64, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, StatusCode,
    body::Bytes,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap},
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use migration::{Migrator, MigratorTrait};
use sea_orm::DbConn;
use serde_json::Value;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use url::form_urlencoded;

use crate::servers::{Database, Server};

/// What Twilio signs with, in these tests.
pub(crate) const AUTH_TOKEN: &str = "auth-token-of-the-tests";

/// By which address Twilio calls, in these tests.
pub(crate) const PUBLIC_URL: &str = "https://calls.example.org";

/// Of business 7, of business 8, of all.
pub(crate) const SEVEN: &str = "token-of-business-seven";
pub(crate) const EIGHT: &str = "token-of-business-eight";
pub(crate) const ALL: &str = "token-of-everybody";

/// How long anything may take here.
const PATIENCE: Duration = Duration::from_secs(40);

/// A running service; killed with this value, unless it has ended.
pub(crate) struct Service {
    child: Child,
    pub(crate) address: String,
    log: Arc<Mutex<String>>,
    client: Client<HttpConnector, Full<Bytes>>,
    _folder: TempDir,
}

/// What it answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// Whether it is a problem of RFC 9457 with this status.
    #[track_caller]
    pub(crate) fn is_problem(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let problem = self.json();
        assert_eq!((&problem["status"], &problem["type"]), (&status.into(), &"about:blank".into()), "{problem}");
        let text = self.body.to_lowercase();
        for word in ["select ", "insert ", "sqlite", "sqlx", "postgres", "relation "] {
            assert!(!text.contains(word), "{text}");
        }
        problem
    }
}

/// The settings with which everything works.
pub(crate) fn settings() -> Vec<(&'static str, String)> {
    let hash = |token: &str| HEXLOWER.encode(&Sha256::digest(token.as_bytes()));
    vec![
        ("CALL_LOG_PUBLIC_URL", PUBLIC_URL.to_owned()),
        ("CALL_LOG_TWILIO_AUTH_TOKEN", AUTH_TOKEN.to_owned()),
        ("CALL_LOG_TOKENS", format!("{}=7,{}=8,{}=*", hash(SEVEN), hash(EIGHT), hash(ALL))),
        ("CALL_LOG_FINALISER_ENABLED", "false".to_owned()),
    ]
}

impl Service {
    /// With everything configured.
    pub(crate) fn start(url: &str, arguments: &[&str]) -> Self {
        Self::start_with(url, arguments, &settings())
    }

    pub(crate) fn start_with(url: &str, arguments: &[&str], settings: &[(&str, String)]) -> Self {
        let folder = TempDir::new().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_call-log"));
        command.arg("serve").args(["--listen", "127.0.0.1:0"]).args(arguments);
        command.env_clear().env("DATABASE_URL", url).envs(settings.iter().map(|(name, value)| (name, value)));
        command.current_dir(folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        std::thread::spawn({
            let log = Arc::clone(&log);
            move || {
                for line in lines.map_while(Result::ok) {
                    let mut log = log.lock().unwrap();
                    log.push_str(&line);
                    log.push('\n');
                }
            }
        });
        let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build_http();
        let mut service = Self { child, address: String::new(), log, client, _folder: folder };
        service.address = service.listening();
        service
    }

    fn listening(&mut self) -> String {
        let began = Instant::now();
        loop {
            let log = self.log();
            if let Some((_, rest)) = log.split_once("127.0.0.1:").filter(|_| log.contains("listening")) {
                let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
                return format!("127.0.0.1:{port}");
            }
            assert!(self.child.try_wait().unwrap().is_none(), "it ended: {log}");
            assert!(began.elapsed() < PATIENCE, "it does not listen: {log}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// The first line of its log with these words, which may come after the answer that it is about.
    pub(crate) async fn logs(&self, words: &str) -> String {
        let began = Instant::now();
        loop {
            if let Some(line) = self.log().lines().find(|line| line.contains(words)) {
                return line.to_owned();
            }
            assert!(began.elapsed() < PATIENCE, "no `{words}`: {}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// How long it has used a processor (Linux), which other work on the machine hardly changes.
    pub(crate) fn processor_time(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        // Behind the name, which may have spaces: the fields from the third on; `utime` and `stime` in hundredths of a second.
        let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
        let ticks: u64 = fields[11..13].iter().map(|ticks| ticks.parse::<u64>().unwrap()).sum();
        Duration::from_millis(ticks * 10)
    }

    /// How much memory it has in use (Linux), in KiB.
    pub(super) fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Its exit code, once it has ended by itself.
    pub(crate) async fn ended(&mut self) -> i32 {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().expect("ended by itself");
            }
            assert!(began.elapsed() < PATIENCE, "it does not end: {}", self.log());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Answer {
        let answer = tokio::time::timeout(PATIENCE, self.client.request(request)).await.expect("answers");
        let (parts, body) = answer.unwrap_or_else(|error| panic!("{error:?}\n{}", self.log())).into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8(body.to_vec()).unwrap() }
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> hyper::http::request::Builder {
        Request::builder().method(method).uri(format!("http://{}{path}", self.address))
    }

    /// Requests to another address, without a token.
    pub(crate) fn requests_to(address: &str) -> impl Fn(&str) -> Request<Full<Bytes>> + use<> {
        let address = address.to_owned();
        move |path| Request::builder().uri(format!("http://{address}{path}")).body(Full::default()).unwrap()
    }

    /// Without a token.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path).body(Full::default()).unwrap()).await
    }

    pub(crate) async fn get_as(&self, token: &str, path: &str) -> Answer {
        let request = self.request("GET", path).header(AUTHORIZATION, format!("Bearer {token}"));
        self.send(request.body(Full::default()).unwrap()).await
    }

    /// A webhook, signed.
    pub(crate) async fn webhook(&self, path: &str, parameters: &[(&str, &str)]) -> Answer {
        self.webhook_signed(path, parameters, &signature(AUTH_TOKEN, path, parameters)).await
    }

    pub(crate) async fn webhook_signed(&self, path: &str, parameters: &[(&str, &str)], signature: &str) -> Answer {
        let request = self.request("POST", path).header("X-Twilio-Signature", signature);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded; charset=UTF-8");
        self.send(request.body(form(parameters).into()).unwrap()).await
    }

    /// A webhook signed by a shared key; the header of its settings is as given.
    pub(crate) async fn webhook_of_key(
        &self,
        path: &str,
        parameters: &[(&str, &str)],
        settings: &str,
        signature: &str,
    ) -> Answer {
        let request = self.request("POST", path).header("X-Twilio-Signature", signature);
        let request = request.header("X-Twilio-Webhooks-Signature-Settings", settings);
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded; charset=UTF-8");
        self.send(request.body(form(parameters).into()).unwrap()).await
    }

    /// The word for the schema, and whether it is ready.
    pub(crate) async fn readiness(&self) -> (String, u16) {
        let answer = self.get("/readyz").await;
        (answer.json()["schema"].as_str().unwrap().to_owned(), answer.status.as_u16())
    }

    /// Waits until it is in this state.
    pub(crate) async fn becomes(&self, schema: &str, status: u16) {
        let began = Instant::now();
        loop {
            let seen = self.readiness().await;
            if seen == (schema.to_owned(), status) {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{seen:?}: {}", self.log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

pub(crate) fn form(parameters: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

/// As Twilio's own documentation computes it, and its libraries do where a parameter comes twice.
pub(crate) fn signature(token: &str, path: &str, parameters: &[(&str, &str)]) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).unwrap();
    mac.update(signed_text(path, parameters).as_bytes());
    BASE64.encode(&mac.finalize().into_bytes())
}

/// The same with the algorithm that shared keys may have.
pub(crate) fn sha256_signature(key: &str, path: &str, parameters: &[(&str, &str)]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(signed_text(path, parameters).as_bytes());
    BASE64.encode(&mac.finalize().into_bytes())
}

fn signed_text(path: &str, parameters: &[(&str, &str)]) -> String {
    let mut sorted = parameters.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let text: String = sorted.iter().flat_map(|(name, value)| [*name, *value]).collect();
    format!("{PUBLIC_URL}{path}{text}")
}

/// `CA` and this number.
pub(crate) fn call_sid(number: u32) -> String {
    format!("CA{number:032x}")
}

/// A database with everything migrated.
pub(crate) async fn migrated(server: Server) -> Option<(Database, DbConn)> {
    let database = server.empty_database().await?;
    let db = database.connect().await;
    Migrator::up(&db, None).await.unwrap();
    Some((database, db))
}
