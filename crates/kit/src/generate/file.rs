//! The files of new migrations, and their lines in the list of migrations. No other line is touched, and nothing stays if one
//! of them cannot be written.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{error::GenerateError, migration::NewMigration};

/// Where migrations are written, and how they are named.
#[derive(Clone, Debug)]
pub struct Destination {
    /// The folder of the crate, or that of the migrations themselves, as for `sea-orm-cli migrate -d`.
    pub folder: PathBuf,
    /// What was typed: `add_user_email`.
    pub name: String,
    /// A time for each migration: `20261128_221500`.
    pub stamps: Vec<String>,
}

/// Writes the migrations and registers them; returns the paths of the new files. Where `rustfmt` does not run they are not formatted, and
/// the second value is false.
///
/// # Errors
/// If the name is none, the list of migrations is not found, or a file cannot be written.
pub fn write(destination: &Destination, migrations: &[NewMigration]) -> Result<(Vec<PathBuf>, bool), GenerateError> {
    let name = module_name(&destination.name)?;
    let (source, library, old) = list_of(&destination.folder)?;
    let manifest = fs::read_to_string(destination.folder.join("Cargo.toml")).unwrap_or_default();
    let runner = if manifest.contains("sea-orm-runner") { "sea_orm_runner" } else { "sea_orm_kit::runner" };
    let edition = if manifest.contains("edition = \"2021\"") { "2021" } else { "2024" };

    let mut new = old;
    let mut files: Vec<(PathBuf, String)> = Vec::new();
    let mut is_formatted = true;
    for (migration, stamp) in migrations.iter().zip(&destination.stamps) {
        let suffix = migration.suffix.map(|suffix| format!("_{suffix}")).unwrap_or_default();
        let module = format!("m{stamp}_{name}{suffix}");
        let file = source.join(format!("{module}.rs"));
        if file.exists() {
            return Err(of_file(&file, &io::Error::from(io::ErrorKind::AlreadyExists)));
        }
        new = registered(&new, &module).ok_or_else(|| GenerateError::File {
            path: library.display().to_string(),
            reason: "the list of migrations is not found: it should be a `vec![...]` in the only `fn migrations()`, to which nothing is added later".to_owned(),
        })?;
        let code = migration.code(runner);
        let formatted = formatted(&code, edition, &source);
        is_formatted &= formatted.is_some();
        files.push((file, formatted.unwrap_or(code)));
    }
    if let Err(error) = write_all(&files, &library, &new) {
        for (file, _) in &files {
            let _ = fs::remove_file(file); // it may not have come into being
        }
        return Err(error);
    }
    Ok((files.into_iter().map(|(file, _)| file).collect(), is_formatted))
}

