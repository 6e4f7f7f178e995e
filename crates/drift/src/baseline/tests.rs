use insta::assert_snapshot;
use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::{
    change::{Change, Rejects},
    consequence::{Consequence, Severity},
    exceptions::{Exception, Exceptions, Stale},
    review::samples::{any_report, index_that, missing, report, table_missing, unexpected, with_unchecked},
    rule::Rule,
    suppression::BaselineState,
};

fn text(baseline: &Baseline) -> String {
    let mut text = Vec::new();
    baseline.write(&mut text).unwrap();
    String::from_utf8(text).unwrap()
}

fn baseline_states(report: &Report) -> Vec<(String, Option<BaselineState>)> {
    report.differences.iter().map(|found| (found.object().to_string(), found.suppression.baseline)).collect()
}

#[test]
fn the_file_has_a_line_for_each_finding_in_a_fixed_order() {
    let found = with_unchecked(report(vec![unexpected("b"), missing("b"), missing("a")]), "status");
    assert_snapshot!(text(&Baseline::of(&found)), @r#"
    {
      "version": 1,
      "findings": [
        {"rule":"column-missing","object":"call_log.a","consequence":"reads-fail"},
        {"rule":"column-missing","object":"call_log.b","consequence":"reads-fail"},
        {"rule":"column-unexpected","object":"call_log.b","consequence":"nothing"},
        {"rule":"default-unchecked","object":"call_log.status"}
      ]
    }
    "#);
    assert_snapshot!(text(&Baseline::default()), @r#"
    {
      "version": 1,
      "findings": []
    }
    "#);
}

#[test]
fn todays_findings_are_accepted_and_tomorrows_are_new() {
    let baseline = Baseline::of(&report(vec![missing("a"), unexpected("b")]));
    let today = report(vec![missing("a"), unexpected("b")]).accept(&baseline);
    assert!(today.is_in_sync() && !today.fails_at(Severity::Info) && today.stale.is_empty());

    let tomorrow = report(vec![missing("a"), missing("c"), unexpected("b")]).accept(&baseline);
    assert!(tomorrow.fails_at(Severity::Error));
    let [c, a, b] = ["call_log.c", "call_log.a", "call_log.b"].map(str::to_owned);
    let expected = [(c, Some(BaselineState::New)), (a, Some(BaselineState::Known)), (b, Some(BaselineState::Known))];
    assert_eq!(baseline_states(&tomorrow), expected, "what is new comes first");
}

#[test]
fn what_breaks_more_than_it_did_is_new() {
    let harmless = Baseline::of(&report(vec![index_that(Rejects::Nothing)]));
    let worse = report(vec![index_that(Rejects::Duplicates)]).accept(&harmless);
    assert!(worse.fails_at(Severity::Warning));
    assert_eq!(worse.differences[0].suppression.baseline, Some(BaselineState::Worse { before: Consequence::Nothing }));
    assert_eq!(worse.stale, [], "it is not settled");
    assert_snapshot!(worse, @r"
    warning[index-unexpected]: the index `idx_status` on `call_log (status)` is not in the entity
      the database rejects duplicate status values; the entity allows them
      worse than in the baseline: then nothing broke
      help: declare it in the entity, or drop it if no other program needs it

    1 difference (1 warning): 1 entity, 34 columns, 6 indexes compared
    ");

    let harmful = Baseline::of(&report(vec![index_that(Rejects::Duplicates)]));
    let better = report(vec![index_that(Rejects::Nothing)]).accept(&harmful);
    assert!(better.is_in_sync() && better.stale.is_empty());
}

#[test]
fn an_entry_accepts_one_finding_of_its_name() {
    let one = Baseline::of(&report(vec![index_that(Rejects::Nothing)]));
    let two = report(vec![index_that(Rejects::Nothing), index_that(Rejects::Nothing)]).accept(&one);
    assert_eq!(two.differences.iter().filter(|found| found.suppression.is_accepted()).count(), 1);

    let both = Baseline::of(&report(vec![index_that(Rejects::Nothing), index_that(Rejects::Duplicates)]));
    let quiet = report(vec![index_that(Rejects::Nothing)]).accept(&both);
    let [Stale::Settled(settled)] = quiet.stale.as_slice() else { panic!("{:?}", quiet.stale) };
    assert_eq!(settled.consequence, Some(Consequence::WritesMayFail), "the loud one is gone");
}

#[test]
fn a_fixed_finding_is_reported_as_stale_and_fails_nothing() {
    let baseline = Baseline::of(&with_unchecked(report(vec![missing("a")]), "status"));
    let settled = report(Vec::new()).accept(&baseline);
    assert!(settled.is_in_sync() && !settled.fails_at(Severity::Info));
    assert_snapshot!(settled, @r"
    stale: `column-missing` of `call_log.a` is no longer there: remove it from the baseline

    stale: `default-unchecked` of `call_log.status` is no longer there: remove it from the baseline

    OK: the schema matches; 1 entity, 34 columns, 6 indexes compared
    ");
}

#[rstest]
#[case::with_its_table(vec![table_missing()])]
#[case::with_its_column(vec![missing("status"), missing("a"), unexpected("note")])]
fn what_went_away_with_something_larger_is_not_settled(#[case] after: Vec<Change>) {
    let before = with_unchecked(report(vec![missing("a"), unexpected("note")]), "status");
    let report = report(after).accept(&Baseline::of(&before));
    assert!(report.fails_at(Severity::Error));
    assert_eq!(report.stale, []);
}

#[test]
fn the_baseline_accepts_denied_findings_and_leaves_out_allowed_ones() {
    let exceptions = |exception: Result<Exception, InputFileError>| Exceptions::new().add(exception.unwrap());
    let today = "2027-01-15".parse().unwrap();
    let deny = exceptions(Exception::deny("column-unexpected", "*", "strict from now on"));
    let strict = || report(vec![unexpected("b")]).except(&deny, today);
    assert!(strict().fails_at(Severity::Error));
    assert!(strict().accept(&Baseline::of(&strict())).is_in_sync());

    let allow = exceptions(Exception::allow("column-missing", "*.a", "until the migration of Monday"));
    let allowed = report(vec![missing("a"), missing("b")]).except(&allow, today);
    let kept: Vec<String> = Baseline::of(&allowed).findings().iter().map(ToString::to_string).collect();
    assert_eq!(kept, ["`column-missing` of `call_log.b`"]);
}

#[rstest]
#[case::no_json("{", ", line 1: this is not a baseline: EOF while parsing an object")]
#[case::another_document("{\"version\": 1}", ", line 1: this is not a baseline: missing field `findings`")]
#[case::another_version(
    "{\"version\": 2, \"entries\": []}",
    ": version 2 is not supported, only version 1: write the baseline again"
)]
#[case::an_unknown_key(
    "{\"version\": 1,\n\"findings\": [\n{\"rule\": \"column-missing\", \"objet\": \"t.a\"}]}",
    ", line 3: this is not a baseline: unknown field `objet`, expected one of `rule`, `object`, `consequence`"
)]
#[case::an_unknown_rule(
    "{\"version\": 1,\n\"findings\": [\n{\"rule\": \"column-mising\", \"object\": \"t.a\"}]}",
    ", line 3: this is not a baseline: there is no rule `column-mising`: did you mean `column-missing`?"
)]
#[case::no_consequence(
    "{\"version\": 1,\n\"findings\": [\n{\"rule\": \"column-missing\", \"object\": \"t.a\"}]}",
    ", line 3: this is not a baseline: `column-missing` needs its consequence: write the baseline again"
)]
fn an_invalid_baseline_is_a_sentence_with_its_line(#[case] text: &str, #[case] sentence: &str) {
    assert_eq!(Baseline::parse(text, "baseline.json").unwrap_err().to_string(), format!("`baseline.json`{sentence}"));
}

