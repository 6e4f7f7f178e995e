//! On PostgreSQL: a second column beside the key, filled by a trigger and a back-fill; indexes and foreign keys of it, built while
//! others write; then one short statement puts it in the place of the key. Each step is done once, whichever run does it.
//! <https://www.postgresql.org/docs/current/sql-altertable.html>

use std::time::Instant;

use sea_orm_migration::{
    SchemaManager,
    prelude::*,
    sea_orm::{ConnectionTrait, DatabaseExecutor, DbBackend, DbErr, Statement},
};

use super::{
    super::long_timeout::with_long_timeout,
    facts::{self, HeldForeignKey, HeldIndex, Key, quoted},
    swap::swap,
};
use crate::{Backfill, lock::AwaitedLock, planning, retry::StatementRetry};

pub(super) async fn widen(manager: &SchemaManager<'_>, table: &str, name: &str) -> Result<(), DbErr> {
    let db = manager.get_connection();
    if !matches!(db, DatabaseExecutor::Connection(_)) {
        return Err(refused("a key is widened outside a transaction: let `use_transaction` return `Some(false)`"));
    }
    let Some(key) = facts::key(db, table, name).await? else {
        if planning::is_dry_run() {
            // An earlier migration of the plan creates the table, so it is empty.
            let alter = Table::alter()
                .table(Alias::new(table))
                .modify_column(ColumnDef::new(Alias::new(name)).big_integer())
                .take();
            return db.execute(&alter).await.map(drop);
        }
        return Err(refused(&format!("no table `{table}` with a column `{name}` is in the search path")));
    };
    if key.r#type == "bigint" {
        return Ok(());
    }
    may_be_widened(&key, &facts::obstacles(db, table, name).await?, &format!("`{table}.{name}`"))?;
    let steps = Steps { db, table, key: &key, name };
    steps.add_copy().await?;
    let update = Query::update()
        .table(Alias::new(table))
        .value(Alias::new(&key.copy), Expr::col(Alias::new(name)))
        .and_where(Expr::col(Alias::new(&key.copy)).is_null())
        .take();
    Backfill::new(Alias::new(table), Alias::new(name)).run(manager, &update).await?;
    steps.require_copy().await?;
    let (indexes, foreign_keys) = loop {
        let indexes = facts::indexes(db, table, name, &key.copy).await?;
        let foreign_keys = facts::foreign_keys(db, table, name, &key.copy).await?;
        let is_open = |key: &HeldForeignKey| {
            key.is_twin_validated.is_none() || (key.is_validated && key.is_twin_validated == Some(false))
        };
        if indexes.iter().all(|index| index.is_built == Some(true)) && !foreign_keys.iter().any(is_open) {
            break (indexes, foreign_keys);
        }
        for index in indexes.iter().filter(|index| index.is_built != Some(true)) {
            steps.build(index).await?;
        }
        for foreign_key in foreign_keys.iter().filter(|foreign_key| is_open(foreign_key)) {
            steps.add_foreign_key(foreign_key).await?;
        }
        // In a plan nothing changes, so nothing is asked again.
        if planning::is_dry_run() {
            break (indexes, foreign_keys);
        }
    };
    let (of, copy) = (&key.table, quoted(&key.copy));
    if let (Some(sequence), "") = (&key.sequence, key.identity.as_str()) {
        steps.execute_with_retries(&format!("ALTER SEQUENCE {sequence} AS bigint OWNED BY {of}.{copy}")).await?;
    }
    steps.execute_with_retries(&format!("ANALYZE {of} ({copy})")).await?;
    steps.execute_with_retries(&swap(&key, &quoted(name), &indexes, &foreign_keys)).await
}