/// The folder of the migrations, the file with their list, and its text.
///
/// # Errors
/// If the file cannot be read.
pub fn list_of(folder: &Path) -> Result<(PathBuf, PathBuf, String), GenerateError> {
    let source = Some(folder.join("src")).filter(|folder| folder.is_dir()).unwrap_or_else(|| folder.to_owned());
    let library = Some(source.join("lib.rs")).filter(|file| file.is_file()).unwrap_or_else(|| source.join("mod.rs"));
    match fs::read_to_string(&library) {
        Ok(text) => Ok((source, library, text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(GenerateError::NoCrate(folder.display().to_string()))
        }
        Err(error) => Err(of_file(&library, &error)),
    }
}

fn write_all(files: &[(PathBuf, String)], library: &Path, new: &str) -> Result<(), GenerateError> {
    for (file, code) in files {
        fs::write(file, code).map_err(|error| of_file(file, &error))?;
    }
    // Whole or not at all: a full disk must not cost the list.
    let beside = library.with_extension("rs.new");
    let replaced = fs::write(&beside, new).and_then(|()| fs::rename(&beside, library));
    replaced.map_err(|error| {
        let _ = fs::remove_file(&beside);
        of_file(library, &error)
    })
}

fn of_file(path: &Path, error: &io::Error) -> GenerateError {
    GenerateError::File { path: path.display().to_string(), reason: error.to_string() }
}

/// What the name of a module ends with, after its time. As sea-orm-cli: blanks become `_`.
///
/// # Errors
/// If no module can have this name.
pub fn module_name(name: &str) -> Result<String, GenerateError> {
    let name = name.trim().replace(' ', "_");
    let is_module = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_module {
        Ok(name)
    } else {
        Err(GenerateError::Usage(format!("`{name}` cannot name a migration: use letters, digits and `_`")))
    }
}

/// The text with `mod module;` and `Box::new(module::Migration)`, each after the last of its kind; `None` if there is no
/// list.
fn registered(text: &str, module: &str) -> Option<String> {
    let code = without_comments(text);
    let begin = code.find("fn migrations()")?;
    // Of two lists nobody knows which one is meant.
    if code[begin + 1..].contains("fn migrations()") {
        return None;
    }
    let open = begin + code[begin..].find("vec![")? + "vec!".len();
    let close = open + closing(&code[open..])?;
    // A list that is filled afterwards has its order elsewhere.
    let end = code[close..].find('}').map_or(code.len(), |end| close + end);
    let adds = [".push(", ".extend(", ".append(", ".insert(", ".chain(", ".concat(", ".sort"];
    if adds.iter().any(|method| code[close..end].contains(method)) {
        return None;
    }
    let end_of_line = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let inner = &text[open + 1..close];
    let entry = format!("Box::new({module}::Migration)");
    // The end of the last entry, before the comments behind it.
    let end_of_entries = code[open + 1..close].trim_end().len();
    let (entries, behind) = inner.split_at(end_of_entries);
    let list = if entries.trim().is_empty() && behind.trim().is_empty() {
        entry
    } else if inner.contains('\n') {
        let comma = if end_of_entries == 0 || entries.ends_with(',') { "" } else { "," };
        let lines = if end_of_entries == 0 { inner } else { entries };
        let indent = lines.trim_end().rfind('\n').map_or("            ", |line| {
            let line = &lines[line + 1..];
            &line[..line.len() - line.trim_start().len()]
        });
        let (comments, closing) = behind.split_at(behind.trim_end().len());
        format!("{entries}{comma}{comments}{end_of_line}{indent}{entry},{closing}")
    } else {
        let (entries, behind) = (entries.trim().trim_end_matches(','), behind.trim());
        let comma = if entries.is_empty() { "" } else { "," };
        let blank = if behind.is_empty() || entries.is_empty() { "" } else { " " };
        let indent = format!("{end_of_line}            ");
        format!("{indent}{entries}{comma}{blank}{behind}{indent}{entry},{end_of_line}        ")
    };
    let with_entry = format!("{}{list}{}", &text[..=open], &text[close..]);
    let is_module = |line: &str| {
        let name = line.trim_start_matches("pub ").strip_prefix("mod m").and_then(|name| name.strip_suffix(';'));
        name.is_some_and(|name| name.starts_with(|c: char| c.is_ascii_digit()))
    };
    let mut lines: Vec<String> = with_entry.lines().map(ToOwned::to_owned).collect();
    let code = without_comments(&with_entry);
    let code: Vec<&str> = code.lines().map(str::trim_end).collect();
    let list_begins = code.iter().position(|line| line.contains("fn migrations()")).unwrap_or_default();
    let is_import = |line: &&str| line.starts_with("use ") || line.starts_with("pub use ");
    // An import may go over several lines.
    let end_of_import = |first: usize| {
        let length = code[first..].iter().position(|line| line.ends_with(';')).unwrap_or_default();
        first + length
    };
    let last_import = || code[..list_begins].iter().rposition(is_import).map(end_of_import);
    let after = code.iter().rposition(|line| is_module(line)).or_else(last_import);
    let line = after.map_or_else(|| head(&lines), |line| line + 1);
    let blank = if after.is_some() { !code.get(line - 1).is_some_and(|line| is_module(line)) } else { line > 0 };
    lines.insert(line, format!("mod {module};"));
    if blank {
        lines.insert(line, String::new());
    }
    Some(lines.join(end_of_line) + if text.ends_with('\n') { end_of_line } else { "" })
}

/// The line after the attributes and the documentation of the crate, which come first.
fn head(lines: &[String]) -> usize {
    let is_of_crate = |line: &String| line.starts_with("#![") || line.starts_with("//!");
    lines.iter().rposition(is_of_crate).map_or(0, |line| line + 1)
}

/// The text with blanks in place of its comments and of what is in quotes, byte for byte.
fn without_comments(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let (mut rest, mut depth) = (text, 0_usize);
    let blank = |c: char| if c.is_whitespace() { c.to_string() } else { " ".repeat(c.len_utf8()) };
    while let Some(next) = rest.chars().next() {
        let skipped = if depth > 0 {
            let (step, length) = match rest {
                rest if rest.starts_with("*/") => (-1_isize, 2),
                rest if rest.starts_with("/*") => (1, 2),
                _ => (0, next.len_utf8()),
            };
            depth = depth.saturating_add_signed(step);
            length
        } else if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            depth = 1;
            2
        } else if next == '"' {
            let mut is_escaped = false;
            let end = rest[1..].find(|c| {
                let is_end = c == '"' && !is_escaped;
                is_escaped = c == '\\' && !is_escaped;
                is_end
            });
            end.map_or(rest.len(), |end| end + 2)
        } else {
            0
        };
        if skipped == 0 {
            code.push(next);
            rest = &rest[next.len_utf8()..];
        } else {
            code.extend(rest[..skipped].chars().map(blank));
            rest = &rest[skipped..];
        }
    }
    code
}

