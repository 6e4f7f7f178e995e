//! A plan as text for people.

use std::io::{self, Write};

use sea_orm_runner::planning::Batches;

use crate::plan::{Lock, Plan, PlannedMigration, PlannedStatement, TransactionScope, Warning, Work};

impl Plan {
    /// Writes the plan as text: each migration, and the locks, work and warnings of each of its statements.
    ///
    /// # Errors
    /// Those of the sink.
    pub fn write_text(&self, sink: &mut dyn Write) -> io::Result<()> {
        if self.is_empty() {
            writeln!(sink, "nothing to apply")?;
        } else {
            writeln!(sink, "server: {}\n", self.server)?;
        }
        for migration in &self.migrations {
            write_migration(migration, sink)?;
        }
        let mut notes = self.notes.clone();
        if !self.unknown_migrations.is_empty() {
            let names = self.unknown_migrations.join(", ");
            notes.push(format!("applied by another version or another program, left as they are: {names}"));
        }
        for note in &notes {
            writeln!(sink, "note: {note}")?;
        }
        if self.is_empty() {
            return Ok(());
        }
        if !notes.is_empty() {
            writeln!(sink)?;
        }
        writeln!(sink, "{}", self.summary())
    }

    fn summary(&self) -> String {
        let warnings = self.statements().map(|statement| statement.warnings.len()).sum();
        let unknown = self.statements().filter(|statement| statement.work == Work::Unknown).count();
        let incomplete = self.migrations.iter().filter(|migration| migration.incomplete_reason.is_some()).count();
        let parts = [
            Some(counted(self.migrations.len(), "migration")),
            Some(counted(self.statements().count(), "statement")),
            Some(if warnings == 0 { "no warnings".to_owned() } else { counted(warnings, "warning") }),
            (unknown > 0).then(|| format!("{} of unknown impact", counted(unknown, "statement"))),
            (incomplete > 0).then(|| format!("{} incomplete", counted(incomplete, "migration"))),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

fn write_migration(migration: &PlannedMigration, sink: &mut dyn Write) -> io::Result<()> {
    let transaction = match migration.transaction_scope {
        TransactionScope::Migration => "one transaction: it holds its locks until it commits",
        TransactionScope::RowChanges => "one transaction for row changes; each schema change commits on its own",
        TransactionScope::None => "no transaction: each statement commits on its own",
    };
    writeln!(sink, "{} ({transaction})", migration.name)?;
    if migration.statements.is_empty() && migration.incomplete_reason.is_none() {
        // It may find work once the statements before it have run.
        let statements =
            if migration.statements_may_differ { "no statement on the data as it is now" } else { "no statement" };
        writeln!(sink, "  {statements}")?;
    }
    let shared = lock_of_all(migration);
    if let Some(lock) = shared {
        writeln!(sink, "  lock: {}", describe_lock(lock))?;
    }
    for statement in &migration.statements {
        write_statement(statement, shared.is_none(), sink)?;
    }
    for note in &migration.notes {
        writeln!(sink, "  note: {note}")?;
    }
    if let Some(reason) = &migration.incomplete_reason {
        writeln!(sink, "  note: {reason}")?;
    }
    writeln!(sink)
}

/// The lock on a whole database (SQLite), which is written once for all statements.
fn lock_of_all(migration: &PlannedMigration) -> Option<&Lock> {
    let mut locks = migration.statements.iter().flat_map(|statement| statement.locks.iter().flatten());
    locks.find(|lock| lock.table.is_none())
}

fn write_statement(statement: &PlannedStatement, shows_lock: bool, sink: &mut dyn Write) -> io::Result<()> {
    for line in statement.sql.lines() {
        writeln!(sink, "  {line}")?;
    }
    match statement.locks.as_deref() {
        _ if !shows_lock => {}
        None => writeln!(sink, "    lock: unknown")?,
        Some([]) => writeln!(sink, "    lock: blocks nobody")?,
        Some(locks) => locks.iter().try_for_each(|lock| writeln!(sink, "    lock: {}", describe_lock(lock)))?,
    }
    writeln!(sink, "    work: {}", describe_work(statement))?;
    for Warning { rule, message, help } in &statement.warnings {
        writeln!(sink, "    warning[{rule}]: {message}")?;
        if let Some(help) = help {
            writeln!(sink, "      help: {help}")?;
        }
    }
    Ok(())
}

fn describe_lock(lock: &Lock) -> String {
    let Lock { table, mode, is_new_table } = lock;
    let table = table.as_deref().unwrap_or("the whole database");
    if *is_new_table {
        format!("{mode} on {table}: blocks nobody, the table is new")
    } else {
        format!("{mode} on {table}: {}", mode.effect())
    }
}

fn describe_work(statement: &PlannedStatement) -> String {
    let work = match statement.work {
        Work::Nothing => "nothing",
        Work::Metadata => "metadata only",
        Work::ReadsTable => "reads the whole table",
        Work::Unknown => "unknown",
        Work::ChangesRows => "changes rows",
        Work::RewritesTable => "rewrites the whole table",
    };
    let parts = [
        Some(work.to_owned()),
        statement.estimated_rows.map(|rows| format!(" (about {} rows)", in_thousands(rows))),
        statement.batches.as_ref().map(|Batches { rows, key }| format!(", in batches of {rows} rows ordered by {key}")),
        statement.impact_reason.as_ref().map(|reason| format!(": {reason}")),
    ];
    parts.into_iter().flatten().collect()
}

fn in_thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
