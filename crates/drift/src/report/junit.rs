//! For whatever collects test results: JUnit XML, as Jenkins, GitLab and Azure read it.

use std::io;

use quick_junit::{NonSuccessKind, Report as Document, TestCase, TestCaseStatus, TestSuite};

use super::{Report, Requirement, decided, wording};
use crate::{
    consequence::Severity,
    decision::Decision,
    difference::{Difference, Unchecked},
    model::TableName,
};

impl Report {
    /// Writes a test suite for each table, with a test case for each finding. It failed where `requirement` does not allow
    /// it, passed where it breaks nothing, and was skipped otherwise, as what is accepted always was, with the reason. A
    /// table without findings is one test case that passed.
    ///
    /// # Errors
    /// Those of the sink.
    pub fn write_junit(&self, requirement: Requirement, sink: &mut dyn io::Write) -> io::Result<()> {
        let mut document = Document::new("schema check");
        document.add_test_suites(self.tables.iter().map(|table| self.suite(table, requirement)));
        sink.write_all(document.to_string().map_err(io::Error::other)?.as_bytes())
    }

    fn suite(&self, table: &TableName, requirement: Requirement) -> TestSuite {
        let differences = self.differences.iter().filter(|difference| difference.table == *table);
        let differences = differences.map(|difference| self.case(difference, requirement));
        let unchecked = self.unchecked.iter().filter(|open| open.table == *table);
        let unchecked = unchecked.map(|open| open_case(open, requirement));
        let mut cases: Vec<TestCase> = differences.chain(unchecked).collect();
        if cases.is_empty() {
            cases.push(TestCase::new("in sync", TestCaseStatus::success()));
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

    fn case(&self, difference: &Difference, requirement: Requirement) -> TestCase {
        let name = format!("{}: {}", difference.change.rule(), difference.object());
        let is_allowed = requirement.allows(difference);
        let passed = is_allowed && difference.severity() == Severity::Info && !difference.decision.is_accepted();
        if passed {
            let mut case = TestCase::new(name, TestCaseStatus::success());
            let (what, effect) = (wording::what(difference), wording::effect(difference, self.dialect));
            case.set_system_out(format!("{what}\n{effect}"));
            return case;
        }
        let mut status = status(is_allowed);
        status.set_type(difference.change.rule());
        let effect = wording::effect(difference, self.dialect);
        let help = wording::help(difference).map(|help| format!("help: {help}"));
        tell(&mut status, wording::what(difference), Some(effect), &difference.decision, help);
        TestCase::new(name, status)
    }
}

fn open_case(open: &Unchecked, requirement: Requirement) -> TestCase {
    let mut status = status(requirement.allows_unchecked(open));
    status.set_type(open.rule);
    tell(&mut status, open.why.clone(), None, &open.decision, None);
    TestCase::new(format!("{}: {}", open.rule, open.object()), status)
}

/// Readers show the message, and seldom more: of what is accepted, it is the reason.
fn tell(status: &mut TestCaseStatus, what: String, effect: Option<String>, decision: &Decision, help: Option<String>) {
    let decided: Vec<String> = decided::lines(decision).collect();
    let (message, description) = if decision.is_accepted() {
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
