//! The code of a migration, where it differs from one column or key to another.

use rstest::rstest;

use super::*;
use crate::repair::{code, column::Definition};

#[rstest]
#[case::a_small_number(DefaultExpr::Integer(7), "7")]
#[case::the_largest_without_a_suffix(DefaultExpr::Integer(2_147_483_647), "2147483647")]
#[case::a_large_number(DefaultExpr::Integer(2_147_483_648), "2147483648_i64")]
#[case::a_whole_float(DefaultExpr::Float(2.0), "2.0")]
#[case::a_truth(DefaultExpr::Boolean(true), "true")]
#[case::a_text(DefaultExpr::Text("a\"b".to_owned()), r#""a\"b""#)]
#[case::now(DefaultExpr::Now, "Expr::current_timestamp()")]
#[case::an_expression(DefaultExpr::Expression("uuid()".to_owned()), r#"Expr::cust("uuid()")"#)]
fn a_default_is_written(#[case] default: DefaultExpr, #[case] expected: &str) {
    assert_eq!(code::default_code(&default), expected);
}

#[rstest]
#[case::without_quotes("ANALYZE", r#""ANALYZE""#)]
#[case::with_quotes(r#"ANALYZE "a""#, "r#\"ANALYZE \"a\"\"#")]
#[case::with_the_end_of_a_raw_text(r##"SELECT "#""##, r##""SELECT \"#\"""##)]
#[case::of_two_lines("ANALYZE \"a\"\nb", r#""ANALYZE \"a\"\nb""#)]
fn a_statement_is_written_as_a_text(#[case] sql: &str, #[case] expected: &str) {
    let code = code::body(&[Operation::Raw(sql.to_owned())]);
    assert_eq!(code, format!("manager.get_connection().execute_unprepared({expected}).await?;"));
}

#[rstest]
#[case::refused(Action::NoAction, Action::NoAction, "")]
#[case::deleted(Action::Cascade, Action::NoAction, ".on_delete(ForeignKeyAction::Cascade)")]
#[case::changed(Action::NoAction, Action::SetNull, ".on_update(ForeignKeyAction::SetNull)")]
#[case::both(
    Action::SetDefault,
    Action::Cascade,
    ".on_delete(ForeignKeyAction::SetDefault).on_update(ForeignKeyAction::Cascade)"
)]
fn the_rows_of_a_foreign_key_are(#[case] on_delete: Action, #[case] on_update: Action, #[case] expected: &str) {
    let declared = table(Dialect::MariaDb);
    let change = Change::ForeignKeyMissing { declared: ForeignKey { on_delete, on_update, ..key() }, nearest: None };
    let repair = repaired(&change, &declared, Some(&declared), Dialect::MariaDb).unwrap();
    let end = format!(r#".to_tbl("agent").to_col("id"){expected}.to_owned()).await?;"#);
    assert!(repair.code.ends_with(&end), "{}", repair.code);
    let in_sql = [(on_delete, "ON DELETE"), (on_update, "ON UPDATE")];
    for (action, words) in in_sql {
        assert_eq!(repair.sql[0].contains(words), action != Action::NoAction, "{:?}", repair.sql);
    }
}

#[test]
fn columns_have_a_line_each_if_they_are_several() {
    let table = TableName { schema: Some("app".to_owned()), name: "call".to_owned() };
    let columns = ["one", "two"].map(Definition::named).to_vec();
    assert_eq!(
        code::body(&[Operation::AddColumns { table: table.clone(), columns: columns[..1].to_vec() }]),
        r#"manager.alter_table(Table::alter().table(("app", "call")).add_column(ColumnDef::new("one")).to_owned()).await?;"#
    );
    assert_eq!(
        code::body(&[Operation::AddColumns { table, columns }]),
        r#"manager.alter_table(Table::alter().table(("app", "call"))
    .add_column(ColumnDef::new("one"))
    .add_column(ColumnDef::new("two"))
    .to_owned()).await?;"#
    );
}

#[rstest]
#[case::nothing(|_: &mut Definition| {}, "")]
#[case::that_it_takes_null(|it: &mut Definition| it.nullability = Some(Nullability::Nullable), ".null()")]
#[case::that_it_takes_no_null(|it: &mut Definition| it.nullability = Some(Nullability::NotNull), ".not_null()")]
#[case::that_it_counts(|it: &mut Definition| it.generation = Generation::AutoIncrement, ".auto_increment()")]
#[case::not_how_it_is_set(|it: &mut Definition| it.generation = Generation::OnUpdate, "")]
#[case::that_it_is_the_key(|it: &mut Definition| it.is_key = true, ".primary_key()")]
#[case::its_further_words(
    |it: &mut Definition| it.extra = vec!["COLLATE x".to_owned(), "CHECK (a > 0)".to_owned()],
    r#".extra("COLLATE x CHECK (a > 0)")"#
)]
fn a_column_says(#[case] make: fn(&mut Definition), #[case] expected: &str) {
    let mut column = Definition::named("a");
    make(&mut column);
    let code = code::body(&[Operation::ModifyColumn { table: TableName::unqualified("call"), column }]);
    let expected = format!(r#".modify_column(ColumnDef::new("a"){expected}).to_owned()).await?;"#);
    assert!(code.ends_with(&expected), "{code}");
}
