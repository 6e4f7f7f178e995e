//! What a program does with one column of one type, and what can be concluded when it goes otherwise than on the table
//! that the entity declares.

use std::str::FromStr;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbConn, DbErr, EntityTrait, ModelTrait, PrimaryKeyTrait,
    QueryFilter, QueryOrder, QuerySelect, Schema, Value, sea_query::Expr,
};
use sea_orm_drift::{Consequence, Entities, Report};

/// The table of all entities here: `id` and `value`.
pub(super) const TABLE: &str = "typed";

/// What became of one value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome {
    /// The database or the driver did not take it.
    Refused(String),
    /// It is stored, and the entity does not read it.
    Unreadable(String),
    /// It is stored and comes back as this.
    Read(Value),
}

/// What became of all values.
#[derive(Debug)]
pub(super) struct Outcomes {
    /// Written through the entity.
    own: Vec<(Value, Outcome)>,
    /// Written by another program, as SQL.
    foreign: Vec<(String, Outcome)>,
    /// The rows that a look-up by the first value finds.
    look_up: Result<Vec<i32>, String>,
    /// Whether an update to the first value works as an insert of it.
    update: Result<(), String>,
}

pub(super) async fn create<E: EntityTrait>(db: DbConn) {
    let statement = Schema::new(db.get_database_backend()).create_table_from_entity(E::default());
    db.execute(&statement).await.unwrap();
}

