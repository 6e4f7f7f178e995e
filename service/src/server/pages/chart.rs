//! A bar chart of calls by day and cost, as SVG without scripts, and the totals of its range.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use entity::enums::CostBucket;

use crate::queries::DayCosts;

/// Width of a day.
const DAY_WIDTH: i64 = 20;

/// Height of the highest day.
const HEIGHT: i64 = 116;

/// More days could not be told apart.
const MAX_DAYS: i64 = 400;

#[derive(Debug)]
pub(super) struct Chart {
    pub(super) width: i64,
    pub(super) most: i64,
    pub(super) first: NaiveDate,
    pub(super) last: NaiveDate,
    pub(super) bars: Vec<Bar>,
}

#[derive(Debug)]
pub(super) struct Bar {
    pub(super) class: &'static str,
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) width: i64,
    pub(super) height: i64,
    pub(super) title: String,
}

/// The calls of a range in one bucket, or all of them.
#[derive(Debug, Default)]
pub(super) struct Total {
    pub(super) class: &'static str,
    pub(super) label: &'static str,
    /// The list of these calls; there is none of those that are not final.
    pub(super) link: Option<String>,
    pub(super) calls: i64,
    pub(super) minutes: i64,
    pub(super) reconnects: i64,
    pub(super) recordings: i64,
}

impl Total {
    fn of<'a>(costs: impl Iterator<Item = &'a DayCosts>) -> Self {
        let mut total = Self::default();
        let mut seconds = 0;
        for costs in costs {
            total.calls += costs.calls;
            seconds += costs.seconds;
            total.reconnects += costs.reconnects;
            total.recordings += costs.recordings;
        }
        Self { minutes: (seconds + 30) / 60, ..total }
    }
}

/// The totals of each bucket, and of all at the end.
pub(super) fn totals(costs: &[DayCosts], link: impl Fn(CostBucket) -> String) -> Vec<Total> {
    let buckets = [Some(CostBucket::Low), Some(CostBucket::Med), Some(CostBucket::High), None];
    let of_buckets = buckets.into_iter().map(|bucket| {
        let (class, label) = bucket_label(bucket);
        let total = Total::of(costs.iter().filter(|costs| costs.bucket == bucket));
        Total { class, label, link: bucket.map(&link), ..total }
    });
    of_buckets.chain([Total { class: "all", label: "all", ..Total::of(costs.iter()) }]).collect()
}

/// The CSS class and the label of a bucket.
pub(super) fn bucket_label(bucket: Option<CostBucket>) -> (&'static str, &'static str) {
    match bucket {
        Some(CostBucket::Low) => ("low", "low"),
        Some(CostBucket::Med) => ("med", "medium"),
        Some(CostBucket::High) => ("high", "high"),
        None => ("open", "not final"),
    }
}

impl Chart {
    /// `None` if there are no calls.
    pub(super) fn new(costs: &[DayCosts]) -> Option<Self> {
        let last = costs.iter().map(|costs| costs.day).max()?;
        let earliest = last.checked_sub_signed(TimeDelta::days(MAX_DAYS))?;
        let first = costs.iter().map(|costs| costs.day).min()?.max(earliest);
        let mut days: BTreeMap<NaiveDate, i64> = BTreeMap::new();
        for costs in costs {
            *days.entry(costs.day).or_default() += costs.calls;
        }
        let most = days.values().copied().max().filter(|most| *most > 0)?;
        let mut top: BTreeMap<NaiveDate, i64> = BTreeMap::new();
        let bars = costs.iter().filter(|costs| costs.day >= first).map(|costs| {
            let below = top.entry(costs.day).or_default();
            let bottom = *below * HEIGHT / most;
            *below += costs.calls;
            // Keeps one call among thousands visible.
            let height = (*below * HEIGHT / most - bottom).max(1);
            let (class, name) = bucket_label(costs.bucket);
            let title = format!(
                "{}: {} calls {name}, {} s, {} reconnects, {} recordings",
                costs.day, costs.calls, costs.seconds, costs.reconnects, costs.recordings
            );
            let x = (costs.day - first).num_days() * DAY_WIDTH + 2;
            Bar { class, x, y: 120 - bottom - height, width: DAY_WIDTH - 4, height, title }
        });
        let bars = bars.collect();
        Some(Self { width: ((last - first).num_days() + 1) * DAY_WIDTH, most, first, last, bars })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn costs(day: u32, bucket: Option<CostBucket>, calls: i64) -> DayCosts {
        let day = NaiveDate::from_ymd_opt(2026, 1, day).unwrap();
        DayCosts { day, bucket, calls, seconds: 60, reconnects: 0, recordings: 1 }
    }

    #[test]
    fn buckets_are_stacked_and_days_side_by_side() {
        let chart =
            Chart::new(&[costs(1, Some(CostBucket::Low), 30), costs(1, Some(CostBucket::High), 10), costs(3, None, 1)]);
        let chart = chart.unwrap();
        assert_eq!((chart.width, chart.most, chart.bars.len()), (60, 40, 3));
        let at = |number: usize| (chart.bars[number].x, chart.bars[number].y, chart.bars[number].height);
        assert_eq!((at(0), at(1)), ((2, 33, 87), (2, 4, 29)));
        assert_eq!(at(2), (42, 118, 2));
        assert!(Chart::new(&[]).is_none());
    }

    #[test]
    fn the_totals_are_those_of_all_days() {
        let days = [costs(1, Some(CostBucket::Low), 30), costs(3, Some(CostBucket::Low), 4), costs(3, None, 1)];
        let totals = totals(&days, |bucket| format!("{bucket:?}"));
        let numbers: Vec<_> = totals.iter().map(|total| (total.label, total.calls, total.minutes)).collect();
        assert_eq!(numbers, [("low", 34, 2), ("medium", 0, 0), ("high", 0, 0), ("not final", 1, 1), ("all", 35, 3)]);
        assert_eq!((totals[0].link.as_deref(), totals[3].link.as_deref()), (Some("Low"), None));
    }
}
