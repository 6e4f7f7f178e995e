//! A real HTTP server that keeps recordings behind basic authentication, and transcribes them; and that can be as bad as
//! servers are. What it does with a recording stands in front of its name: `good-1`, `broken-2`.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use data_encoding::HEXLOWER;
use futures_util::stream;
use sha2::{Digest, Sha256};

/// The account whose recordings they are.
pub(super) const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";

/// That account with the token `s3cret`.
const CREDENTIALS: &str = "Basic QUMwMTIzNDU2Nzg5YWJjZGVmMDEyMzQ1Njc4OWFiY2RlZjpzM2NyZXQ=";

/// What its recordings hold.
pub(super) const SECONDS: f64 = 1.5;
pub(super) const BYTES: usize = 44 + 24_000;

/// What it hears.
pub(super) const TEXT: &str = "שלום, what can we do for you?";

/// The server, for as long as the test's runtime.
#[derive(Clone)]
pub(super) struct RecordingHost {
    pub(super) origin: String,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    /// The recordings by their ids.
    names: Mutex<BTreeMap<String, String>>,
    /// How often each path was asked for.
    requests: Mutex<BTreeMap<String, usize>>,
    /// What came with the last transcription.
    upload: Mutex<Vec<u8>>,
    /// Requests without the credentials.
    strangers: Mutex<usize>,
    /// Where redirects lead to.
    elsewhere: Mutex<String>,
}

impl RecordingHost {
    pub(super) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Seen::default());
        let router = Router::new()
            .route("/2010-04-01/Accounts/{account}/Recordings/{sid}", get(recording))
            .route("/{manner}/v1/audio/transcriptions", post(transcription))
            .fallback(async |State(seen): State<Arc<Seen>>| {
                seen.count("elsewhere");
                StatusCode::NOT_FOUND
            })
            .with_state(Arc::clone(&seen));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { origin, seen }
    }

    pub(super) fn recording(&self, name: &str) -> String {
        let digest = Sha256::digest(name.as_bytes());
        let sid = format!("RE{}", HEXLOWER.encode(&digest[..16]));
        self.seen.names.lock().unwrap().insert(sid.clone(), name.to_owned());
        format!("{}/2010-04-01/Accounts/{ACCOUNT}/Recordings/{sid}", self.origin)
    }

    pub(super) fn transcription(&self, manner: &str) -> String {
        format!("{}/{manner}/v1/audio/transcriptions", self.origin)
    }

    /// How often something was asked for.
    pub(super) fn requests(&self, of: &str) -> usize {
        self.seen.requests.lock().unwrap().get(of).copied().unwrap_or_default()
    }

    /// How often anything was.
    pub(super) fn all_requests(&self) -> usize {
        self.seen.requests.lock().unwrap().values().sum()
    }

    pub(super) fn strangers(&self) -> usize {
        *self.seen.strangers.lock().unwrap()
    }

    pub(super) fn upload(&self) -> Vec<u8> {
        self.seen.upload.lock().unwrap().clone()
    }

    pub(super) fn redirect_to(&self, address: String) {
        *self.seen.elsewhere.lock().unwrap() = address;
    }
}

impl Seen {
    fn count(&self, of: &str) -> usize {
        let mut requests = self.requests.lock().unwrap();
        let number = requests.entry(of.to_owned()).or_default();
        *number += 1;
        *number
    }
}

async fn recording(
    State(seen): State<Arc<Seen>>,
    Path((_account, sid)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let name = seen.names.lock().unwrap().get(&sid).cloned().unwrap_or(sid);
    let number = seen.count(&name);
    if headers.get(header::AUTHORIZATION).is_none_or(|given| given != CREDENTIALS) {
        *seen.strangers.lock().unwrap() += 1;
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let manner = name.split('-').next().unwrap_or_default();
    match manner {
        "hanging_once" if number == 1 => hang().await,
        "broken_once" if number == 1 => StatusCode::BAD_GATEWAY.into_response(),
        "slow" => {
            tokio::time::sleep(Duration::from_millis(500)).await;
            wav().into_response()
        }
        // A WAV file that ends in its header.
        "unmeasurable" => b"RIFF\x16\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e".to_vec().into_response(),
        "empty" => StatusCode::OK.into_response(),
        "good" | "hanging_once" | "broken_once" => wav().into_response(),
        _ => bad(&seen, manner).await,
    }
}

async fn transcription(
    State(seen): State<Arc<Seen>>,
    Path(manner): Path<String>,
    headers: HeaderMap,
    upload: Bytes,
) -> Response {
    seen.count("transcription");
    if headers.get(header::AUTHORIZATION).is_none_or(|given| given != "Bearer k3y") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    *seen.upload.lock().unwrap() = upload.to_vec();
    match manner.as_str() {
        "good" => format!(r#"{{"text": " {TEXT} ", "usage": {{}}}}"#).into_response(),
        "garbled" => "<html>".into_response(),
        "refusing" => (StatusCode::BAD_REQUEST, TEXT).into_response(),
        manner => bad(&seen, manner).await,
    }
}

async fn bad(seen: &Seen, manner: &str) -> Response {
    match manner {
        "page" => ([(header::CONTENT_TYPE, "text/html")], "<title>Not a recording</title>").into_response(),
        "broken" => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        "missing" => StatusCode::NOT_FOUND.into_response(),
        "gone" => StatusCode::GONE.into_response(),
        "partial" => (StatusCode::PARTIAL_CONTENT, wav()).into_response(),
        "hanging" => hang().await,
        "dripping" => Body::from_stream(stream::unfold((), async |()| {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Some((Ok::<_, std::io::Error>("a"), ()))
        }))
        .into_response(),
        "endless" => Body::from_stream(stream::repeat_with(|| Ok::<_, std::io::Error>(vec![0; 4096]))).into_response(),
        "huge" => (
            [(header::CONTENT_LENGTH, "99999999999")],
            Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>()),
        )
            .into_response(),
        "cut_off" => (
            [(header::CONTENT_LENGTH, "9000")],
            Body::from_stream(stream::iter([Ok("a"), Err(std::io::Error::other("cut"))])),
        )
            .into_response(),
        "leading_elsewhere" => {
            let elsewhere = seen.elsewhere.lock().unwrap().clone();
            (StatusCode::FOUND, [(header::LOCATION, elsewhere)]).into_response()
        }
        manner => unreachable!("no server is {manner}"),
    }
}

async fn hang() -> Response {
    tokio::time::sleep(Duration::from_mins(1)).await;
    StatusCode::OK.into_response()
}

/// A tone at 8 kHz, 16 bits, one channel, as telephones sound.
fn wav() -> Vec<u8> {
    let length = u32::try_from(BYTES - 44).unwrap();
    let mut wav = Vec::from(*b"RIFF");
    wav.extend((length + 36).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    wav.extend(8_000_u32.to_le_bytes());
    wav.extend(16_000_u32.to_le_bytes());
    wav.extend(b"\x02\0\x10\0data");
    wav.extend(length.to_le_bytes());
    let tone = (0..length / 2).flat_map(|sample| if sample % 20 < 10 { [0, 16] } else { [0, 240] });
    wav.extend(tone);
    wav
}
