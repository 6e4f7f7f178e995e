//! Sessions of the server that block a migration.

mod mask;

use std::fmt;

use sea_orm_migration::sea_orm::{self, DbBackend, FromQueryResult};
use serde::Serialize;

/// A session of the server. Fields that the role may not see are `None`.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult, Serialize)]
pub struct Session {
    /// The process id on PostgreSQL and SQLite, the connection id on MySQL and MariaDB.
    pub pid: i64,
    /// The application name.
    pub application: Option<String>,
    /// The user.
    pub user: Option<String>,
    /// The address of the client.
    pub client: Option<String>,
    /// The state that the server reports, such as `idle in transaction`.
    pub state: Option<String>,
    /// The age of its transaction or its statement.
    pub seconds: Option<i64>,
    /// Its current or last statement, with its literals masked.
    pub query: Option<String>,
}

impl Session {
    /// The session with the literals of its statement masked, which may be personal data.
    pub(crate) fn masked(mut self, backend: DbBackend) -> Self {
        let query = self.query.as_deref().map(|query| mask::masked(query, backend));
        self.query = query.filter(|query| !query.is_empty());
        self
    }
}

impl fmt::Display for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pid {}", self.pid)?;
        let client = match (&self.user, &self.client) {
            (Some(user), Some(client)) => Some(format!("{user}@{client}")),
            (user, client) => user.as_ref().or(client.as_ref()).cloned(),
        };
        let known: Vec<String> = [self.application.clone(), client].into_iter().flatten().collect();
        if !known.is_empty() {
            write!(f, " ({})", known.join(", "))?;
        }
        if let Some(seconds) = self.seconds {
            write!(f, ", for {seconds} s")?;
        }
        if let Some(state) = &self.state {
            write!(f, ", {state}")?;
        }
        match &self.query {
            Some(query) => write!(f, ": {query}"),
            None => Ok(()),
        }
    }
}

/// Several sessions on one line.
pub(crate) fn listed(sessions: &[Session]) -> String {
    let sessions: Vec<String> = sessions.iter().map(ToString::to_string).collect();
    if sessions.is_empty() { "no session visible to this role".to_owned() } else { sessions.join("; ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> Session {
        Session {
            pid: 4711,
            application: Some("report".to_owned()),
            user: Some("app".to_owned()),
            client: Some("10.0.0.7".to_owned()),
            state: Some("idle in transaction".to_owned()),
            seconds: Some(42),
            query: Some("SELECT  *\nFROM call_log WHERE from_number = '+97250''1234567'  AND id = 1".to_owned()),
        }
    }

    #[test]
    fn the_literals_of_its_statement_are_masked() {
        assert_eq!(
            session().masked(DbBackend::Postgres).to_string(),
            "pid 4711 (report, app@10.0.0.7), for 42 s, idle in transaction: \
             SELECT * FROM call_log WHERE from_number = '...' AND id = 1"
        );
    }

    #[test]
    fn unknown_fields_are_left_out() {
        let unknown = Session { application: None, user: None, client: None, state: None, query: None, ..session() };
        assert_eq!(unknown.to_string(), "pid 4711, for 42 s");
    }
}
