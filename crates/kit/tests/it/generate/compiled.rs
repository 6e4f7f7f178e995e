//! Every file that is written compiles, and rustfmt has nothing to change.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use sea_orm_kit::generate::{Destination, MissingMigrations, write};
use tempfile::TempDir;
use test_servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

use super::{clear, edits::edits, from_one_to_two, scratch};

const LIBRARY: &str = "pub use sea_orm_migration::prelude::*;

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![]
    }
}
";

/// A crate of migrations that uses the crates of this workspace, and the versions that it locks.
fn new_crate() -> TempDir {
    let kit = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("src")).unwrap();
    fs::write(folder.path().join("src/lib.rs"), LIBRARY).unwrap();
    fs::copy(kit.join("../../Cargo.lock"), folder.path().join("Cargo.lock")).unwrap();
    let manifest = format!(
        "[workspace]\n\n[package]\nname = \"written\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n\
         async-trait = \"0.1\"\nsea-orm-kit = {{ path = \"{}\" }}\n\
         sea-orm-migration = {{ version = \"2.0\", default-features = false }}\n\n\
         [profile.dev]\ndebug = \"line-tables-only\"\n\n[profile.dev.package.\"*\"]\ndebug = false\n",
        kit.display()
    );
    fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
    folder
}

async fn all_edits(server: Server, folder: &Path, number: &mut u32) -> Option<Vec<PathBuf>> {
    let (db, _database) = scratch(server).await?;
    let mut files = Vec::new();
    for edit in edits(server) {
        if let Ok(missing) = from_one_to_two(&db, &edit.one, &edit.two, edit.decisions, None).await {
            files.extend(write_all(&missing, folder, number));
        }
        clear(&db, server).await;
    }
    Some(files)
}

fn write_all(missing: &MissingMigrations, folder: &Path, number: &mut u32) -> Vec<PathBuf> {
    let stamps = missing.migrations.iter().map(|_| {
        *number += 1;
        format!("20260101_{number:06}")
    });
    let destination = Destination { folder: folder.to_owned(), name: "edit".to_owned(), stamps: stamps.collect() };
    let (files, is_formatted) = write(&destination, &missing.migrations).unwrap();
    assert!(is_formatted, "rustfmt is part of the toolchain");
    files
}

#[tokio::test]
async fn all_that_is_written_compiles_and_is_formatted() {
    let folder = new_crate();
    let (mut number, mut files) = (0, Vec::new());
    for server in [Postgres, MySqlOrMariaDb, Sqlite] {
        files.extend(all_edits(server, folder.path(), &mut number).await.unwrap_or_default());
    }
    assert!(files.len() > 40, "{} files", files.len());

    let formatted = Command::new("rustfmt").args(["--check", "--edition", "2024"]).args(&files).output().unwrap();
    assert!(formatted.status.success(), "{}", String::from_utf8_lossy(&formatted.stdout));

    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let mut check = Command::new(env!("CARGO"));
    check.args(["check", "--quiet", "--offline"]).current_dir(folder.path());
    for (name, _) in std::env::vars_os() {
        // What cargo told this test about itself would make build scripts run again.
        if name.to_string_lossy().starts_with("CARGO_") && name != "CARGO_HOME" {
            check.env_remove(name);
        }
    }
    let checked = check.env("CARGO_TARGET_DIR", target).output().unwrap();
    let errors = String::from_utf8_lossy(&checked.stderr);
    if !checked.status.success() || errors.contains("warning") {
        let kept = folder.keep();
        panic!("{}\n\n{errors}", kept.display());
    }
}
