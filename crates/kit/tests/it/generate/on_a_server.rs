//! The scratch database on a server: how it is made, and that it is gone, however `generate` ends.

use std::{
    fs,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use rstest::rstest;
use sea_orm_kit::{
    Entities, Project,
    generate::{Decisions, GenerateError, Scratch},
};
use sea_orm_migration::{
    MigrationTrait, MigratorTrait,
    sea_orm::{
        ConnectionTrait, DbBackend, Statement,
        sea_query::{Alias, ColumnDef, Table},
    },
};
use test_servers::{
    Database,
    Server::{MySqlOrMariaDb, Postgres},
};
use tokio::sync::Mutex;

use super::program::{assert_untouched, crate_folder, example, generate};

/// One test at a time has scratch databases on the servers.
static SCRATCHES: Mutex<()> = Mutex::const_new(());

async fn scratch_databases(database: &Database) -> Vec<String> {
    let sql = match database.server {
        Postgres => "SELECT datname::text FROM pg_database WHERE datname LIKE 'scratch\\_%'",
        _ => "SELECT CAST(schema_name AS CHAR) FROM information_schema.schemata WHERE schema_name LIKE 'scratch\\_%'",
    };
    let db = database.connect().await;
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

#[tokio::test]
async fn the_database_on_a_server_is_gone_however_it_ends() {
    let _turn = SCRATCHES.lock().await;
    for server in [Postgres, MySqlOrMariaDb] {
        let Some(database) = server.empty_database().await else { continue };
        let folder = crate_folder();
        let rename = ["x", "--rename", "post.title=headline", "--scratch-url", &database.url];
        let (code, stdout, stderr) = generate(folder.path(), &rename);
        assert_eq!(code, 0, "{stdout}{stderr}");
        let (code, ..) = generate(folder.path(), &["y", "--scratch-url", &database.url]);
        assert_eq!(code, 64);
        assert_eq!(scratch_databases(&database).await, [""; 0]);

        let db = database.connect().await;
        db.execute_unprepared("CREATE TABLE kept (id integer)").await.unwrap();
        let (code, _, stderr) = generate(folder.path(), &rename);
        assert_eq!(code, 78, "{stderr}");
        assert!(stderr.contains("names a database with 1 tables"), "{stderr}");
        assert_eq!(scratch_databases(&database).await, [""; 0]);
        db.execute_unprepared("SELECT id FROM kept").await.unwrap();
    }
}

/// A server without settings has `latin1` on MariaDB before 11.6: a column that is restated would get it in production.
#[tokio::test]
async fn the_database_on_a_server_holds_every_character() {
    let _turn = SCRATCHES.lock().await;
    let Some(database) = MySqlOrMariaDb.empty_database().await else { return };
    let db = database.connect().await;
    let user = format!("latin_{}", std::process::id());
    // Executed for users without SUPER.
    for sql in [
        format!("CREATE USER {user} IDENTIFIED BY 'p'"),
        format!("GRANT CREATE, DROP, SELECT ON *.* TO {user}"),
        "SET GLOBAL init_connect = 'SET collation_server = latin1_swedish_ci'".to_owned(),
    ] {
        db.execute_unprepared(&sql).await.unwrap();
    }
    let (_, server) = database.url.rsplit_once('@').unwrap();
    let scratch = Scratch::at_url(&format!("mysql://{user}:p@{server}").parse().unwrap()).await;
    db.execute_unprepared("SET GLOBAL init_connect = ''").await.unwrap();
    db.execute_unprepared(&format!("DROP USER {user}")).await.unwrap();
    let (scratch, select) = (scratch.unwrap(), "SELECT CAST(@@character_set_database AS CHAR)");
    let select = Statement::from_string(DbBackend::MySql, select);
    let row = scratch.db().query_one_raw(select).await.unwrap();
    scratch.remove().await.unwrap();
    assert_eq!(row.unwrap().try_get_by_index::<String>(0).unwrap(), "utf8mb4");
}

#[tokio::test]
async fn a_role_that_may_create_no_database_is_said_to_be_one() {
    let Some(database) = Postgres.empty_database().await else { return };
    let db = database.connect().await;
    let role = format!("plain_{}", std::process::id());
    db.execute_unprepared(&format!("CREATE ROLE {role} LOGIN PASSWORD 'p'")).await.unwrap();
    let (_, server) = database.url.rsplit_once('@').unwrap();
    let url = format!("postgres://{role}:p@{server}");
    let folder = crate_folder();
    let rename = ["x", "--rename", "post.title=headline", "--scratch-url", &url];
    let (code, stdout, stderr) = generate(folder.path(), &rename);
    db.execute_unprepared(&format!("DROP ROLE {role}")).await.unwrap();
    assert_eq!((code, stdout.as_str()), (78, ""), "{stderr}");
    assert!(stderr.starts_with("error: no scratch database can be created at postgres://plain_"), "{stderr}");
    assert!(stderr.contains("permission denied to create database; name a server and a role"), "{stderr}");
    assert_untouched(folder.path());
}

#[tokio::test]
async fn the_database_on_a_server_is_gone_after_a_signal() {
    let _turn = SCRATCHES.lock().await;
    let Some(database) = Postgres.empty_database().await else { return };
    let folder = crate_folder();
    let mut slow = example("slow");
    slow.args(["generate", "x", "--scratch-url", &database.url, "-d"]).arg(folder.path());
    let mut running = slow.stderr(Stdio::piped()).spawn().unwrap();
    let began = Instant::now();
    while scratch_databases(&database).await.is_empty() {
        assert!(began.elapsed() < Duration::from_secs(30), "no scratch database came");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let stopped = Command::new("kill").args(["-INT", &running.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    let status = running.wait().unwrap();
    assert_eq!(status.code(), Some(130));
    assert!(began.elapsed() < Duration::from_secs(50), "it waited for the migration");
    assert_eq!(scratch_databases(&database).await, [""; 0]);
    assert_untouched(folder.path());
}

/// The question is interrupted, and what reads the terminal sends a signal of its own.
#[rstest]
#[case::while_it_waits(true)]
#[case::as_it_appears(false)]
#[tokio::test]
async fn the_database_on_a_server_is_gone_after_a_signal_at_a_question(#[case] is_waiting: bool) {
    let _turn = SCRATCHES.lock().await;
    let Some(database) = Postgres.empty_database().await else { return };
    let folder = crate_folder();
    let (ids, screen) = (folder.path().join("pid"), folder.path().join("screen"));
    let blog = example("blog");
    let typed = format!(
        "echo $$ > {}; exec {} generate x -d {} --scratch-url '{}'",
        ids.display(),
        blog.get_program().display(),
        folder.path().display(),
        database.url
    );
    let mut terminal = Command::new("script");
    terminal.args(["-qec", &typed, "/dev/null"]).env("SHELL", "/bin/sh").env_remove("SCRATCH_URL");
    let mut running = terminal.stdin(Stdio::piped()).stdout(fs::File::create(&screen).unwrap()).spawn().unwrap();
    let began = Instant::now();
    while !fs::read_to_string(&screen).unwrap_or_default().contains("was renamed to headline") {
        assert!(began.elapsed() < Duration::from_secs(30), "{:?}", fs::read_to_string(&screen));
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    if is_waiting {
        assert_eq!(scratch_databases(&database).await.len(), 1);
    }
    let id = fs::read_to_string(&ids).unwrap();
    assert!(Command::new("kill").args(["-TERM", id.trim()]).status().unwrap().success());
    let status = running.wait().unwrap();
    assert_eq!(status.code(), Some(130), "{:?}", fs::read_to_string(&screen));
    assert_eq!(scratch_databases(&database).await, [""; 0]);
    assert_untouched(folder.path());
}

struct NoMigrations;

impl MigratorTrait for NoMigrations {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        Vec::new()
    }
}

/// On MySQL and MariaDB a schema is a database, and may be that of the production.
#[tokio::test]
async fn no_other_database_of_the_server_is_touched() {
    let _turn = SCRATCHES.lock().await;
    let Some(database) = MySqlOrMariaDb.empty_database().await else { return };
    let db = database.connect().await;
    let name = database.url.rsplit_once('/').unwrap().1.to_owned();
    let id = ColumnDef::new("id").integer().not_null().primary_key().take();
    let post = Table::create().table((Alias::new(name.clone()), "post")).col(id).take();
    let project = Project::<NoMigrations>::new(Entities::new().add_table(post, Vec::new()));
    let scratch = Scratch::at_url(&database.url.parse().unwrap()).await.unwrap();
    let found = project.missing_migrations(&scratch, Decisions::default(), None).await;
    scratch.remove().await.unwrap();
    let Err(GenerateError::Elsewhere(table)) = found else { panic!("{found:?}") };
    assert_eq!(table.schema, Some(name));
    let tables = "SELECT CAST(count(*) AS CHAR) FROM information_schema.tables WHERE table_schema = DATABASE()";
    let count = db.query_one_raw(Statement::from_string(DbBackend::MySql, tables)).await.unwrap().unwrap();
    assert_eq!(count.try_get_by_index::<String>(0).unwrap(), "0");
}
