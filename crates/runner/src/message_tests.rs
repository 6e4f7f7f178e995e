//! Every message of this crate; see `docs/messages.md`.

use std::{error::Error as _, time::Duration};

use sea_orm_migration::sea_orm::{DbErr, RuntimeErr};
use test_messages::{assert_section, samples};

use crate::{
    Error, Event, JobError, Session,
    error::ErrorDiscriminants,
    event::EventDiscriminants,
    history::{State, Step},
    job::JobErrorDiscriminants,
};

fn migration() -> String {
    "m20260102_030405_add_note".to_owned()
}

fn blockers() -> Vec<Session> {
    let report = Session {
        pid: 4711,
        application: Some("report".to_owned()),
        user: Some("app".to_owned()),
        client: Some("10.0.0.7".to_owned()),
        state: Some("idle in transaction".to_owned()),
        seconds: Some(42),
        query: Some("SELECT * FROM call_log WHERE id = ...".to_owned()),
    };
    let hidden =
        Session { pid: 4712, application: None, user: None, client: None, state: None, seconds: None, query: None };
    vec![report, hidden]
}

fn cause() -> DbErr {
    DbErr::Exec(RuntimeErr::Internal("column \"note\" of relation \"call_log\" already exists".to_owned()))
}

#[test]
fn the_events_are_documented() {
    let took = Duration::from_millis(12);
    let events = [
        Event::Applying { migration: migration() },
        Event::Undoing { migration: migration() },
        Event::Statement { sql: "ALTER TABLE call_log ADD COLUMN note text".to_owned(), took },
        Event::Applied { migration: migration(), took },
        Event::Undone { migration: migration(), took },
        Event::NothingToApply,
        Event::NothingToUndo,
        Event::AppliedByAnother { migrations: vec![migration()] },
        Event::WaitingForMigrator { holders: blockers(), waited: Duration::from_secs(10) },
        Event::WaitingForMigrator { holders: Vec::new(), waited: Duration::ZERO },
        Event::Rows { migration: migration(), rows: 400_000, percent: 40, per_second: 9_800 },
        Event::IndexBuild {
            migration: migration(),
            table: "call_log".to_owned(),
            phase: "building index: scanning table".to_owned(),
            percent: 40,
        },
        Event::WaitingForReplica { migration: migration(), lag: Duration::from_millis(12_300) },
        Event::WaitingForSynchronousReplica { migration: migration(), replicas: "FIRST 1 (replica)".to_owned() },
        Event::WaitingForOthers { migration: migration(), blockers: blockers() },
        Event::WaitingForTable {
            migration: migration(),
            blockers: blockers(),
            tries: 1,
            again_in: Duration::from_millis(800),
        },
    ];
    let text = samples::<_, EventDiscriminants>(&events, ToString::to_string);
    assert_section("migrating: progress", "The lines of a run on stderr.", &text);

    let states = [State::Applied, State::Pending, State::Unknown];
    let steps = states.map(|state| Step { name: migration(), state }.to_string());
    assert_section("migrating: status", "The lines of `status`.", &steps.join("\n"));
}

#[test]
fn the_errors_are_documented() {
    let (waited, blockers) = (Duration::from_mins(10), blockers());
    let mut errors = vec![
        Error::Busy { waited, holders: blockers.clone() },
        Error::Blocked { migration: migration(), waited, tries: 60, blockers: blockers.clone() },
        Error::Stopped { signal: 15, migration: None },
        Error::Stopped { signal: 15, migration: Some(migration()) },
        Error::StoppedInCommit { signal: 15, migration: migration(), replicas: "FIRST 1 (replica)".to_owned() },
        Error::Interrupted { migration: migration(), blockers },
        Error::UndoneByAnother { migration: migration() },
        Error::Lost { migration: None, undoing: false, source: cause() },
        Error::ReadOnly { migration: None, source: cause() },
        Error::ReadOnly { migration: Some(migration()), source: cause() },
        Error::NoSession {
            migration: migration(),
            reason: "this pooler gives each statement another session".to_owned(),
        },
        Error::InTransaction { migration: migration() },
        Error::Ahead { history: "seaql_migrations".to_owned(), migrations: vec![migration()] },
        Error::History { source: cause() },
        Error::NotEmptied { source: cause() },
    ];
    for undoing in [false, true] {
        let limit = undoing.then_some(Duration::from_secs(30));
        errors.extend([
            Error::Lost { migration: Some(migration()), undoing, source: cause() },
            Error::LockLost { migration: migration(), undoing },
            Error::Failed { migration: migration(), undoing, source: cause() },
            Error::TimedOut { migration: migration(), undoing, limit, source: cause() },
            Error::ForeignKeys {
                migration: migration(),
                undoing,
                references: vec!["book to author".to_owned(), "lent to book".to_owned()],
            },
        ]);
    }
    let text = samples::<_, ErrorDiscriminants>(&errors, |error| match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    });
    assert_section("migrating: errors", "Why a run failed, with the cause that the database gave.", &text);
}

#[test]
fn the_errors_of_jobs_are_documented() {
    let errors = [
        JobError::Busy {
            table: "call_log".to_owned(),
            waited: Duration::from_mins(10),
            tries: 60,
            holders: blockers(),
        },
        JobError::Stopped { signal: 15 },
        JobError::Lost(cause()),
        JobError::ReadOnly(cause()),
        JobError::Refused("only PostgreSQL reports the lag of replicas: leave out `--max-lag`".to_owned()),
        JobError::Failed(cause()),
    ];
    let text = samples::<_, JobErrorDiscriminants>(&errors, |error| match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    });
    assert_section("jobs: errors", "Why a job such as `retention` ended early.", &text);
}

#[test]
fn the_sentences_of_the_sources_are_documented() {
    let text = ["backfill", "execute", "lock", "online", "log.rs", "reset.rs", "stop.rs"]
        .map(|part| test_messages::prose(&format!("crates/runner/src/{part}")));
    assert_section("migrating: other sentences", "`{...}` is a value.", &text.concat());
}
