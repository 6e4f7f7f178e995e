//! What users write in a database URL, as the driver understands it. The driver ignores parameters that it does not know,
//! a misspelt `sslmode` included, and takes neither IPv6 hosts in brackets nor `schema`.

#[cfg(feature = "postgres")]
use sea_orm::sqlx::postgres::PgConnectOptions;
use url::{Host, Url};

use super::url_error::UrlError;

/// Parameters that sqlx reads on PostgreSQL; `options[NAME]` comes on top.
const POSTGRES_PARAMETERS: &[&str] = &[
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "ssl-root-cert",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "statement-cache-capacity",
    "user",
];

/// Parameters of libpq that tune a connection and can be left out without connecting elsewhere or less safely.
const IGNORED_PARAMETERS: &[&str] = &[
    "client_encoding",
    "connect_timeout",
    "fallback_application_name",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "tcp_user_timeout",
];

/// Parameters with which other tools name a schema.
const SCHEMA_PARAMETERS: &[&str] = &["schema", "currentSchema", "search_path"];

/// Parameters that sqlx reads on MySQL and MariaDB.
const MYSQL_PARAMETERS: &[&str] = &[
    "charset",
    "collation",
    "socket",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "sslca",
    "sslcert",
    "sslkey",
    "sslmode",
    "statement-cache-capacity",
    "time-zone",
    "timezone",
];

/// A URL for the driver, and the schema that it named.
pub(crate) type DriverUrl = (Url, Option<String>);

/// Moves the user of a PostgreSQL URL without a host, such as `postgres://app@/calls`, into a parameter: as a URL it is
/// malformed, and psql takes it.
pub(crate) fn without_empty_host(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://").filter(|(scheme, _)| scheme.starts_with("postgres"))?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    let user = authority.strip_suffix('@')?;
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let path = if path.is_empty() { "/" } else { path };
    let mut parameters = match user.split_once(':') {
        Some((user, password)) => format!("user={user}&password={password}"),
        None => format!("user={user}"),
    };
    if !query.is_empty() {
        parameters = format!("{query}&{parameters}");
    }
    Some(format!("{scheme}://{path}?{parameters}"))
}

/// Whether a URL names several hosts, as libpq allows.
pub(crate) fn names_several_hosts(text: &str) -> bool {
    let after_scheme = text.split_once("://").map_or("", |(_, rest)| rest);
    let authority = after_scheme.split(['/', '?']).next().unwrap_or_default();
    let hosts = authority.rsplit_once('@').map_or(authority, |(_, hosts)| hosts);
    hosts.contains(',')
}

/// For PostgreSQL.
pub(crate) fn postgres(url: &Url) -> Result<DriverUrl, UrlError> {
    let mut schema = None;
    let mut kept: Vec<(String, String)> = Vec::new();
    for (name, value) in url.query_pairs() {
        if SCHEMA_PARAMETERS.contains(&name.as_ref()) {
            schema = Some(value.into_owned());
        } else if POSTGRES_PARAMETERS.contains(&name.as_ref()) || name.starts_with("options[") {
            if name.starts_with("host") && value.contains(',') {
                return Err(UrlError::SeveralHosts);
            }
            kept.push((name.into_owned(), value.into_owned()));
        } else if name == "target_session_attrs" {
            return Err(UrlError::SeveralHosts);
        } else if !IGNORED_PARAMETERS.contains(&name.as_ref()) {
            return Err(unknown(&name, &[POSTGRES_PARAMETERS, SCHEMA_PARAMETERS, IGNORED_PARAMETERS].concat()));
        }
    }
    let names_host = kept.iter().any(|(name, _)| name.starts_with("host"));
    match url.host() {
        Some(Host::Ipv6(address)) => kept.insert(0, ("host".to_owned(), address.to_string())),
        // sea-query and sqlx keep the host of a URL with this scheme as it is written.
        Some(Host::Domain(host)) if host.starts_with('[') => {
            kept.insert(0, ("host".to_owned(), host.trim_matches(['[', ']']).to_owned()));
        }
        #[cfg(feature = "postgres")]
        None | Some(Host::Domain("")) if !names_host => {
            kept.insert(0, ("host".to_owned(), usual_host()));
        }
        _ => {}
    }
    let mut driver = url.clone();
    driver.set_query(None);
    if !kept.is_empty() {
        driver.query_pairs_mut().extend_pairs(kept);
    }
    Ok((driver, schema))
}

