//! Reads settings from the file, the environment and the command line; later ones win.

use std::{ffi::OsString, fmt, fs, io, path::PathBuf};

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, parser::ValueSource, value_parser};
use secrecy::{ExposeSecret, SecretString};

use super::{
    keys::{EMPTY, KEYS, Key},
    settings::Config,
};

/// The heading of all settings in the help.
const HEADING: &str = "Configuration (put secrets into the file or a variable: other users can see the command line)";

/// The variable with the file's path.
const FILE_VARIABLE: &str = "CALL_LOG_CONFIG";

/// An invalid configuration. Names the key and its location, never the value.
#[derive(Debug, thiserror::Error)]
#[cfg_attr(test, derive(strum::EnumDiscriminants), strum_discriminants(derive(strum::EnumIter)))]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration file `{}`", file.display())]
    Unreadable {
        /// The path as given.
        file: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The file is not valid TOML.
    #[error("the configuration file `{}` is not valid TOML: line {line}: {message}", file.display())]
    Malformed {
        /// The path as given.
        file: PathBuf,
        /// The first line is 1.
        line: usize,
        /// The parser's message, which does not quote the file.
        message: String,
    },
    /// An unknown key.
    #[error("unknown key: {location}; see `docs/service.md` for all keys")]
    UnknownKey {
        /// The key, and where it was set: `` `listen` in `call-log.toml` ``.
        location: String,
    },
    /// An invalid value.
    #[error("invalid value of {location}: {reason}")]
    BadValue {
        /// The key, and where it was set: `` `listen` in `call-log.toml` ``.
        location: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// Settings from the command line and the environment: every key is also a flag and a variable.
#[derive(Clone, Debug, Default)]
pub struct ConfigArgs {
    file: Option<File>,
    settings: Vec<Setting>,
}

/// The file, and what named it.
#[derive(Clone, Debug)]
struct File {
    path: PathBuf,
    location: String,
}

#[derive(Clone, Debug)]
struct Setting {
    key: &'static Key,
    location: String,
    /// `None` if it is not UTF-8.
    value: Option<SecretString>,
}

impl Setting {
    fn apply(&self, config: &mut Config) -> Result<(), ConfigError> {
        let bad = |reason| ConfigError::BadValue { location: self.location.clone(), reason };
        let value = self.value.as_ref().ok_or_else(|| bad("it is not UTF-8".to_owned()))?;
        self.key.set(config, value.expose_secret()).map_err(bad)
    }
}

impl ConfigArgs {
    /// Reads the configuration.
    ///
    /// # Errors
    /// [`ConfigError`], which names the key.
    pub fn read(&self) -> Result<Config, ConfigError> {
        refuse_unknown_variables(std::env::vars_os())?;
        let mut config = Config::default();
        for setting in read_file(self.file.as_ref())?.iter().chain(&self.settings) {
            setting.apply(&mut config)?;
        }
        Ok(config)
    }
}

fn refuse_unknown_variables(variables: impl Iterator<Item = (OsString, OsString)>) -> Result<(), ConfigError> {
    for (name, value) in variables {
        let name = name.to_string_lossy();
        let is_known = name == FILE_VARIABLE || KEYS.iter().any(|key| key.variable() == name);
        if name.starts_with("CALL_LOG_") && !is_known && !is_from_kubernetes(&name, &value.to_string_lossy()) {
            return Err(ConfigError::UnknownKey { location: format!("the variable `{name}`") });
        }
    }
    Ok(())
}

/// Whether Kubernetes sets the variable. It describes every Service in variables that start with the Service's name, and those
/// of `call-log` or `call-log-db` start like the keys.
/// <https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables>
fn is_from_kubernetes(name: &str, value: &str) -> bool {
    let is_address = ["tcp://", "udp://", "sctp://"].iter().any(|scheme| value.starts_with(scheme));
    let is_of_service =
        name.ends_with("_SERVICE_HOST") || name.ends_with("_SERVICE_PORT") || name.contains("_SERVICE_PORT_");
    // Such as `_PORT_8080_TCP` and `_PORT_8080_TCP_ADDR`.
    let whole = ["_PROTO", "_PORT", "_ADDR"].iter().find_map(|part| name.strip_suffix(part)).unwrap_or(name);
    let port = ["_TCP", "_UDP", "_SCTP"].iter().find_map(|protocol| whole.strip_suffix(protocol));
    let number = port.and_then(|port| port.rsplit_once("_PORT_")).map(|(_, number)| number.parse::<u16>());
    is_of_service || (name.ends_with("_PORT") && is_address) || number.is_some_and(|number| number.is_ok())
}

fn read_file(file: Option<&File>) -> Result<Vec<Setting>, ConfigError> {
    let Some(File { path: file, location }) = file else { return Ok(Vec::new()) };
    if file.as_os_str().is_empty() {
        return Err(ConfigError::BadValue { location: location.clone(), reason: EMPTY.to_owned() });
    }
    let text = fs::read_to_string(file).map_err(|source| ConfigError::Unreadable { file: file.clone(), source })?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        ConfigError::Malformed { file: file.clone(), line, message: first_line(error.message()) }
    })?;
    let mut settings = Vec::new();
    flatten("", &table, &|name| format!("`{name}` in `{}`", file.display()), &mut settings)?;
    Ok(settings)
}

