//! Servers that one test has to itself, because it does with them what others would not like.

use super::{
    Database, skip,
    start::{AS_POSTGRES, OwnServer, find, folders, script},
};

/// A PgBouncer in transaction mode with one session before the server of a database (PostgreSQL), and the URL of the database
/// through it. Of the settings that clients ask for it drops those named, and refuses others. `None` where the test is to be
/// skipped.
pub(crate) fn pgbouncer(database: &Database, dropped: &str) -> Option<(OwnServer, String)> {
    pgbouncer_with(database, 1, dropped)
}

/// The same with so many sessions.
pub(crate) fn pgbouncer_with(database: &Database, sessions: u8, dropped: &str) -> Option<(OwnServer, String)> {
    let url: url::Url = database.url.parse().unwrap();
    let mut server =
        format!("host={} port={} user={}", url.host_str().unwrap(), url.port().unwrap_or(5432), url.username());
    if let Some(password) = url.password() {
        server.extend([" password=", password]);
    }
    let Some(program) = find("pgbouncer", "/usr/sbin") else {
        skip("PgBouncer");
        return None;
    };
    let pooler = script(
        include_str!("pgbouncer.sh"),
        program.parent()?,
        AS_POSTGRES,
        &[&server, dropped, &sessions.to_string()],
    );
    let through = format!("postgres://postgres@127.0.0.1:{}/{}", pooler.port, database.name());
    Some((pooler, through))
}

/// A PostgreSQL on 127.0.0.1, with a replica on the same port of 127.0.0.2, and that port. `None` where the test is to be
/// skipped.
pub(crate) fn replicated_postgres() -> Option<(OwnServer, u16)> {
    let folders = folders("/usr/lib/postgresql");
    // Not every package of a server has all of its programs.
    let has_all =
        |folder: &&std::path::PathBuf| ["initdb", "pg_basebackup"].iter().all(|name| folder.join(name).is_file());
    let Some(programs) = folders.iter().find(has_all) else {
        skip("PostgreSQL with pg_basebackup");
        return None;
    };
    let server = script(include_str!("replicated.sh"), programs, AS_POSTGRES, &[]);
    let port = server.port;
    Some((server, port))
}
