use super::{every_change::every_change, *};
use crate::model::TableName;

/// The block of the page's example that shows a report.
fn shown(rule: Rule) -> String {
    let example = rule.doc().section("Example").unwrap();
    example.split("```text\n").nth(1).and_then(|rest| rest.split("\n```").next()).unwrap_or_default().to_owned()
}

/// The first finding of a report.
fn printed(report: &Report) -> String {
    written(|sink| report.write_text(Verbosity::Verbose, sink)).split("\n\n").next().unwrap_or_default().to_owned()
}

#[test]
fn the_example_of_a_page_is_what_the_report_prints() {
    for change in every_change() {
        let rule = change.rule();
        assert_eq!(shown(rule), printed(&report(vec![change])), "{rule}");
    }
}

#[test]
fn the_example_of_an_unchecked_rule_is_what_the_report_prints() {
    let token = unchecked(
        Rule::DefaultUnchecked,
        "whether the defaults gen_random_uuid() and uuid_generate_v4() store the same",
    );
    let id = Unchecked {
        rule: Rule::GeneratorUnchecked,
        table: TableName::unqualified("call_log"),
        column: Some("id".to_owned()),
        question: "whether `next_id()` generates a new key each time".to_owned(),
        suppression: Suppression::default(),
    };
    let cost = Unchecked {
        rule: Rule::ExpressionUnchecked,
        table: TableName::unqualified("call_log"),
        column: Some("cost".to_owned()),
        question: "whether (duration * 100) can be computed for every row that a program writes".to_owned(),
        suppression: Suppression::default(),
    };
    let foreign = unchecked(
        Rule::RelationUnchecked,
        "whether what a foreign table stands for has these columns and takes these rows",
    );
    let foreign = Unchecked { column: None, ..foreign };
    for open in [token, id, cost, foreign] {
        let mut report = report(Vec::new());
        let rule = open.rule;
        report.unchecked = vec![open];
        assert_eq!(shown(rule), printed(&report), "{rule}");
    }
}
