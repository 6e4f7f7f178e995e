//! Every declared type that the entity macros make, against every live type of the backend: the driver writes and reads,
//! and what happened must be what the engine predicts from the two types.
//!
//! Adding a declared type is a line in `declared.rs`, adding a live type a line in `live.rs`.

mod declared;
mod labels;
mod live;
mod places;
mod trial;

use rstest::rstest;
use sea_orm::ConnectionTrait;
use sea_orm_drift::{Change, Consequence, Difference, Report, Rule};

use self::{
    declared::{Declared, declared},
    live::{LiveType, live_types, preparation},
    places::Places,
    trial::{TABLE, create_table},
};
use super::word;
use crate::servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

#[rstest]
#[case::on_postgres(Postgres)]
#[case::on_mysql_or_mariadb(MySqlOrMariaDb)]
#[case::on_sqlite(Sqlite)]
#[tokio::test]
async fn every_declared_type_meets_every_live_type(#[case] server: Server) {
    let Some(database) = server.empty_database().await else { return };
    let live_types = live_types(server);
    let places = Places::new(&database, preparation(server), live_types.len() + 1).await;
    for (number, live) in live_types.iter().enumerate() {
        create_table(&places.at(number).await, live.sql).await;
    }
    let mut matrix = Matrix::new(&live_types);
    for declared in declared(server) {
        row(&places, &declared, &live_types, &mut matrix).await;
    }
    places.leave().await;
    matrix.print();
    assert!(
        matrix.disagreements.is_empty(),
        "{} of {} disagree\n\n{}",
        matrix.disagreements.len(),
        matrix.cells,
        matrix.disagreements.join("\n")
    );
}

/// One declared type against all live types.
async fn row(places: &Places<'_>, declared: &Declared, live_types: &[LiveType], matrix: &mut Matrix) {
    let foreign: Vec<&str> = live_types.iter().flat_map(|live| live.literals.iter().copied()).collect();
    let db = &places.at(live_types.len()).await;
    (declared.create)(db.clone()).await;
    let report = (declared.check)(db.clone()).await;
    let alarm = of_the_type(&report);
    let baseline = (declared.perform)(db.clone(), declared.values.clone(), &foreign).await;
    db.execute_unprepared(&format!("DROP TABLE {TABLE}")).await.unwrap();
    // Some types of Rust are never read, whatever the column: `u64` on PostgreSQL.
    if baseline.is_unreadable() {
        assert_eq!(alarm, Some(Consequence::ReadsFail), "{}: not reported\n{report}", declared.name);
        matrix.skip(declared.name);
        return;
    }
    assert!(alarm.is_none(), "{}: a false alarm\n{report}", declared.name);

    matrix.begin(declared.name);
    for (number, live) in live_types.iter().enumerate() {
        let db = &places.at(number).await;
        let report = (declared.check)(db.clone()).await;
        let outcomes = (declared.perform)(db.clone(), declared.values.clone(), live.literals).await;
        let mine = live.literals.iter().map(|literal| foreign.iter().position(|other| other == literal).unwrap());
        let beside = baseline.only(&mine.collect::<Vec<_>>());
        db.execute_unprepared(&format!("DELETE FROM {TABLE}")).await.unwrap();

        let predicted = of_the_type(&report).unwrap_or(Consequence::Nothing);
        let observed = outcomes.consequence_beside(&beside);
        // An entity that says no length leaves it to the table.
        let declares_no_type = ["string", "array_of_string"].contains(&declared.name)
            && predicted == Consequence::Nothing
            && (live.sql.contains("char(") || live.sql == "short");
        let is_open = predicted == Consequence::Nothing
            && report
                .unchecked
                .iter()
                .any(|open| open.rule == Rule::CheckUnchecked && open.column.as_deref() == Some("value"));
        let agree = predicted == observed
            || declares_no_type
            || is_open
            || declared.is_beyond_the_declaration(live, places.server());
        let verdict = if agree { Verdict::Agreement } else { Verdict::Disagreement };
        matrix.add(predicted, verdict);
        if verdict == Verdict::Disagreement {
            matrix.disagreements.push(format!(
                "{} against {}: the engine says {}, the driver {}\n{}",
                declared.name,
                live.sql,
                word(predicted),
                word(observed),
                outcomes.departures_from(&beside)
            ));
        }
    }
}

/// The loudest thing said of the column.
fn of_the_type(report: &Report) -> Option<Consequence> {
    // The values of the trial do not differ in case alone.
    let is_of_case = |change: &Change| matches!(change, Change::Collation { sides, .. } if sides.live.as_ref().is_some_and(|live| live.name == "citext"));
    let about = report.differences.iter().filter(|difference| difference.change.column() == Some("value"));
    let about = about.filter(|difference| !is_of_case(&difference.change));
    about.map(Difference::consequence).max()
}

/// What was predicted, a row for each declared type and a mark for each live type.
struct Matrix {
    legend: String,
    rows: Vec<(&'static str, String)>,
    cells: usize,
    disagreements: Vec<String>,
}

impl Matrix {
    fn new(live_types: &[LiveType]) -> Self {
        let numbered = live_types.iter().enumerate().map(|(number, live)| format!("{} {}", number + 1, live.sql));
        let marks = ". nothing, ~ values-change, w writes-may-fail, r reads-may-fail, W writes-fail, R reads-fail";
        let legend = format!("{}\n{marks}", numbered.collect::<Vec<_>>().join(", "));
        Self { legend, rows: Vec::new(), cells: 0, disagreements: Vec::new() }
    }

    fn begin(&mut self, name: &'static str) {
        self.rows.push((name, String::new()));
    }

    fn skip(&mut self, name: &'static str) {
        self.rows.push((name, "not read here, also as declared".to_owned()));
    }

    fn add(&mut self, predicted: Consequence, verdict: Verdict) {
        let (_, marks) = self.rows.last_mut().expect("a row has begun");
        if marks.len() % 11 == 10 {
            marks.push(' ');
        }
        marks.push(match (verdict, predicted) {
            (Verdict::Disagreement, _) => '!',
            (Verdict::Agreement, Consequence::ReadsFail) => 'R',
            (Verdict::Agreement, Consequence::WritesFail) => 'W',
            (Verdict::Agreement, Consequence::IntegrityLost) => 'I',
            (Verdict::Agreement, Consequence::ConstraintLost) => 'C',
            (Verdict::Agreement, Consequence::ReadsMayFail) => 'r',
            (Verdict::Agreement, Consequence::WritesMayFail) => 'w',
            (Verdict::Agreement, Consequence::ValuesChange) => '~',
            (Verdict::Agreement, Consequence::Slower) => 's',
            (Verdict::Agreement, Consequence::Nothing) => '.',
        });
        self.cells += 1;
    }

    #[expect(clippy::print_stdout, reason = "the matrix; shown with --nocapture, or when a cell disagrees")]
    fn print(&self) {
        let rows = self.rows.iter().map(|(name, marks)| format!("{name:<24} {marks}")).collect::<Vec<_>>();
        println!("{}\n{}\n{} cells", self.legend, rows.join("\n"), self.cells);
    }
}

/// Whether the driver did what the engine said.
#[derive(Clone, Copy, PartialEq)]
enum Verdict {
    Agreement,
    Disagreement,
}