proptest! {
    #[test]
    fn a_report_is_in_sync_with_its_own_baseline(report in any_report()) {
        let baseline = Baseline::of(&report);
        let report = report.accept(&baseline);
        prop_assert!(report.is_in_sync() && !report.fails_at(Severity::Info));
        prop_assert_eq!(report.stale, []);
    }

    #[test]
    fn every_entry_accepts_a_finding_or_is_outdone_or_settled(before in any_report(), after in any_report()) {
        let baseline = Baseline::of(&before);
        let findings = after.differences.len() + after.unchecked.len();
        let mut report = after.accept(&baseline);
        let baseline_states: Vec<_> = report.suppressions_mut().map(|(_, suppression)| suppression.baseline.unwrap()).collect();
        let new = baseline_states.iter().filter(|baseline| **baseline == BaselineState::New).count();
        prop_assert_eq!(baseline_states.len(), findings);
        let taken_away = report.differences.iter().any(|found| [Rule::TableMissing, Rule::ColumnMissing].contains(&found.change.rule()));
        let accounted = findings - new + report.stale.len();
        prop_assert!(accounted == baseline.findings().len() || taken_away && accounted < baseline.findings().len());
    }

    #[test]
    fn a_written_baseline_reads_back(objects in proptest::collection::vec(any::<String>(), 0..4)) {
        let consequence = Some(Consequence::ReadsFail);
        let findings = objects.into_iter().map(|object| Fingerprint { rule: Rule::ColumnMissing, object, consequence }).collect();
        let baseline = Baseline { findings };
        prop_assert_eq!(Baseline::parse(&text(&baseline), "baseline.json").unwrap(), baseline);
    }
}
