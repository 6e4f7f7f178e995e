//! Memory and speed, without a fault.

use std::{
    sync::atomic::Ordering::SeqCst,
    time::{Duration, Instant},
};

use tokio::io::AsyncWriteExt;

use super::super::serving::{AUTH_TOKEN, Service, call_sid, form, migrated, signature};
use super::{load::LoadGenerator, nothing_special};
use crate::servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

/// The memory of the service after many webhooks and slow clients is that after a few.
#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a quarter of an hour, and prints a measurement"]
async fn memory_stays_flat(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    const FEW: u64 = 2_000;
    const MANY: u64 = 200_000;
    let Some((database, _db)) = migrated(server).await else { return };
    let service = Service::start(&database.url, &[]);
    let load = LoadGenerator::new(&service);
    let until = async |webhooks: u64| {
        while load.accepted.load(SeqCst) < webhooks {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        service.memory()
    };
    let (mut after_few, mut after_many) = (0, 0);
    load.run(async {
        after_few = until(FEW).await;
        for part in 1..10 {
            let memory = until(MANY / 10 * part).await;
            eprintln!("{server:?}: {memory} KiB after {}", MANY / 10 * part);
        }
        after_many = until(MANY).await;
    })
    .await;
    slow_clients(&service).await;
    let after_all = service.memory();
    println!(
        "{server:?}: {after_few} KiB after {FEW} webhooks, {after_many} KiB after {MANY}, {after_all} KiB after {SLOW} slow clients"
    );
    for memory in [after_many, after_all] {
        assert!(memory * 10 <= after_few * 12, "{after_few} KiB, then {memory} KiB");
    }
}

const SLOW: usize = 2_000;

/// Clients that send a part of a request and then nothing; a hundred at a time, each for half a second.
async fn slow_clients(service: &Service) {
    for _ in 0..SLOW / 100 {
        let mut clients = Vec::new();
        for _ in 0..100 {
            let mut client = tokio::net::TcpStream::connect(&service.address).await.unwrap();
            let begun = "POST /webhooks/twilio/status?business_id=7 HTTP/1.1\r\nhost: a\r\ncontent-length: 4000\r\n\r\nCallSid=";
            client.write_all(begun.as_bytes()).await.unwrap();
            clients.push(client);
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// One server alone, for a comparison.
#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
#[ignore = "prints a measurement"]
async fn full_speed(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    nothing_special(&format!("{server:?}"), server).await;
}

/// An event of a call that has 400 already costs as much as one of a call that has one. Prints the medians, alternating.
#[rstest::rstest]
#[tokio::test(flavor = "multi_thread")]
#[ignore = "prints a measurement"]
async fn noisy_call(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    const SAMPLES: u32 = 150;
    let Some((database, _db)) = migrated(server).await else { return };
    let service = Service::start(&database.url, &[]);
    let load = LoadGenerator::new(&service);
    let report = async |call: u32, number: u32| {
        let path = "/webhooks/twilio/error?business_id=7";
        let payload = format!(r#"{{"resource_sid": "{}", "error_code": "11205"}}"#, call_sid(call));
        let sid = format!("NO{number:032x}");
        let parameters = [("Sid", sid.as_str()), ("Payload", payload.as_str())];
        let began = Instant::now();
        let status = load.post(path, form(&parameters), &signature(AUTH_TOKEN, path, &parameters)).await;
        assert_eq!(status, Some(204), "{}", service.log());
        began.elapsed()
    };
    for number in 0..400 {
        report(1, number).await;
    }
    let (mut quiet, mut noisy) = (Vec::new(), Vec::new());
    for number in 0..SAMPLES {
        report(1_000 + number, 0).await; // so that the next one is an update, too
        quiet.push(report(1_000 + number, 1).await);
        noisy.push(report(1, 10_000 + number).await);
    }
    let median = |samples: &mut Vec<Duration>| {
        samples.sort_unstable();
        samples[samples.len() / 2].as_secs_f64() * 1_000.0
    };
    let (quiet, noisy) = (median(&mut quiet), median(&mut noisy));
    println!("{server:?}: {quiet:.2} ms with 1 delivery, {noisy:.2} ms with 400 to 550: {:.2}", noisy / quiet);
}
