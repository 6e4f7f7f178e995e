//! Privileges, sequences, names, and repairs of whole tables.

use rstest::rstest;

use super::{refusals::sql, *};
use crate::model::{CounterKind, NextValue};

#[rstest]
#[case::of_a_table(Dialect::Postgres, Some("reader"), Privilege::Select, &[], r#"GRANT SELECT ON "call" TO "reader""#)]
#[case::of_columns(
    Dialect::Postgres, Some("reader"), Privilege::Update, &["sid", "agent"],
    r#"GRANT UPDATE ("sid", "agent") ON "call" TO "reader""#
)]
#[case::of_a_sequence(
    Dialect::Postgres, Some("reader"), Privilege::Usage, &["id"], r#"GRANT USAGE ON SEQUENCE call_id_seq TO "reader""#
)]
#[case::to_a_role_of_mariadb(
    Dialect::MariaDb, Some("reader@%"), Privilege::Insert, &[], "GRANT INSERT ON `call` TO 'reader'@'%'"
)]
#[case::to_nobody_known(Dialect::Postgres, None, Privilege::Select, &[], "-")]
#[case::on_sqlite(Dialect::Sqlite, Some("reader"), Privilege::Select, &[], "-")]
fn a_privilege_is_granted(
    #[case] dialect: Dialect,
    #[case] role: Option<&str>,
    #[case] privilege: Privilege,
    #[case] columns: &[&str],
    #[case] expected: &str,
) {
    let declared = table(dialect);
    let mut live = declared.clone();
    live.columns[0].denied = [Privilege::Usage].into();
    for column in &mut live.columns[..2] {
        column.sequence = Some(Box::new(sequence(&format!("call_{}_seq", column.name), 1)));
    }
    let columns = columns.iter().map(|&column| column.to_owned()).collect();
    let change = Change::PrivilegeMissing { privilege, columns, on_omit: OnOmit::Stored };
    let context =
        Context { declared: &declared, live: Some(&live), role, tables: &[], types: &[], taken: &[], dialect };
    let sql = repair(&change, context).map_or_else(|| "-".to_owned(), |repair| repair.sql.join("; "));
    assert_eq!(sql, expected);
}

fn sequence(name: &str, increment: i128) -> Sequence {
    Sequence {
        name: name.to_owned(),
        kind: CounterKind::Sequence,
        next: None,
        increment,
        first: 1,
        last: 100,
        cycles: false,
        is_cut: false,
        per_day: None,
        state: NextValue::Taken,
    }
}

#[rstest]
#[case::that_counts_up(sequence("numbers", 1), r#"SELECT setval('numbers', (SELECT max("id") FROM "call"))"#)]
#[case::that_counts_down(sequence("numbers", -1), "-")]
#[case::that_begins_again(Sequence { cycles: true, ..sequence("numbers", 1) }, "-")]
fn a_sequence_is_set_past_the_rows(#[case] sequence: Sequence, #[case] expected: &str) {
    let declared = table(Dialect::Postgres);
    let change = Change::SequenceBehind { column: "id".to_owned(), sequence };
    assert_eq!(sql(&change, &declared, &declared), expected);
}

#[rstest]
#[case::of_two_bytes(32_767, "ALTER SEQUENCE numbers AS smallint MAXVALUE 32767")]
#[case::of_four_bytes(2_147_483_647, "ALTER SEQUENCE numbers AS integer MAXVALUE 2147483647")]
#[case::of_eight_bytes(i128::from(i64::MAX), "ALTER SEQUENCE numbers AS bigint MAXVALUE 9223372036854775807")]
#[case::that_it_has(100, "-")]
fn a_sequence_gets_the_end(#[case] largest: i128, #[case] expected: &str) {
    let declared = table(Dialect::Postgres);
    let change = Change::SequenceNarrower { column: "id".to_owned(), sequence: sequence("numbers", 1), largest };
    assert_eq!(sql(&change, &declared, &declared), expected);
}

#[rstest]
#[case::by_nobody(Dialect::Postgres, &[], None)]
#[case::on_postgres(Dialect::Postgres, &["calls"], Some(r#"ALTER TABLE "app"."calls" RENAME TO "call""#))]
#[case::on_mariadb(Dialect::MariaDb, &["calls"], Some("ALTER TABLE `app`.`calls` RENAME TO `app`.`call`"))]
#[case::with_two_candidates(Dialect::Postgres, &["calls", "old"], Some("-"))]
fn a_table_may_have_been_renamed(
    #[case] dialect: Dialect,
    #[case] rename_candidates: &[&str],
    #[case] expected: Option<&str>,
) {
    let name = TableName { schema: Some("app".to_owned()), name: "call".to_owned() };
    let declared = Table { name, ..table(dialect) };
    let rename_candidates = rename_candidates.iter().map(|&name| name.to_owned()).collect();
    let change = Change::TableMissing { other_schemas: Vec::new(), rename_candidates };
    let sql =
        repaired(&change, &declared, None, dialect).map_or_else(|| "-".to_owned(), |repair| repair.sql.join("; "));
    match expected {
        Some(expected) => assert_eq!(sql, expected),
        None => assert!(sql.starts_with(r#"CREATE TABLE "app"."call""#), "{sql}"),
    }
}

#[test]
fn new_columns_of_a_table_are_added_at_once() {
    let declared = table(Dialect::Postgres);
    let other = Table { name: TableName::unqualified("agent"), ..declared.clone() };
    let add = |table: &Table, name: &str| {
        let column = Column { nullability: Nullability::NotNull, ..column(name, "text", Dialect::Postgres) };
        let change = Change::ColumnMissing { declared: column, rename_candidates: Vec::new() };
        repaired(&change, table, Some(table), Dialect::Postgres).unwrap()
    };
    let [one, two, three] = [add(&declared, "one"), add(&declared, "two"), add(&other, "three")];
    let merged = |repairs: &[&Repair]| super::super::merged(repairs, Dialect::Postgres);
    let all = merged(&[&one, &two, &three]).unwrap();
    assert_eq!(
        all.sql,
        [
            r#"ALTER TABLE "call" ADD COLUMN "one" text, ADD COLUMN "two" text"#,
            r#"ALTER TABLE "agent" ADD COLUMN "three" text"#
        ]
    );
    assert_eq!(all.remarks, ["added as nullable; back-fill it, then set NOT NULL"], "once");
    assert_eq!(merged(&[]), None);

    let raw = |text: &str| Repair::of(Plan::raw([text.to_owned()]), Dialect::Postgres);
    let [a, b] = [raw("CREATE TYPE a"), raw("CREATE TYPE b")];
    assert_eq!(merged(&[&a, &a, &b]).unwrap().sql, ["CREATE TYPE a", "CREATE TYPE b"]);
}

#[rstest]
#[case::its_own("by_sid", &["sid"], &[], "by_sid")]
#[case::none(".", &["sid"], &[], "idx-call-sid")]
#[case::that_of_its_column("sid", &["sid"], &[], "idx-call-sid")]
#[case::that_of_one_of_its_columns("sid", &["sid", "agent"], &[], "sid")]
#[case::one_that_is_taken("by_sid", &["sid"], &["BY_SID"], "by_sid-2")]
fn an_index_has_the_name(#[case] name: &str, #[case] columns: &[&str], #[case] taken: &[&str], #[case] expected: &str) {
    let taken: Vec<String> = taken.iter().map(|&name| name.to_owned()).collect();
    let index = Index { name: name.trim_matches('.').to_owned(), ..unique(columns) };
    assert_eq!(index_name(&index, &TableName::unqualified("call"), &taken), expected);
}
