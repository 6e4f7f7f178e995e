//! The text of a plan.

use insta::assert_snapshot;
use sea_orm_plan::{
    Batches, Lock, LockMode, Plan, PlannedMigration, PlannedStatement, Product, Server, TransactionScope, Version,
    Warning, Work,
};

fn statement(sql: &str, locks: &[(&str, LockMode)], work: Work) -> PlannedStatement {
    let lock =
        |(table, mode): &(&str, LockMode)| Lock { table: Some((*table).to_owned()), mode: *mode, is_new_table: false };
    PlannedStatement {
        sql: sql.to_owned(),
        locks: Some(locks.iter().map(lock).collect()),
        work,
        impact_reason: None,
        estimated_rows: None,
        batches: None,
        warnings: Vec::new(),
    }
}

fn migration(name: &str, transaction_scope: TransactionScope, statements: Vec<PlannedStatement>) -> PlannedMigration {
    PlannedMigration {
        name: name.to_owned(),
        transaction_scope,
        statements,
        notes: Vec::new(),
        incomplete_reason: None,
        statements_may_differ: false,
    }
}

#[test]
fn everything_that_a_plan_can_show() {
    let index = PlannedStatement {
        impact_reason: Some("the server builds the index".to_owned()),
        estimated_rows: Some(2_400_000),
        warnings: vec![Warning {
            rule: "require-concurrent-index-creation".to_owned(),
            message: "Writes are blocked.".to_owned(),
            help: Some("Use CONCURRENTLY.".to_owned()),
        }],
        ..statement("CREATE INDEX ix ON call (at)", &[("call", LockMode::Share)], Work::ReadsTable)
    };
    let block = PlannedStatement {
        locks: None,
        impact_reason: Some("the statement cannot be parsed".to_owned()),
        ..statement("DO $$\nBEGIN\nEND $$", &[], Work::Unknown)
    };
    let backfill = PlannedStatement {
        batches: Some(Batches { rows: 1_000, key: "id".to_owned() }),
        ..statement("UPDATE call SET minutes = seconds / 60", &[("call", LockMode::RowExclusive)], Work::ChangesRows)
    };
    let plan = Plan {
        server: Server { product: Product::PostgreSQL, version: Version(18, 1, 0), is_replica: true, is_galera: false },
        migrations: vec![
            migration("m1_index", TransactionScope::Migration, vec![index, block]),
            migration("m2_fill", TransactionScope::None, vec![backfill]),
            PlannedMigration {
                notes: vec!["it reads data".to_owned()],
                incomplete_reason: Some(
                    "its remaining statements are unknown until m1_index is applied: no table".to_owned(),
                ),
                ..migration("m3_ask", TransactionScope::RowChanges, Vec::new())
            },
            migration("m4_nothing", TransactionScope::Migration, Vec::new()),
            PlannedMigration {
                notes: vec!["its statements may differ".to_owned()],
                statements_may_differ: true,
                ..migration("m5_later", TransactionScope::Migration, Vec::new())
            },
        ],
        notes: vec!["this server is a replica".to_owned()],
        unknown_migrations: vec!["m9_newer".to_owned()],
    };
    let mut text = Vec::new();
    plan.write_text(&mut text).unwrap();
    assert_snapshot!(String::from_utf8(text).unwrap(), @r"
    server: PostgreSQL 18.1 (replica)

    m1_index (one transaction: it holds its locks until it commits)
      CREATE INDEX ix ON call (at)
        lock: SHARE on call: writes wait; reads continue
        work: reads the whole table (about 2,400,000 rows): the server builds the index
        warning[require-concurrent-index-creation]: Writes are blocked.
          help: Use CONCURRENTLY.
      DO $$
      BEGIN
      END $$
        lock: unknown
        work: unknown: the statement cannot be parsed

    m2_fill (no transaction: each statement commits on its own)
      UPDATE call SET minutes = seconds / 60
        lock: ROW EXCLUSIVE on call: reads and writes continue, except writes to the same rows; index builds and schema changes wait
        work: changes rows, in batches of 1000 rows ordered by id

    m3_ask (one transaction for row changes; each schema change commits on its own)
      note: it reads data
      note: its remaining statements are unknown until m1_index is applied: no table

    m4_nothing (one transaction: it holds its locks until it commits)
      no statement

    m5_later (one transaction: it holds its locks until it commits)
      no statement on the data as it is now
      note: its statements may differ

    note: this server is a replica
    note: applied by another version or another program, left as they are: m9_newer

    5 migrations, 3 statements, 1 warning, 1 statement of unknown impact, 1 migration incomplete
    ");
}

#[test]
fn a_plan_without_migrations_still_lists_unknown_ones() {
    let plan = Plan {
        server: Server { product: Product::SQLite, version: Version(3, 50, 0), is_replica: false, is_galera: false },
        migrations: Vec::new(),
        notes: Vec::new(),
        unknown_migrations: vec!["m9_newer".to_owned()],
    };
    let mut text = Vec::new();
    plan.write_text(&mut text).unwrap();
    assert_snapshot!(String::from_utf8(text).unwrap(), @r"
    nothing to apply
    note: applied by another version or another program, left as they are: m9_newer
    ");
}