pub(super) async fn create_table(db: &DbConn, ty: &str) {
    let sql = format!("CREATE TABLE {TABLE} (id integer NOT NULL PRIMARY KEY, value {ty} NULL)");
    db.execute_unprepared(&sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

pub(super) async fn check<E: EntityTrait>(db: DbConn) -> Report {
    Entities::new().add(E::default()).check(&db).await.unwrap()
}

pub(super) async fn perform<E>(db: DbConn, values: Vec<Value>, foreign: Vec<String>) -> Outcomes
where
    E: EntityTrait<PrimaryKey: PrimaryKeyTrait<ValueType = i32>>,
    E::Model: ModelTrait<Entity = E>,
{
    let mut own = Vec::new();
    for (id, value) in (1_i32..).zip(&values) {
        let outcome = match insert::<E>(&db, id, value).await {
            Ok(()) => read::<E>(&db, id).await,
            Err(error) => Outcome::Refused(error.to_string()),
        };
        own.push((value.clone(), outcome));
    }
    let look_up = look_up::<E>(&db, &values[0]).await.map_err(|error| error.to_string());
    let update = update::<E>(&db, &values[0]).await.map_err(|error| error.to_string());
    let mut others = Vec::new();
    for (id, literal) in (1_001..).zip(foreign) {
        let outcome = match db.execute_unprepared(&format!("INSERT INTO {TABLE} VALUES ({id}, {literal})")).await {
            Ok(_) => match read::<E>(&db, id).await {
                Outcome::Unreadable(error) if is_no_label(&error) => Outcome::Read(values[0].as_null()),
                outcome => outcome,
            },
            Err(error) => Outcome::Refused(error.to_string()),
        };
        others.push((literal, outcome));
    }
    Outcomes { own, foreign: others, look_up, update }
}

async fn insert<E: EntityTrait>(db: &DbConn, id: i32, value: &Value) -> Result<(), DbErr> {
    let mut row = E::ActiveModel::default();
    row.set(column::<E>("id"), id.into());
    row.set(column::<E>("value"), value.clone());
    E::insert(row).exec_without_returning(db).await.map(|_| ())
}

/// The rows that hold the value; decodes none of them.
async fn look_up<E: EntityTrait>(db: &DbConn, value: &Value) -> Result<Vec<i32>, DbErr> {
    let ids = E::find().select_only().column(column::<E>("id")).filter(column::<E>("value").eq(value.clone()));
    ids.order_by_asc(column::<E>("id")).into_tuple().all(db).await
}

/// Gives all rows the value; returns how many there were.
async fn update<E: EntityTrait>(db: &DbConn, value: &Value) -> Result<(), DbErr> {
    let saved = column::<E>("value").save_as(Expr::val(value.clone()));
    E::update_many().col_expr(column::<E>("value"), saved).exec(db).await.map(|_| ())
}

async fn read<E>(db: &DbConn, id: i32) -> Outcome
where
    E: EntityTrait<PrimaryKey: PrimaryKeyTrait<ValueType = i32>>,
    E::Model: ModelTrait<Entity = E>,
{
    match E::find_by_id(id).one(db).await {
        Ok(row) => match row.expect("it was stored").get(column::<E>("value")) {
            // MySQL's day 0 of month 0 is none.
            value if value == value.as_null() => Outcome::Unreadable("comes back as none".to_owned()),
            value => Outcome::Read(value),
        },
        Err(error) => Outcome::Unreadable(error.to_string()),
    }
}

/// An enum that is kept as text or number does not know every text and number, whatever the column's type.
fn is_no_label(error: &str) -> bool {
    error.contains("unexpected value for Label enum") || error.contains("unexpected value for Number enum")
}

fn column<E: EntityTrait>(name: &str) -> E::Column {
    E::Column::from_str(name).ok().expect("all entities here have the same columns")
}

impl Outcomes {
    /// Whether the driver does not even read what it wrote.
    pub(super) fn is_unreadable(&self) -> bool {
        !self.own.iter().any(|(_, outcome)| matches!(outcome, Outcome::Read(_)))
    }

    /// The same with some of the foreign values.
    pub(super) fn only(&self, foreign: &[usize]) -> Self {
        let foreign = foreign.iter().map(|&position| self.foreign[position].clone()).collect();
        Self { own: self.own.clone(), foreign, look_up: self.look_up.clone(), update: self.update.clone() }
    }

    /// The loudest thing that goes otherwise than in `baseline`. What the declared table refuses, the entity does not
    /// allow; what it holds and does not give back, is not a difference.
    pub(super) fn consequence_beside(&self, baseline: &Self) -> Consequence {
        let own: Vec<_> = self.own_beside(baseline).collect();
        let read_failures = own
            .iter()
            .copied()
            .chain(self.foreign_beside(baseline))
            .filter(|outcome| !matches!(outcome, Outcome::Refused(_)))
            .map(|outcome| matches!(outcome, Outcome::Unreadable(_)))
            .collect::<Vec<_>>();
        let refused = |outcome: &&Outcome| matches!(outcome, Outcome::Refused(_));
        let is_found = |outcomes: &Self| outcomes.look_up.as_ref().is_ok_and(|ids| !ids.is_empty());
        let look_up_fails = self.look_up.is_err() && baseline.look_up.is_ok();
        let update_fails = self.update.is_err() && baseline.update.is_ok();
        if !read_failures.is_empty() && read_failures.iter().all(|&fails| fails) {
            Consequence::ReadsFail
        } else if own.iter().all(refused) {
            Consequence::WritesFail
        } else if read_failures.contains(&true) || look_up_fails {
            Consequence::ReadsMayFail
        } else if own.iter().any(refused) || update_fails {
            Consequence::WritesMayFail
        } else if self.changes_beside(baseline) || (is_found(baseline) && self.look_up != baseline.look_up) {
            Consequence::ValuesChange
        } else {
            Consequence::Nothing
        }
    }

    /// What happened to the values that the declared table takes and gives back.
    fn own_beside<'a>(&'a self, baseline: &'a Self) -> impl Iterator<Item = &'a Outcome> {
        let both = self.own.iter().zip(&baseline.own);
        both.filter(|(_, (_, other))| matches!(other, Outcome::Read(_))).map(|((_, outcome), _)| outcome)
    }

    /// Whether a value that the declared table gives back as it is comes back otherwise.
    fn changes_beside(&self, baseline: &Self) -> bool {
        let mut both = self.own.iter().zip(&baseline.own);
        both.any(|((value, outcome), (_, other))| {
            matches!(other, Outcome::Read(read) if read == value) && outcome != other
        })
    }

    /// What happened to the foreign values that the declared table refuses, or gives back.
    fn foreign_beside<'a>(&'a self, baseline: &'a Self) -> impl Iterator<Item = &'a Outcome> {
        let both = self.foreign.iter().zip(&baseline.foreign);
        both.filter(|(_, (_, other))| !matches!(other, Outcome::Unreadable(_))).map(|((literal, outcome), _)| {
            assert!(!matches!(outcome, Outcome::Refused(_)), "{literal} is not a value of its own type: {outcome:?}");
            outcome
        })
    }

    /// A few of the values that fared otherwise.
    pub(super) fn departures_from(&self, baseline: &Self) -> String {
        let own = self
            .own
            .iter()
            .zip(&baseline.own)
            .map(|((value, outcome), (_, other))| (format!("{value:?}"), outcome, other));
        let foreign = self
            .foreign
            .iter()
            .zip(&baseline.foreign)
            .map(|((literal, outcome), (_, other))| (literal.clone(), outcome, other));
        let mut lines: Vec<String> = own
            .chain(foreign)
            .filter(|(_, outcome, other)| outcome != other)
            .map(|(value, outcome, other)| format!("  {value:.60}: {} instead of {}", shown(outcome), shown(other)))
            .take(3)
            .collect();
        if self.update != baseline.update {
            lines.push(format!("  update: {:?} instead of {:?}", self.update, baseline.update));
        }
        if self.look_up != baseline.look_up {
            lines.push(format!("  look-up: {:?} instead of {:?}", self.look_up, baseline.look_up));
        }
        lines.join("\n")
    }
}

fn shown(outcome: &Outcome) -> String {
    let text = format!("{outcome:?}").replace("Query Error: error occurred while decoding column \\\"value\\\": ", "");
    text.chars().take(180).collect()
}
