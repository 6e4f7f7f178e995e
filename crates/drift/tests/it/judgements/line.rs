//! The lines of `judgements/*.txt`: `judgements.rs` says what they mean.

use std::{fs, path::Path};

use sea_orm::sea_query::{ColumnDef, ColumnType, Expr, Table, TableCreateStatement};

use super::Report;

/// One line.
#[derive(Debug)]
pub(crate) struct Judgement {
    pub(crate) text: String,
    /// The table of the line, which has a column `value`.
    pub(crate) table: String,
    pub(crate) declared: Option<ColumnDef>,
    pub(crate) live: Option<String>,
    pub(crate) findings: Vec<String>,
    pub(crate) repair: String,
}

pub(crate) fn read(file: &str) -> Vec<Judgement> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judgements").join(file);
    let text = fs::read_to_string(path).unwrap();
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    lines.map(|(number, line)| Judgement::parse(number, line)).collect()
}

impl Judgement {
    fn parse(number: usize, case: &str) -> Self {
        let parts: Vec<&str> = case.split(" | ").map(str::trim).collect();
        let ([declared, live, findings, repair] | [declared, live, findings, repair, "as catalogued"]) = parts[..]
        else {
            panic!("line {number} has {} parts, not 4: {case}", parts.len())
        };
        let mut findings: Vec<String> = findings.split(", ").map(str::to_owned).collect();
        findings.retain(|finding| finding != "same");
        findings.sort();
        Self {
            text: format!("line {number}: {case}"),
            table: format!("line_{number}"),
            declared: (declared != "-").then(|| column(declared)),
            live: (live != "-").then(|| live.to_owned()),
            findings,
            repair: repair.to_owned(),
        }
    }

    pub(crate) fn declare(&self) -> TableCreateStatement {
        self.table_with(self.declared.as_ref())
    }

    pub(crate) fn table_with(&self, column: Option<&ColumnDef>) -> TableCreateStatement {
        let mut table = Table::create().table(self.table.clone()).take();
        table.col(ColumnDef::new("id").integer().not_null().primary_key());
        if let Some(column) = column {
            table.col(column.clone());
        }
        table
    }

    pub(crate) fn found(&self, report: &Report) -> Vec<String> {
        let differences = report.differences.iter().filter(|difference| difference.table.name == self.table);
        let differences = differences.map(|difference| {
            let consequence = serde_json::to_value(difference.consequence()).unwrap();
            format!("{} {}", difference.change.rule(), consequence.as_str().unwrap())
        });
        let unchecked = report.unchecked.iter().filter(|unchecked| unchecked.table.name == self.table);
        let mut found: Vec<String> = differences.chain(unchecked.map(|unchecked| unchecked.rule.to_string())).collect();
        found.sort();
        found
    }

    /// The code of the first repair.
    pub(crate) fn repair(&self, report: &Report) -> Option<String> {
        let mut of_table = report.differences.iter().filter(|difference| difference.table.name == self.table);
        of_table.find_map(|difference| difference.repair()).map(|repair| repair.code.clone())
    }

    pub(crate) fn is_repaired_by(&self, code: Option<&str>) -> bool {
        match (self.repair.as_str(), code) {
            ("-", None) | ("fixed", Some(_)) => true,
            ("-", Some(_)) | (_, None) => false,
            (calls, Some(code)) => {
                let column = format!("ColumnDef::new(\"value\").{calls}");
                code.contains(&format!("{column})")) || code.contains(&format!("{column}.null())"))
            }
        }
    }
}

/// The declared column that `text` describes.
pub(crate) fn column(text: &str) -> ColumnDef {
    const PARTS: [&str; 7] =
        [" not null", " auto_increment", " default ", " check ", " collate ", " generated ", " on update "];
    let part = |wanted: &str| text.find(wanted).map(|at| at + wanted.len());
    let end = |from: usize| {
        let ends = PARTS.iter().filter_map(|next| text[from..].find(next).map(|at| from + at));
        ends.min().unwrap_or(text.len())
    };
    let ty = match &text[..end(0)] {
        "Uuid" => ColumnType::Uuid,
        "Json" => ColumnType::Json,
        "JsonBinary" => ColumnType::JsonBinary,
        other => ColumnType::custom(other.to_owned()),
    };
    let mut column = ColumnDef::new_with_type("value", ty);
    if part(" not null").is_some() {
        column.not_null();
    }
    if part(" auto_increment").is_some() {
        column.auto_increment();
    }
    if let Some(from) = part(" default ") {
        column.default(Expr::cust(text[from..end(from)].to_owned()));
    }
    let extras = PARTS[3..].iter().filter_map(|part| text.find(part));
    if let Some(from) = extras.min() {
        column.extra(text[from + 1..].to_owned());
    }
    column
}
