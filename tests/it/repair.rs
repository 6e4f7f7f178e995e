//! The code of a report, pasted into a migration and run by sea-orm-migration.

use std::fs;

use entity::prelude::*;
use migration::{Migrator, MigratorTrait};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbConn, EntityTrait, Statement};
use sea_orm_drift::Difference;
use service::schema::entities;

use super::{program::call_log, workspace_copy::WorkspaceCopy};
use crate::servers::{
    Database,
    Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
};

/// Many changes at once, and the findings whose code repairs them.
const CHANGES: [(Server, &str, &str, &[&str]); 3] = [
    (
        Postgres,
        "OnPostgres",
        "ALTER TABLE call_log DROP COLUMN recording_mode, DROP COLUMN duration, DROP COLUMN business_id, DROP COLUMN from_number; \
         DROP INDEX ix_call_log_call_sid, ix_call_log_lead_id; \
         ALTER TABLE call_log DROP CONSTRAINT call_log_pkey, ALTER id DROP IDENTITY, ALTER status DROP DEFAULT; \
         ALTER TABLE call_log ALTER status SET NOT NULL, ALTER to_number TYPE varchar(16)",
        &[
            "column-missing call_log.business_id",
            "column-missing call_log.from_number",
            "column-missing call_log.duration",
            "column-missing call_log.recording_mode",
            "generation-differs call_log.id",
            "nullability-differs call_log.status",
            "default-differs call_log.status",
            "primary-key-differs call_log",
            "unique-missing call_log (call_sid)",
            "type-differs call_log.to_number",
            "index-missing call_log (business_id)",
            "index-missing call_log (lead_id)",
            "index-missing call_log (from_number)",
        ],
    ),
    (
        MySqlOrMariaDb,
        "OnMySql",
        "ALTER TABLE call_log DROP COLUMN recording_mode, DROP COLUMN duration, DROP COLUMN business_id, \
         DROP INDEX ix_call_log_call_sid, DROP INDEX ix_call_log_lead_id, MODIFY id int NOT NULL, \
         ALTER direction DROP DEFAULT, MODIFY status varchar(32) NOT NULL DEFAULT 'received', \
         MODIFY to_number varchar(16) CHARACTER SET utf8mb4",
        &[
            "column-missing call_log.business_id",
            "column-missing call_log.duration",
            "column-missing call_log.recording_mode",
            "generation-differs call_log.id",
            "unique-missing call_log (call_sid)",
            "type-differs call_log.to_number",
            "nullability-differs call_log.status",
            "default-differs call_log.direction",
            "index-missing call_log (business_id)",
            "index-missing call_log (lead_id)",
        ],
    ),
    (
        Sqlite,
        "OnSqlite",
        "DROP INDEX ix_call_log_call_sid; DROP INDEX ix_call_log_lead_id; DROP INDEX ix_call_log_business_id; \
         DROP INDEX idx_call_log_recent_outbound; DROP INDEX ix_call_log_business_id_created_at_id; \
         ALTER TABLE call_log DROP COLUMN recording_mode; ALTER TABLE call_log DROP COLUMN duration; \
         ALTER TABLE call_log DROP COLUMN business_id",
        &[
            "column-missing call_log.business_id",
            "column-missing call_log.duration",
            "column-missing call_log.recording_mode",
            "unique-missing call_log (call_sid)",
            "index-missing call_log (business_id)",
            "index-missing call_log (lead_id)",
        ],
    ),
];

/// A migrated database with two rows.
async fn migrated(server: Server) -> Option<(Database, DbConn)> {
    let database = server.empty_database().await?;
    let db = database.connect().await;
    Migrator::up(&db, None).await.unwrap();
    for call_sid in ["CA1", "CA2"] {
        let call = entity::call_log::ActiveModel {
            business_id: Set(1),
            call_sid: Set(Some(call_sid.to_owned())),
            ..Default::default()
        };
        CallLog::insert(call).exec_without_returning(&db).await.unwrap();
    }
    Some((database, db))
}

struct Changed {
    database: Database,
    db: DbConn,
    name: &'static str,
    code: Vec<String>,
}

