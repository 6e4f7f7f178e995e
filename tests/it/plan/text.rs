//! A plan as people read it.

use insta::assert_snapshot;
use sea_orm_plan::{
    Batches, Lock, Mode, Plan, PlannedMigration, PlannedStatement, Product, Server, Transaction, Version, Warning, Work,
};

fn statement(sql: &str, locks: &[(&str, Mode)], work: Work) -> PlannedStatement {
    let lock = |(table, mode): &(&str, Mode)| Lock { table: Some((*table).to_owned()), mode: *mode, is_new: false };
    PlannedStatement {
        sql: sql.to_owned(),
        locks: Some(locks.iter().map(lock).collect()),
        work,
        because: None,
        rows: None,
        batches: None,
        warnings: Vec::new(),
    }
}

fn migration(name: &str, transaction: Transaction, statements: Vec<PlannedStatement>) -> PlannedMigration {
    PlannedMigration { name: name.to_owned(), transaction, statements, notes: Vec::new(), cut_short: None }
}

#[test]
fn all_that_a_plan_can_say() {
    let index = PlannedStatement {
        because: Some("the index is built".to_owned()),
        rows: Some(2_400_000),
        warnings: vec![Warning {
            rule: "require-concurrent-index-creation".to_owned(),
            message: "Writes are blocked.".to_owned(),
            help: Some("Use CONCURRENTLY.".to_owned()),
        }],
        ..statement("CREATE INDEX ix ON call (at)", &[("call", Mode::Share)], Work::ReadsTable)
    };
    let block = PlannedStatement {
        locks: None,
        because: Some("it cannot be read".to_owned()),
        ..statement("DO $$\nBEGIN\nEND $$", &[], Work::Unknown)
    };
    let backfill = PlannedStatement {
        batches: Some(Batches { rows: 1_000, key: "id".to_owned() }),
        ..statement("UPDATE call SET minutes = seconds / 60", &[("call", Mode::RowExclusive)], Work::ChangesRows)
    };
    let plan = Plan {
        server: Server { product: Product::PostgreSQL, version: Version(18, 1, 0), is_replica: true },
        migrations: vec![
            migration("m1_index", Transaction::Whole, vec![index, block]),
            migration("m2_fill", Transaction::None, vec![backfill]),
            PlannedMigration {
                notes: vec!["it asks".to_owned()],
                cut_short: Some(
                    "what it does from here on cannot be known before m1_index is applied: no such table".to_owned(),
                ),
                ..migration("m3_ask", Transaction::Rows, Vec::new())
            },
            migration("m4_nothing", Transaction::Whole, Vec::new()),
        ],
        notes: vec!["this server is a replica".to_owned()],
        unknown: vec!["m9_newer".to_owned()],
    };
    let mut text = Vec::new();
    plan.write_text(&mut text).unwrap();
    assert_snapshot!(String::from_utf8(text).unwrap(), @r"
    on PostgreSQL 18.1, a replica

    m1_index (in one transaction, which keeps its locks until its end)
      CREATE INDEX ix ON call (at)
        lock: SHARE on call: whoever writes waits; whoever only reads goes on
        work: reads the whole table (of about 2,400,000 rows): the index is built
        warning[require-concurrent-index-creation]: Writes are blocked.
          help: Use CONCURRENTLY.
      DO $$
      BEGIN
      END $$
        lock: not known
        work: not known: it cannot be read

    m2_fill (outside a transaction)
      UPDATE call SET minutes = seconds / 60
        lock: ROW EXCLUSIVE on call: nobody waits but whoever changes the same rows, indexes the table, or changes its description
        work: changes rows, 1000 at a time in the order of id

    m3_ask (in one transaction for rows; each change of a table is committed by itself)
      note: it asks
      note: what it does from here on cannot be known before m1_index is applied: no such table

    m4_nothing (in one transaction, which keeps its locks until its end)
      runs no statement

    note: this server is a replica
    note: applied by another version, and left as they are: m9_newer

    4 migrations, 3 statements, 1 warning, 1 of unknown effect, 1 migration known in part
    ");
}

#[test]
fn a_plan_without_migrations_still_says_what_is_unknown() {
    let plan = Plan {
        server: Server { product: Product::SQLite, version: Version(3, 50, 0), is_replica: false },
        migrations: Vec::new(),
        notes: Vec::new(),
        unknown: vec!["m9_newer".to_owned()],
    };
    let mut text = Vec::new();
    plan.write_text(&mut text).unwrap();
    assert_snapshot!(String::from_utf8(text).unwrap(), @r"
    nothing to apply
    note: applied by another version, and left as they are: m9_newer
    ");
}
