//! `examples/shop` is what a stranger gets who does what the kit's README says, "In your own project", word by word.

use std::{fs, path::Path, process::Command};

use tempfile::TempDir;

use super::{
    cargo::{alone, is_sea_orm_cli_there, workspace},
    documentation::{Shown, matches, shown},
    workspace_copy::copy_all,
};

/// The time of day in the name of a migration.
fn without_stamps(text: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in text.split("/m2") {
        let is_stamped =
            word.len() > 14 && word.as_bytes()[..14].iter().all(|byte| byte.is_ascii_digit() || *byte == b'_');
        words.push(if is_stamped { format!("STAMP{}", &word[14..]) } else { word.to_owned() });
    }
    words.join("/m2")
}

fn section(readme: &str) -> &str {
    let from = readme.split("## In your own project\n").nth(1).unwrap();
    from.split("\n## ").next().unwrap()
}

#[test]
fn the_readme_leads_from_entities_to_migrations_and_on() {
    if !is_sea_orm_cli_there() {
        return;
    }
    let folder = TempDir::new().unwrap();
    let shop = folder.path().join("shop");
    copy_all(&workspace().join("examples/shop"), &shop);
    fs::remove_dir_all(shop.join("migration")).unwrap();
    // The target folder holds what the last run built of this file, after it was edited: cargo goes by the time.
    let product = shop.join("entity/src/product.rs");
    fs::write(&product, fs::read(&product).unwrap()).unwrap();

    let readme = fs::read_to_string(workspace().join("crates/kit/README.md")).unwrap();
    let section = section(&readme);
    let program = section.split("```rust,ignore\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let kit = workspace().canonicalize().unwrap().join("crates/kit");
    let mut commands = 0;
    for Shown { command, output } in shown(section) {
        // The kit is not on crates.io yet.
        let typed =
            command.replace("migration sea-orm-kit", &format!("migration sea-orm-kit --path {}", kit.display()));
        let ran = in_shell(&typed, &shop);
        if command.starts_with("sea-orm-cli") {
            fs::write(shop.join("migration/src/main.rs"), program).unwrap();
        }
        let printed = without_stamps(&format!("{}{}", ran.stdout, ran.stderr));
        let output: Vec<String> = output.into_iter().map(without_stamps).collect();
        let output: Vec<&str> = output.iter().map(String::as_str).collect();
        assert!(matches(&output, &printed.lines().collect::<Vec<_>>()), "$ {command}\n{printed}");
        let fails = output.first().is_some_and(|line| line.starts_with("error"));
        assert_eq!(ran.code, i32::from(fails), "$ {command}\n{printed}");
        commands += 1;
    }
    assert!(commands > 10, "{commands} commands");

    // The migrations of the example are what this wrote.
    for file in fs::read_dir(workspace().join("examples/shop/migration/src")).unwrap() {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        let Some(ending) = name.starts_with('m').then(|| name.split_at(16.min(name.len())).1) else { continue };
        let written = fs::read_dir(shop.join("migration/src")).unwrap().map(|file| file.unwrap().path());
        let Some(written) = written.into_iter().find(|path| path.to_string_lossy().ends_with(ending)) else { continue };
        let (kept, written) = (fs::read_to_string(file.path()).unwrap(), fs::read_to_string(written).unwrap());
        if ending.starts_with("_create") {
            assert_eq!(kept, written, "{name}");
        }
    }
}

fn in_shell(command: &str, folder: &Path) -> super::program::Run {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command).env("DATABASE_URL", "sqlite://shop.db?mode=rwc").env("CARGO_NET_OFFLINE", "true");
    alone(&shell, folder)
}
