//! `check --rolling`: which of two programs that run at once breaks on which schema, as a table, and how to deploy in steps.

use std::{io, path::PathBuf};

use clap::Args;
use sea_orm_drift::{Difference, Entities, FileError, Record, Report, Severity, Verbosity};
use sea_orm_migration::MigratorTrait;
use serde_json::{Value, json};

use super::{entities::migrations, verdict};
use crate::{
    release::{Release, step},
    rolling::{Met, Rolling},
};

/// The releases that may still run.
#[derive(Debug, Args)]
pub(super) struct RollingArgs {
    /// Record of a release that may still run, written by its verb `entities`: says whether it survives the migrations of
    /// this tree. May be given several times.
    #[arg(long = "rolling", id = "rolling", value_name = "FILE", conflicts_with = "fleet")]
    records: Vec<PathBuf>,
}

impl RollingArgs {
    pub(super) fn read<M: MigratorTrait>(&self, entities: &Entities) -> Result<Vec<Release>, FileError> {
        read::<M>(&self.records, entities)
    }
}

/// The releases whose records these files are.
pub(super) fn read<M: MigratorTrait>(files: &[PathBuf], entities: &Entities) -> Result<Vec<Release>, FileError> {
    let read = |file: &PathBuf| {
        let record = Record::read(file)?.of_project(entities, &migrations::<M>(), file)?;
        let stem = || file.file_stem().unwrap_or(file.as_os_str()).to_string_lossy().into_owned();
        let name = format!("release {}", record.release.clone().unwrap_or_else(stem));
        Ok(Release { name, record })
    };
    files.iter().map(read).collect()
}

/// Writes each release for people: the table, what breaks it, and what to do.
pub(super) fn write_text(
    releases: &[(&str, Rolling)],
    verbosity: Verbosity,
    sink: &mut dyn io::Write,
) -> io::Result<()> {
    for (number, (name, rolling)) in releases.iter().enumerate() {
        if number > 0 {
            writeln!(sink)?;
        }
        write_table(name, rolling, sink)?;
        let of_database = rolling.of_database.iter().map(|met| ("the database", met));
        for (schema, met) in of_database.chain([("the new schema", &rolling.of_tree)]) {
            if is_shown(&met.release, verbosity) {
                writeln!(sink, "\n{name} on {schema}:\n")?;
                met.release.write_text(verbosity, sink)?;
            }
        }
        writeln!(sink, "\n{}", verdict(name, rolling))?;
        for step in steps(name, rolling) {
            writeln!(sink, "  help: {step}")?;
        }
    }
    Ok(())
}

fn is_shown(report: &Report, verbosity: Verbosity) -> bool {
    report.fails_at(Severity::Warning) || (verbosity == Verbosity::Verbose && !report.differences.is_empty())
}

