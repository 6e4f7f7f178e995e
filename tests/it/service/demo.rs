//! `call-log demo`: one command, and there is something to see.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use entity::{call_log, enums::CostBucket};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use tempfile::TempDir;

use crate::it::program::{call_log_in, call_log_with};

#[tokio::test]
async fn made_up_calls_are_as_real_ones_are() {
    let folder = TempDir::new().unwrap();
    let arguments = ["demo", "--calls", "1200", "--file", "calls.db", "--fill-only"];
    let run = call_log_in(folder.path(), &arguments, &[]);
    assert_eq!((run.code, run.stderr.as_str()), (0, "created 1200 sample calls in sqlite://calls.db\n"), "{run:?}");

    let url = format!("sqlite://{}", folder.path().join("calls.db").display());
    assert_eq!(call_log_with(&["check"], &[("DATABASE_URL", &url)]).code, 0);
    let db = sea_orm::Database::connect(&url).await.unwrap();
    let count = async |filter| call_log::Entity::find().filter(filter).count(&db).await.unwrap();
    assert_eq!(count(call_log::COLUMN.id.is_not_null()).await, 1200);
    for bucket in [CostBucket::Low, CostBucket::Med, CostBucket::High] {
        assert!(count(call_log::COLUMN.estimated_cost_bucket.eq(bucket)).await > 10, "{bucket:?}");
    }
    assert!(count(call_log::COLUMN.final_transcript.contains("שלום")).await > 10);
    assert!(count(call_log::COLUMN.final_transcript.contains("London")).await > 10);
    assert!(count(call_log::COLUMN.webhook_11205_count.gt(0)).await > 10);
    assert!(count(call_log::COLUMN.stream_connect_count.gt(1)).await > 10);

    let again = call_log_in(folder.path(), &arguments, &[]);
    assert_eq!(again.code, 78, "{again:?}");
    assert!(again.stderr.contains("`calls.db` already exists"), "{again:?}");
}

#[test]
fn without_a_file_nothing_is_left_behind() {
    let folder = TempDir::new().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_call-log"));
    command
        .args(["demo", "--calls", "50", "--port", "0"])
        .env_clear()
        .env("TMPDIR", folder.path())
        .current_dir(folder.path());
    let mut demo = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let line = BufReader::new(demo.stderr.as_mut().unwrap()).lines().next().unwrap().unwrap();
    let file = line.strip_prefix("created 50 sample calls in sqlite://").unwrap_or_else(|| panic!("{line}"));
    assert!(std::path::Path::new(file).is_file(), "{file}");

    assert!(Command::new("kill").arg(demo.id().to_string()).status().unwrap().success());
    assert!(demo.wait().unwrap().success());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
