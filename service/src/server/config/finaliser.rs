//! Turns the configuration into the finaliser's settings.

use secrecy::{ExposeSecret, SecretString};

use super::{
    settings::{Config, Transcription, Twilio},
    source::ConfigError,
};
use crate::worker::{self, Recordings, Settings};

impl Config {
    /// The finaliser's settings: it fetches recordings if there are credentials, and transcribes them if there is an endpoint.
    ///
    /// # Errors
    /// If a REST API key lacks its secret, or a secret its key.
    pub fn finaliser_settings(&self) -> Result<Settings, ConfigError> {
        Ok(Settings {
            recordings: self.twilio.recordings()?,
            transcription: self.transcription.server(),
            ..self.finaliser.settings.clone()
        })
    }
}

impl Twilio {
    fn recordings(&self) -> Result<Option<Recordings>, ConfigError> {
        let Some((username, password)) = self.credentials()? else { return Ok(None) };
        let defaults = Recordings::new(self.recording_host.clone(), username, ExposeSecret::expose_secret(password));
        Ok(Some(Recordings {
            account_sid: self.account_sid.clone(),
            max_bytes: self.recording_max_bytes,
            timeout: self.recording_timeout,
            ..defaults
        }))
    }

    /// The REST API key and its secret, or else the account and its token.
    fn credentials(&self) -> Result<Option<(&String, &SecretString)>, ConfigError> {
        match (&self.api_key, &self.api_key_secret) {
            (Some(key), Some(secret)) => Ok(Some((key, secret))),
            (None, None) => Ok(self.account_sid.as_ref().zip(self.auth_token.as_ref())),
            (Some(_), None) => Err(missing_half("twilio.api_key", "twilio.api_key_secret")),
            (None, Some(_)) => Err(missing_half("twilio.api_key_secret", "twilio.api_key")),
        }
    }
}

fn missing_half(present: &str, missing: &str) -> ConfigError {
    ConfigError::BadValue { location: format!("`{present}`"), reason: format!("`{missing}` is missing") }
}

impl Transcription {
    fn server(&self) -> Option<worker::Transcription> {
        let Self { url, api_key, model, language, timeout } = self;
        let defaults = worker::Transcription::new(url.clone()?, model);
        Some(worker::Transcription { key: api_key.clone(), language: language.clone(), timeout: *timeout, ..defaults })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn settings(key: Option<&str>, secret: Option<&str>) -> Result<Settings, String> {
        let mut config = Config::default();
        config.twilio.account_sid = Some("AC1".to_owned());
        config.twilio.auth_token = Some(SecretString::from("token"));
        config.twilio.api_key = key.map(str::to_owned);
        config.twilio.api_key_secret = secret.map(SecretString::from);
        config.finaliser_settings().map_err(|error| error.to_string())
    }

    #[rstest]
    #[case::the_api_key_first(Some("SK1"), Some("s3cret"), "SK1")]
    #[case::the_account_otherwise(None, None, "AC1")]
    fn recordings_are_fetched_with_a_complete_pair(
        #[case] key: Option<&str>,
        #[case] secret: Option<&str>,
        #[case] user: &str,
    ) {
        assert_eq!(settings(key, secret).unwrap().recordings.unwrap().username, user);
    }

    #[rstest]
    #[case::a_key(Some("SK1"), None, "invalid value of `twilio.api_key`: `twilio.api_key_secret` is missing")]
    #[case::a_secret(None, Some("s3cret"), "invalid value of `twilio.api_key_secret`: `twilio.api_key` is missing")]
    fn half_a_pair_is_refused(#[case] key: Option<&str>, #[case] secret: Option<&str>, #[case] message: &str) {
        assert_eq!(settings(key, secret).unwrap_err(), message);
    }
}
