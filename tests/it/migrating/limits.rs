//! How long a statement may run is for the run to say, not for the role or the server.

use crate::{it::program::call_log, servers::Server::Postgres};

#[tokio::test]
async fn the_command_line_has_a_limit() {
    let Some(database) = Postgres.empty_database().await else { return };
    let up = call_log(&["migrate", "up", "--statement-timeout", "1h"], &database.url);
    assert_eq!(up.code, 0, "{}", up.stderr);
    let none = call_log(&["migrate", "up", "--statement-timeout", "0s"], &database.url);
    assert!(none.code == 64 && none.stderr.contains("--statement-timeout"), "{}", none.stderr);
}
