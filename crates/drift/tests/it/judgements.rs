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
//! - `as catalogued` at the end: it is about what the server makes of the live column. All other lines are also judged without
//!   a server, by the crate's own tests.
//! - Empty lines and those that begin with `#` say nothing.

mod line;

use rstest::rstest;
use sea_orm::ConnectionTrait;
use sea_orm_drift::{Difference, Entities, Report};

use self::line::Judgement;
use crate::servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

#[rstest]
#[case::on_postgres(Postgres, "postgres.txt")]
#[case::on_mariadb(MySqlOrMariaDb, "mariadb.txt")]
#[case::on_sqlite(Sqlite, "sqlite.txt")]
#[tokio::test]
async fn each_line_is_judged_and_repaired_as_it_says(#[case] server: Server, #[case] file: &str) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    let judgements = line::read(file);
    let mut entities = Entities::new();
    for judgement in &judgements {
        let sql = create_live(judgement);
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

fn create_live(judgement: &Judgement) -> String {
    let column = judgement.live.as_ref().map(|live| format!(", value {live}")).unwrap_or_default();
    format!("CREATE TABLE {} (id integer NOT NULL PRIMARY KEY{column})", judgement.table)
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
