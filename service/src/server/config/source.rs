//! Where values come from: the file first, then the environment, then the command line.

use std::{fmt, fs, io, path::PathBuf};

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, parser::ValueSource, value_parser};

use super::{
    Config, Secret,
    keys::{KEYS, Key},
};

/// The variable that names the file.
const FILE_VARIABLE: &str = "CALL_LOG_CONFIG";

/// Why there is no configuration. Says which key and where, and never what its value is.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration `{}` cannot be read", file.display())]
    Unreadable {
        /// As it was named.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is no TOML.
    #[error("the configuration `{}` is no TOML, line {line}: {message}", file.display())]
    Malformed {
        /// As it was named.
        file: PathBuf,
        /// The first line is 1.
        line: usize,
        /// What the parser says, which shows nothing of the file.
        message: String,
    },
    /// A key that means nothing.
    #[error("{place} is no key of the configuration: `docs/service.md` lists all there are")]
    UnknownKey {
        /// The key, and where it stands.
        place: String,
    },
    /// A value that cannot be used.
    #[error("{place} cannot be used: {reason}")]
    BadValue {
        /// The key, and where it stands.
        place: String,
        /// What it should be.
        reason: String,
    },
}

/// What the command line and the environment say; every key is a flag and a variable, too.
#[derive(Clone, Debug, Default)]
pub struct ConfigArgs {
    file: Option<PathBuf>,
    given: Vec<Given>,
}

#[derive(Clone, Debug)]
struct Given {
    key: &'static Key,
    place: String,
    value: Secret,
}

impl Given {
    fn apply(&self, config: &mut Config) -> Result<(), ConfigError> {
        let bad = |reason| ConfigError::BadValue { place: self.place.clone(), reason };
        self.key.set(config, self.value.reveal()).map_err(bad)
    }
}

impl ConfigArgs {
    /// The configuration.
    ///
    /// # Errors
    /// [`ConfigError`], which names the key.
    pub fn read(&self) -> Result<Config, ConfigError> {
        refuse_unknown_variables(std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned()))?;
        let mut config = Config::default();
        for given in in_file(self.file.as_ref())?.iter().chain(&self.given) {
            given.apply(&mut config)?;
        }
        Ok(config)
    }
}

fn refuse_unknown_variables(names: impl Iterator<Item = String>) -> Result<(), ConfigError> {
    for name in names.filter(|name| name.starts_with("CALL_LOG_") && name != FILE_VARIABLE) {
        if !KEYS.iter().any(|key| key.variable() == name) {
            return Err(ConfigError::UnknownKey { place: format!("the variable `{name}`") });
        }
    }
    Ok(())
}

fn in_file(file: Option<&PathBuf>) -> Result<Vec<Given>, ConfigError> {
    let Some(file) = file else { return Ok(Vec::new()) };
    let text = fs::read_to_string(file).map_err(|source| ConfigError::Unreadable { file: file.clone(), source })?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        ConfigError::Malformed { file: file.clone(), line, message: first_line(error.message()) }
    })?;
    let mut given = Vec::new();
    flatten("", &table, &|name| format!("`{name}` in `{}`", file.display()), &mut given)?;
    Ok(given)
}

fn first_line(message: &str) -> String {
    message.lines().next().unwrap_or_default().to_owned()
}

fn flatten(
    before: &str,
    table: &toml::Table,
    place: &dyn Fn(&str) -> String,
    given: &mut Vec<Given>,
) -> Result<(), ConfigError> {
    for (name, value) in table {
        let name = if before.is_empty() { name.clone() } else { format!("{before}.{name}") };
        let key = KEYS.iter().find(|key| key.name == name);
        match (key, value) {
            (None, toml::Value::Table(table)) if KEYS.iter().any(|key| key.name.starts_with(&format!("{name}."))) => {
                flatten(&name, table, place, given)?;
            }
            (None, _) => return Err(ConfigError::UnknownKey { place: place(&name) }),
            (Some(key), value) => {
                let bad = || ConfigError::BadValue {
                    place: place(&name),
                    reason: "it should be a text, a number, a truth value, or a list of texts".to_owned(),
                };
                let value = Secret::new(text_of(value).ok_or_else(bad)?);
                given.push(Given { key, place: place(&name), value });
            }
        }
    }
    Ok(())
}

