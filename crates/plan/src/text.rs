//! A plan for people.

use std::io::{self, Write};

use super::model::{Lock, Plan, PlannedMigration, PlannedStatement, Transaction, Warning, Work};
use sea_orm_runner::planning::Batches;

impl Plan {
    /// Writes it for people: each migration, each of its statements, who waits for it and how long it may take.
    ///
    /// # Errors
    /// Those of the sink.
    pub fn write_text(&self, sink: &mut dyn Write) -> io::Result<()> {
        if self.is_empty() {
            writeln!(sink, "nothing to apply")?;
        } else {
            writeln!(sink, "on {}\n", self.server)?;
        }
        for migration in &self.migrations {
            write_migration(migration, sink)?;
        }
        let mut notes = self.notes.clone();
        if !self.unknown.is_empty() {
            notes.push(format!("applied by another version, and left as they are: {}", self.unknown.join(", ")));
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
        let cut_short = self.migrations.iter().filter(|migration| migration.cut_short.is_some()).count();
        let parts = [
            Some(counted(self.migrations.len(), "migration")),
            Some(counted(self.statements().count(), "statement")),
            Some(if warnings == 0 { "no warnings".to_owned() } else { counted(warnings, "warning") }),
            (unknown > 0).then(|| format!("{unknown} of unknown effect")),
            (cut_short > 0).then(|| format!("{} known in part", counted(cut_short, "migration"))),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

fn write_migration(migration: &PlannedMigration, sink: &mut dyn Write) -> io::Result<()> {
    let transaction = match migration.transaction {
        Transaction::Whole => "in one transaction, which keeps its locks until its end",
        Transaction::Rows => "in one transaction for rows; each change of a table is committed by itself",
        Transaction::None => "outside a transaction",
    };
    writeln!(sink, "{} ({transaction})", migration.name)?;
    if migration.statements.is_empty() && migration.cut_short.is_none() {
        writeln!(sink, "  runs no statement")?;
    }
    let shared = lock_of_all(migration);
    if let Some(lock) = shared {
        writeln!(sink, "  lock: {}", lock_words(lock))?;
    }
    for statement in &migration.statements {
        write_statement(statement, shared.is_none(), sink)?;
    }
    for note in &migration.notes {
        writeln!(sink, "  note: {note}")?;
    }
    if let Some(reason) = &migration.cut_short {
        writeln!(sink, "  note: {reason}")?;
    }
    writeln!(sink)
}

/// The lock of a whole database (SQLite), which is said once.
fn lock_of_all(migration: &PlannedMigration) -> Option<&Lock> {
    let mut locks = migration.statements.iter().flat_map(|statement| statement.locks.iter().flatten());
    locks.find(|lock| lock.table.is_none())
}

fn write_statement(statement: &PlannedStatement, says_lock: bool, sink: &mut dyn Write) -> io::Result<()> {
    for line in statement.sql.lines() {
        writeln!(sink, "  {line}")?;
    }
    match statement.locks.as_deref() {
        _ if !says_lock => {}
        None => writeln!(sink, "    lock: not known")?,
        Some([]) => writeln!(sink, "    lock: none that anybody waits for")?,
        Some(locks) => locks.iter().try_for_each(|lock| writeln!(sink, "    lock: {}", lock_words(lock)))?,
    }
    writeln!(sink, "    work: {}", work_words(statement))?;
    for Warning { rule, message, help } in &statement.warnings {
        writeln!(sink, "    warning[{rule}]: {message}")?;
        if let Some(help) = help {
            writeln!(sink, "      help: {help}")?;
        }
    }
    Ok(())
}

fn lock_words(lock: &Lock) -> String {
    let Lock { table, mode, is_new } = lock;
    let table = table.as_deref().unwrap_or("the whole database");
    if *is_new {
        format!("{mode} on {table}, which is new: nobody waits")
    } else {
        format!("{mode} on {table}: {}", mode.held_up())
    }
}

fn work_words(statement: &PlannedStatement) -> String {
    let work = match statement.work {
        Work::Nothing => "nothing",
        Work::Metadata => "metadata only",
        Work::ReadsTable => "reads the whole table",
        Work::Unknown => "not known",
        Work::ChangesRows => "changes rows",
        Work::RewritesTable => "rewrites the whole table",
    };
    let parts = [
        Some(work.to_owned()),
        statement.rows.map(|rows| format!(" (of about {} rows)", in_thousands(rows))),
        statement.batches.as_ref().map(|Batches { rows, key }| format!(", {rows} at a time in the order of {key}")),
        statement.because.as_ref().map(|because| format!(": {because}")),
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