fn first_line(message: &str) -> String {
    message.lines().next().unwrap_or_default().to_owned()
}

fn flatten(
    prefix: &str,
    table: &toml::Table,
    location: &dyn Fn(&str) -> String,
    settings: &mut Vec<Setting>,
) -> Result<(), ConfigError> {
    for (name, value) in table {
        let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        let key = KEYS.iter().find(|key| key.name == name);
        match (key, value) {
            (None, toml::Value::Table(table)) if KEYS.iter().any(|key| key.name.starts_with(&format!("{name}."))) => {
                flatten(&name, table, location, settings)?;
            }
            (None, _) => return Err(ConfigError::UnknownKey { location: location(&name) }),
            (Some(key), value) => {
                let expected = match (key.is_list(), value) {
                    (true, _) => "it must be a string or a list of strings",
                    (false, toml::Value::Array(_)) => "it must be one value, not a list",
                    (false, _) => "it must be a string, number or boolean",
                };
                let bad = || ConfigError::BadValue { location: location(&name), reason: expected.to_owned() };
                if value.is_array() && !key.is_list() {
                    return Err(bad());
                }
                let value = SecretString::from(to_text(value).ok_or_else(bad)?);
                settings.push(Setting { key, location: location(&name), value: Some(value) });
            }
        }
    }
    Ok(())
}

fn to_text(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(boolean) => Some(boolean.to_string()),
        toml::Value::Array(values) => {
            let texts: Option<Vec<&str>> = values.iter().map(toml::Value::as_str).collect();
            texts.map(|texts| texts.join(","))
        }
        toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Table(_) => None,
    }
}

/// With a capital, as the other options have it.
fn as_sentence(about: &str) -> String {
    let mut characters = about.chars();
    characters.next().into_iter().flat_map(char::to_uppercase).chain(characters).collect()
}

