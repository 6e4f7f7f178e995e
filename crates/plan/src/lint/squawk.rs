//! The warnings of squawk about the statements of a migration (PostgreSQL), without those that do not apply.

use std::ops::Range;

use squawk_linter::{Linter, LinterSettings, Rule, Version, Violation};
use squawk_syntax::SourceFile;

use crate::{
    plan::{PlannedMigration, PlannedStatement, TransactionScope, Warning, Work},
    server::{Product, Server},
    sql,
};

/// Rules of taste, and rules that the runner makes unnecessary: it bounds the wait for each lock, and runs a migration once.
const EXCLUDED: [Rule; 12] = [
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

/// Rules about reading or rewriting a table. They do not apply where the plan knows that the statement does neither.
const ABOUT_WORK: [Rule; 6] = [
    Rule::AddingFieldWithDefault,
    Rule::AddingForeignKeyConstraint,
    Rule::AddingNotNullableField,
    Rule::ChangingColumnType,
    Rule::ConstraintMissingNotValid,
    Rule::DisallowedUniqueConstraint,
];

/// A statement before all others: squawk assumes that a single statement runs outside a transaction.
const FIRST: &str = "SELECT 1;\n";

/// Adds the warnings to each statement.
pub(super) fn add_warnings(migration: &mut PlannedMigration, server: &Server) {
    if server.product != Product::PostgreSQL {
        return;
    }
    let (text, ranges) = joined(&migration.statements);
    let mut linter = Linter::with_rules(&[], &EXCLUDED);
    let Ok(version) = server.version.to_string().parse::<Version>() else { return };
    let assume_in_transaction = migration.transaction_scope == TransactionScope::Migration;
    linter.settings = LinterSettings { pg_version: version, assume_in_transaction };
    let violations = linter.lint(&SourceFile::parse(&text), &text);
    for violation in violations.iter().filter(|violation| !is_redundant(violation, &violations)) {
        let start = usize::from(violation.text_range.start());
        let about = ranges.iter().position(|range| range.contains(&start));
        let statement = about.and_then(|about| migration.statements.get_mut(about));
        if let Some(statement) = statement.filter(|statement| applies(violation, statement)) {
            statement.warnings.push(Warning {
                rule: violation.code.to_string(),
                message: violation.message.clone(),
                help: violation.help.clone(),
            });
        }
    }
}

/// All statements as one text, and the range of each. A statement that does nothing has an empty range: it creates no table,
/// so later statements are about an existing one.
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

/// A general warning about a constraint, beside one about its kind.
fn is_redundant(violation: &Violation, all: &[Violation]) -> bool {
    const OF_A_KIND: [Rule; 3] =
        [Rule::AddingForeignKeyConstraint, Rule::AddingSerialPrimaryKeyField, Rule::DisallowedUniqueConstraint];
    violation.code == Rule::ConstraintMissingNotValid
        && all
            .iter()
            .any(|other| OF_A_KIND.contains(&other.code) && violation.text_range.contains_range(other.text_range))
}

/// No session waits for a new table, and a metadata change reads no rows.
fn applies(violation: &Violation, statement: &PlannedStatement) -> bool {
    let locks = statement.locks.as_deref().unwrap_or_default();
    let is_on_new_tables = !locks.is_empty() && locks.iter().all(|lock| lock.is_new_table);
    let reads_nothing = statement.work == Work::Metadata && ABOUT_WORK.contains(&violation.code);
    // The index of a partitioned table itself has no rows.
    let is_without_rows =
        violation.code == Rule::RequireConcurrentIndexCreation && sql::indexes_only_the_parent(&statement.sql);
    !is_on_new_tables && !reads_nothing && !is_without_rows
}
