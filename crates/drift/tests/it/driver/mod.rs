//! The truth is the driver: each change in `tests/fixtures/changes` is made to a migrated database, real operations run
//! through the unchanged entity, and what happened must be what the consequence said, in both directions.
//!
//! Adding a change is adding a file. Its first line says what it breaks, so that three agree: the file, the engine, the
//! driver.

mod calls;
mod library;
mod outcomes;
mod types;

use std::collections::BTreeSet;

use rstest::rstest;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbConn, DbErr};
use sea_orm_drift::{Consequence, Difference, Entities, Rule};

use self::outcomes::{Meaning, Outcomes};
use crate::{
    call_log,
    changes::{self, ChangeFile, Role, changes},
    servers::{
        Database,
        Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
    },
};

impl changes::Entities {
    fn operations(self) -> &'static [(&'static str, Meaning)] {
        match self {
            Self::CallLog => &calls::OPERATIONS,
            Self::Library => &library::OPERATIONS,
        }
    }

    async fn operate(self, name: &str, db: &DatabaseTransaction) -> Result<String, DbErr> {
        match self {
            Self::CallLog => calls::operate(name, db).await,
            Self::Library => library::operate(name, db).await,
        }
    }

    pub(crate) fn entities(self) -> Entities {
        match self {
            Self::CallLog => Entities::new().add(call_log::Entity),
            Self::Library => Entities::new().add(library::author::Entity).add(library::book::Entity),
        }
    }

    fn tables(self) -> &'static [&'static str] {
        match self {
            Self::CallLog => &["call_log"],
            Self::Library => &["author", "book"],
        }
    }

    /// The tables, with a few rows.
    pub(crate) async fn create(self, db: &DbConn) {
        match self {
            Self::CallLog => {
                call_log::create(db).await;
                calls::seed(db).await;
            }
            Self::Library => library::create(db).await,
        }
    }
}

#[rstest]
#[case::on_postgres(Postgres, "postgres")]
#[case::on_mysql_or_mariadb(MySqlOrMariaDb, "mysql")]
#[case::on_sqlite(Sqlite, "sqlite")]
#[tokio::test]
async fn what_happens_is_what_was_predicted(#[case] server: Server, #[case] folder: &str) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    let mut changes = changes(folder);
    for at in (0..changes.len()).rev() {
        if changes[at].needs_newer(&db).await {
            changes.remove(at);
        }
    }
    assert!(!changes.is_empty(), "no changes in {folder}");

    let mut disagreements = Vec::new();
    let mut matrix = Vec::new();
    for entities in [changes::Entities::CallLog, changes::Entities::Library] {
        let template = server.empty_database().await.unwrap();
        let unchanged = template.connect().await;
        entities.create(&unchanged).await;
        let baseline = Outcomes::of(entities, &unchanged).await;
        unchanged.close().await.unwrap();
        for change in changes.iter().filter(|change| change.with == entities) {
            let database = copy(&template, entities).await;
            match proof(change, &database, &baseline).await {
                Ok(row) => matrix.push(row),
                Err(disagreement) => disagreements.push(disagreement),
            }
        }
    }
    assert!(
        disagreements.is_empty(),
        "{} of {} disagree\n\n{}",
        disagreements.len(),
        changes.len(),
        disagreements.join("\n")
    );
    #[expect(clippy::print_stdout, reason = "shown with --nocapture")]
    {
        println!("{}", matrix.join("\n"));
    }
}