/// Where the bracket closes with which `text` begins.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (position, character) in text.char_indices() {
        match character {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(position);
        }
    }
    None
}

/// By the project's own rules; `None` if `rustfmt` does not run.
fn formatted(code: &str, edition: &str, folder: &Path) -> Option<String> {
    let mut rustfmt = Command::new("rustfmt");
    // Ctrl-C comes too late for it: what is proven is written.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut rustfmt, 0);
    rustfmt.args(["--edition", edition]).current_dir(folder);
    let mut running = rustfmt.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    running.stdin.take()?.write_all(code.as_bytes()).ok()?;
    let output = running.wait_with_output().ok()?;
    let code = String::from_utf8(output.stdout).ok()?;
    (output.status.success() && !code.is_empty()).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    const INIT: &str = "pub use sea_orm_migration::prelude::*;

mod m20220101_000001_create_table;

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m20220101_000001_create_table::Migration)]
    }
}
";

    #[test]
    fn the_list_of_a_new_project_gets_a_line_for_each() {
        let once = registered(INIT, "m2_b").unwrap();
        let twice = registered(&once, "m3_c").unwrap();
        assert!(
            twice.contains(
                "        vec![
            Box::new(m20220101_000001_create_table::Migration),
            Box::new(m2_b::Migration),
            Box::new(m3_c::Migration),
        ]"
            ),
            "{twice}"
        );
        assert!(twice.contains("mod m20220101_000001_create_table;\nmod m2_b;\nmod m3_c;\n\npub struct"), "{twice}");
    }

    #[test]
    fn comments_and_line_ends_stay_as_they_are() {
        let list = |inner: &str| {
            format!(
                "mod m1_a;\n/// `fn migrations()` is a vec![ of all ]\nfn migrations() -> Vec<B> {{\n        vec![{inner}]\n    }}\n"
            )
        };
        let of = |inner: &str| registered(&list(inner), "m2_b").unwrap();
        let found = of("\n            Box::new(m1_a::Migration) // the first\n        ");
        assert!(
            found
                .contains("Box::new(m1_a::Migration), // the first\n            Box::new(m2_b::Migration),\n        ]"),
            "{found}"
        );
        let found = of("/* none ] yet */");
        assert!(
            found.contains("vec![\n            /* none ] yet */\n            Box::new(m2_b::Migration),\n        ]"),
            "{found}"
        );
        let found = of("\n            // none ] yet\n        ");
        assert!(
            found.contains("            // none ] yet\n            Box::new(m2_b::Migration),\n        ]"),
            "{found}"
        );
        assert!(found.starts_with("mod m1_a;\nmod m2_b;\n/// `fn migrations()` is a vec![ of all ]\n"), "{found}");
        let windows = list("\n            Box::new(m1_a::Migration),\n        ").replace('\n', "\r\n");
        let found = registered(&windows, "m2_b").unwrap();
        assert_eq!(found.matches('\n').count(), found.matches("\r\n").count(), "{found:?}");
        let pushed = "fn migrations() -> Vec<B> {\n    let mut all: Vec<B> = vec![];\n    all.push(Box::new(m1_a::Migration));\n    all\n}\n";
        assert_eq!(registered(pushed, "m2_b"), None);
    }

    #[test]
    fn an_empty_list_gets_its_first_line_and_comments_stay() {
        let empty = "use sea_orm_migration::prelude::*;\n\npub struct M;\nimpl MigratorTrait for M {\n    fn migrations() -> Vec<Box<dyn MigrationTrait>> {\n        vec![]\n    }\n}\nconst X: [u8; 1] = [1]\n;\n";
        let first = registered(empty, "m1_a").unwrap();
        assert!(first.starts_with("use sea_orm_migration::prelude::*;\n\nmod m1_a;\n\npub struct M;"), "{first}");
        assert!(first.contains("vec![Box::new(m1_a::Migration)]\n"), "{first}");
        assert!(first.ends_with("const X: [u8; 1] = [1]\n;\n"), "{first}");

        let commented =
            "fn migrations() {\n    vec![\n        // the first\n        Box::new(m1_a::Migration)\n    ]\n}\n";
        let second = registered(commented, "m2_b").unwrap();
        assert!(
            second.contains(
                "        // the first\n        Box::new(m1_a::Migration),\n        Box::new(m2_b::Migration),\n    ]"
            ),
            "{second}"
        );
    }

    #[test]
    fn a_module_comes_where_the_compiler_takes_it() {
        let list = "impl MigratorTrait for M {\n    fn migrations() -> Vec<B> {\n        vec![]\n    }\n}\n";
        for (head, expected) in [
            ("mod m1_a; // first\n/*\nmod m0_old;\n*/\n", "mod m1_a; // first\nmod m2_b;\n/*\nmod m0_old;\n*/\n"),
            ("use a::{\n    B,\n    C,\n};\nuse d::E;\n", "use a::{\n    B,\n    C,\n};\nuse d::E;\n\nmod m2_b;\n"),
            ("use d::E;\nuse a::{\n    B,\n    C,\n};\n", "use d::E;\nuse a::{\n    B,\n    C,\n};\n\nmod m2_b;\n"),
            ("//! Migrations.\n#![allow(x)]\n", "//! Migrations.\n#![allow(x)]\n\nmod m2_b;\n"),
            ("/// The list.\n", "mod m2_b;\n/// The list.\n"),
        ] {
            let found = registered(&format!("{head}{list}"), "m2_b").unwrap();
            assert!(found.starts_with(expected), "{found}");
        }
    }

    #[test]
    fn a_file_without_a_list_is_left_alone() {
        let list = |all: &str| format!("fn migrations() -> Vec<B> {{\n    {all}\n}}\n");
        for text in [
            "pub struct Migrator;\n".to_owned(),
            list("let mut all: Vec<B> = vec![];\n    all.extend(blog::migrations());\n    all"),
            list("vec![a()].into_iter().chain(blog::migrations()).collect()"),
            list("all()"),
            list("vec![]") + &list("vec![]"),
        ] {
            assert_eq!(registered(&text, "m1_a"), None, "{text}");
        }
    }
}
