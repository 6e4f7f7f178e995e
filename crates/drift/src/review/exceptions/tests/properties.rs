//! What holds for each report.

use std::cmp::Reverse;

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;

fn any_change() -> impl Strategy<Value = Change> {
    let name = select(vec!["a", "b", "c"]);
    let rejects = select(vec![Rejects::Nothing, Rejects::Duplicates, Rejects::SecondOmission]);
    prop_oneof![
        Just(table_missing()),
        name.clone().prop_map(missing),
        name.prop_map(unexpected),
        rejects.prop_map(index_that),
    ]
}

prop_compose! {
    pub(crate) fn any_report()(changes in vec(any_change(), 0..6), open in vec(select(vec!["a", "b"]), 0..3)) -> Report {
        open.into_iter().fold(report(changes), with_unchecked)
    }
}

proptest! {
    #[test]
    fn allowing_everything_passes_every_check(report in any_report()) {
        let report = except(report, [allow("*", "*")]);
        prop_assert!(report.is_in_sync() && !report.fails_at(Severity::Info));
    }

    #[test]
    fn denying_everything_passes_only_reports_without_findings(report in any_report()) {
        let has_findings = !report.differences.is_empty() || !report.unchecked.is_empty();
        prop_assert_eq!(except(report, [deny("*", "*")]).fails_at(Severity::Error), has_findings);
    }

    #[test]
    fn a_warning_is_neither_more_nor_less(report in any_report()) {
        let has_findings = !report.differences.is_empty() || !report.unchecked.is_empty();
        let report = except(report, [warn("*", "*")]);
        prop_assert!(report.fails_at(Severity::Warning) == has_findings && !report.fails_at(Severity::Error));
    }

    #[test]
    fn an_exception_hides_no_finding_and_changes_no_consequence(report in any_report(), object in select(vec!["*", "*.a", "call_log"])) {
        let facts = |report: &Report| {
            let mut facts: Vec<_> = report.differences.iter().map(Difference::fingerprint).collect();
            facts.sort();
            facts
        };
        let excepted = except(report.clone(), [allow("*-missing", object), deny("*", object)]);
        prop_assert_eq!(facts(&excepted), facts(&report));
        prop_assert!(excepted.differences.is_sorted_by_key(|found| Reverse(found.severity())));
    }

    #[test]
    fn no_exception_changes_nothing(report in any_report()) {
        prop_assert_eq!(except(report.clone(), []), report);
    }
}
