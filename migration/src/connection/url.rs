//! Which database: a URL that never shows its password.

use std::{fmt, str::FromStr};

use url::Url;

use super::error::ConnectError;

/// A database URL that shows its password as `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(Box<Url>);

impl DatabaseUrl {
    /// As it was given, with its password.
    pub(super) fn secret(&self) -> &str {
        self.0.as_str()
    }

    /// Whether it says how sessions call themselves.
    pub(super) fn names_application(&self) -> bool {
        self.0.query_pairs().any(|(key, _)| key == "application_name")
    }

    /// Whether it says how many statements a connection keeps.
    pub(super) fn sets_statement_cache(&self) -> bool {
        self.0.query_pairs().any(|(key, _)| key == "statement-cache-capacity")
    }

    /// Whether schemas mean something there.
    pub fn is_postgres(&self) -> bool {
        self.0.scheme().starts_with("postgres")
    }

    /// Whether the database is called the same there, on whatever server.
    pub(crate) fn has_name_of(&self, other: &Self) -> bool {
        let is_same_kind = self.is_sqlite() == other.is_sqlite() && self.is_postgres() == other.is_postgres();
        is_same_kind && self.0.path() == other.0.path()
    }

    pub(super) fn is_sqlite(&self) -> bool {
        self.0.scheme() == "sqlite"
    }
}

impl FromStr for DatabaseUrl {
    type Err = ConnectError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim().is_empty() {
            return Err(ConnectError::NotNamed);
        }
        let malformed = |error: url::ParseError| ConnectError::Malformed(error.to_string());
        let url = Url::parse(text.trim()).map_err(malformed)?;
        match url.scheme() {
            "sqlite" => return Ok(Self(Box::new(url))),
            "postgres" | "postgresql" | "mysql" | "mariadb" => {}
            other => return Err(ConnectError::UnknownScheme(other.to_owned())),
        }
        // `postgres://app:12/secret@host/db` is a URL too, of the host `app`, and would show the password as a path.
        let behind_host = [Some(url.path()), url.query(), url.fragment()];
        if url.fragment().is_some() || behind_host.into_iter().flatten().any(|part| part.contains('@')) {
            return Err(ConnectError::Malformed("what stands before the @ holds a character that ends it".to_owned()));
        }
        if url.scheme().starts_with('m') && url.path().trim_matches('/').is_empty() {
            return Err(ConnectError::NoDatabaseNamed);
        }
        let url = match url.as_str().strip_prefix("mariadb:") {
            Some(rest) => Url::parse(&format!("mysql:{rest}")).map_err(malformed)?,
            None => url,
        };
        Ok(Self(Box::new(url)))
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut url = self.0.clone();
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
        assert_eq!(error.exit_code(), 78);
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
            assert!(matches!(error, ConnectError::Malformed(_)) && !error.to_string().contains("s3cret"), "{error}");
        }
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
        assert!(matches!(&error, ConnectError::UnknownScheme(scheme) if scheme == "redis"));
    }
}
