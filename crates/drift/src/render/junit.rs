//! For test reports: JUnit XML, as Jenkins, GitLab and Azure read it.

use std::io;

use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite};

use super::{message, suppression};
use crate::{
    consequence::Severity,
    difference::{Difference, Unchecked},
    fail_policy::FailOn,
    model::TableName,
    report::Report,
    suppression::Suppression,
};

impl Report {
    /// Writes a test suite for each table, with a test case for each finding. A finding that `fail_on` does not allow is a
    /// failure, a harmless one is a pass, and any other is skipped; an accepted one is skipped with its reason. A table
    /// without findings is one test case that passes.
    ///
    /// # Errors
    /// Those of `sink`.
    pub fn write_junit(&self, fail_on: FailOn, sink: &mut dyn io::Write) -> io::Result<()> {
        let mut document = Document::new("schema check");
        document.add_test_suites(self.tables.iter().map(|table| self.suite(table, fail_on)));
        sink.write_all(document.to_string().map_err(io::Error::other)?.as_bytes())
    }

    fn suite(&self, table: &TableName, fail_on: FailOn) -> TestSuite {
        let differences = self.differences.iter().filter(|difference| difference.table == *table);
        let differences = differences.map(|difference| self.case(difference, fail_on));
        let unchecked = self.unchecked.iter().filter(|unchecked| unchecked.table == *table);
        let unchecked = unchecked.map(|unchecked| unchecked_case(unchecked, fail_on));
        let mut cases: Vec<TestCase> = differences.chain(unchecked).collect();
        if cases.is_empty() {
            cases.push(TestCase::new("the schema matches", TestCaseStatus::success()));
        }
        for case in &mut cases {
            case.set_classname(table.to_string());
        }

        let mut suite = TestSuite::new(table.to_string());
        suite.add_properties(self.target.iter().map(|target| ("target", target.as_str())));
        suite.add_properties(self.stale.iter().map(|stale| ("stale".to_owned(), stale.to_string())));
        suite.add_properties(self.notes.iter().map(|note| ("note", note.as_str())));
        suite.add_test_cases(cases);
        suite
    }

    fn case(&self, difference: &Difference, fail_on: FailOn) -> TestCase {
        let name = format!("{}: {}", difference.change.rule(), difference.object());
        let is_allowed = fail_on.allows(difference);
        let passed = is_allowed && difference.severity() == Severity::Info && !difference.suppression.is_accepted();
        if passed {
            let mut case = TestCase::new(name, TestCaseStatus::success());
            case.set_system_out(format!("{}\n{}", message::what_differs(difference), difference.impact.reason));
            return case;
        }
        let mut status = status(is_allowed);
        status.set_type(difference.change.rule().name());
        let reason = difference.impact.reason.clone();
        let help = message::advice(difference, &self.commands).map(|advice| format!("help: {advice}"));
        describe(&mut status, message::what_differs(difference), Some(reason), &difference.suppression, help);
        TestCase::new(name, status)
    }
}

fn unchecked_case(unchecked: &Unchecked, fail_on: FailOn) -> TestCase {
    let mut status = status(fail_on.allows_unchecked(unchecked));
    status.set_type(unchecked.rule.name());
    describe(&mut status, unchecked.question.clone(), None, &unchecked.suppression, None);
    TestCase::new(format!("{}: {}", unchecked.rule, unchecked.object()), status)
}

/// Most readers show only the message. For an accepted finding, that is the reason.
fn describe(
    status: &mut TestCaseStatus,
    what: String,
    effect: Option<String>,
    suppression: &Suppression,
    help: Option<String>,
) {
    let decided: Vec<String> = suppression::lines(suppression).collect();
    let (message, description) = if suppression.is_accepted() {
        (decided.join("; "), [what].into_iter().chain(effect).chain(help).collect())
    } else {
        (what, effect.into_iter().chain(decided).chain(help).collect::<Vec<_>>())
    };
    status.set_message(message);
    if !description.is_empty() {
        status.set_description(description.join("\n"));
    }
}

fn status(is_allowed: bool) -> TestCaseStatus {
    if is_allowed { TestCaseStatus::skipped() } else { TestCaseStatus::non_success(NonSuccessKind::Failure) }
}
