//! Tables and columns whose names are as long as they may be: what is named after them has names of its own.

use rstest::rstest;
use sea_orm_migration::sea_orm::sea_query::{
    ColumnDef, ForeignKey, Index, IndexCreateStatement, Table, TableCreateStatement,
};
use test_servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

use super::{
    Declared,
    edits::{author, undecided},
    from_one_to_two, scratch,
};

/// Differs from the others only at its end.
fn long(end: &str) -> String {
    "x".repeat(60) + end
}

fn table(name: &str, is_whole: bool) -> (TableCreateStatement, Vec<IndexCreateStatement>) {
    let columns = ["one", "two"].map(long);
    let mut table = Table::create().table(name.to_owned()).take();
    table.col(ColumnDef::new("id").integer().not_null().auto_increment().primary_key());
    let mut indexes = Vec::new();
    for column in columns {
        let mut definition = ColumnDef::new(column.clone()).integer().take();
        if is_whole {
            definition.extra(format!("CHECK ({column} > 0)"));
            let mut key = ForeignKey::create();
            let key_name = format!("fk-{name}-{column}");
            key.name(key_name).from(name.to_owned(), column.clone()).to("author", "id");
            table.foreign_key(&mut key);
            let index_name = format!("idx-{name}-{column}");
            indexes.push(Index::create().name(index_name).table(name.to_owned()).col(column).col("id").take());
        }
        table.col(definition);
    }
    (table, indexes)
}

fn declared(is_whole: bool) -> Declared {
    let mut declared: Declared = ["one", "two"].map(|end| table(&long(end), is_whole)).into();
    declared.push((author(), Vec::new()));
    declared
}

#[rstest]
#[case::with_its_table(Vec::new())]
#[case::for_a_table_that_is_there(declared(false))]
#[tokio::test]
async fn long_names_do_not_collide(#[case] one: Declared, #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let Some((db, _database)) = scratch(server).await else { return };
    let found = from_one_to_two(&db, &one, &declared(true), undecided(), None).await;
    assert!(found.is_ok(), "{found:?}");
}