fn may_be_widened(key: &Key, obstacles: &[String], name: &str) -> Result<(), DbErr> {
    if !["integer", "smallint"].contains(&key.r#type.as_str()) {
        return Err(refused(&format!("{name} is of type {}, and only an integer becomes a bigint", key.r#type)));
    }
    if !key.is_plain_table {
        return Err(refused(&format!(
            "{name} belongs to a partitioned or inherited table, whose keys are not widened online"
        )));
    }
    if key.has_copy && !key.has_guard {
        let copy = &key.copy;
        return Err(refused(&format!(
            "the table has a column `{copy}` already, which is to be the wider {name}: rename it"
        )));
    }
    if obstacles.is_empty() {
        return Ok(());
    }
    Err(refused(&format!(
        "{} refer to {name} and cannot follow it to another column: drop them before, and create them again after",
        obstacles.join(", ")
    )))
}

fn refused(why: &str) -> DbErr {
    DbErr::Migration(why.to_owned())
}

struct Steps<'a> {
    db: &'a DatabaseExecutor<'a>,
    table: &'a str,
    key: &'a Key,
    name: &'a str,
}

impl Steps<'_> {
    /// The copy, and a trigger that fills it in each row that is written from now on. They come together or not at all: several
    /// statements in one message are one transaction.
    async fn add_copy(&self) -> Result<(), DbErr> {
        let Key { table, copy, guard, guard_function, has_copy, .. } = self.key;
        if *has_copy {
            return Ok(());
        }
        let (copy, key) = (quoted(copy), quoted(self.name));
        self.execute_with_retries(&format!(
            "ALTER TABLE {table} ADD COLUMN {copy} bigint; \
             CREATE FUNCTION {guard_function}() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp \
             AS $$ BEGIN NEW.{copy} := NEW.{key}; RETURN NEW; END $$; \
             CREATE TRIGGER {guard} BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {guard_function}()"
        ))
        .await
    }

    /// A CHECK, so that SET NOT NULL need not read the table.
    async fn require_copy(&self) -> Result<(), DbErr> {
        let Key { table, copy, guard, is_filled, .. } = self.key;
        if is_filled.is_none() {
            let copy = quoted(copy);
            let add = format!("ALTER TABLE {table} ADD CONSTRAINT {guard} CHECK ({copy} IS NOT NULL) NOT VALID");
            self.execute_with_retries(&add).await?;
        }
        if *is_filled == Some(true) {
            return Ok(());
        }
        self.execute_and_wait(&format!("ALTER TABLE {table} VALIDATE CONSTRAINT {guard}")).await
    }

    async fn build(&self, index: &HeldIndex) -> Result<(), DbErr> {
        if index.is_built == Some(false) {
            self.execute_and_wait(&format!("DROP INDEX CONCURRENTLY {}", index.qualified_twin)).await?;
        }
        self.execute_and_wait(&index.build).await
    }

    async fn add_foreign_key(&self, key: &HeldForeignKey) -> Result<(), DbErr> {
        let HeldForeignKey { table, twin, definition, is_validated, is_twin_validated, .. } = key;
        if is_twin_validated.is_none() {
            self.execute_with_retries(&format!("ALTER TABLE {table} ADD CONSTRAINT {twin} {definition} NOT VALID"))
                .await?;
        }
        if !is_validated {
            return Ok(());
        }
        self.execute_and_wait(&format!("ALTER TABLE {table} VALIDATE CONSTRAINT {twin}")).await
    }

    /// For a statement that makes others wait while it waits for its lock: it gives up after the lock timeout, and is retried.
    async fn execute_with_retries(&self, sql: &str) -> Result<(), DbErr> {
        let mut retry = StatementRetry::new();
        loop {
            let began = Instant::now();
            match self.db.execute_unprepared(sql).await {
                Ok(_) => return Ok(()),
                Err(error) => retry.wait_after(self.db, error, AwaitedLock::Table(Some(self.table)), began).await?,
            }
        }
    }

    /// For a statement that blocks neither reads nor writes: it may wait for as long as the run may.
    async fn execute_and_wait(&self, sql: &str) -> Result<(), DbErr> {
        let mut retry = StatementRetry::new();
        loop {
            let began = Instant::now();
            match with_long_timeout(self.db, &mut retry, Statement::from_string(DbBackend::Postgres, sql)).await {
                Ok(()) => return Ok(()),
                Err(error) => retry.wait_after(self.db, error, AwaitedLock::Table(Some(self.table)), began).await?,
            }
        }
    }
}
