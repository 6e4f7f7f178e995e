//! Who has what a migration waits for.

mod statement;

use std::fmt;

use sea_orm_migration::sea_orm::{self, DbBackend, FromQueryResult};
use serde::Serialize;

/// A session of the server, as the server describes it. What the role may not see is `None`.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult, Serialize)]
pub struct Session {
    /// The process on PostgreSQL and SQLite, the connection's number on MySQL and MariaDB.
    pub pid: i64,
    /// What the session calls itself.
    pub application: Option<String>,
    /// The user that is logged in.
    pub user: Option<String>,
    /// Where it is connected from.
    pub client: Option<String>,
    /// What it is doing, in the server's words, such as `idle in transaction`.
    pub state: Option<String>,
    /// For how long its transaction, or its statement, has been going on.
    pub seconds: Option<i64>,
    /// The statement that it runs, or ran last, without the texts in it.
    pub query: Option<String>,
}

impl Session {
    /// Its statement without what may be somebody's phone number.
    pub(crate) fn presentable(mut self, backend: DbBackend) -> Self {
        let query = self.query.as_deref().map(|query| statement::abridged(query, backend));
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

/// One line for several.
pub(crate) fn listed(sessions: &[Session]) -> String {
    let sessions: Vec<String> = sessions.iter().map(ToString::to_string).collect();
    if sessions.is_empty() { "nobody that is shown to this role".to_owned() } else { sessions.join("; ") }
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
    fn a_session_is_shown_without_the_texts_in_its_statement() {
        assert_eq!(
            session().presentable(DbBackend::Postgres).to_string(),
            "pid 4711 (report, app@10.0.0.7), for 42 s, idle in transaction: \
             SELECT * FROM call_log WHERE from_number = '...' AND id = 1"
        );
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let unknown = Session { application: None, user: None, client: None, state: None, query: None, ..session() };
        assert_eq!(unknown.to_string(), "pid 4711, for 42 s");
    }
}
