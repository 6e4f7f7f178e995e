//! Creates tables as SeaORM does, and remembers what they were created from.

use sea_orm::{
    ConnectionTrait, DbBackend, DbConn, EntityTrait, Schema, Statement,
    sea_query::{IndexCreateStatement, TableCreateStatement},
};
use sea_orm_drift::Entities;

pub(super) struct Created<'a> {
    db: &'a DbConn,
    pub(super) entities: Entities,
}

impl<'a> Created<'a> {
    /// None yet.
    pub(super) fn on(db: &'a DbConn) -> Self {
        Self { db, entities: Entities::new() }
    }

    /// Creates the entity's enums where they are types, its table and its indexes.
    pub(super) async fn add<E: EntityTrait>(&mut self, entity: E) {
        let schema = Schema::new(self.db.get_database_backend());
        let mut made: Vec<String> = Vec::new();
        for statement in schema.create_enum_from_entity(entity) {
            let sql = self.db.get_database_backend().build(&statement).to_string();
            if !made.contains(&sql) {
                self.sql(&sql).await;
                made.push(sql);
            }
        }
        self.db.execute(&schema.create_table_from_entity(entity)).await.unwrap();
        for index in schema.create_index_from_entity(entity) {
            self.db.execute(&index).await.unwrap();
        }
        self.list(|entities| entities.add(entity));
    }

    /// The same for a table that has no entity.
    pub(super) async fn add_table(&mut self, table: TableCreateStatement, indexes: Vec<IndexCreateStatement>) {
        self.db.execute(&table).await.unwrap();
        for index in &indexes {
            self.db.execute(index).await.unwrap();
        }
        self.list(|entities| entities.add_table(table, indexes));
    }

    /// MySQL itself, which takes less in defaults and CHECKs than MariaDB.
    pub(super) async fn is_mysql(&self) -> bool {
        let backend = self.db.get_database_backend();
        if backend != DbBackend::MySql {
            return false;
        }
        let ask = Statement::from_string(backend, "SELECT VERSION()");
        let version: String = self.db.query_one_raw(ask).await.unwrap().unwrap().try_get_by_index(0).unwrap();
        !version.contains("MariaDB")
    }

    /// Counts what was created otherwise.
    pub(super) fn list(&mut self, add: impl FnOnce(Entities) -> Entities) {
        self.entities = add(std::mem::take(&mut self.entities));
    }

    /// Executes what no entity can say.
    pub(super) async fn sql(&self, sql: &str) {
        self.db.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}