#[tokio::test]
async fn the_code_of_a_report_is_a_migration_that_repairs() {
    let mut all = Vec::new();
    for (server, name, change, findings) in CHANGES {
        let Some((database, db)) = migrated(server).await else { continue };
        db.execute_unprepared(change).await.unwrap();
        all.push(changed(database, db, name, findings));
    }

    let copy = WorkspaceCopy::new();
    let manifest = copy.path("migration/Cargo.toml");
    let tokio = "\n[dev-dependencies]\ntokio = { workspace = true, features = [\"macros\", \"rt-multi-thread\"] }\n";
    fs::write(&manifest, fs::read_to_string(&manifest).unwrap() + tokio).unwrap();
    fs::create_dir(copy.path("migration/examples")).unwrap();
    fs::write(copy.path("migration/examples/repair.rs"), program(&all)).unwrap();
    for Changed { database, db, name, .. } in all {
        let before = entities().check(&db).await.unwrap();
        let run = ["run", "--quiet", "--package", "migration", "--example", "repair", "--", name, &database.url];
        let run = copy.cargo(&run);
        assert_eq!(run.code, 0, "{name}: {}", run.stderr);

        let after = entities().check(&db).await.unwrap();
        let repaired = before.differences.iter().filter(|difference| difference.repair().is_some());
        let is_left = |found: &&Difference| after.differences.iter().any(|other| other.is_same_finding(found));
        let shown = |found: &Difference| format!("{} {}", found.change.rule(), found.object());
        let left: Vec<String> = repaired.filter(is_left).map(shown).collect();
        assert_eq!(left, [""; 0], "{name}:\n{before}\n{after}");
        let rows = Statement::from_string(db.get_database_backend(), "SELECT count(*) FROM call_log");
        let count: i64 = db.query_one_raw(rows).await.unwrap().unwrap().try_get_by_index(0).unwrap();
        assert_eq!(count, 2, "no row was lost");
    }
}

/// What the JSON report says, which must be about `findings`.
fn changed(database: Database, db: DbConn, name: &'static str, findings: &[&str]) -> Changed {
    let check = call_log(&["check", "--format", "json"], &database.url);
    let report: serde_json::Value = serde_json::from_str(&check.stdout).unwrap();
    let differences = report["differences"].as_array().unwrap();
    let repaired = || differences.iter().filter(|found| found["repair"]["code"].is_string());
    let text = |found: &serde_json::Value, key: &str| found[key].as_str().unwrap().to_owned();
    let named: Vec<String> =
        repaired().map(|found| format!("{} {}", text(found, "rule"), text(found, "object"))).collect();
    assert_eq!(named, findings, "{name}: {}", check.stdout);
    let code = repaired().map(|found| text(&found["repair"], "code")).collect();
    Changed { database, db, name, code }
}

/// One `Migrator` for each database, with a history of its own.
fn program(all: &[Changed]) -> String {
    let migrators: Vec<String> = all.iter().map(migrator).collect();
    let arm = |changed: &Changed| format!("{0:?} => {0}::up(&db, None).await.unwrap(),", changed.name);
    let arms: Vec<String> = all.iter().map(arm).collect();
    format!(
        "use sea_orm_migration::{{prelude::*, sea_orm::Database}};
{}
#[tokio::main]
async fn main() {{
    let words: Vec<String> = std::env::args().collect();
    let db = Database::connect(&words[2]).await.unwrap();
    match words[1].as_str() {{
        {}
        _ => panic!(),
    }}
}}
",
        migrators.concat(),
        arms.join("\n        ")
    )
}

fn migrator(Changed { name, code, .. }: &Changed) -> String {
    let body = code.join("\n");
    format!(
        r#"
struct {name}Step;
impl MigrationName for {name}Step {{ fn name(&self) -> &str {{ "repair" }} }}
#[async_trait::async_trait]
impl MigrationTrait for {name}Step {{
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {{
{body}
        Ok(())
    }}
}}
struct {name};
impl MigratorTrait for {name} {{
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {{ vec![Box::new({name}Step)] }}
    fn migration_table_name() -> DynIden {{ "repairs".into_iden() }}
}}
"#
    )
}
