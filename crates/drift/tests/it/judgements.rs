//! The judgement of one column, as tables of data: `judgements/*.txt`. A line is a case.
//!
//! ```text
//! declared column        | live column | what is found                | the repair
//! varchar(32) default 'a'| varchar(16) | type-differs writes-may-fail | string_len(32)
//! ```
//!
//! - A column is its SQL without the name; `-` where the side has none. A declared type in capitals (`Uuid`, `Json`) is
//!   sea-query's own, which some servers keep as something else.
//! - Findings are `RULE CONSEQUENCE`, or a rule alone for what is left unchecked, separated by commas; `same` is none.
//! - The repair is what the migration says of the column, from the type on. `fixed` is any repair, `-` is none. Its SQL
//!   is executed on the server, and its finding must be gone.
//! - Empty lines and those that begin with `#` say nothing.

use std::{fs, path::Path};

use rstest::rstest;
use sea_orm::{
    ConnectionTrait,
    sea_query::{ColumnDef, ColumnType, Expr, Table, TableCreateStatement},
};
use sea_orm_drift::{Difference, Entities, Report};

use crate::servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

/// One line.
#[derive(Debug)]
struct Judgement {
    text: String,
    /// The table of the line, which has a column `value`.
    table: String,
    declared: Option<ColumnDef>,
    live: Option<String>,
    findings: Vec<String>,
    repair: String,
}

#[rstest]
#[case::on_postgres(Postgres, "postgres.txt")]
#[case::on_mariadb(MySqlOrMariaDb, "mariadb.txt")]
#[case::on_sqlite(Sqlite, "sqlite.txt")]
#[tokio::test]
async fn each_line_is_judged_and_repaired_as_it_says(#[case] server: Server, #[case] file: &str) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    let judgements = read(file);
    let mut entities = Entities::new();
    for judgement in &judgements {
        let sql = judgement.create_live();
        db.execute_unprepared(&sql).await.unwrap_or_else(|error| panic!("{}: {error}", judgement.text));
        entities = entities.add_table(judgement.declare(), []);
    }

    let before = entities.check(&db).await.unwrap();
    let mut disagreements = Vec::new();
    for judgement in &judgements {
        let (found, repair) = (judgement.found(&before), judgement.repair(&before));
        if found != judgement.findings || !judgement.is_repaired_by(repair.as_deref()) {
            let repair = repair.unwrap_or_else(|| "-".to_owned());
            disagreements.push(format!("{}\n  found {}\n  repair {repair}", judgement.text, found.join(", ")));
        }
    }
    assert!(disagreements.is_empty(), "{} disagree\n{}", disagreements.len(), disagreements.join("\n"));

    let repaired = || before.differences.iter().filter(|difference| difference.repair().is_some());
    for repair in repaired().filter_map(Difference::repair) {
        for sql in &repair.sql {
            db.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
            assert!(says_the_same(&repair.code, sql), "{sql}: {}", repair.code);
        }
    }
    let after = entities.check(&db).await.unwrap();
    for difference in repaired() {
        let is_left = after.differences.iter().any(|found| found.is_same_finding(difference));
        assert!(!is_left, "{:?} does not repair {}", difference.repair().unwrap().sql, difference.object());
    }
}

/// Whether the code executes the statement, if it executes SQL at all.
pub(crate) fn says_the_same(code: &str, sql: &str) -> bool {
    let literals = [format!("{sql:?}"), format!("r#\"{sql}\"#")];
    let is_built = |line: &str| line.starts_with("manager.") && !line.contains("execute_unprepared(");
    code.lines().any(is_built)
        || literals
            .iter()
            .any(|literal| code.contains(&format!("manager.get_connection().execute_unprepared({literal}).await?;")))
}

fn read(file: &str) -> Vec<Judgement> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judgements").join(file);
    let text = fs::read_to_string(path).unwrap();
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    lines.map(|(number, line)| Judgement::parse(number, line)).collect()
}

impl Judgement {
    fn parse(number: usize, case: &str) -> Self {
        let parts: Vec<&str> = case.split(" | ").map(str::trim).collect();
        let [declared, live, findings, repair] = parts[..] else {
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

    fn declare(&self) -> TableCreateStatement {
        let mut table = Table::create().table(self.table.clone()).take();
        table.col(ColumnDef::new("id").integer().not_null().primary_key());
        if let Some(column) = &self.declared {
            table.col(column.clone());
        }
        table
    }

    fn create_live(&self) -> String {
        let column = self.live.as_ref().map(|live| format!(", value {live}")).unwrap_or_default();
        format!("CREATE TABLE {} (id integer NOT NULL PRIMARY KEY{column})", self.table)
    }

    fn found(&self, report: &Report) -> Vec<String> {
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
    fn repair(&self, report: &Report) -> Option<String> {
        let mut of_table = report.differences.iter().filter(|difference| difference.table.name == self.table);
        of_table.find_map(|difference| difference.repair()).map(|repair| repair.code.clone())
    }

    fn is_repaired_by(&self, code: Option<&str>) -> bool {
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
fn column(text: &str) -> ColumnDef {
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
