//! The costs of seven days on few calls and on many, from the totals.

use std::time::{Duration, Instant};

use service::{
    cost_totals::Keeper,
    queries::{CostReader, Filter},
};

use super::lists::{Calls, Figures, SAMPLES, START};

/// A line of the table of lists.
pub(crate) async fn measure(few: &Calls, many: &Calls) {
    for calls in [few, many] {
        migration::cost_totals::create(&calls.db).await.unwrap();
        let began = Instant::now();
        Keeper::default().finish(&calls.db).await.unwrap();
        eprintln!("{} calls counted in {:.1?}", calls.number, began.elapsed());
    }
    let (of_few, of_many) = (CostReader::default(), CostReader::default());
    let (mut short, mut long) = (Vec::new(), Vec::new());
    for _ in 0..SAMPLES {
        short.push(summary(&of_few, few).await);
        long.push(summary(&of_many, many).await);
    }
    let (short, long) = (Figures::of(short), Figures::of(long));
    println!("| costs of seven days | {short} | {long} | {:.1} |", long.median / short.median);
}

async fn summary(costs: &CostReader, on: &Calls) -> Duration {
    let from = START + chrono::TimeDelta::days(20);
    let filter = Filter { from: Some(from), to: Some(from + chrono::TimeDelta::days(7)), ..Filter::default() };
    let began = Instant::now();
    let days = costs.read(&on.db, &filter).await.unwrap();
    let took = began.elapsed();
    assert!(!days.is_empty());
    took
}