/// A row for each program, a column for each schema.
fn write_table(name: &str, rolling: &Rolling, sink: &mut dyn io::Write) -> io::Result<()> {
    let of_release = rolling.of_release.iter().map(|met| (format!("schema of {name}"), met));
    let of_tree = [("new schema".to_owned(), &rolling.of_tree)];
    let of_database = rolling.of_database.iter().map(|met| ("database".to_owned(), met));
    let schemas: Vec<(String, &Met)> = of_release.chain(of_tree).chain(of_database).collect();
    let mut rows = vec![vec![String::new()], vec![name.to_owned()], vec!["this program".to_owned()]];
    for (schema, met) in &schemas {
        rows[0].push(schema.clone());
        rows[1].push(cell(&met.release));
        rows[2].push(cell(&met.program));
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..=schemas.len()).map(width).collect();
    for row in &rows {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        writeln!(sink, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    writeln!(sink)?;
    for (schema, met) in schemas {
        if let Some(migration) = &met.after {
            writeln!(sink, "{schema}: as the migrations up to {migration} build it, on SQLite in memory")?;
        }
    }
    if rolling.of_release.is_none() {
        writeln!(sink, "schema of {name}: not known, its record names none of the migrations of this tree")?;
    }
    Ok(())
}

fn cell(report: &Report) -> String {
    let errors = errors(report).count();
    match (errors, report.unchecked.len()) {
        (0, 0) => "runs".to_owned(),
        (0, open) => format!("runs, {open} unchecked"),
        (1, _) => "breaks: 1 error".to_owned(),
        (errors, _) => format!("breaks: {errors} errors"),
    }
}

/// Whether this program breaks on the schema of its own migrations.
pub(super) fn is_broken(rolling: &Rolling) -> bool {
    errors(&rolling.of_tree.program).next().is_some()
}

/// Whether this program may start beside all of them.
pub(super) fn last_line(releases: &[(&str, Rolling)], passes: impl Fn(&Rolling) -> bool, up: &str) -> String {
    let names: Vec<&str> = releases.iter().map(|(name, _)| *name).collect();
    let breaking: Vec<&str> = releases.iter().filter(|(_, rolling)| !passes(rolling)).map(|(name, _)| *name).collect();
    let is_broken = releases.iter().any(|(_, rolling)| self::is_broken(rolling));
    let of_database = releases.first().and_then(|(_, rolling)| rolling.of_database.as_ref());
    let needs_up = of_database.is_some_and(|met| errors(&met.program).next().is_some());
    verdict::of_rolling(&names, &breaking, is_broken, needs_up.then_some(up))
}

fn errors(report: &Report) -> impl Iterator<Item = &Difference> {
    let counts = |found: &&Difference| found.severity() == Severity::Error && !found.suppression.is_accepted();
    report.differences.iter().filter(counts)
}

/// In which order the two can be deployed.
fn verdict(name: &str, rolling: &Rolling) -> String {
    let is_broken = |report: &Report| errors(report).next().is_some();
    let database = rolling.of_database.as_ref().is_some_and(|met| is_broken(&met.release));
    let (released, program) = (is_broken(&rolling.of_tree.release), is_broken(&rolling.of_tree.program));
    let needs_new = rolling.of_release.as_ref().is_none_or(|met| is_broken(&met.program));
    let first = rolling.first_to_break.as_deref();
    match (released, needs_new) {
        _ if program => {
            "error: this program breaks on the schema of its own migrations: `check --migrations` says why".to_owned()
        }
        _ if database => format!("error: {name} breaks on the database as it is"),
        (false, false) => {
            format!("OK: {name} and this program run on both schemas: migrate before or after the deploy")
        }
        (false, true) => format!("OK: {name} survives the migrations: migrate first, then deploy this program"),
        (true, _) if first.is_none() => format!("error: {name} breaks on the new schema, as it does on its own"),
        (true, false) => format!(
            "error: {name} breaks as soon as {} is applied; this program runs without it: apply it when {name} has stopped \
             everywhere",
            first.unwrap_or_default()
        ),
        (true, true) => format!(
            "error: {name} breaks as soon as {} is applied, and this program breaks before: no order of deploying them is \
             safe",
            first.unwrap_or_default()
        ),
    }
}

/// For each error of the release on the schema of this tree: how to come there in steps (expand, deploy, contract).
fn steps(name: &str, rolling: &Rolling) -> Vec<String> {
    let mut steps: Vec<String> = errors(&rolling.of_tree.release).map(|found| step(name, found)).collect();
    steps.dedup();
    steps
}

/// Writes each release for programs: version 1.
pub(super) fn write_json(releases: &[(&str, Rolling)], sink: &mut dyn io::Write) -> io::Result<()> {
    let releases = releases.iter().map(|(name, rolling)| {
        let schemas = rolling.of_release.iter().map(|met| ("release", met));
        let schemas = schemas.chain([("tree", &rolling.of_tree)]);
        let schemas = schemas.chain(rolling.of_database.iter().map(|met| ("database", met)));
        let schemas: io::Result<Vec<Value>> = schemas
            .map(|(schema, met)| {
                Ok(json!({
                    "schema": schema,
                    "after": met.after,
                    "release": document(&met.release)?,
                    "program": document(&met.program)?,
                }))
            })
            .collect();
        Ok(json!({
            "release": name,
            "first_to_break": rolling.first_to_break,
            "steps": steps(name, rolling),
            "schemas": schemas?,
        }))
    });
    let releases: io::Result<Vec<Value>> = releases.collect();
    serde_json::to_writer_pretty(&mut *sink, &json!({ "version": 1, "rolling": releases? }))?;
    writeln!(sink)
}

fn document(report: &Report) -> io::Result<Value> {
    let mut json = Vec::new();
    report.write_json(&mut json)?;
    Ok(serde_json::from_slice(&json)?)
}
