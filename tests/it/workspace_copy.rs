//! A copy of the workspace, to edit and build.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use super::{
    cargo::{alone, apart, workspace},
    program::Run,
};

/// Everything that cargo and the tests read.
const ENTRIES: [&str; 13] = [
    ".cargo",
    ".ci",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "README.md",
    "clippy.toml",
    "crates",
    "docs",
    "entity",
    "migration",
    "service",
];

pub(crate) struct WorkspaceCopy {
    folder: TempDir,
}

impl WorkspaceCopy {
    /// In the target folder, so that [`with_own_target`](Self::with_own_target) can link files.
    pub(crate) fn new() -> Self {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        for entry in ENTRIES.iter().chain(&["tests"]) {
            copy_all(&workspace().join(entry), &folder.path().join(entry));
        }
        Self { folder }
    }

    /// A copy that builds into a folder of its own, which begins with what these tests were built of. So cargo builds only
    /// what depends on an edit, and does not replace the programs of the tests.
    pub(crate) fn with_own_target() -> Self {
        let copy = Self::new();
        let built = Path::new(env!("CARGO_BIN_EXE_call-log")).parent().unwrap();
        let target = copy.path("target/debug");
        for entry in ["deps", "incremental"] {
            place_all(&built.join(entry), &target.join(entry), |from, to| fs::hard_link(from, to)).unwrap();
        }
        // Cargo writes into these files; it replaces the others.
        for entry in [".fingerprint", "build"] {
            copy_all(&built.join(entry), &target.join(entry));
        }
        copy
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    /// Replaces a text that the file has once.
    pub(crate) fn replace(&self, file: &str, old: &str, new: &str) {
        let text = fs::read_to_string(self.path(file)).unwrap();
        assert_eq!(text.matches(old).count(), 1, "{old} in {file}");
        fs::write(self.path(file), text.replace(old, new)).unwrap();
    }

    /// Runs cargo with the target folder of these tests.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Run {
        alone(Command::new(env!("CARGO")).args(arguments), self.folder.path())
    }

    /// Runs cargo with the copy's own target folder.
    pub(crate) fn cargo_apart(&self, arguments: &[&str], settings: &[(&str, &str)]) -> Run {
        let mut command = Command::new(env!("CARGO"));
        command.args(arguments).envs(settings.iter().copied());
        apart(&command, self.folder.path(), &self.path("target"))
    }
}

/// Copies a file, or a folder and everything in it.
pub(crate) fn copy_all(from: &Path, to: &Path) {
    place_all(from, to, copy_with_time).unwrap();
}

/// Makes the same folders at `to`, and places each file.
fn place_all(from: &Path, to: &Path, place: fn(&Path, &Path) -> io::Result<()>) -> io::Result<()> {
    if from.is_file() {
        return place(from, to);
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let name = entry?.file_name();
        place_all(&from.join(&name), &to.join(&name), place)?;
    }
    Ok(())
}

/// With its time, by which cargo knows that nothing has changed.
fn copy_with_time(from: &Path, to: &Path) -> io::Result<()> {
    fs::copy(from, to)?;
    File::options().write(true).open(to)?.set_modified(fs::metadata(from)?.modified()?)
}