/// Makes the change, and lets the file, the engine and the driver say what it breaks. A row of the matrix, or what they
/// disagree about.
async fn proof(change: &ChangeFile, database: &Database, baseline: &Outcomes) -> Result<String, String> {
    let owner = database.connect().await;
    let app = database.name().to_owned();
    if change.role == Role::Application {
        create_role(&owner, database.server, &app, change.with).await;
    }
    let sql = change.sql.replace("{app}", &app);
    if let Err(error) = owner.execute_unprepared(&sql).await {
        return Err(format!("{}: cannot be made: {error}", change.name));
    }
    let db = match change.role {
        Role::Owner => owner.clone(),
        Role::Application => database.connect_as(&app).await,
    };

    let report = change.with.entities().check(&db).await.unwrap();
    let loudest = report.differences.iter().map(Difference::consequence).max();
    let consequence = loudest.unwrap_or(Consequence::Nothing);
    // What the engine leaves open may turn out either way; that it says so is what counts.
    let is_open = consequence == Consequence::Nothing && !report.unchecked.is_empty();
    let predicted = if is_open { "unchecked".to_owned() } else { word(consequence) };
    let outcomes = Outcomes::of(change.with, &db).await;
    let observed = outcomes.consequence_beside(baseline);

    let row = format!("{:<48} {predicted:<16} {}", change.name, outcomes.row_beside(baseline));
    if change.role == Role::Application {
        db.close().await.unwrap();
        drop_role(&owner, database.server, &app).await;
    }
    // That a query became slower is not felt by two rows.
    let is_slower = (consequence, observed) == (Consequence::Slower, Consequence::Nothing);
    let agree = is_open || is_slower || consequence == observed;
    let finds = |rule: &String| {
        report.differences.iter().any(|difference| difference.change.rule().name() == rule)
            || report.unchecked.iter().any(|unchecked| unchecked.rule.name() == rule)
    };
    let is_found = change.finds.as_ref().is_none_or(finds);
    if agree && predicted == change.breaks && is_found {
        return Ok(row);
    }
    Err(format!(
        "{row}\nthe file says {} {}, the engine {predicted}, the driver {}\n{}\n{report}",
        change.breaks,
        change.finds.as_deref().unwrap_or_default(),
        word(observed),
        outcomes.departures_from(baseline)
    ))
}

/// Kinds of findings that no change to a table of the fixtures can bring about, and where they are proven.
const PROVEN_ELSEWHERE: [(&str, &str); 3] =
    [("enum-labels-differ", "types::labels"), ("encoding-differs", "beyond"), ("rows-unreadable", "rows")];

/// What a file says it finds is what the engine has to find.
#[test]
fn every_kind_of_finding_is_found_in_a_change() {
    let found: BTreeSet<String> =
        ["postgres", "mysql", "sqlite"].into_iter().flat_map(changes).filter_map(|change| change.finds).collect();
    let elsewhere = PROVEN_ELSEWHERE.map(|(rule, _)| rule.to_owned());
    let proven: BTreeSet<String> = found.into_iter().chain(elsewhere).collect();
    assert_eq!(proven, Rule::ALL.iter().map(ToString::to_string).collect());
}

/// A role that may do what a program does, and owns nothing.
async fn create_role(owner: &DbConn, server: Server, app: &str, entities: changes::Entities) {
    let sql = match server {
        Postgres => format!(
            "CREATE ROLE {app} LOGIN PASSWORD 's3cret'; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public \
             TO {app}; GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {app}"
        ),
        MySqlOrMariaDb => {
            let grant = |table| format!("GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {app}@'%'");
            let grants: Vec<String> = entities.tables().iter().map(grant).collect();
            format!("CREATE USER {app}@'%' IDENTIFIED BY 's3cret'; {}", grants.join("; "))
        }
        Sqlite => panic!("SQLite has no roles"),
    };
    owner.execute_unprepared(&sql).await.unwrap();
}

async fn drop_role(owner: &DbConn, server: Server, app: &str) {
    let sql = match server {
        Postgres => format!("DROP OWNED BY {app} CASCADE; DROP ROLE {app}"),
        MySqlOrMariaDb | Sqlite => format!("DROP USER {app}@'%'"),
    };
    owner.execute_unprepared(&sql).await.unwrap();
}

/// Another database with the same tables and rows.
async fn copy(template: &Database, entities: changes::Entities) -> Database {
    if template.server == Postgres {
        return template.copy().await;
    }
    let database = template.server.empty_database().await.expect("there was one before");
    let db = database.connect().await;
    entities.create(&db).await;
    db.close().await.unwrap();
    database
}

/// A consequence as the reports spell it.
fn word(consequence: Consequence) -> String {
    serde_json::to_value(consequence).unwrap().as_str().unwrap().to_owned()
}