/// Where psql connects without a host: `PGHOST`, else the socket of the system, else this machine.
#[cfg(feature = "postgres")]
fn usual_host() -> String {
    PgConnectOptions::new_without_pgpass().get_host().to_owned()
}

/// For MySQL and MariaDB, where a schema is a database.
pub(crate) fn mysql(url: &Url) -> Result<DriverUrl, UrlError> {
    for (name, _) in url.query_pairs() {
        if !MYSQL_PARAMETERS.contains(&name.as_ref()) {
            return Err(unknown(&name, MYSQL_PARAMETERS));
        }
    }
    Ok((url.clone(), None))
}

fn unknown(name: &str, known: &[&str]) -> UrlError {
    let close = known.iter().map(|known| (strsim::damerau_levenshtein(name, known), known));
    let nearest = close.filter(|(distance, _)| *distance <= 2).min().map(|(_, known)| (*known).to_owned());
    UrlError::UnknownParameter { name: name.to_owned(), nearest }
}

#[cfg(test)]
mod tests {
    use crate::{ConnectError, DatabaseUrl, UrlError};

    fn driver(url: &str) -> String {
        url.parse::<DatabaseUrl>().unwrap().secret().to_owned()
    }

    fn refused(url: &str) -> String {
        let error = url.parse::<DatabaseUrl>().unwrap_err();
        assert_eq!(ConnectError::from(error.clone()).exit_code(), 78);
        error.to_string()
    }

    #[test]
    fn an_ipv6_host_loses_its_brackets_for_the_driver() {
        assert!(driver("postgres://app@[::1]:5433/calls").ends_with("?host=%3A%3A1"));
        assert!(driver("postgres://app@db/calls?hostaddr=::1").ends_with("?hostaddr=%3A%3A1"));
    }

    #[test]
    fn a_user_without_a_host_is_at_the_usual_one() {
        let driver = driver("postgres://app:p%40ss@/calls?sslmode=disable");
        assert!(driver.starts_with("postgres:///calls?host="), "{driver}");
        assert!(driver.ends_with("sslmode=disable&user=app&password=p%40ss"), "{driver}");
        assert!(!"postgres://app:s3cret@/calls".parse::<DatabaseUrl>().unwrap().to_string().contains("s3cret"));
    }

    #[test]
    fn a_schema_is_kept_from_the_driver() {
        for name in ["schema", "currentSchema", "search_path"] {
            let url: DatabaseUrl = format!("postgres://app@db/calls?{name}=tenant&sslmode=disable").parse().unwrap();
            assert_eq!((url.schema(), url.secret()), (Some("tenant"), "postgres://app@db/calls?sslmode=disable"));
        }
    }

    #[test]
    fn a_misspelt_parameter_is_refused_with_the_one_that_was_meant() {
        assert!(refused("postgres://app@db/calls?sslmod=require").contains("`sslmod`; did you mean `sslmode`?"));
        assert!(refused("mysql://app@db/calls?ssl_mode=REQUIRED").contains("did you mean `ssl-mode`?"));
        assert!(!refused("postgres://app@db/calls?pass=s3cret").contains("s3cret"));
    }

    #[test]
    fn parameters_that_only_tune_are_left_out() {
        assert_eq!(driver("postgres://app@db/calls?connect_timeout=3&keepalives=1"), "postgres://app@db/calls");
    }

    #[test]
    fn several_hosts_are_refused_as_what_they_are() {
        for url in [
            "postgres://app:s3cret@a,b/calls",
            "postgres://app:s3cret@a:5432,b:5433/calls",
            "postgres://app@a/calls?target_session_attrs=read-write",
            "postgres:///calls?host=a,b",
        ] {
            assert!(matches!(url.parse::<DatabaseUrl>(), Err(UrlError::SeveralHosts)), "{url}");
        }
    }
}