impl Args for ConfigArgs {
    fn augment_args(command: Command) -> Command {
        let file = Arg::new("config")
            .long("config")
            .env(FILE_VARIABLE)
            .value_name("FILE")
            .value_parser(value_parser!(OsString))
            .help("Configuration file (TOML); variables and flags override it")
            .help_heading(HEADING);
        KEYS.iter().fold(command.arg(file), |command, key| {
            command.arg(
                Arg::new(key.name)
                    .long(key.flag())
                    .env(key.variable())
                    .hide_env_values(true)
                    .value_parser(value_parser!(OsString))
                    .allow_hyphen_values(true)
                    .value_name("VALUE")
                    .help(as_sentence(key.about))
                    .help_heading(HEADING),
            )
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for ConfigArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let argument = |name: &str, flag: &str, variable: &str| {
            let value = matches.get_one::<OsString>(name)?;
            let is_typed = matches.value_source(name) == Some(ValueSource::CommandLine);
            let location = if is_typed { format!("`--{flag}`") } else { format!("`{variable}`") };
            Some((value, location))
        };
        let settings = KEYS.iter().filter_map(|key| {
            let (value, location) = argument(key.name, &key.flag(), &key.variable())?;
            Some(Setting { key, location, value: value.to_str().map(SecretString::from) })
        });
        let file =
            argument("config", "config", FILE_VARIABLE).map(|(path, location)| File { path: path.into(), location });
        Ok(Self { file, settings: settings.collect() })
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
    use rstest::rstest;
    use std::{io::Write, os::unix::ffi::OsStringExt};
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
        assert_eq!(config.twilio.auth_token.as_ref().map(ExposeSecret::expose_secret), Some("12345"));
        assert_eq!(config.twilio.business_id, Some(7));
        assert!(!format!("{config:?}").contains("12345"));
    }

    #[test]
    fn a_token_that_is_replaced_is_one_of_two() {
        for text in ["[twilio]\nauth_token = [\"new\", \"old\"]", "[twilio]\nauth_token = \"new, old\""] {
            let twilio = read(text, &[]).unwrap().twilio;
            assert_eq!(
                twilio.auth_token.as_ref().map(ExposeSecret::expose_secret),
                Some("new"),
                "which recordings are fetched with"
            );
            assert_eq!(twilio.other_auth_tokens.iter().map(ExposeSecret::expose_secret).collect::<Vec<_>>(), ["old"]);
        }
    }

    #[rstest]
    #[case::an_unknown_key("lissen = 1", "unknown key: `lissen` in `FILE`; see `docs/service.md` for all keys")]
    #[case::an_unknown_key_in_a_table(
        "[twilio]\nauth_tokn = \"s3cret\"",
        "unknown key: `twilio.auth_tokn` in `FILE`; see `docs/service.md` for all keys"
    )]
    #[case::a_bad_value(
        "[twilio]\nbusiness_id = -1",
        "invalid value of `twilio.business_id` in `FILE`: it must be a positive number"
    )]
    #[case::a_date(
        "listen = 2026-01-01",
        "invalid value of `listen` in `FILE`: it must be a string, number or boolean"
    )]
    #[case::a_list_where_one_value_is_meant(
        "[twilio]\napi_key_secret = [\"s3cret\", \"s3cret\"]",
        "invalid value of `twilio.api_key_secret` in `FILE`: it must be one value, not a list"
    )]
    #[case::a_list_of_tables(
        "[[twilio.auth_token]]\nname = \"s3cret\"",
        "invalid value of `twilio.auth_token` in `FILE`: it must be a string or a list of strings"
    )]
    #[case::not_toml("\n[twilio]\nauth_token = s3cret", "the configuration file `FILE` is not valid TOML: line 3: ")]
    fn an_error_in_a_file_names_the_key_and_not_the_value(#[case] text: &str, #[case] message: &str) {
        let error = read(text, &[]).unwrap_err();
        assert!(error.starts_with(message) && !error.contains("s3cret"), "{error}");
    }

    #[test]
    fn an_error_in_a_flag_names_the_flag() {
        let error = read("", &["--log-format", "xml"]).unwrap_err();
        assert_eq!(error, "invalid value of `--log-format`: it must be human or json");
    }

    #[test]
    fn a_value_that_is_not_utf_8_is_refused() {
        let words = ["serve".into(), "--listen".into(), OsString::from_vec(vec![b's', 0xff])];
        let matches = ConfigArgs::augment_args(Command::new("serve")).try_get_matches_from(words).unwrap();
        let error = ConfigArgs::from_arg_matches(&matches).unwrap().read().unwrap_err();
        assert_eq!(error.to_string(), "invalid value of `--listen`: it is not UTF-8");
    }

    #[test]
    fn an_unknown_variable_is_refused() {
        let given = |name: &str| [(name.into(), "8080".into())].into_iter();
        for known in ["PATH", "CALL_LOG_CONFIG", "CALL_LOG_TWILIO_AUTH_TOKEN"] {
            assert!(refuse_unknown_variables(given(known)).is_ok());
        }
        for unknown in
            ["CALL_LOG_LISTN", "CALL_LOG_PORT", "CALL_LOG_LISTEN_PORT", "CALL_LOG_PORT_X_TCP", "CALL_LOG_TCP"]
        {
            let error = refuse_unknown_variables(given(unknown)).unwrap_err();
            assert!(error.to_string().starts_with(&format!("unknown key: the variable `{unknown}`;")), "{error}");
        }
    }

    /// Those of a Service `call-log` with a port `http`, and of a Service `call-log-db` with a nameless port.
    #[test]
    fn variables_of_kubernetes_are_ignored() {
        for (name, value) in [
            ("CALL_LOG_SERVICE_HOST", "10.0.0.1"),
            ("CALL_LOG_SERVICE_PORT", "8080"),
            ("CALL_LOG_SERVICE_PORT_HTTP", "8080"),
            ("CALL_LOG_PORT", "tcp://10.0.0.1:8080"),
            ("CALL_LOG_PORT_8080_TCP", "tcp://10.0.0.1:8080"),
            ("CALL_LOG_PORT_8080_TCP_PROTO", "tcp"),
            ("CALL_LOG_PORT_8080_TCP_PORT", "8080"),
            ("CALL_LOG_PORT_8080_TCP_ADDR", "10.0.0.1"),
            ("CALL_LOG_DB_SERVICE_HOST", "10.0.0.2"),
            ("CALL_LOG_DB_PORT", "udp://10.0.0.2:53"),
            ("CALL_LOG_DB_PORT_53_UDP_ADDR", "10.0.0.2"),
        ] {
            assert!(refuse_unknown_variables([(name.into(), value.into())].into_iter()).is_ok(), "{name}");
        }
        for key in KEYS {
            assert!(!is_from_kubernetes(&key.variable(), "tcp://10.0.0.1:8080"), "{key} could be either");
        }
    }
}
