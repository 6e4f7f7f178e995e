//! The statement of a webhook, sent by `pgbench`: what PostgreSQL does without a service in front of it.

use std::{
    process::Command,
    sync::{Arc, Mutex},
};

use sea_orm::{ConnectionTrait, DbConn};
use service::mutations::{CallFields, StreamEvent, StreamEventKind, record_stream_event};

use super::servers::{Database, find, one};

/// As many as the service has for webhooks.
const CONNECTIONS: &str = "10";
const SECONDS: &str = "15";

/// Statements a second, prepared, each for a random one of the calls from 1 to `calls`; none if `pgbench` is not installed.
pub(crate) async fn statements_a_second(database: &Database, db: &DbConn, calls: u32) -> Option<f64> {
    let pgbench = find("pgbench", "/usr/lib/postgresql")?;
    let script = tempfile::NamedTempFile::new().unwrap();
    let update = update(db).await;
    std::fs::write(
        script.path(),
        format!("\\set call random(1, {calls})\n\\set stream random(1, 1000000000)\n{update};\n"),
    )
    .unwrap();
    let output = Command::new(pgbench)
        .args(["--no-vacuum", "--protocol=prepared", "--client", CONNECTIONS, "--jobs=2", "--time", SECONDS, "--file"])
        .arg(script.path())
        .arg(&database.url)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report = String::from_utf8(output.stdout).unwrap();
    let figure = |name: &str| -> f64 {
        let line = report.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().split(' ').next().unwrap().parse().unwrap()
    };
    let sent = figure("number of transactions actually processed:");
    let counted: i64 = one(db, "SELECT sum(stream_connect_count) FROM call_log").await;
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let counted = counted as f64;
    assert!(counted >= sent, "{sent} statements changed {counted} rows");
    Some(figure("tps ="))
}

/// What the program sends for the start of a stream, with the call and the stream as `pgbench` chooses them.
async fn update(db: &DbConn) -> String {
    let statements = Arc::new(Mutex::new(Vec::new()));
    let mut recorded = db.clone();
    recorded.set_metric_callback({
        let statements = Arc::clone(&statements);
        move |info| statements.lock().unwrap().push(info.statement.to_string())
    });
    let call = CallFields {
        call_sid: "THE-CALL".to_owned(),
        business_id: 7,
        parent_call_sid: None,
        from_number: None,
        to_number: None,
        direction: None,
        at: chrono::Utc::now().naive_utc(),
    };
    let event = StreamEvent { call, stream_sid: "THE-STREAM".to_owned(), kind: StreamEventKind::Started };
    record_stream_event(&recorded, &event).await.unwrap();
    recorded.execute_unprepared("DELETE FROM call_log WHERE call_sid = 'THE-CALL'").await.unwrap();
    let update = statements.lock().unwrap().remove(0);
    assert!(update.starts_with("UPDATE"), "{update}");
    update
        .replace("'THE-CALL'", "('CA' || lpad(to_hex(:call::bigint), 32, '0'))")
        // `pgbench` takes a colon and a word for a variable, in a constant, too.
        .replace(":THE-STREAM", "' || chr(58) || 'MZ' || :stream::bigint || '")
}
