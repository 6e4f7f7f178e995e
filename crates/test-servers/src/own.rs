//! Servers that one test has to itself, because it does with them what others would not like.

use super::{
    Database, skip,
    start::{AS_POSTGRES, OwnServer, find, program_folders, start_server},
};

/// A PgBouncer in transaction mode with one session before the server of a database (PostgreSQL), and the URL of the database
/// through it. Of the settings that clients ask for it drops those named, and refuses others. `None` if the test is to be
/// skipped.
pub fn pgbouncer(database: &Database, dropped: &str) -> Option<(OwnServer, String)> {
    pgbouncer_with(database, 1, dropped)
}

/// The same with so many sessions.
pub fn pgbouncer_with(database: &Database, sessions: u8, dropped: &str) -> Option<(OwnServer, String)> {
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
    let pooler = start_server(
        include_str!("pgbouncer.sh"),
        program.parent()?,
        AS_POSTGRES,
        &[&server, dropped, &sessions.to_string()],
    );
    let through = format!("postgres://postgres@127.0.0.1:{}/{}", pooler.port, database.name());
    Some((pooler, through))
}

/// A MariaDB of the test's own, whose global settings it may change, and the URL of its root. `None` if the test is to be
/// skipped.
pub fn own_mariadb() -> Option<(OwnServer, String)> {
    let Some(program) = find("mariadbd", "/usr/sbin") else {
        skip("MariaDB");
        return None;
    };
    let server = start_server(include_str!("mariadb.sh"), program.parent()?, &[], &[]);
    let url = format!("mysql://root@127.0.0.1:{}", server.port);
    Some((server, url))
}

/// A PostgreSQL on 127.0.0.1, with a replica on the same port of 127.0.0.2, and that port. `None` if the test is to be
/// skipped.
pub fn replicated_postgres() -> Option<(OwnServer, u16)> {
    let folders = program_folders("/usr/lib/postgresql");
    // Not every package of a server has all of its programs.
    let has_all =
        |folder: &&std::path::PathBuf| ["initdb", "pg_basebackup"].iter().all(|name| folder.join(name).is_file());
    let Some(programs) = folders.iter().find(has_all) else {
        skip("PostgreSQL with pg_basebackup");
        return None;
    };
    let server = start_server(include_str!("replicated.sh"), programs, AS_POSTGRES, &[]);
    let port = server.port;
    Some((server, port))
}
