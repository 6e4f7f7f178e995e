//! How every event is written: the first one inserts the call's row, later ones update it.
//!
//! The update comes first, so that an event of a known call takes no id. Each of the three statements is the whole event, and
//! says with the number of its rows whether it was the right one, so nothing is written twice or in part.
//!
//! A delivery counts once: if its line is in `deliveries` already, it only increases the number of retries. MySQL and MariaDB
//! assign from left to right and expressions see earlier assignments; other databases see the old row. So a column is
//! assigned only after every expression that reads it.

use chrono::SubsecRound;
use entity::call_log::{self, Column};
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, IdenStatic, SqlErr,
    prelude::DateTime,
    sea_query::{BinOper, Expr, ExprTrait, Func, InsertStatement, Keyword, OnConflict, Query, UpdateStatement},
};

use super::{
    call_fields::CallFields,
    kind::Kind,
    parameters::{Bindings, Parameter},
    statements::{Shape, Statements, filled},
};
use crate::cost::{self, constant};

/// No deliveries are remembered beyond this many characters; a call has about a dozen.
const MAX_DELIVERIES_CHARS: i32 = 60_000;

/// How often an insert may find that another event's was first; then that row is there, unless somebody deletes it.
const MAX_INSERT_ATTEMPTS: u8 = 3;

/// What an event of some shape assigns, column by column. It does not know the event's values, so that its statements serve
/// each event of the shape.
pub(super) struct Upsert {
    shape: Shape,
    /// The values of a new row.
    inserted: Vec<(Column, Expr)>,
    /// The new values of an existing row, in order of assignment.
    updated: Vec<(Column, Expr)>,
    /// The condition to finalise a final call again.
    reopens: Option<Expr>,
}

/// The values that every event has; `line` identifies the delivery.
pub(super) fn bindings(db: &impl ConnectionTrait, call: &CallFields, line: &str) -> Result<Bindings, DbErr> {
    if call.call_sid.is_empty() || call.call_sid.chars().count() > 64 {
        return Err(DbErr::Custom("`call_sid` must have 1 to 64 characters".to_owned()));
    }
    let line = fit(line, 200).unwrap_or_default();
    let text = |text: &Option<String>, characters| text.as_deref().and_then(|text| fit(text, characters));
    let twilio_direction = text(&call.direction, 32);
    let mut bindings = Bindings::default();
    bindings.bind(Parameter::CallSid, call.call_sid.as_str());
    bindings.bind(Parameter::BusinessId, call.business_id);
    bindings.bind(Parameter::At, stored(call.at, db.get_database_backend()));
    bindings.bind(Parameter::EnclosedLine, format!("\n{line}\n"));
    bindings.bind(Parameter::Line, line);
    bindings.bind_some(Parameter::ParentCallSid, text(&call.parent_call_sid, 64));
    bindings.bind_some(Parameter::FromNumber, text(&call.from_number, 64));
    bindings.bind_some(Parameter::ToNumber, text(&call.to_number, 64));
    bindings.bind_some(Parameter::Direction, twilio_direction.as_deref().and_then(direction));
    bindings.bind_some(Parameter::TwilioDirection, twilio_direction);
    Ok(bindings)
}