fn text_of(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(truth) => Some(truth.to_string()),
        toml::Value::Array(values) => {
            let texts: Option<Vec<&str>> = values.iter().map(toml::Value::as_str).collect();
            texts.map(|texts| texts.join(","))
        }
        toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Table(_) => None,
    }
}

impl Args for ConfigArgs {
    fn augment_args(command: Command) -> Command {
        let file = Arg::new("config")
            .long("config")
            .env(FILE_VARIABLE)
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .help("Configuration, a TOML file; variables and flags win over it");
        KEYS.iter().fold(command.arg(file), |command, key| {
            command.arg(
                Arg::new(key.name)
                    .long(key.flag())
                    .env(key.variable())
                    .hide_env_values(true)
                    .allow_hyphen_values(true)
                    .value_name("VALUE")
                    .help(key.about)
                    .help_heading(
                        "Configuration (secrets belong into the file or a variable: others see a command line)",
                    ),
            )
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for ConfigArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = KEYS.iter().filter_map(|key| {
            let value = Secret::new(matches.get_one::<String>(key.name)?.as_str());
            let is_typed = matches.value_source(key.name) == Some(ValueSource::CommandLine);
            let place = if is_typed { format!("`--{}`", key.flag()) } else { format!("`{}`", key.variable()) };
            Some(Given { key, place, value })
        });
        Ok(Self { file: matches.get_one::<PathBuf>("config").cloned(), given: given.collect() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use rstest::rstest;
    use tempfile::NamedTempFile;

    use super::*;

    fn read(text: &str, arguments: &[&str]) -> Result<Config, String> {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let path = file.path().to_str().unwrap();
        let words = [&["serve", "--config", path], arguments].concat();
        let matches = ConfigArgs::augment_args(Command::new("serve")).try_get_matches_from(words).unwrap();
        let config = ConfigArgs::from_arg_matches(&matches).unwrap().read();
        config.map_err(|error| error.to_string().replace(path, "FILE"))
    }

    #[test]
    fn the_command_line_wins_over_the_file() {
        let text = "listen = \"127.0.0.1:1\"\nmetrics_open = true\n[twilio]\nauth_token = \"12345\"\nbusiness_id = 7\n";
        let config = read(text, &["--listen", "127.0.0.1:2"]).unwrap();
        assert_eq!(config.listen.port(), 2);
        assert!(config.metrics_open);
        assert_eq!(config.twilio.auth_token.as_ref().map(Secret::reveal), Some("12345"));
        assert_eq!(config.twilio.business_id, Some(7));
        assert!(!format!("{config:?}").contains("12345"));
    }

    #[rstest]
    #[case::an_unknown_key(
        "lissen = 1",
        "`lissen` in `FILE` is no key of the configuration: `docs/service.md` lists all there are"
    )]
    #[case::an_unknown_key_in_a_table(
        "[twilio]\nauth_tokn = \"s3cret\"",
        "`twilio.auth_tokn` in `FILE` is no key of the configuration: `docs/service.md` lists all there are"
    )]
    #[case::a_bad_value(
        "[twilio]\nbusiness_id = -1",
        "`twilio.business_id` in `FILE` cannot be used: it should be a positive number"
    )]
    #[case::a_date(
        "listen = 2026-01-01",
        "`listen` in `FILE` cannot be used: it should be a text, a number, a truth value, or a list of texts"
    )]
    #[case::no_toml("\n[twilio]\nauth_token = s3cret", "the configuration `FILE` is no TOML, line 3: ")]
    fn what_is_wrong_with_a_file_is_named(#[case] text: &str, #[case] message: &str) {
        let error = read(text, &[]).unwrap_err();
        assert!(error.starts_with(message) && !error.contains("s3cret"), "{error}");
    }

    #[test]
    fn a_bad_flag_is_named() {
        let error = read("", &["--log-format", "xml"]).unwrap_err();
        assert_eq!(error, "`--log-format` cannot be used: it should be human or json");
    }

    #[test]
    fn a_variable_that_nobody_knows_is_named() {
        let names = ["PATH", "CALL_LOG_CONFIG", "CALL_LOG_TWILIO_AUTH_TOKEN"].map(str::to_owned);
        assert!(refuse_unknown_variables(names.into_iter()).is_ok());
        let error = refuse_unknown_variables(["CALL_LOG_LISTN".to_owned()].into_iter()).unwrap_err();
        assert!(error.to_string().starts_with("the variable `CALL_LOG_LISTN` is no key"), "{error}");
    }
}
