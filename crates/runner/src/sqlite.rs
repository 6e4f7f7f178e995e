//! Rebuilds a table for the changes that SQLite's `ALTER TABLE` cannot make: the type of a column, NOT NULL, defaults and foreign
//! keys.

use sea_orm_migration::{
    SchemaManager,
    prelude::*,
    sea_orm::{ConnectionTrait, DatabaseExecutor, DbBackend, DbErr, Statement},
};

/// Creates the table anew from `table`, and keeps its rows, indexes and triggers. This is SQLite's own procedure for changes that
/// `ALTER TABLE` does not support (<https://www.sqlite.org/lang_altertable.html#otheralter>). Columns of the same name keep their
/// values. Drop an index over a column that `table` lacks first.
///
/// ```
/// # use sea_orm_migration::{prelude::*, schema::*};
/// # async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
/// let post = Table::create().table("post").col(pk_auto("id")).col(text("title")).to_owned();
/// sea_orm_runner::sqlite::rebuild_table(manager, post).await
/// # }
/// ```
///
/// # Errors
/// An error of SeaORM, or if the database is not SQLite, a row violates the new table, or the table does not exist.
pub async fn rebuild_table(manager: &SchemaManager<'_>, table: TableCreateStatement) -> Result<(), DbErr> {
    rebuild_table_with(manager, table, Vec::<(Alias, Expr)>::new()).await
}

/// Like [`rebuild_table`], but computes the values of some columns. Without it a value keeps its form in a column of another type,
/// and the driver may be unable to read it.
///
/// ```
/// # use sea_orm_migration::{prelude::*, schema::*};
/// # async fn up(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
/// let post = Table::create().table("post").col(pk_auto("id")).col(date("written")).to_owned();
/// sea_orm_runner::sqlite::rebuild_table_with(manager, post, [("written", Expr::cust("date(written)"))]).await
/// # }
/// ```
///
/// # Errors
/// Those of [`rebuild_table`].
pub async fn rebuild_table_with(
    manager: &SchemaManager<'_>,
    mut table: TableCreateStatement,
    values: impl IntoIterator<Item = (impl IntoIden, Expr)>,
) -> Result<(), DbErr> {
    let values: Vec<(String, Expr)> =
        values.into_iter().map(|(column, value)| (column.into_iden().to_string(), value)).collect();
    if manager.get_database_backend() != DbBackend::Sqlite {
        return Err(migration_error("rebuild_table works only on SQLite: use ALTER TABLE on this database"));
    }
    let name = match table.get_table_name() {
        Some(TableRef::Table(name, _)) => name.1.to_string(),
        _ => return Err(migration_error("the table to rebuild has no name")),
    };
    let db = manager.get_connection();
    let columns: Vec<String> = table.get_columns().iter().map(ColumnDef::get_column_name).collect();
    let kept: Vec<String> = query_texts(db, "SELECT name FROM pragma_table_info(?) ORDER BY cid", &name)
        .await?
        .into_iter()
        .filter(|old| columns.iter().any(|new| new.eq_ignore_ascii_case(old)))
        .collect();
    if kept.is_empty() {
        return Err(migration_error(&format!("the table {name} does not exist, or has no column of the new table")));
    }
    let indexes_and_triggers = query_texts(db, INDEXES_AND_TRIGGERS, &name).await?;
    // The condition only takes the value that is bound.
    let foreign_keys =
        query_texts(db, "SELECT CAST(foreign_keys AS text) FROM pragma_foreign_keys WHERE ? <> ''", &name).await?;
    let enforces_foreign_keys = foreign_keys == ["1"];

    let rebuilt = format!("{name}__rebuilt");
    let (quoted_name, quoted_rebuilt) = (quote_identifier(&name), quote_identifier(&rebuilt));
    // Otherwise DROP TABLE would delete the rows that refer to the table, or fail.
    if enforces_foreign_keys {
        db.execute_unprepared("PRAGMA foreign_keys = OFF").await?;
    }
    // Otherwise RENAME fails where a view refers to the table.
    db.execute_unprepared("PRAGMA legacy_alter_table = ON").await?;
    manager.create_table(table.table(rebuilt.clone()).take()).await?;
    db.execute(&copy_rows(&name, &rebuilt, &kept, &values)?).await?;
    keep_sequence(db, &name).await?;
    db.execute_unprepared(&format!("DROP TABLE {quoted_name}")).await?;
    db.execute_unprepared(&format!("ALTER TABLE {quoted_rebuilt} RENAME TO {quoted_name}")).await?;
    for sql in indexes_and_triggers {
        db.execute_unprepared(&sql).await?;
    }
    db.execute_unprepared("PRAGMA legacy_alter_table = OFF").await?;
    if enforces_foreign_keys {
        db.execute_unprepared("PRAGMA foreign_keys = ON").await?;
    }
    Ok(())
}

/// The statement that copies the rows from one table to another.
fn copy_rows(old: &str, new: &str, columns: &[String], values: &[(String, Expr)]) -> Result<InsertStatement, DbErr> {
    let mut select = Query::select().from(Alias::new(old)).take();
    for column in columns {
        let value = values.iter().find(|(other, _)| other.eq_ignore_ascii_case(column));
        select.expr(value.map_or_else(|| Expr::col(Alias::new(column)), |(_, value)| value.clone()));
    }
    let insert = Query::insert().into_table(Alias::new(new)).columns(columns.iter().map(Alias::new)).take();
    let mut insert = insert;
    insert.select_from(select).map_err(|error| migration_error(&error.to_string()))?;
    Ok(insert)
}

/// The SQL of a table's indexes and triggers. An index of a UNIQUE or PRIMARY KEY has none: `CREATE TABLE` creates it.
const INDEXES_AND_TRIGGERS: &str = "SELECT sql FROM sqlite_master WHERE tbl_name = ? COLLATE NOCASE AND type IN ('index', 'trigger') \
                       AND sql IS NOT NULL ORDER BY type, name";

/// Keeps the counter of AUTOINCREMENT, so that no key is used again.
async fn keep_sequence(db: &DatabaseExecutor<'_>, name: &str) -> Result<(), DbErr> {
    if query_texts(db, "SELECT name FROM sqlite_master WHERE name = 'sqlite_sequence' AND ? <> ''", name)
        .await?
        .is_empty()
    {
        return Ok(());
    }
    for sql in [
        "DELETE FROM sqlite_sequence WHERE name = ? || '__rebuilt'",
        "INSERT INTO sqlite_sequence (name, seq) SELECT name || '__rebuilt', seq FROM sqlite_sequence WHERE name = ?",
    ] {
        db.execute_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, [name.into()])).await?;
    }
    Ok(())
}

async fn query_texts(db: &DatabaseExecutor<'_>, sql: &str, name: &str) -> Result<Vec<String>, DbErr> {
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, [name.into()]);
    db.query_all_raw(statement).await?.iter().map(|row| row.try_get_by_index(0)).collect()
}

fn quote_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn migration_error(why: &str) -> DbErr {
    DbErr::Migration(why.to_owned())
}
