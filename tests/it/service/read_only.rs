//! Servers that take no writes: a replica, and a primary that is made read-only.

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DbConn};
use sea_orm_connect::{Access, connect};

use super::serving::{Service, call_sid};
use crate::{
    it::program::call_log,
    servers::{own_mariadb, replicated_postgres},
};

const STATUS: &str = "/webhooks/twilio/call-status?business_id=7";

async fn send(service: &Service, number: u32) -> u16 {
    let sid = call_sid(number);
    service.webhook(STATUS, &[("CallSid", &sid), ("CallStatus", "ringing")]).await.status.as_u16()
}

async fn run(db: &DbConn, sql: &str) {
    db.execute_unprepared(sql).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_not_ready_while_nothing_can_be_written() {
    let Some((_servers, port)) = replicated_postgres() else { return };
    let url = |host: &str| format!("postgres://postgres@{host}:{port}/postgres");
    let (primary, replica) = (url("127.0.0.1"), url("127.0.0.2"));
    let open = async |url: &str| connect(&url.parse().unwrap(), None, Access::ReadWrite).await.unwrap();
    let (db, standby) = (open(&primary).await, open(&replica).await);

    let up = call_log(&["migrate", "up"], &replica);
    assert_eq!((up.code, up.stdout.as_str()), (69, ""), "{}", up.stderr);
    assert!(up.stderr.contains("this server is a replica"), "{}", up.stderr);

    Migrator::up(&db, None).await.unwrap();
    let on_primary = Service::start(&primary, &[]);
    let on_replica = Service::start(&replica, &["--on-drift", "not-ready"]);
    assert_eq!(send(&on_primary, 1).await, 204, "{}", on_primary.log());
    on_replica.becomes("read-only", 503).await;
    assert_eq!(send(&on_replica, 2).await, 503);

    run(&db, "ALTER SYSTEM SET default_transaction_read_only = on").await;
    run(&db, "SELECT pg_reload_conf()").await;
    on_primary.becomes("read-only", 503).await;
    assert_eq!(send(&on_primary, 3).await, 503);
    run(&db, "ALTER SYSTEM RESET default_transaction_read_only").await;
    run(&db, "SELECT pg_reload_conf()").await;
    on_primary.becomes("in-sync", 200).await;
    assert_eq!(send(&on_primary, 3).await, 204, "{}", on_primary.log());

    run(&standby, "SELECT pg_promote()").await;
    on_replica.becomes("in-sync", 200).await;
    assert_eq!(send(&on_replica, 2).await, 204, "{}", on_replica.log());
}

/// Whose first webhook finds it out.
#[tokio::test(flavor = "multi_thread")]
async fn one_webhook_is_enough_to_notice() {
    let Some((_servers, port)) = replicated_postgres() else { return };
    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    let db = connect(&url.parse().unwrap(), None, Access::ReadWrite).await.unwrap();
    Migrator::up(&db, None).await.unwrap();
    let service = Service::start(&url, &[]);
    run(&db, "ALTER SYSTEM SET default_transaction_read_only = on").await;
    run(&db, "SELECT pg_reload_conf()").await;
    while send(&service, 1).await == 204 {}
    service.logs("the database takes no writes").await;
}

/// A user without the right to write in spite of `read_only`, as an application should be.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_on_mariadb_is_not_ready_while_nothing_can_be_written() {
    let Some((_server, root)) = own_mariadb() else { return };
    let db = connect(&format!("{root}/mysql").parse().unwrap(), None, Access::ReadWrite).await.unwrap();
    for sql in ["CREATE DATABASE calls", "CREATE USER app IDENTIFIED BY 's3cret'", "GRANT ALL ON calls.* TO app"] {
        run(&db, sql).await;
    }
    let url = format!("{}/calls", root.replace("root@", "app:s3cret@"));
    let calls = connect(&url.parse().unwrap(), None, Access::ReadWrite).await.unwrap();
    Migrator::up(&calls, None).await.unwrap();
    let service = Service::start(&url, &[]);
    assert_eq!(send(&service, 1).await, 204, "{}", service.log());

    run(&db, "SET GLOBAL read_only = 1").await;
    service.becomes("read-only", 503).await;
    assert_eq!(send(&service, 2).await, 503);
    let up = call_log(&["migrate", "down"], &url);
    assert_eq!((up.code, up.stdout.as_str()), (69, ""), "{}", up.stderr);

    run(&db, "SET GLOBAL read_only = 0").await;
    service.becomes("in-sync", 200).await;
    assert_eq!(send(&service, 2).await, 204, "{}", service.log());
}
