//! What the configuration says to the finaliser.

use super::{Config, Secret, Transcription, Twilio};
use crate::finaliser::{self, Recordings, Settings};

impl Config {
    /// What the finaliser is told: where recordings are fetched, if there are credentials, and who transcribes them, if
    /// anybody does.
    pub fn finaliser_settings(&self) -> Settings {
        Settings {
            recordings: self.twilio.recordings(),
            transcription: self.transcription.server(),
            ..self.finaliser.settings.clone()
        }
    }
}

impl Twilio {
    fn recordings(&self) -> Option<Recordings> {
        // Which is a key with its secret, or else the account with its token.
        let (user, password) = match (&self.api_key, &self.api_key_secret) {
            (Some(key), Some(secret)) => (key, secret),
            _ => (self.account_sid.as_ref()?, self.auth_token.as_ref()?),
        };
        let usual = Recordings::new(self.recording_host.clone(), user, Secret::reveal(password));
        Some(Recordings { max_bytes: self.recording_max_bytes, timeout: self.recording_timeout, ..usual })
    }
}

impl Transcription {
    fn server(&self) -> Option<finaliser::Transcription> {
        let Self { url, api_key, model, language, timeout } = self;
        let usual = finaliser::Transcription::new(url.clone()?, model);
        Some(finaliser::Transcription { key: api_key.clone(), language: language.clone(), timeout: *timeout, ..usual })
    }
}
