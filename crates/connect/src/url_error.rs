//! A setting that does not name a database.

/// Why a URL is not that of a database.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(test, derive(strum::EnumDiscriminants), strum_discriminants(derive(strum::EnumIter)))]
pub enum UrlError {
    /// No URL at all.
    #[error(
        "`DATABASE_URL` is missing or empty: set it, or give \
         `--database-url postgres://user:password@host/database`, or sqlite:///path/to/file"
    )]
    NotNamed,
    /// Text that is not a URL. The text itself may hold a password and is not shown.
    #[error(
        "the database URL cannot be read ({0}): it should look like postgres://user:password@host:5432/database, \
         with special characters in the password percent-encoded, or sqlite:///path/to/file"
    )]
    Malformed(String),
    /// A parameter that the driver would ignore.
    #[error("the database URL has an unknown parameter `{name}`{}", did_you_mean(nearest.as_deref()))]
    UnknownParameter {
        /// As it is written.
        name: String,
        /// The closest one that is known.
        nearest: Option<String>,
    },
    /// A list of hosts, or a wish that only makes sense for one.
    #[error(
        "the database URL names several hosts, or `target_session_attrs`, which this driver does not support: name the \
         primary alone, or an address that leads to it"
    )]
    SeveralHosts,
    /// A URL of a server without the name of a database, which only PostgreSQL can guess.
    #[error("the database URL names no database: it should end with /database")]
    NoDatabaseNamed,
    /// A URL of some other service.
    #[error("`{0}` databases are not supported: the URL should begin with postgres://, mysql:// or sqlite://")]
    UnknownScheme(String),
    /// A URL of a database whose driver was not compiled in.
    #[error(
        "this program was compiled without {kind}: switch on the feature `{feature}` of sea-orm-kit, or of the crate of this toolkit that \
         it depends on"
    )]
    NotCompiled {
        /// What the URL names.
        kind: &'static str,
        /// The feature that brings its driver.
        feature: &'static str,
    },
}

fn did_you_mean(nearest: Option<&str>) -> String {
    match nearest {
        Some(nearest) => format!("; did you mean `{nearest}`?"),
        None => ": remove it, or use one that sqlx knows".to_owned(),
    }
}
