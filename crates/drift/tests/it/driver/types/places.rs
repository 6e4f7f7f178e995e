//! A place of its own for the table of each live type: making and dropping tables is what costs.

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DbConn};

use crate::servers::{
    self,
    Server::{MySqlOrMariaDb, Postgres, Sqlite},
};

/// Schemas of PostgreSQL, databases of MySQL and MariaDB, SQLite databases in memory; numbered.
pub(super) struct Places<'a> {
    database: &'a servers::Database,
    /// The test's own database.
    home: DbConn,
    /// One for each place; none on PostgreSQL.
    connections: Vec<DbConn>,
    count: usize,
}

impl<'a> Places<'a> {
    pub(super) async fn new(database: &'a servers::Database, preparation: &[&str], count: usize) -> Self {
        let home = match database.server {
            // Without a cache of statements, because the table behind one text is another in each place.
            Postgres => connect(&format!("{}?statement-cache-capacity=0", database.url)).await,
            MySqlOrMariaDb | Sqlite => connect(&database.url).await,
        };
        for statement in preparation {
            home.execute_unprepared(statement).await.unwrap();
        }
        let mut places = Self { database, home, connections: Vec::new(), count };
        for number in 0..count {
            places.add(number).await;
        }
        places
    }

    pub(super) fn server(&self) -> servers::Server {
        self.database.server
    }

    /// A connection for which a table's bare name means the one at `number`.
    pub(super) async fn at(&self, number: usize) -> DbConn {
        match self.database.server {
            Postgres => {
                self.run(&format!("SET search_path = {}, public", self.name(number))).await;
                self.home.clone()
            }
            MySqlOrMariaDb | Sqlite => self.connections[number].clone(),
        }
    }

    /// A database of MySQL does not go with the test's own.
    pub(super) async fn leave(self) {
        if self.database.server == MySqlOrMariaDb {
            for number in 0..self.count {
                self.run(&format!("DROP DATABASE {}", self.name(number))).await;
            }
        }
    }

    async fn add(&mut self, number: usize) {
        let name = self.name(number);
        match self.database.server {
            Postgres => self.run(&format!("CREATE SCHEMA {name}")).await,
            MySqlOrMariaDb => {
                self.run(&format!("CREATE DATABASE {name} CHARACTER SET utf8mb4")).await;
                self.connections.push(connect(&format!("{}_{number}", self.database.url)).await);
            }
            Sqlite => self.connections.push(connect("sqlite::memory:").await),
        }
    }

    fn name(&self, number: usize) -> String {
        let (_, database) = self.database.url.rsplit_once('/').expect("ends with the database");
        format!("{database}_{number}")
    }

    async fn run(&self, sql: &str) {
        self.home.execute_unprepared(sql).await.unwrap();
    }
}

async fn connect(url: &str) -> DbConn {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.unwrap()
}
