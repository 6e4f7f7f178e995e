//! A Galera cluster of three nodes.

use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use super::{
    run, skip,
    start::{OwnServer, find, is_root, start_server},
    unused_name,
};

/// The number of nodes.
pub const NODES: usize = 3;

/// The cluster. Its nodes are numbered from 0.
#[derive(Debug)]
pub struct Galera {
    ports: Vec<u16>,
    alive: [bool; NODES],
    had_lost_quorum: bool,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
    _child: Child,
}

impl Galera {
    /// A cluster with all its nodes. `None` if the test is to be skipped.
    pub fn start() -> Option<Self> {
        let (Some(program), Some(provider)) = (find("mariadbd", "/usr/sbin"), provider()) else {
            skip("Galera, or MariaDB");
            return None;
        };
        if find("rsync", "/usr/bin").is_none() {
            skip("rsync");
            return None;
        }
        let started = (0..3).find_map(|_| Self::try_start(program.parent()?, &provider));
        Some(started.expect("the cluster did not start; its output is above"))
    }

    fn try_start(programs: &Path, provider: &Path) -> Option<Self> {
        let ports = unused_ports(4 * NODES);
        // As root, rsync would not write to what belongs to root. Nodes that wait for a processor lose each other; where that is
        // not permitted, `nice` says so and goes on.
        let mut words = vec!["nice", "-n", "-10"];
        if is_root() {
            words.extend(["runuser", "-u", "mysql", "--"]);
        }
        words.extend(["sh", "-c", include_str!("galera.sh"), "galera"]);
        let mut child = Command::new(words[0])
            .args(&words[1..])
            .arg(programs)
            .arg(provider)
            .args(ports.iter().map(ToString::to_string))
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (commands, answers) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let ports = ports.into_iter().step_by(4).collect();
        let mut cluster =
            Self { ports, alive: [true; NODES], had_lost_quorum: false, commands, answers, _child: child };
        (cluster.answer() == "ready\n").then_some(cluster)
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        line
    }

    fn tell(&mut self, command: &str, node: usize) {
        writeln!(self.commands, "{command} {}", node + 1).unwrap();
        match self.answer().as_str() {
            "done\n" => {}
            "lost\n" => self.had_lost_quorum = true,
            answer => panic!("{command} {node}: {answer:?}; its output is above"),
        }
    }

    /// Kills the server of a node.
    pub fn kill(&mut self, node: usize) {
        self.tell("kill", node);
        self.alive[node] = false;
    }

    /// Starts a node that was killed, and waits until it has what it missed.
    pub fn restart(&mut self, node: usize) {
        if !self.alive[node] {
            self.tell("start", node);
            self.alive[node] = true;
        }
    }

    /// Whether nodes that nobody had killed lost each other, since this was last asked. No test can say then what is wrong.
    pub fn had_lost_quorum(&mut self) -> bool {
        std::mem::take(&mut self.had_lost_quorum)
    }

    /// The port of a node for clients.
    pub fn port(&self, node: usize) -> u16 {
        self.ports[node]
    }

    /// The URL of a database on a node.
    pub fn url(&self, node: usize, database: &str) -> String {
        format!("mysql://root@127.0.0.1:{}/{database}", self.port(node))
    }

    /// `HAProxy` before the nodes, each of which gets a part of the connections. `None` if the test is to be skipped.
    pub fn haproxy(&self) -> Option<OwnServer> {
        let Some(program) = find("haproxy", "/usr/sbin") else {
            skip("HAProxy");
            return None;
        };
        let ports: Vec<String> = self.ports.iter().map(ToString::to_string).collect();
        let ports: Vec<&str> = ports.iter().map(String::as_str).collect();
        Some(start_server(include_str!("haproxy.sh"), program.parent()?, &[], &ports))
    }

    /// An empty database on all nodes. It ends with the cluster.
    pub async fn empty_database(&self) -> String {
        let name = unused_name();
        run(&self.url(0, "mysql"), &format!("CREATE DATABASE {name}")).await;
        for node in 1..NODES {
            // Waits until the node has it.
            run(&self.url(node, "mysql"), "SET SESSION wsrep_sync_wait = 1; SELECT COUNT(*) FROM mysql.db").await;
        }
        name
    }
}

/// Where Debian and others have the library that connects the nodes.
fn provider() -> Option<PathBuf> {
    let folders = ["/usr/lib/galera", "/usr/lib64/galera-4", "/usr/lib64/galera"];
    folders.map(|folder| Path::new(folder).join("libgalera_smm.so")).into_iter().find(|path| path.is_file())
}

/// Below those that the system gives to clients, so that nobody takes one while its node is down.
fn unused_ports(count: usize) -> Vec<u16> {
    let mut ports = Vec::new();
    // Held until all are chosen, so that they differ.
    let mut listeners = Vec::new();
    while ports.len() < count {
        let port = fastrand::u16(15_000..32_000);
        if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)) {
            listeners.push(listener);
            ports.push(port);
        }
    }
    ports
}
