//! The copy that the server's own program makes is no different: neither defaults nor constraints change by being printed
//! and read again.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

use rstest::rstest;

use super::{Created, Part, assert_no_findings};
use crate::servers::{
    Database,
    Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
    find, not_applicable, skip,
};

#[rstest]
#[tokio::test]
async fn a_dumped_and_restored_copy_is_what_is_declared(
    #[values(Postgres, MySqlOrMariaDb)] server: Server,
    #[values(Part::Types, Part::Defaults, Part::Keys, Part::Names, Part::Extras)] part: Part,
) {
    let (Some(database), Some(copy)) = (server.empty_database().await, server.empty_database().await) else { return };
    let Some(programs) = Programs::installed(server) else { return };
    let db = database.connect().await;
    let mut created = Created::on(&db);
    if created.is_mysql().await {
        return not_applicable("mariadb-dump is not MySQL's");
    }
    part.create(&mut created, server).await;
    if !programs.copy(&database, &copy) {
        return;
    }
    assert_no_findings(&created.entities.check(&copy.connect().await).await.unwrap());
}

/// What prints a database, and what reads it.
struct Programs {
    dump: PathBuf,
    restore: PathBuf,
}

impl Programs {
    fn installed(server: Server) -> Option<Self> {
        let (names, folder) = match server {
            Postgres => (["pg_dump", "psql"], "/usr/lib/postgresql"),
            MySqlOrMariaDb => (["mariadb-dump", "mariadb"], "/usr/bin"),
            Sqlite => unreachable!("SQLite's copy is a copy of its file"),
        };
        let [Some(dump), Some(restore)] = names.map(|name| find(name, folder)) else {
            skip(&names.join(" or "));
            return None;
        };
        Some(Self { dump, restore })
    }

    /// Whether it was copied: `pg_dump` refuses a server that is newer than itself.
    fn copy(&self, from: &Database, to: &Database) -> bool {
        let dump = Command::new(&self.dump).args(arguments(from)).output().unwrap();
        let refusal = String::from_utf8_lossy(&dump.stderr).into_owned();
        if refusal.contains("server version mismatch") {
            let reason = refusal.lines().find(|line| line.contains("server version:")).unwrap_or(&refusal);
            not_applicable(&format!("pg_dump refuses a server that is newer than itself ({reason})"));
            return false;
        }
        assert!(dump.status.success(), "{refusal}");
        let mut restore = Command::new(&self.restore);
        if to.server == Postgres {
            restore.args(["--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--dbname"]);
        }
        let mut child = restore.args(arguments(to)).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), &dump.stdout).unwrap();
        assert!(child.wait().unwrap().success());
        true
    }
}

/// The database, as the program wants to be told of it.
fn arguments(database: &Database) -> Vec<String> {
    if database.server == Postgres {
        return vec![database.url.clone()];
    }
    let url = url::Url::parse(&database.url).unwrap();
    let mut arguments = vec![
        "--no-defaults".to_owned(),
        "--default-character-set=utf8mb4".to_owned(),
        format!("--host={}", url.host_str().unwrap()),
        format!("--port={}", url.port().unwrap_or(3306)),
        "--protocol=tcp".to_owned(),
        format!("--user={}", url.username()),
    ];
    arguments.extend(url.password().map(|password| format!("--password={password}")));
    arguments.push(url.path().trim_start_matches('/').to_owned());
    arguments
}
