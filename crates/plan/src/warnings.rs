//! What squawk says of the statements of a migration (PostgreSQL), without what does not matter here.

use std::ops::Range;

use squawk_linter::{Linter, LinterSettings, Rule, Version, Violation};
use squawk_syntax::SourceFile;

use super::{
    model::{PlannedMigration, PlannedStatement, Transaction, Warning, Work},
    server::{Product, Server},
};

/// Matters of taste, and what the runner sees to: it bounds the wait for each lock, and runs a migration once.
const LEFT_OUT: [Rule; 12] = [
    Rule::BanCharField,
    Rule::PreferBigintOverInt,
    Rule::PreferBigintOverSmallint,
    Rule::PreferIdentity,
    Rule::PreferRobustStmts,
    Rule::PreferTextField,
    Rule::PreferTimestampTz,
    Rule::RequireEnumValueOrdering,
    Rule::RequireLockTimeout,
    Rule::RequireStatementTimeout,
    Rule::RequireTableSchema,
    Rule::RequireTimeoutSettings,
];

/// What is said because a table is gone through, which is settled where it is known not to be.
const ABOUT_WORK: [Rule; 6] = [
    Rule::AddingFieldWithDefault,
    Rule::AddingForeignKeyConstraint,
    Rule::AddingNotNullableField,
    Rule::ChangingColumnType,
    Rule::ConstraintMissingNotValid,
    Rule::DisallowedUniqueConstraint,
];

/// A statement before all others: squawk takes a single one for one that is run by itself.
const FIRST: &str = "SELECT 1;\n";

/// Adds to each statement why it is unsafe.
pub(crate) fn add(migration: &mut PlannedMigration, server: &Server) {
    if server.product != Product::PostgreSQL {
        return;
    }
    let (text, ranges) = joined(&migration.statements);
    let mut linter = Linter::with_rules(&[], &LEFT_OUT);
    let Ok(version) = server.version.to_string().parse::<Version>() else { return };
    let assume_in_transaction = migration.transaction == Transaction::Whole;
    linter.settings = LinterSettings { pg_version: version, assume_in_transaction };
    let violations = linter.lint(&SourceFile::parse(&text), &text);
    for violation in violations.iter().filter(|violation| !is_said_better(violation, &violations)) {
        let start = usize::from(violation.text_range.start());
        let about = ranges.iter().position(|range| range.contains(&start));
        let statement = about.and_then(|about| migration.statements.get_mut(about));
        if let Some(statement) = statement.filter(|statement| matters(violation, statement)) {
            statement.warnings.push(Warning {
                rule: violation.code.to_string(),
                message: violation.message.clone(),
                help: violation.help.clone(),
            });
        }
    }
}

/// All statements as one text, and where each of them is in it. One that does nothing is nowhere: it makes no table,
/// and what comes behind it is about one that is in use.
fn joined(statements: &[PlannedStatement]) -> (String, Vec<Range<usize>>) {
    let mut text = FIRST.to_owned();
    let mut ranges = Vec::new();
    for statement in statements {
        let start = text.len();
        if statement.work != Work::Nothing {
            text.push_str(statement.sql.trim_end().trim_end_matches(';'));
            text.push_str(";\n");
        }
        ranges.push(start..text.len());
    }
    (text, ranges)
}

/// What is said of any constraint, where something is said of its kind, too.
fn is_said_better(violation: &Violation, all: &[Violation]) -> bool {
    const OF_A_KIND: [Rule; 3] =
        [Rule::AddingForeignKeyConstraint, Rule::AddingSerialPrimaryKeyField, Rule::DisallowedUniqueConstraint];
    violation.code == Rule::ConstraintMissingNotValid
        && all
            .iter()
            .any(|other| OF_A_KIND.contains(&other.code) && violation.text_range.contains_range(other.text_range))
}

/// Nobody waits for a table that is new, and nothing goes through one whose description alone changes.
fn matters(violation: &Violation, statement: &PlannedStatement) -> bool {
    let locks = statement.locks.as_deref().unwrap_or_default();
    let is_on_new_tables = !locks.is_empty() && locks.iter().all(|lock| lock.is_new);
    let is_settled = statement.work == Work::Metadata && ABOUT_WORK.contains(&violation.code);
    !is_on_new_tables && !is_settled
}
