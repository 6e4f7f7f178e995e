//! Starts the servers that are installed.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Mutex,
};

/// Servers that run until this program ends: then the input of each script ends, and the script stops its server.
static RUNNING: Mutex<Vec<OwnServer>> = Mutex::new(Vec::new());

pub fn postgres() -> Option<String> {
    url_from_environment("TEST_POSTGRES_URL").or_else(|| {
        let initdb = find("initdb", "/usr/lib/postgresql")?;
        let port = keep_running(start_server(include_str!("postgres.sh"), initdb.parent()?, AS_POSTGRES, &[]));
        Some(format!("postgres://postgres@127.0.0.1:{port}"))
    })
}

/// A server for one test. It stops when this value is dropped.
#[derive(Debug)]
pub struct OwnServer {
    pub port: u16,
    child: Child,
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        self.child.wait().ok();
    }
}

/// PostgreSQL and PgBouncer refuse to run as root: this runs them as the user `postgres`.
pub(crate) const AS_POSTGRES: &[&str] = &["runuser", "-u", "postgres", "--"];

/// Keeps the server running until this program ends. Returns its port.
fn keep_running(server: OwnServer) -> u16 {
    let port = server.port;
    RUNNING.lock().unwrap().push(server);
    port
}

pub fn mariadb() -> Option<String> {
    url_from_environment("TEST_MYSQL_URL").or_else(|| {
        let server = find("mariadbd", "/usr/sbin")?;
        let port = keep_running(start_server(include_str!("mariadb.sh"), server.parent()?, &[], &[]));
        Some(format!("mysql://root@127.0.0.1:{port}"))
    })
}

#[expect(clippy::disallowed_methods, reason = "the settings of the tests come from the environment")]
fn url_from_environment(variable: &str) -> Option<String> {
    std::env::var(variable).ok().map(|url| url.trim_end_matches('/').to_owned())
}

#[expect(clippy::disallowed_methods, reason = "the settings of the tests come from the environment")]
pub fn is_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
}

/// Finds the program on the `PATH`, or in `folder`, or in the newest version below it.
pub fn find(program: &str, folder: &str) -> Option<PathBuf> {
    program_folders(folder).into_iter().map(|folder| folder.join(program)).find(|candidate| candidate.is_file())
}

#[expect(clippy::disallowed_methods, reason = "the settings of the tests come from the environment")]
pub fn program_folders(folder: &str) -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.push(folder.into());
    let mut versions: Vec<PathBuf> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path().join("bin")).collect();
    versions.sort();
    folders.extend(versions.into_iter().rev());
    folders
}

/// Runs a script that starts a server on a port, prints `ready`, and stops it when its input ends. Tries another port if somebody else
/// took that one meanwhile.
pub fn start_server(text: &str, programs: &Path, as_another_user: &[&str], arguments: &[&str]) -> OwnServer {
    let started = (0..3).find_map(|_| try_start(text, programs, as_another_user, arguments));
    started.expect("the server did not start; its output is above")
}

pub fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}

fn try_start(text: &str, programs: &Path, as_another_user: &[&str], arguments: &[&str]) -> Option<OwnServer> {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut words: Vec<&str> = if is_root() { as_another_user.to_vec() } else { Vec::new() };
    words.extend(["sh", "-c", text, "server"]);
    let mut child = Command::new(words[0])
        .args(&words[1..])
        .arg(programs)
        .arg(port.to_string())
        .args(arguments)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let server = OwnServer { port, child };
    (line == "ready\n").then_some(server)
}
