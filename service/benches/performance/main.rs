//! How long a page of a list and the costs of seven days take on ten thousand calls and on five million, on PostgreSQL, and how many
//! webhooks a second are recorded, on each database, beside `pgbench`. Prints Markdown.
//!
//! `cargo bench -p service -- lists` measures the one, `-- webhooks` the other.

#![expect(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, reason = "a benchmark prints, or ends")]

mod costs;
mod lists;
mod pgbench;
#[path = "../../../tests/it/service/serving.rs"]
#[expect(dead_code, reason = "the tests need more of it")]
mod serving;
mod webhooks;

use test_servers as servers;

#[tokio::main]
async fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let is_wanted = |name: &str| words.is_empty() || words.iter().any(|word| word == name);
    if is_wanted("lists") {
        lists::measure().await;
    }
    if is_wanted("webhooks") {
        webhooks::measure().await;
    }
}