/// Writes an event; `assign` adds what this kind of event assigns.
pub(super) async fn execute<K: Into<Kind> + Copy>(
    db: &impl ConnectionTrait,
    kind: K,
    bindings: &Bindings,
    assign: fn(&mut Upsert, K),
) -> Result<(), DbErr> {
    let shape = Shape { backend: db.get_database_backend(), kind: kind.into(), bound: bindings.bound() };
    let statements = Statements::of(shape, |shape| Upsert::statements(shape, |upsert| assign(upsert, kind)))?;
    let execute = async |statement| db.execute_raw(filled(statement, bindings)).await;
    let mut taken = None;
    for _ in 0..MAX_INSERT_ATTEMPTS {
        if execute(&statements.update).await?.rows_affected() > 0
            || execute(&statements.repeat).await?.rows_affected() > 0
        {
            return Ok(());
        }
        match execute(&statements.insert).await {
            Ok(inserted) if inserted.rows_affected() > 0 => return Ok(()),
            // Another event of the call was first.
            Ok(_) => {}
            Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => taken = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(taken.unwrap_or_else(|| DbErr::Custom("the call's row came and went while it was written".to_owned())))
}

impl Upsert {
    fn statements(shape: Shape, assign: impl FnOnce(&mut Self)) -> Result<Statements, DbErr> {
        let mut upsert = Self { shape, inserted: Vec::new(), updated: Vec::new(), reopens: None };
        assign(&mut upsert);
        upsert.set_common_columns();
        upsert.set_counters();
        let backend = &shape.backend;
        Ok(Statements {
            update: backend.build(&upsert.update()),
            repeat: backend.build(&upsert.repeat()),
            insert: backend.build(&upsert.insert()?),
        })
    }

    /// The parameter, if the event binds it.
    pub(super) fn bound(&self, parameter: Parameter) -> Option<Parameter> {
        Some(parameter).filter(|parameter| self.shape.bound.has(*parameter))
    }

    /// The seconds between two times.
    pub(super) fn seconds(&self, from: Expr, to: Expr) -> Expr {
        seconds(self.shape.backend, from, to)
    }

    /// A column's value in a new row, and in an existing one. Set a column after those that read it.
    pub(super) fn set(&mut self, column: Column, inserted: impl Into<Expr>, updated: impl Into<Expr>) -> &mut Self {
        self.inserted.push((column, inserted.into()));
        self.updated.push((column, updated.into()));
        self
    }

    /// Adds one.
    pub(super) fn increment(&mut self, column: Column) -> &mut Self {
        self.set(column, constant(1), Expr::from(Func::coalesce([old(column), constant(0)])).add(constant(1)))
    }

    /// Finalises a final call again if the condition holds.
    pub(super) fn refinalise_if(&mut self, reopens: Expr) {
        self.reopens = Some(reopens);
    }

    /// Changes the row, unless there is none or it has counted this delivery.
    fn update(&self) -> UpdateStatement {
        let counted = self.is_repetition();
        Query::update()
            .table(call_log::Entity)
            .values(self.final_call().into_iter().chain(self.updated.iter().cloned()))
            .and_where(Self::is_of_call())
            .and_where(counted.not())
            .take()
    }

    /// Counts a delivery that the row has counted before.
    fn repeat(&self) -> UpdateStatement {
        let retries = Expr::from(Func::coalesce([old(Column::WebhookRetryCount), constant(0)])).add(constant(1));
        let cost = cost::bucket(|column| match column {
            Column::WebhookRetryCount => retries.clone(),
            column => old(column),
        });
        Query::update()
            .table(call_log::Entity)
            .value(Column::EstimatedCostBucket, if_final(cost))
            .value(Column::WebhookRetryCount, retries)
            .and_where(Self::is_of_call())
            .and_where(self.is_repetition())
            .take()
    }

    /// Inserts the row. MySQL and MariaDB report one that is there already as an error: what they could ignore includes more.
    fn insert(&self) -> Result<InsertStatement, DbErr> {
        let (columns, values): (Vec<Column>, Vec<Expr>) = self.inserted.iter().cloned().unzip();
        let mut insert = Query::insert();
        insert
            .into_table(call_log::Entity)
            .columns(columns)
            .values(values)
            .map_err(|error| DbErr::Custom(error.to_string()))?;
        if self.shape.backend != DbBackend::MySql {
            insert.on_conflict(OnConflict::column(Column::CallSid).do_nothing().to_owned());
        }
        Ok(insert)
    }

    fn is_of_call() -> Expr {
        Expr::col(Column::CallSid).eq(Parameter::CallSid)
    }

    /// What changes if the call is final; assigned first, because it reads other columns, and none reads it.
    fn final_call(&self) -> Vec<(Column, Expr)> {
        let changes_cost = self.updated.iter().any(|(column, _)| cost::COLUMNS.iter().any(|known| is(*known, *column)));
        let cost = changes_cost.then(|| cost::bucket(|column| self.after(column)));
        let Some(reopens) = &self.reopens else {
            return cost.map(|cost| (Column::EstimatedCostBucket, if_final(cost))).into_iter().collect();
        };
        let is_final = old(Column::EstimatedCostBucket).is_not_null();
        let reopens = is_final.clone().and(reopens.clone());
        let null = || Expr::Keyword(Keyword::Null);
        let instead = |value: Expr, column| -> Expr { Expr::case(reopens.clone(), value).finally(old(column)).into() };
        let cost = cost.unwrap_or_else(|| old(Column::EstimatedCostBucket));
        vec![
            (Column::FinaliseAttempts, instead(constant(0), Column::FinaliseAttempts)),
            (Column::FinaliseAfter, instead(null(), Column::FinaliseAfter)),
            (Column::EstimatedCostBucket, Expr::case(reopens.clone(), null()).case(is_final, cost).into()),
        ]
    }

    fn set_common_columns(&mut self) {
        self.inserted.push((Column::CallSid, Parameter::CallSid.into()));
        self.inserted.push((Column::BusinessId, Parameter::BusinessId.into()));
        for (column, parameter) in [
            (Column::ParentCallSid, Parameter::ParentCallSid),
            (Column::FromNumber, Parameter::FromNumber),
            (Column::ToNumber, Parameter::ToNumber),
        ] {
            match self.bound(parameter) {
                Some(value) => self.set(column, value, Func::coalesce([old(column), value.into()])),
                None => self.insert_null(column),
            };
        }
        // Twilio's value replaces the column's default.
        for (column, parameter) in
            [(Column::Direction, Parameter::Direction), (Column::TwilioDirection, Parameter::TwilioDirection)]
        {
            match self.bound(parameter) {
                Some(value) => self.set(column, value, value),
                None => self.insert_null(column),
            };
        }
        let at = Parameter::At;
        self.set(Column::CreatedAt, at, earliest(Column::CreatedAt, at));
        self.set(Column::UpdatedAt, at, latest(Column::UpdatedAt, at));
    }

    /// Prevents the column's default, such as `inbound`, for an unknown value.
    fn insert_null(&mut self, column: Column) -> &mut Self {
        self.inserted.push((column, Option::<String>::None.into()));
        self
    }

    fn set_counters(&mut self) {
        // An adopted table may lack the defaults.
        let counters = [
            Column::Duration,
            Column::StreamConnectCount,
            Column::RecordingCount,
            Column::Webhook11205Count,
            Column::WebhookRetryCount,
            Column::FinaliseAttempts,
        ];
        for column in counters {
            if !self.inserted.iter().any(|(inserted, _)| is(*inserted, column)) {
                self.inserted.push((column, constant(0)));
            }
        }
        if !self.inserted.iter().any(|(inserted, _)| is(*inserted, Column::Status)) {
            self.inserted.push((Column::Status, constant("received")));
        }
        let line = Parameter::Line;
        let longer = concatenated(self.shape.backend, [deliveries(), "\n".into(), line.into()]);
        let appended = Expr::case(deliveries().eq(constant("")), line)
            .case(Expr::from(Func::char_length(old(Column::Deliveries))).lt(constant(MAX_DELIVERIES_CHARS)), longer)
            .finally(old(Column::Deliveries));
        self.set(Column::Deliveries, line, appended);
    }

    /// Whether this delivery's line is stored already: computed once, because the column of a noisy call is long.
    fn is_repetition(&self) -> Expr {
        let lines = concatenated(self.shape.backend, ["\n".into(), deliveries(), "\n".into()]);
        let line = Expr::from(Parameter::EnclosedLine);
        let place = match self.shape.backend {
            DbBackend::Postgres => Func::cust("strpos").arg(lines).arg(line),
            // Compares bytes, not by the collation.
            DbBackend::MySql => {
                Func::cust("INSTR").arg(Func::cast_as(lines, "BINARY")).arg(Func::cast_as(line, "BINARY"))
            }
            _ => Func::cust("instr").arg(lines).arg(line),
        };
        Expr::from(place).gt(constant(0))
    }

    /// A column's value after the update.
    fn after(&self, column: Column) -> Expr {
        let updated = self.updated.iter().find(|(updated, _)| is(*updated, column));
        updated.map_or_else(|| old(column), |(_, value)| value.clone())
    }
}

/// The cost of a call that is final.
fn if_final(cost: Expr) -> Expr {
    Expr::case(old(Column::EstimatedCostBucket).is_not_null(), cost).into()
}

/// A column of the existing row.
pub(super) fn old(column: Column) -> Expr {
    Expr::col((call_log::Entity, column))
}

fn deliveries() -> Expr {
    Func::coalesce([old(Column::Deliveries), constant("")]).into()
}

/// `at`, unless the column has an earlier time.
pub(super) fn earliest(column: Column, at: impl Into<Expr> + Copy) -> Expr {
    Expr::case(old(column).lte(at), old(column)).finally(at).into()
}

/// `at`, unless the column has a later time.
pub(super) fn latest(column: Column, at: impl Into<Expr> + Copy) -> Expr {
    Expr::case(old(column).gte(at), old(column)).finally(at).into()
}

/// Text as a column takes it: without control characters, which PostgreSQL refuses or a line would end with, and cut.
pub(super) fn fit(text: &str, characters: usize) -> Option<String> {
    let fitting: String = text.chars().filter(|character| !character.is_control()).take(characters).collect();
    Some(fitting.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A point in time as the database keeps it, so that what is computed from it does not depend on whether it was stored.
pub(super) fn stored(time: DateTime, backend: DbBackend) -> DateTime {
    time.trunc_subsecs(if backend == DbBackend::MySql { 0 } else { 6 })
}

fn is(one: Column, other: Column) -> bool {
    one.as_str() == other.as_str()
}

fn direction(twilio_direction: &str) -> Option<&'static str> {
    ["inbound", "outbound"].into_iter().find(|direction| twilio_direction.starts_with(direction))
}

fn concatenated<const N: usize>(backend: DbBackend, texts: [Expr; N]) -> Expr {
    if backend == DbBackend::MySql {
        return Func::cust("CONCAT").args(texts).into();
    }
    let joined = texts.into_iter().reduce(|joined, text| joined.binary(BinOper::Custom("||"), text));
    joined.unwrap_or_else(|| constant(""))
}

fn seconds(backend: DbBackend, from: Expr, to: Expr) -> Expr {
    match backend {
        DbBackend::Postgres => {
            Expr::cust_with_exprs("CAST(EXTRACT(EPOCH FROM ($1 - $2)) AS double precision)", [to, from])
        }
        DbBackend::MySql => Expr::cust_with_exprs("(TIMESTAMPDIFF(MICROSECOND, ?, ?) / 1e6)", [from, to]),
        // SQLite's own functions know milliseconds: <https://www.sqlite.org/lang_datefunc.html>.
        _ => {
            let (whole, fraction) = ("CAST(strftime('%s', ?) AS INTEGER)", "CAST('0' || substr(?, 20) AS REAL)");
            let difference = format!("ROUND(({whole} - {whole}) + ({fraction} - {fraction}), 6)");
            Expr::cust_with_exprs(difference, [to.clone(), from.clone(), to, from])
        }
    }
}
