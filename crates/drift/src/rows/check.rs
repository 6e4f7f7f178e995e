//! A check of the rows: which tables are looked into, batch by batch, and what the report says then.

use sea_orm::{DbConn, DbErr};

use super::{options::RowOptions, question::Question, reader::THREAD, scan::TableScan};
use crate::{change::Change, difference::Difference, entities::Entities, model::TableName, report::Report};

/// A check of the rows, batch by batch: the caller decides how fast, and when to stop.
#[derive(Debug)]
pub struct RowCheck {
    report: Report,
    tables: Vec<Looked>,
}

/// A table that is looked into.
#[derive(Debug)]
struct Looked {
    table: TableName,
    scan: Box<dyn TableScan>,
    /// The differences that its questions are about.
    differences: Vec<usize>,
    is_done: bool,
}

/// A batch that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Batch {
    /// The table.
    pub table: TableName,
    /// The rows of it that were looked at so far.
    pub rows: u64,
    /// The last key, to go on [`after`](RowOptions::after).
    pub last_key: Option<String>,
}

impl Entities {
    /// Prepares to ask the rows about each finding of `report` that they can decide.
    ///
    /// Tables that are missing, and those added by a statement instead of an entity, are not looked into.
    pub fn check_rows(&self, report: Report, options: &RowOptions) -> RowCheck {
        let dialect = report.dialect;
        let mut tables: Vec<Looked> = Vec::new();
        for (table, new) in self.scans(dialect) {
            let of_table = |difference: &Difference| difference.table == table.name;
            let is_unreadable = |difference: &Difference| {
                of_table(difference)
                    && matches!(difference.change, Change::TableMissing { .. } | Change::ColumnMissing { .. })
            };
            // Reading it fails whatever its rows hold.
            if tables.iter().any(|looked| looked.table == table.name) || report.differences.iter().any(is_unreadable) {
                continue;
            }
            let asked = report.differences.iter().enumerate().filter(|(_, difference)| of_table(difference));
            let (differences, questions): (Vec<_>, Vec<_>) = asked
                .filter_map(|(number, difference)| {
                    Some((number, Question::about(&difference.change, &table, dialect)?))
                })
                .unzip();
            if options.decode || !questions.is_empty() {
                let (mut own, mut is_done) = (options.clone(), false);
                if let Some(first) = options.after_table.as_ref().filter(|first| **first != table.name.to_string()) {
                    own.after = None;
                    // Those before it were looked into by the earlier run.
                    is_done = !tables.iter().any(|looked| looked.table.to_string() == *first);
                }
                let scan = new(questions, own, dialect);
                tables.push(Looked { table: table.name.clone(), scan, differences, is_done });
            }
        }
        RowCheck { report, tables }
    }
}

impl RowCheck {
    /// The name of the thread that reads rows through their entities. Where a decoder panics, the row is one that cannot be read; a
    /// program may leave what its panic hook writes of this thread out of its log.
    pub const THREAD: &str = THREAD;

    /// Why it cannot go on after the key that was given: it is none of the table's.
    pub fn wrong_key(&self) -> Option<String> {
        let wrong = |looked: &Looked| Some(format!("{}: {}", looked.table, looked.scan.wrong_key()?));
        self.tables.iter().find_map(wrong)
    }

    /// Looks at the next batch; `None` when all tables are done.
    ///
    /// # Errors
    /// If a statement fails. [`finish`](Self::finish) still tells what was difference until then.
    pub async fn step(&mut self, db: &DbConn) -> Result<Option<Batch>, DbErr> {
        let Some(looked) = self.tables.iter_mut().find(|looked| !looked.is_done) else { return Ok(None) };
        looked.is_done = !looked.scan.step(db).await?;
        let (rows, last_key) = looked.scan.progress();
        Ok(Some(Batch { table: looked.table.clone(), rows, last_key }))
    }

    /// The report, with what the rows say: what may break is certain, or withdrawn to info where every row was looked at.
    pub fn finish(self) -> Report {
        let Self { mut report, tables } = self;
        for looked in tables {
            let outcome = looked.scan.outcome();
            report.notes.extend(outcome.unanswered.iter().map(|columns| {
                format!(
                    "{}: whether values of {columns} occur more than once is not known, the server did not find out in time",
                    looked.table
                )
            }));
            for (question, (number, evidence)) in looked.differences.into_iter().zip(outcome.answers).enumerate() {
                let difference = &mut report.differences[number];
                if outcome.refused.contains(&question) {
                    let (rule, object) = (difference.change.rule(), difference.object());
                    report
                        .notes
                        .push(format!("{object}: the rows say nothing about {rule}: the server refuses the question"));
                } else {
                    difference.decide(evidence);
                }
            }
            let Some(read) = outcome.read else { continue };
            if read.found > 0 {
                let change = Change::RowsUnreadable { rows: read, error: outcome.error };
                report.differences.push(Difference::judged(looked.table, change, report.dialect));
            } else {
                let told = match (read.looked_at, read.is_complete) {
                    (0, true) => "there is no row to read".to_owned(),
                    (0, false) => "no row was read".to_owned(),
                    (1, true) => "its only row was read through the entity".to_owned(),
                    (rows, true) => format!("all {rows} rows were read through the entity, and each can be read"),
                    (rows, false) => {
                        format!("the first {rows} rows were read through the entity, and each can be read")
                    }
                };
                let told = format!("{}: {told}", looked.table);
                report.notes.push(told);
            }
        }
        report.sort();
        report
    }
}
