//! A field costs two edits: the field and its migration.

use std::{fs, process::Command};

use super::{
    program::{call_log, run},
    workspace_copy::WorkspaceCopy,
};
use crate::servers::Server::{MySqlOrMariaDb, Postgres};

const FIELD: &str = "    /// How long the caller was on hold, in seconds.
    #[sea_orm(default_value = 0)]
    pub hold_sec: Option<i32>,
";

const NAME: &str = "m20270101_000054_add_call_log_hold_sec";

const MIGRATION: &str = "//! How long the caller was on hold.

use sea_orm_migration::{prelude::*, schema::*};

use crate::columns;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        columns::add(manager, self.name(), CallLog::Table, added()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        columns::drop(manager, self.name(), CallLog::Table, added()).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn added() -> Vec<ColumnDef> {
    vec![integer_null(CallLog::HoldSec).default(0).take()]
}

#[derive(Clone, Copy, DeriveIden)]
enum CallLog {
    Table,
    HoldSec,
}
";

/// The tests whose subject is the columns or the migrations.
const TESTS: [&str; 12] = [
    "entity_matches_migrations",
    "it::command_line",
    "it::documentation::the_commands_print_what_the_document_shows",
    "it::entity_ahead",
    "it::exceptions",
    "it::formats",
    "it::legacy",
    "it::plan",
    "it::reads_and_writes",
    "it::service::api",
    "it::service::mutations",
    "it::up_down_up",
];

/// A copy of the workspace with the field and its migration, and no other edit.
fn with_added_field() -> WorkspaceCopy {
    let copy = WorkspaceCopy::with_own_target();
    let before = "    pub updated_at: Option<DateTime>,\n";
    copy.replace("entity/src/call_log.rs", before, &format!("{before}{FIELD}"));
    fs::write(copy.path(&format!("migration/src/{NAME}.rs")), MIGRATION).unwrap();
    let library = "migration/src/lib.rs";
    copy.replace(library, "\n/// All migrations", &format!("mod {NAME};\n\n/// All migrations"));
    copy.replace(library, "        ]\n", &format!("            Box::new({NAME}::Migration),\n        ]\n"));
    copy
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_costs_two_edits() {
    let Some(database) = Postgres.empty_database().await else { return };
    let copy = with_added_field();
    // With an example, cargo takes the features of `cargo test --workspace`, with which the dependencies are built already.
    let arguments = ["build", "--quiet", "--workspace", "--bin", "call-log", "--example", "library"];
    let built = copy.cargo_apart(&arguments, &[]);
    assert_eq!(built.code, 0, "{}", built.stderr);
    let program = copy.path("target/debug/call-log");
    let added = |arguments: &[&str]| {
        let mut command = Command::new(&program);
        command.args(arguments).env_clear().env("DATABASE_URL", &database.url).current_dir(copy.path(""));
        run(&mut command)
    };

    // On a database of today.
    assert_eq!(call_log(&["migrate", "up"], &database.url).code, 0);
    let check = added(&["check"]);
    assert!(check.code == 1 && check.stdout.contains("`call_log.hold_sec`"), "{}", check.stdout);
    let up = added(&["migrate", "up"]);
    assert!(up.code == 0 && up.stderr.contains(NAME), "{}{}", up.stdout, up.stderr);
    assert_eq!(added(&["check"]).code, 0);
    let today = call_log(&["check"], &database.url);
    assert_eq!(today.code, 0, "today's program goes on: {}", today.stdout);
}

#[test]
#[ignore = "builds these tests a second time: run it after a change to what is generic in them"]
fn no_test_needs_an_edit_for_a_field() {
    let (Some(postgres), Some(mysql)) = (Postgres.url(), MySqlOrMariaDb.url()) else { return };
    let copy = with_added_field();
    let test = [&["test", "--quiet", "--workspace", "--test", "workspace", "--"][..], &TESTS].concat();
    let tests = copy.cargo_apart(&test, &[("TEST_POSTGRES_URL", postgres), ("TEST_MYSQL_URL", mysql)]);
    assert_eq!(tests.code, 0, "{}{}", tests.stdout, tests.stderr);
}
