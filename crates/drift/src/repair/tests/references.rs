//! To which tables a foreign key is added.

use rstest::rstest;

use super::*;
use crate::model::Writability;

/// `agent (id, code)`, with a key of `id`.
fn agent(dialect: Dialect) -> Table {
    let integer = if matches!(dialect, Dialect::MySql | Dialect::MariaDb) { "int" } else { "integer" };
    Table {
        columns: vec![column("id", integer, dialect), column("code", "varchar(9)", dialect)],
        primary_key: vec!["id".to_owned()],
        ..Table::new(TableName::unqualified("agent"))
    }
}

fn without_key(table: Table) -> Table {
    Table { primary_key: Vec::new(), ..table }
}

fn with_index(uniqueness: Uniqueness, columns: &[&str], restrictions: &[IndexRestriction], table: Table) -> Table {
    let index = Index { uniqueness, restrictions: restrictions.to_vec(), ..unique(columns) };
    Table { indexes: vec![index], ..table }
}

const PLAIN: Uniqueness = Uniqueness::Plain;
const UNIQUE: Uniqueness = Uniqueness::Unique;

#[rstest]
#[case::to_its_primary_key(Dialect::Postgres, |agent| agent, true)]
#[case::to_no_key(Dialect::Postgres, without_key, false)]
#[case::to_a_unique_index(Dialect::Postgres, |agent| with_index(UNIQUE, &["id"], &[], without_key(agent)), true)]
#[case::to_a_partial_one(Dialect::Postgres, |agent| with_index(UNIQUE, &["id"], &[IndexRestriction::Partial], without_key(agent)), false)]
#[case::to_one_of_more_columns(Dialect::Postgres, |agent| with_index(UNIQUE, &["id", "code"], &[], without_key(agent)), false)]
#[case::to_a_plain_index(Dialect::Postgres, |agent| with_index(PLAIN, &["id"], &[], without_key(agent)), false)]
#[case::to_a_deferrable_key(Dialect::Postgres, |agent| Table { primary_key_restrictions: vec![IndexRestriction::Deferrable], ..agent }, false)]
#[case::to_a_text(Dialect::Postgres, |agent| Table { columns: vec![column("id", "varchar(9)", Dialect::Postgres)], ..agent }, false)]
#[case::to_a_larger_number(Dialect::Postgres, |agent| Table { columns: vec![column("id", "bigint", Dialect::Postgres)], ..agent }, true)]
#[case::to_a_view(Dialect::Postgres, |agent| Table { relation: RelationKind::View(Writability::Writable), ..agent }, false)]
#[case::to_its_primary_key(Dialect::MariaDb, |agent| agent, true)]
#[case::to_no_key(Dialect::MariaDb, without_key, false)]
#[case::to_the_first_column_of_an_index(Dialect::MariaDb, |agent| with_index(PLAIN, &["id", "code"], &[], without_key(agent)), true)]
#[case::to_the_second_column_of_an_index(Dialect::MariaDb, |agent| with_index(PLAIN, &["code", "id"], &[], without_key(agent)), false)]
#[case::to_a_larger_number(Dialect::MariaDb, |agent| Table { columns: vec![column("id", "bigint", Dialect::MariaDb)], ..agent }, false)]
#[case::to_a_partitioned_table(Dialect::MariaDb, |agent| Table { relation: RelationKind::Partitioned, ..agent }, false)]
fn a_foreign_key_is_added(#[case] dialect: Dialect, #[case] make: fn(Table) -> Table, #[case] expected: bool) {
    let (declared, live, tables) = (table(dialect), table(dialect), [make(agent(dialect))]);
    let missing = Change::ForeignKeyMissing { declared: key(), nearest: None };
    let context = Context {
        declared: &declared,
        live: Some(&live),
        tables: &tables,
        role: None,
        types: &[],
        taken: &[],
        dialect,
    };
    assert_eq!(repair(&missing, context).is_some(), expected);
}
