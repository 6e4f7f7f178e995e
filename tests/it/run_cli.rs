//! The kit in the place of `cli::run_cli`: each verb, flag and variable of sea-orm-migration, to both, does the same to a
//! database and succeeds or fails alike, typed to the program itself and to `sea-orm-cli`.

use std::{fs, path::Path, process::Command};

use sea_orm::{ConnectionTrait, DbConn, Statement};
use tempfile::TempDir;

use super::{
    cargo::{alone, is_sea_orm_cli_there, sea_orm_cli, workspace},
    program::{Run, run},
};
use crate::servers::{
    self, Database,
    Server::{self, Postgres, Sqlite},
};

/// The crate of migrations runs them with `cli::run_cli`, and this one runs the same ones with the kit.
const KIT: &str = r#"use sea_orm_kit::entities;

mod post {
    use sea_orm_migration::sea_orm::{self, entity::prelude::*};

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "post")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub title: String,
        pub text: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

fn main() -> std::process::ExitCode {
    sea_orm_kit::run::<migration::Migrator>(entities![post])
}
"#;

/// A stranger's project, built once.
struct Project {
    folder: TempDir,
}

impl Project {
    fn build() -> Self {
        let project = Self { folder: TempDir::new().unwrap() };
        let root = project.folder.path();
        let kit = workspace().canonicalize().unwrap().join("crates/kit");
        for verb in [&["init"][..], &["generate", "add_tag"], &["generate", "add_author", "--universal-time"]] {
            let run = sea_orm_cli(verb, root, &[]).unwrap();
            assert_eq!(run.code, 0, "{verb:?}: {}{}", run.stdout, run.stderr);
        }
        fill_in(&root.join("migration"));
        fs::create_dir_all(root.join("kit/src")).unwrap();
        fs::write(root.join("kit/src/main.rs"), KIT).unwrap();
        let kit = format!(
            "[package]\nname = \"kit\"\nedition = \"2024\"\n\n[dependencies]\nmigration.path = \"../migration\"\n\
             sea-orm-kit.path = \"{}\"\nsea-orm-migration = \"2.0\"\n",
            kit.display()
        );
        fs::write(root.join("kit/Cargo.toml"), kit).unwrap();
        // The versions and settings with which the walk through the README has built the crates.
        let shop = fs::read_to_string(workspace().join("examples/shop/Cargo.toml")).unwrap();
        fs::write(root.join("Cargo.toml"), shop.replace("\"entity\"", "\"kit\"")).unwrap();
        fs::copy(workspace().join("examples/shop/Cargo.lock"), root.join("Cargo.lock")).unwrap();

        let mut shell = Command::new("sh");
        let build = format!(
            "'{}' build --quiet --offline && mkdir bin && cp $CARGO_TARGET_DIR/debug/migration $CARGO_TARGET_DIR/debug/kit bin",
            env!("CARGO")
        );
        let run = alone(shell.arg("-c").arg(build), root);
        assert_eq!(run.code, 0, "{}", run.stderr);
        project
    }
}

