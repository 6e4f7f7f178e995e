//! What the configuration says to the finaliser.

use super::{Config, ConfigError, Secret, Transcription, Twilio};
use crate::finaliser::{self, Recordings, Settings};

impl Config {
    /// What the finaliser is told: where recordings are fetched, if there are credentials, and who transcribes them, if
    /// anybody does.
    ///
    /// # Errors
    /// Where a key of the REST API lacks its secret, or the other way round.
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
        let Some((user, password)) = self.credentials()? else { return Ok(None) };
        let usual = Recordings::new(self.recording_host.clone(), user, Secret::reveal(password));
        Ok(Some(Recordings { max_bytes: self.recording_max_bytes, timeout: self.recording_timeout, ..usual }))
    }

    /// A key with its secret, or else the account with its token.
    fn credentials(&self) -> Result<Option<(&String, &Secret)>, ConfigError> {
        match (&self.api_key, &self.api_key_secret) {
            (Some(key), Some(secret)) => Ok(Some((key, secret))),
            (None, None) => Ok(self.account_sid.as_ref().zip(self.auth_token.as_ref())),
            (Some(_), None) => Err(half("twilio.api_key", "twilio.api_key_secret")),
            (None, Some(_)) => Err(half("twilio.api_key_secret", "twilio.api_key")),
        }
    }
}

fn half(given: &str, missing: &str) -> ConfigError {
    ConfigError::BadValue { place: format!("`{given}`"), reason: format!("`{missing}` is missing") }
}

impl Transcription {
    fn server(&self) -> Option<finaliser::Transcription> {
        let Self { url, api_key, model, language, timeout } = self;
        let usual = finaliser::Transcription::new(url.clone()?, model);
        Some(finaliser::Transcription { key: api_key.clone(), language: language.clone(), timeout: *timeout, ..usual })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn settings(key: Option<&str>, secret: Option<&str>) -> Result<Settings, String> {
        let mut config = Config::default();
        config.twilio.account_sid = Some("AC1".to_owned());
        config.twilio.auth_token = Some(Secret::new("token"));
        config.twilio.api_key = key.map(str::to_owned);
        config.twilio.api_key_secret = secret.map(Secret::new);
        config.finaliser_settings().map_err(|error| error.to_string())
    }

    #[rstest]
    #[case::the_key_of_its_own_first(Some("SK1"), Some("s3cret"), "SK1")]
    #[case::or_else_the_account(None, None, "AC1")]
    fn recordings_are_fetched_with_a_pair(#[case] key: Option<&str>, #[case] secret: Option<&str>, #[case] user: &str) {
        assert_eq!(settings(key, secret).unwrap().recordings.unwrap().account_sid, user);
    }

    #[rstest]
    #[case::a_key(Some("SK1"), None, "`twilio.api_key` cannot be used: `twilio.api_key_secret` is missing")]
    #[case::a_secret(None, Some("s3cret"), "`twilio.api_key_secret` cannot be used: `twilio.api_key` is missing")]
    fn half_a_pair_is_refused(#[case] key: Option<&str>, #[case] secret: Option<&str>, #[case] message: &str) {
        assert_eq!(settings(key, secret).unwrap_err(), message);
    }
}
