//! The configuration: a TOML file, then environment variables, then flags; later ones win. Never prints a secret.

mod finaliser;
mod keys;
mod settings;
mod source;
mod values;

pub use keys::{KEYS, Key};
pub use settings::{ClientAddress, Config, DatabasePools, Finaliser, LogFormat, Transcription, Twilio};
#[cfg(test)]
pub(super) use source::ConfigErrorDiscriminants;
pub use source::{ConfigArgs, ConfigError};

pub use secrecy::SecretString;
