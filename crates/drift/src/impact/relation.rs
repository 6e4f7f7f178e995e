//! What breaks where something else than an ordinary table has its name, or where its rules or partitions reject rows.

use crate::{
    change::PartitionGap,
    consequence::{Consequence, Impact, harmless},
    model::{Privilege, RelationKind, RewriteRule, RuleEffect, TableName, Writability},
};

/// Source: <https://www.postgresql.org/docs/current/sql-createrule.html>.
pub(super) fn rewrite_rule(rule: &RewriteRule, table: &TableName) -> Impact {
    let upserts =
        format!("every upsert of {table} fails: ON CONFLICT cannot be used with a table that has such a rule");
    match (rule.effect, rule.event) {
        (RuleEffect::Disabled | RuleEffect::Returning, _) => Consequence::IntegrityLost.because(upserts),
        (RuleEffect::ReturnsNothing, Privilege::Update) => Consequence::WritesFail
            .because(format!("every update of {table} that returns the row fails, and {upserts}")),
        (RuleEffect::ReturnsNothing, _) => Consequence::WritesFail
            .because(format!("every insert into {table} that returns the row fails, and {upserts}")),
    }
}

pub(super) fn partition_gap(gap: &PartitionGap, table: &TableName) -> Impact {
    use Consequence::{WritesFail, WritesMayFail};
    match gap {
        PartitionGap::All => WritesFail.because(format!("every insert into {table} fails")),
        PartitionGap::Now(_) => WritesFail.because(format!("every insert into {table} of a row dated today fails")),
        PartitionGap::Tomorrow(_) => {
            WritesMayFail.because(format!("inserts of new rows into {table} fail within a day"))
        }
        PartitionGap::NextKey(_) => WritesFail.because(format!("every insert into {table} that omits the key fails")),
        PartitionGap::Omitted(_) => {
            WritesFail.because(format!("every insert into {table} that omits the column fails"))
        }
        PartitionGap::OtherValues => WritesMayFail.because("the database rejects values that the entity allows"),
    }
}

pub(super) fn relation_kind(live: &RelationKind, table: &TableName) -> Impact {
    match live {
        RelationKind::MaterializedView
        | RelationKind::View(Writability::ReadOnly)
        | RelationKind::Foreign(Writability::ReadOnly | Writability::Partly) => {
            Consequence::WritesFail.because(format!("every insert into {table} and every update of it fail"))
        }
        // <https://mariadb.com/kb/en/blackhole/>, <https://mariadb.com/kb/en/archive/>, <https://mariadb.com/kb/en/memory-storage-engine/>
        RelationKind::WithoutTransactions(engine) if engine.eq_ignore_ascii_case("BLACKHOLE") => {
            Consequence::WritesFail
                .because(format!("{table} keeps no row: reads return none, and inserts that read the row back fail"))
        }
        RelationKind::WithoutTransactions(engine) if engine.eq_ignore_ascii_case("ARCHIVE") => Consequence::WritesFail
            .because(format!("every update, upsert and delete of {table} fails: the engine only takes inserts")),
        RelationKind::WithoutTransactions(engine) if engine.eq_ignore_ascii_case("MEMORY") => {
            Consequence::IntegrityLost
                .because("all rows are lost when the server restarts, and writes persist after a rollback")
        }
        RelationKind::WithoutTransactions(_) => {
            Consequence::WritesMayFail.because("writes persist after a rollback, so a retry may collide with them")
        }
        RelationKind::Unlogged => {
            Consequence::Nothing.because("nothing breaks until the server crashes, which empties the table")
        }
        RelationKind::View(Writability::Partly) => Consequence::WritesFail
            .because(format!("every upsert of {table} fails, and so do its inserts or its updates")),
        RelationKind::View(Writability::WithoutUpserts) => {
            Consequence::IntegrityLost.because(format!("every upsert of {table} fails: the view has no unique index"))
        }
        RelationKind::NoTable(kind) => {
            Consequence::ReadsFail.because(format!("every query on {table} fails: it is {kind}"))
        }
        RelationKind::View(Writability::Writable) => {
            Consequence::Nothing.because("reads and writes work; the view's keys, defaults and NULLs are unchecked")
        }
        RelationKind::Table
        | RelationKind::Partitioned
        | RelationKind::Versioned
        | RelationKind::Virtual
        | RelationKind::Foreign(Writability::Writable | Writability::WithoutUpserts) => harmless(),
    }
}
