//! What SQLite's `ALTER TABLE` cannot do: change the type of a column, its NULL and its default, and foreign keys. It only adds,
//! renames and drops columns.

use sea_orm_migration::{
    SchemaManager,
    prelude::*,
    sea_orm::{ConnectionTrait, DatabaseExecutor, DbBackend, DbErr, Statement},
};

/// Makes a table anew, as `table` says, and keeps its rows, indexes and triggers: SQLite's own procedure for changes that its
/// `ALTER TABLE` does not know (<https://www.sqlite.org/lang_altertable.html#otheralter>). Columns of the same name keep their
/// values. An index over a column that `table` lacks must be dropped before.
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
/// Those of SeaORM; on another database; if a row does not fit the new table; if the table does not exist.
pub async fn rebuild_table(manager: &SchemaManager<'_>, table: TableCreateStatement) -> Result<(), DbErr> {
    rebuild_table_with(manager, table, Vec::<(Alias, Expr)>::new()).await
}

/// [`rebuild_table`], with other values in some columns: SQLite keeps a value as it is in a column of another type, in which the
/// driver may not read it.
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
        return Err(refused("only SQLite rebuilds a table to change it: use ALTER TABLE here"));
    }
    let name = match table.get_table_name() {
        Some(TableRef::Table(name, _)) => name.1.to_string(),
        _ => return Err(refused("the table to rebuild has no name")),
    };
    let db = manager.get_connection();
    let columns: Vec<String> = table.get_columns().iter().map(ColumnDef::get_column_name).collect();
    let kept: Vec<String> = texts(db, "SELECT name FROM pragma_table_info(?) ORDER BY cid", &name)
        .await?
        .into_iter()
        .filter(|old| columns.iter().any(|new| new.eq_ignore_ascii_case(old)))
        .collect();
    if kept.is_empty() {
        return Err(refused(&format!("there is no table {name} with a column to keep")));
    }
    let objects = texts(db, OBJECTS, &name).await?;
    let enforced = texts(db, "SELECT CAST(foreign_keys AS text) FROM pragma_foreign_keys WHERE ? <> ''", &name).await?;
    let is_enforced = enforced == ["1"];

    let (new, old) = (format!("{name}__rebuilt"), quoted(&name));
    // Otherwise dropping the table would delete the rows that refer to it.
    if is_enforced {
        db.execute_unprepared("PRAGMA foreign_keys = OFF").await?;
    }
    // Otherwise the renaming fails where a view refers to the table.
    db.execute_unprepared("PRAGMA legacy_alter_table = ON").await?;
    manager.create_table(table.table(new.clone()).take()).await?;
    db.execute(&copied(&name, &new, &kept, &values)?).await?;
    let new = quoted(&new);
    keep_sequence(db, &name).await?;
    db.execute_unprepared(&format!("DROP TABLE {old}")).await?;
    db.execute_unprepared(&format!("ALTER TABLE {new} RENAME TO {old}")).await?;
    for object in objects {
        db.execute_unprepared(&object).await?;
    }
    db.execute_unprepared("PRAGMA legacy_alter_table = OFF").await?;
    if is_enforced {
        db.execute_unprepared("PRAGMA foreign_keys = ON").await?;
    }
    Ok(())
}

/// Copies the rows from one table to another.
fn copied(old: &str, new: &str, columns: &[String], values: &[(String, Expr)]) -> Result<InsertStatement, DbErr> {
    let mut select = Query::select().from(Alias::new(old)).take();
    for column in columns {
        let value = values.iter().find(|(other, _)| other.eq_ignore_ascii_case(column));
        select.expr(value.map_or_else(|| Expr::col(Alias::new(column)), |(_, value)| value.clone()));
    }
    let insert = Query::insert().into_table(Alias::new(new)).columns(columns.iter().map(Alias::new)).take();
    let mut insert = insert;
    insert.select_from(select).map_err(|error| refused(&error.to_string()))?;
    Ok(insert)
}

/// Those of a UNIQUE or a key have no text, and come with the table.
const OBJECTS: &str = "SELECT sql FROM sqlite_master WHERE tbl_name = ? COLLATE NOCASE AND type IN ('index', 'trigger') \
                       AND sql IS NOT NULL ORDER BY type, name";

/// A key that was given away once is not given away again.
async fn keep_sequence(db: &DatabaseExecutor<'_>, name: &str) -> Result<(), DbErr> {
    if texts(db, "SELECT name FROM sqlite_master WHERE name = 'sqlite_sequence' AND ? <> ''", name).await?.is_empty() {
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

async fn texts(db: &DatabaseExecutor<'_>, sql: &str, name: &str) -> Result<Vec<String>, DbErr> {
    let statement = Statement::from_sql_and_values(DbBackend::Sqlite, sql, [name.into()]);
    db.query_all_raw(statement).await?.iter().map(|row| row.try_get_by_index(0)).collect()
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn refused(why: &str) -> DbErr {
    DbErr::Migration(why.to_owned())
}
