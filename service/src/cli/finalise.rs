//! `call-log finalise`.

use clap::Args;
use migration::{connection::Access, telling::sentence};
use sea_orm_runner::Stop;
use service::{
    finaliser::{Backoff, Finaliser, RecordingHost, Recordings, Secret, Settings, SettingsError, Transcription},
    schema,
};

use super::{
    DatabaseArgs, Exit, print,
    progress::{self, Format},
};

/// What sysexits.h calls a service that is not there.
const UNAVAILABLE: u8 = 69;

#[derive(Debug, Args)]
pub(super) struct FinaliseArgs {
    /// Finalise what there is now, print a summary, and end: 1 if some calls failed for good.
    #[arg(long)]
    once: bool,

    #[command(flatten)]
    finaliser: FinaliserArgs,
}

/// What a finaliser is told.
#[derive(Debug, Args)]
pub(super) struct FinaliserArgs {
    /// Scheme, host and port of the recordings; no other address is ever fetched. http is for loopback addresses only.
    #[arg(long, value_name = "ORIGIN", env = "RECORDING_HOST", default_value = "https://api.twilio.com")]
    recording_host: RecordingHost,

    /// The account whose recordings they are. Without it none is fetched, and the text of the live stream counts.
    #[arg(long, value_name = "SID", env = "TWILIO_ACCOUNT_SID", requires = "twilio_auth_token")]
    twilio_account_sid: Option<String>,

    /// Its token. Better set than typed: others on the machine see what is typed.
    #[arg(long, value_name = "TOKEN", env = "TWILIO_AUTH_TOKEN", hide_env_values = true)]
    twilio_auth_token: Option<String>,

    /// Largest recording that is fetched, in bytes; so much memory times --batch may be needed.
    #[arg(long, value_name = "BYTES", env = "RECORDING_MAX_BYTES", default_value = "67108864")]
    recording_max_bytes: u64,

    /// How long fetching a recording may take.
    #[arg(long, value_name = "TIME", env = "RECORDING_TIMEOUT", default_value = "60s")]
    recording_timeout: humantime::Duration,

    /// Who transcribes, by the interface of `OpenAI`: <https://host/v1/audio/transcriptions>. Without it the text of the
    /// live stream counts.
    #[arg(long, value_name = "URL", env = "TRANSCRIPTION_URL")]
    transcription_url: Option<String>,

    /// Sent there as a bearer token. Better set than typed.
    #[arg(long, value_name = "KEY", env = "TRANSCRIPTION_API_KEY", hide_env_values = true)]
    transcription_api_key: Option<String>,

    /// Model that transcribes.
    #[arg(long, value_name = "NAME", env = "TRANSCRIPTION_MODEL", default_value = "whisper-1")]
    transcription_model: String,

    /// Language that is spoken, such as `he`. Without it the server finds out.
    #[arg(long, value_name = "CODE", env = "TRANSCRIPTION_LANGUAGE")]
    transcription_language: Option<String>,

    /// How long a transcription may take.
    #[arg(long, value_name = "TIME", env = "TRANSCRIPTION_TIMEOUT", default_value = "180s")]
    transcription_timeout: humantime::Duration,

    /// Leave calls alone that were made longer ago.
    #[arg(long, value_name = "TIME", env = "FINALISE_HORIZON", default_value = "7days")]
    horizon: humantime::Duration,

    /// For how long a call is this program's alone: longer than both timeouts together.
    #[arg(long, value_name = "TIME", env = "FINALISE_LEASE", default_value = "5min")]
    lease: humantime::Duration,

    /// How many calls are worked on at once, 1 to 100.
    #[arg(long, value_name = "NUMBER", env = "FINALISE_BATCH", default_value = "4")]
    batch: u64,

    /// How long to wait for the recording of a call that ended without one.
    #[arg(long, value_name = "TIME", env = "FINALISE_SETTLE", default_value = "2min")]
    settle: humantime::Duration,

    /// How often a call is tried before it is finalised with what is known.
    #[arg(long, value_name = "NUMBER", env = "FINALISE_ATTEMPTS", default_value = "8")]
    attempts: u32,

    /// Pause after the first attempt, at most; it doubles each time, up to an hour, and half of it is chance.
    #[arg(long, value_name = "TIME", env = "FINALISE_PAUSE", default_value = "30s")]
    pause: humantime::Duration,

    /// How often to look for calls; not with --once.
    #[arg(long, value_name = "TIME", env = "FINALISE_POLL", default_value = "15s")]
    poll: humantime::Duration,
}

impl FinaliserArgs {
    pub(super) fn settings(&self) -> Result<Settings, SettingsError> {
        Ok(Settings {
            recordings: self.recordings(),
            transcription: self.transcription()?,
            horizon: self.horizon.into(),
            lease: self.lease.into(),
            batch: self.batch,
            settle: self.settle.into(),
            attempts: self.attempts,
            backoff: Backoff { first: self.pause.into(), ..Backoff::default() },
            poll: self.poll.into(),
        })
    }

    fn recordings(&self) -> Option<Recordings> {
        let (account_sid, auth_token) =
            (given(self.twilio_account_sid.as_ref())?, given(self.twilio_auth_token.as_ref())?);
        let usual = Recordings::new(self.recording_host.clone(), account_sid, auth_token);
        Some(Recordings { max_bytes: self.recording_max_bytes, timeout: self.recording_timeout.into(), ..usual })
    }

    fn transcription(&self) -> Result<Option<Transcription>, SettingsError> {
        let Some(url) = given(self.transcription_url.as_ref()) else { return Ok(None) };
        let url = url.parse().map_err(|_| SettingsError::TranscriptionUrl)?;
        Ok(Some(Transcription {
            key: given(self.transcription_api_key.as_ref()).map(Secret::new),
            language: given(self.transcription_language.as_ref()).map(str::to_owned),
            timeout: self.transcription_timeout.into(),
            ..Transcription::new(url, self.transcription_model.clone())
        }))
    }
}

/// An empty setting is one that nobody filled in.
fn given(setting: Option<&String>) -> Option<&str> {
    setting.map(String::as_str).filter(|text| !text.is_empty())
}

pub(super) async fn run(args: &FinaliseArgs, database: &DatabaseArgs) -> anyhow::Result<Exit> {
    let finaliser = match args.finaliser.settings().and_then(Finaliser::new) {
        Ok(finaliser) => finaliser,
        Err(error) => {
            progress::tell_error(Format::Text, &sentence(&error), Exit::Configuration);
            return Ok(Exit::Configuration);
        }
    };
    let (_, db) = database.connect(Access::ReadWrite).await?;
    schema::validate(&db).await?;
    if !args.once {
        let stop = Stop::on_signals()?;
        finaliser.run(&db, stop.requested()).await;
        return Ok(Exit::Success);
    }
    let summary = match finaliser.run_once(&db).await {
        Ok(summary) => summary,
        Err(error) => {
            let exit = if error.is_unreachable() { Exit::Code(UNAVAILABLE) } else { Exit::Failed };
            progress::tell_error(Format::Text, &sentence(&error), exit);
            return Ok(exit);
        }
    };
    db.close().await.ok();
    print(|stdout| writeln!(stdout, "calls: {summary}"))?;
    Ok(if summary.failed > 0 { Exit::Failed } else { Exit::Success })
}
