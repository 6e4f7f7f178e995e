//! The judgements of single columns that the integration tests try on servers, without one: the live column is taken to be
//! stored as it is written.

#[path = "../../tests/it/judgements/line.rs"]
mod line;

use rstest::rstest;

use super::*;
use line::{Judgement, column};

#[rstest]
#[case::on_postgres(Dialect::Postgres, "postgres.txt")]
#[case::on_mariadb(Dialect::MariaDb, "mariadb.txt")]
#[case::on_sqlite(Dialect::Sqlite, "sqlite.txt")]
fn each_line_is_judged_as_it_says_without_a_server(#[case] dialect: Dialect, #[case] file: &str) {
    let judgements =
        line::read(file).into_iter().filter(|line| !line.text.ends_with(" | as catalogued")).collect::<Vec<_>>();
    let side = |declare: fn(&Judgement) -> TableCreateStatement| {
        let add = |entities: Entities, judgement| entities.add_table(declare(judgement), []);
        judgements.iter().fold(Entities::new(), add).declared(dialect)
    };
    let live = |judgement: &Judgement| judgement.table_with(judgement.live.as_deref().map(column).as_ref());
    let (declared, live) = (side(Judgement::declare), side(live));
    let report = report(&declared, &live, compare(&declared, &live));
    let mut disagreements = Vec::new();
    for judgement in &judgements {
        let (found, repair) = (judgement.found(&report), judgement.repair(&report));
        if found != judgement.findings || !judgement.is_repaired_by(repair.as_deref()) {
            let repair = repair.unwrap_or_else(|| "-".to_owned());
            disagreements.push(format!("{}\n  found {}\n  repair {repair}", judgement.text, found.join(", ")));
        }
    }
    assert!(disagreements.is_empty(), "{} disagree\n{}", disagreements.len(), disagreements.join("\n"));
}