/// Gives the migrations that were written as examples something to do.
fn fill_in(migration: &Path) {
    for file in fs::read_dir(migration.join("src")).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = match name.split_once("_add_") {
            Some((_, table)) => text
                .replacen(
                    "todo!();",
                    &format!("_manager.create_table(Table::create().table(\"{table}\").col(pk_auto(\"id\")).to_owned()).await"),
                    1,
                )
                .replacen(
                    "todo!();",
                    &format!("_manager.drop_table(Table::drop().table(\"{table}\").to_owned()).await"),
                    1,
                ),
            None => text.replace("todo!();", ""),
        };
        fs::write(&path, text).unwrap();
    }
    let manifest = migration.join("Cargo.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let features = "features = [\"runtime-tokio-rustls\", \"sqlx-postgres\", \"sqlx-sqlite\",";
    fs::write(&manifest, text.replace("features = [\n", &format!("{features}\n"))).unwrap();
}

/// `migration` or `kit`, as it is typed.
fn run_itself(project: &Project, program: &str, typed: &[&str], settings: &[(&str, &str)]) -> Run {
    let mut command = Command::new(project.folder.path().join("bin").join(program));
    let folder = TempDir::new().unwrap();
    run(command.args(typed).env_clear().envs(settings.iter().copied()).current_dir(folder.path()))
}

fn run_by_sea_orm_cli(project: &Project, program: &str, typed: &[&str], settings: &[(&str, &str)]) -> Run {
    let settings = [settings, &[("MIGRATION_DIR", program)]].concat();
    sea_orm_cli(typed, project.folder.path(), &settings).unwrap()
}

/// Its tables, and the migrations that it has applied.
async fn state(database: &Database) -> Vec<String> {
    let db = database.connect().await;
    let tables = match database.server {
        Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'sqlite_sequence'",
        _ => "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname IN ('public', 'tenant')",
    };
    let mut found = strings(&db, tables).await;
    // `status` of `run_cli` creates the history, and that of the kit only reads.
    let histories: Vec<String> = found.extract_if(.., |table| table.ends_with("seaql_migrations")).collect();
    for table in histories {
        let applied = strings(&db, &format!("SELECT version FROM {table}")).await;
        found.extend(applied.into_iter().map(|version| format!("{table}: {version}")));
    }
    db.close().await.unwrap();
    found.sort();
    found
}

async fn strings(db: &DbConn, sql: &str) -> Vec<String> {
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

/// What is typed, and what is set besides or instead of `DATABASE_URL`. `{url}` is that of the database.
type Step = (&'static str, &'static [(&'static str, &'static str)]);

const URL: &[(&str, &str)] = &[("DATABASE_URL", "{url}")];
const IN_TENANT: &[(&str, &str)] = &[("DATABASE_URL", "{url}"), ("DATABASE_SCHEMA", "tenant")];
const IN_PUBLIC: &[(&str, &str)] = &[("DATABASE_URL", "{url}"), ("DATABASE_SCHEMA", "public")];

/// Typed to the program itself.
const STEPS: &[Step] = &[
    ("up -n 1", URL),
    ("status", URL),
    ("up --num 1 -v", URL),
    ("", URL),
    ("up", URL),
    ("status", URL),
    ("down", URL),
    ("down -n 2", URL),
    ("up --verbose", URL),
    ("down --num 9", URL),
    ("down", URL),
    ("up -n 0", URL),
    ("up -n 9", URL),
    ("refresh", URL),
    ("fresh", URL),
    ("-v refresh", URL),
    ("reset -v", URL),
    ("reset", URL),
    ("fresh -v", URL),
    ("down -n 0", URL),
    ("downwards", URL),
    ("up -n -1", URL),
    ("down -u {url}", &[]),
    ("--database-url {url} status", &[("DATABASE_URL", "sqlite://elsewhere.db")]),
    ("up", &[]),
    ("up", &[("DATABASE_URL", "")]),
    ("up -s public", URL),
    ("reset --database-schema public", URL),
    ("up", IN_PUBLIC),
    ("reset", URL),
];

/// The same. Only PostgreSQL has schemas.
const IN_SCHEMA: &[Step] = &[
    ("up -n 2 -s tenant", URL),
    ("status --database-schema tenant", URL),
    ("", IN_TENANT),
    ("up", URL),
    ("down -s tenant", IN_PUBLIC),
    ("refresh", IN_TENANT),
    ("fresh -s tenant", URL),
    ("reset -s tenant", URL),
];

/// Typed to `sea-orm-cli migrate`.
const BY_SEA_ORM_CLI: &[Step] = &[
    ("", URL),
    ("down -n 2", URL),
    ("up -n 1 -v", &[]),
    ("up -n 1 -u {url}", &[]),
    ("status", URL),
    ("refresh", IN_PUBLIC),
    ("fresh -s public", URL),
    ("reset --database-url {url} --database-schema public --verbose", &[]),
    ("status", IN_PUBLIC),
];

/// A server, how the programs are run there, and what is typed.
type Way = (Server, fn(&Project, &str, &[&str], &[(&str, &str)]) -> Run, &'static [Step]);

#[tokio::test]
async fn the_kit_does_what_run_cli_does() {
    if !is_sea_orm_cli_there() {
        return;
    }
    let project = Project::build();
    let ways: [Way; 5] = [
        (Sqlite, run_itself, STEPS),
        (Postgres, run_itself, STEPS),
        (Postgres, run_itself, IN_SCHEMA),
        (Sqlite, run_by_sea_orm_cli, BY_SEA_ORM_CLI),
        (Postgres, run_by_sea_orm_cli, BY_SEA_ORM_CLI),
    ];
    for (server, run, steps) in ways {
        let Some(of_run_cli) = server.empty_database().await else { continue };
        let of_kit = server.empty_database().await.unwrap();
        if server == Postgres {
            for database in [&of_run_cli, &of_kit] {
                servers::run(&database.url, "CREATE SCHEMA tenant").await;
            }
        }
        for (typed, settings) in steps {
            let mut seen = Vec::new();
            for (program, database) in [("migration", &of_run_cli), ("kit", &of_kit)] {
                let with_url = |text: &str| text.replace("{url}", &database.url);
                let words: Vec<String> = typed.split_whitespace().map(with_url).collect();
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, with_url(value))).collect();
                let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
                let ran = run(&project, program, &words, &settings);
                // The kit says by its exit code, too, that a migration is pending.
                let is_pending = words.contains(&"status") && ran.stdout.contains("pending  m");
                seen.push((
                    ran.code == 0 || is_pending,
                    state(database).await,
                    format!("{}{}", ran.stdout, ran.stderr),
                ));
            }
            let [one, other] = seen.as_slice() else { unreachable!() };
            let told = format!("{server:?} {typed:?} {settings:?}\nrun_cli:\n{}\nkit:\n{}", one.2, other.2);
            assert_eq!((one.0, &one.1), (other.0, &other.1), "{told}");
        }
    }
}
