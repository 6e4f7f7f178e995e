//! Which database: a URL that never shows its password.

use std::{fmt, str::FromStr};

use url::Url;

use super::{
    driver_url::{self, names_several_hosts, without_empty_host},
    url_error::UrlError,
};

/// A database URL that shows its password as `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    /// As it is shown, with its password.
    given: Box<Url>,
    /// As the driver understands it.
    driver: Box<Url>,
    schema: Option<String>,
}

impl DatabaseUrl {
    /// For the driver, with its password.
    pub(crate) fn secret(&self) -> &str {
        self.driver.as_str()
    }

    /// The schema that it names, as `schema`, `currentSchema` or `search_path`; PostgreSQL only.
    pub fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    /// Host and port, where it is reached by TCP.
    pub(crate) fn address(&self) -> Option<(String, u16)> {
        let usual = match self.driver.scheme() {
            "sqlite" => return None,
            "mysql" => 3306,
            _ => 5432,
        };
        let parameter = |names: &[&str]| {
            self.driver.query_pairs().filter(|(name, _)| names.contains(&name.as_ref())).last().map(|(_, value)| value)
        };
        if parameter(&["socket"]).is_some() {
            return None;
        }
        let host = parameter(&["host", "hostaddr"]).map(std::borrow::Cow::into_owned);
        let host = host.or_else(|| self.driver.host_str().map(|host| host.trim_matches(['[', ']']).to_owned()))?;
        let port = parameter(&["port"]).and_then(|port| port.parse().ok());
        let is_socket = host.is_empty() || host.starts_with(['/', '%']);
        (!is_socket).then(|| (host, port.or(self.driver.port()).unwrap_or(usual)))
    }

    /// The file of a SQLite URL.
    pub(crate) fn file(&self) -> Option<&str> {
        self.is_sqlite()
            .then(|| self.driver.as_str().trim_start_matches("sqlite:").trim_start_matches("//"))
            .map(|file| file.split('?').next().unwrap_or_default())
    }

    /// Whether it is a SQLite database without a file.
    pub fn is_in_memory(&self) -> bool {
        let is_memory = |file: &str| file.is_empty() || file == ":memory:";
        self.file().is_some_and(is_memory)
            || self.driver.query_pairs().any(|(name, value)| name == "mode" && value == "memory")
    }

    /// Whether SQLite may create the file.
    pub(crate) fn may_create(&self) -> bool {
        self.driver.query_pairs().any(|(name, value)| name == "mode" && value == "rwc")
    }

    /// Whether it says how sessions call themselves.
    pub(crate) fn names_application(&self) -> bool {
        self.given.query_pairs().any(|(key, _)| key == "application_name")
    }

    /// Whether it says how many statements a connection keeps.
    pub(super) fn sets_statement_cache(&self) -> bool {
        self.given.query_pairs().any(|(key, _)| key == "statement-cache-capacity")
    }

    /// Whether schemas mean something there.
    pub fn is_postgres(&self) -> bool {
        self.given.scheme().starts_with("postgres")
    }

    /// Whether the database is called the same there, on whatever server.
    pub fn has_name_of(&self, other: &Self) -> bool {
        let is_same_kind = self.is_sqlite() == other.is_sqlite() && self.is_postgres() == other.is_postgres();
        is_same_kind && self.given.path() == other.given.path()
    }

    /// Whether it is a SQLite file, or memory.
    pub fn is_sqlite(&self) -> bool {
        self.given.scheme() == "sqlite"
    }

    /// Another database on the same server, in the role's own schema there.
    #[must_use]
    pub fn with_database(&self, name: &str) -> Self {
        let mut other = Self { schema: None, ..self.clone() };
        other.given.set_path(name);
        other.driver.set_path(name);
        other
    }
}

