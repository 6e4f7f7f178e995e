//! The sentences of the service; see `docs/messages.md`.

use test_messages::{assert_section, prose};

#[test]
fn the_sentences_of_the_sources_are_documented() {
    let text = ["server", "worker", "queries", "mutations", "cli"].map(|part| prose(&format!("service/src/{part}")));
    let about =
        "Problems of the API and the webhooks, the log, the page and the errors of settings. `{...}` is a value.";
    assert_section("service: sentences", about, &text.concat());
}
