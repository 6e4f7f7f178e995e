//! The truth is the driver: each change in `tests/fixtures/changes` is made to a migrated database, real operations run
//! through the unchanged entity, and what happened must be what the consequence said, in both directions.
//!
//! Adding a change is adding a file. Its first line says what it breaks, so that three agree: the file, the engine, the
//! driver.

mod call_log;
mod library;
mod outcomes;
mod types;

use std::{collections::BTreeSet, fs, path::PathBuf};

use migration::{Migrator, MigratorTrait};
use rstest::rstest;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbConn, DbErr, Statement};
use sea_orm_drift::{Consequence, Entities, Rule};
use service::schema::entities;

use self::outcomes::{Meaning, Outcomes};
use super::cargo::workspace;
use crate::servers::{
    Database,
    Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
};

/// Entities, and what a program does with them.
#[derive(Clone, Copy, Debug, PartialEq)]
enum World {
    CallLog,
    Library,
}

impl World {
    fn operations(self) -> &'static [(&'static str, Meaning)] {
        match self {
            Self::CallLog => &call_log::OPERATIONS,
            Self::Library => &library::OPERATIONS,
        }
    }

    async fn operate(self, name: &str, db: &DatabaseTransaction) -> Result<String, DbErr> {
        match self {
            Self::CallLog => call_log::operate(name, db).await,
            Self::Library => library::operate(name, db).await,
        }
    }

    fn entities(self) -> Entities {
        match self {
            Self::CallLog => entities(),
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
    async fn create(self, db: &DbConn) {
        match self {
            Self::CallLog => {
                Migrator::up(db, None).await.unwrap();
                call_log::seed(db).await;
            }
            Self::Library => library::create(db).await,
        }
    }
}

/// One change, and what is said of it in its first lines.
struct ChangeFile {
    name: String,
    /// `-- breaks: reads-fail`.
    expected: String,
    /// `-- finds: type-differs`, where the loudest finding is not what the file is named after.
    finds: Option<String>,
    /// `-- since: PostgreSQL 15`.
    since: i32,
    /// `-- with: book`: the entities that refer to each other.
    world: World,
    /// `-- as: {app}`: the operations are those of a role that owns nothing; `{app}` is its name.
    role: Role,
    sql: String,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Role {
    Owner,
    Application,
}

#[rstest]
#[case::on_postgres(Postgres, "postgres")]
#[case::on_mysql_or_mariadb(MySqlOrMariaDb, "mysql")]
#[case::on_sqlite(Sqlite, "sqlite")]
#[tokio::test]
async fn what_happens_is_what_was_predicted(#[case] server: Server, #[case] folder: &str) {
    let Some(database) = server.empty_database().await else { return };
    let version = if server == Postgres { postgres_version(&database.connect().await).await } else { i32::MAX };
    let changes: Vec<ChangeFile> = changes(folder).into_iter().filter(|change| change.since <= version).collect();
    assert!(!changes.is_empty(), "no changes in {folder}");

    let mut disagreements = Vec::new();
    for world in [World::CallLog, World::Library] {
        let template = server.empty_database().await.unwrap();
        let unchanged = template.connect().await;
        world.create(&unchanged).await;
        let baseline = Outcomes::of(world, &unchanged).await;
        unchanged.close().await.unwrap();
        for change in changes.iter().filter(|change| change.world == world) {
            let database = copy(&template, world).await;
            disagreements.extend(disagreement(change, &database, &baseline).await);
        }
    }
    assert!(
        disagreements.is_empty(),
        "{} of {} disagree\n\n{}",
        disagreements.len(),
        changes.len(),
        disagreements.join("\n")
    );
}

/// Makes the change, and lets the file, the engine and the driver say what it breaks.
async fn disagreement(change: &ChangeFile, database: &Database, baseline: &Outcomes) -> Option<String> {
    let owner = database.connect().await;
    let app = database.name().to_owned();
    if change.role == Role::Application {
        create_role(&owner, database.server, &app, change.world).await;
    }
    let sql = change.sql.replace("{app}", &app);
    owner.execute_unprepared(&sql).await.unwrap_or_else(|error| panic!("{}: {error}", change.name));
    let db = match change.role {
        Role::Owner => owner.clone(),
        Role::Application => database.connect_as(&app).await,
    };

    let report = change.world.entities().check(&db).await.unwrap();
    let loudest = report.differences.iter().map(|difference| difference.consequence()).max();
    let consequence = loudest.unwrap_or(Consequence::Nothing);
    // What the engine leaves open may turn out either way; that it says so is what counts.
    let is_open = consequence == Consequence::Nothing && !report.unchecked.is_empty();
    let predicted = if is_open { "unchecked".to_owned() } else { word(consequence) };
    let outcomes = Outcomes::of(change.world, &db).await;
    let observed = outcomes.consequence_beside(baseline);

    #[expect(clippy::print_stdout, reason = "the matrix; shown with --nocapture, or when a change disagrees")]
    {
        println!("{:<48} {predicted:<16} {}", change.name, outcomes.row_beside(baseline));
    }
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
    (!agree || predicted != change.expected || !is_found).then(|| {
        format!(
            "{}: the file says {} {}, the engine {predicted}, the driver {}\n{}\n{report}",
            change.name,
            change.expected,
            change.finds.as_deref().unwrap_or_default(),
            word(observed),
            outcomes.departures_from(baseline)
        )
    })
}

/// Kinds of findings that no change to a table of the fixtures can bring about, and where they are proven.
const PROVEN_ELSEWHERE: [(&str, &str); 1] = [("enum-labels-differ", "types::labels")];

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
async fn create_role(owner: &DbConn, server: Server, app: &str, world: World) {
    let sql = match server {
        Postgres => format!(
            "CREATE ROLE {app} LOGIN PASSWORD 's3cret'; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public \
             TO {app}; GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {app}"
        ),
        MySqlOrMariaDb => {
            let grant = |table| format!("GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {app}@'%'");
            let grants: Vec<String> = world.tables().iter().map(grant).collect();
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
async fn copy(template: &Database, world: World) -> Database {
    if template.server == Postgres {
        return template.copy().await;
    }
    let database = template.server.empty_database().await.expect("there was one before");
    let db = database.connect().await;
    world.create(&db).await;
    db.close().await.unwrap();
    database
}

fn changes(folder: &str) -> Vec<ChangeFile> {
    let folder = workspace().join("tests/fixtures/changes").join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |path: PathBuf| {
        let sql = fs::read_to_string(&path).unwrap();
        let said = |beginning| sql.lines().find_map(|line| line.strip_prefix(beginning));
        ChangeFile {
            name: path.file_stem().unwrap().to_string_lossy().into_owned(),
            expected: said("-- breaks: ").unwrap_or_default().to_owned(),
            finds: said("-- finds: ").map(str::to_owned),
            since: said("-- since: PostgreSQL ").map_or(0, |version| version.parse().unwrap()),
            world: if said("-- with: ") == Some("book") { World::Library } else { World::CallLog },
            role: if said("-- as: ").is_some() { Role::Application } else { Role::Owner },
            sql,
        }
    };
    files.into_iter().map(read).collect()
}

async fn postgres_version(db: &DbConn) -> i32 {
    let ask = "SELECT current_setting('server_version_num')::integer / 10000";
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), ask)).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

/// A consequence as the reports spell it.
fn word(consequence: Consequence) -> String {
    serde_json::to_value(consequence).unwrap().as_str().unwrap().to_owned()
}