impl FromStr for DatabaseUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.is_empty() {
            return Err(UrlError::NotNamed);
        }
        let malformed = |error: url::ParseError| {
            UrlError::Malformed(match error {
                url::ParseError::RelativeUrlWithoutBase => {
                    "it begins with no `postgres://`, `mysql://` or `sqlite://`".to_owned()
                }
                error => error.to_string(),
            })
        };
        let is_postgres = text.starts_with("postgres://") || text.starts_with("postgresql://");
        if is_postgres && names_several_hosts(text) {
            return Err(UrlError::SeveralHosts);
        }
        let url = Url::parse(&without_empty_host(text).unwrap_or_else(|| text.to_owned())).map_err(malformed)?;
        refuse_missing_driver(url.scheme())?;
        match url.scheme() {
            "sqlite" => return Ok(Self { driver: Box::new(url.clone()), given: Box::new(url), schema: None }),
            "postgres" | "postgresql" | "mysql" | "mariadb" => {}
            other => return Err(UrlError::UnknownScheme(other.to_owned())),
        }
        // `postgres://app:12/secret@host/db` is a URL too, of the host `app`, and would show the password as a path.
        let after_host = [Some(url.path()), url.query(), url.fragment()];
        if url.fragment().is_some() || after_host.into_iter().flatten().any(|part| part.contains('@')) {
            let reason = "the password contains `/`, `?` or `#`: percent-encode it";
            return Err(UrlError::Malformed(reason.to_owned()));
        }
        if url.scheme().starts_with('m') && url.path().trim_matches('/').is_empty() {
            return Err(UrlError::NoDatabaseNamed);
        }
        let url = match url.as_str().strip_prefix("mariadb:") {
            Some(rest) => Url::parse(&format!("mysql:{rest}")).map_err(malformed)?,
            None => url,
        };
        let (driver, schema) = if is_postgres { driver_url::postgres(&url)? } else { driver_url::mysql(&url)? };
        Ok(Self { given: Box::new(url), driver: Box::new(driver), schema })
    }
}

fn refuse_missing_driver(scheme: &str) -> Result<(), UrlError> {
    let (kind, feature, is_there) = match scheme {
        "postgres" | "postgresql" => ("PostgreSQL", "postgres", cfg!(feature = "postgres")),
        "mysql" | "mariadb" => ("MySQL and MariaDB", "mysql", cfg!(feature = "mysql")),
        "sqlite" => ("SQLite", "sqlite", cfg!(feature = "sqlite")),
        _ => return Ok(()),
    };
    if is_there { Ok(()) } else { Err(UrlError::NotCompiled { kind, feature }) }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut url = self.given.clone();
        if url.password().is_some() {
            // Refused only for URLs that cannot have a password.
            let _ = url.set_password(Some("***"));
        }
        if url.query().is_some() {
            let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
            let shown = pairs.iter().map(|(key, value)| {
                let secret = key.to_lowercase().contains("password");
                if secret { format!("{key}=***") } else { format!("{key}={value}") }
            });
            let shown = shown.collect::<Vec<_>>().join("&");
            url.set_query(Some(&shown));
        }
        f.write_str(url.as_str())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(url: &str) -> String {
        url.parse::<DatabaseUrl>().unwrap().to_string()
    }

    #[test]
    fn passwords_are_masked_wherever_they_stand() {
        assert_eq!(shown("postgres://app:s3cret@db:5432/calls"), "postgres://app:***@db:5432/calls");
        assert_eq!(shown("postgres://db/calls?user=app&password=s3cret"), "postgres://db/calls?user=app&password=***");
        assert!(!format!("{:?}", "mysql://a:s3cret@h/d".parse::<DatabaseUrl>().unwrap()).contains("s3cret"));
    }

    #[test]
    fn text_that_is_not_a_url_is_never_repeated() {
        let error = "postgres://app:s3cret/x@db/calls".parse::<DatabaseUrl>().unwrap_err();
        assert_eq!(crate::ConnectError::from(error.clone()).exit_code(), 78);
        assert!(!error.to_string().contains("s3cret"), "{error}");
    }

    #[test]
    fn a_password_that_looks_like_a_port_is_never_repeated() {
        for url in [
            "postgres://app:12/s3cret@db/calls",
            "postgres://app:12#s3cret@db/calls",
            "postgres://app:12?s3cret@db/calls",
            "mysql://app:/s3cret@db/calls",
        ] {
            let error = url.parse::<DatabaseUrl>().unwrap_err();
            assert!(matches!(error, UrlError::Malformed(_)) && !error.to_string().contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn a_path_is_told_to_be_no_url() {
        let error = "calls.db".parse::<DatabaseUrl>().unwrap_err().to_string();
        assert!(error.contains("(it begins with no `postgres://`, `mysql://` or `sqlite://`)"), "{error}");
    }

    #[test]
    fn sqlite_urls_are_left_as_they_are() {
        for url in ["sqlite::memory:", "sqlite://calls.db?mode=rwc", "sqlite:///var/lib/calls.db"] {
            assert_eq!(shown(url), url);
        }
    }

    #[test]
    fn other_services_are_refused_by_name() {
        let error = "redis://localhost".parse::<DatabaseUrl>().unwrap_err();
        assert!(matches!(&error, UrlError::UnknownScheme(scheme) if scheme == "redis"));
    }
}
