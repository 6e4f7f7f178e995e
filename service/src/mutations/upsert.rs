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

use super::call_fields::CallFields;
use crate::cost;

/// No deliveries are remembered beyond this many characters; a call has about a dozen.
const MAX_DELIVERIES_CHARS: i32 = 60_000;

/// How often an insert may find that another event's was first; then that row is there, unless somebody deletes it.
const ATTEMPTS: u8 = 3;

/// Builds an event's statements, column by column.
pub(super) struct Upsert<'a> {
    backend: DbBackend,
    call: &'a CallFields,
    /// Identifies the delivery among those of its call.
    line: String,
    /// The values of a new row.
    inserted: Vec<(Column, Expr)>,
    /// The new values of an existing row, in order of assignment.
    updated: Vec<(Column, Expr)>,
    /// The condition to finalise a final call again.
    reopens: Option<Expr>,
}

impl<'a> Upsert<'a> {
    /// `line` identifies the delivery.
    pub(super) fn new(db: &impl ConnectionTrait, call: &'a CallFields, line: &str) -> Self {
        let line = fit(line, 200).unwrap_or_default();
        let backend = db.get_database_backend();
        Self { backend, call, line, inserted: Vec::new(), updated: Vec::new(), reopens: None }
    }

    /// When the event was received, as the database stores it.
    pub(super) fn at(&self) -> DateTime {
        stored(self.call.at, self.backend)
    }

    /// The seconds between two times.
    pub(super) fn seconds(&self, from: Expr, to: Expr) -> Expr {
        seconds(self.backend, from, to)
    }

    /// A column's value in a new row, and in an existing one. Set a column after those that read it.
    pub(super) fn set(&mut self, column: Column, inserted: impl Into<Expr>, updated: impl Into<Expr>) -> &mut Self {
        self.inserted.push((column, inserted.into()));
        self.updated.push((column, updated.into()));
        self
    }

    /// Adds one.
    pub(super) fn count(&mut self, column: Column) -> &mut Self {
        self.set(column, 1, Expr::from(Func::coalesce([old(column), 0.into()])).add(1))
    }

    /// Finalises a final call again if the condition holds.
    pub(super) fn reopen_if(&mut self, reopens: Expr) {
        self.reopens = Some(reopens);
    }

    /// Writes the event.
    pub(super) async fn execute(mut self, db: &impl ConnectionTrait) -> Result<(), DbErr> {
        if self.call.call_sid.is_empty() || self.call.call_sid.chars().count() > 64 {
            return Err(DbErr::Custom("`call_sid` must have 1 to 64 characters".to_owned()));
        }
        self.set_common_columns();
        self.set_counters();
        let mut taken = None;
        for _ in 0..ATTEMPTS {
            if db.execute(&self.update()).await?.rows_affected() > 0
                || db.execute(&self.repeat()).await?.rows_affected() > 0
            {
                return Ok(());
            }
            match db.execute(&self.insert()?).await {
                Ok(inserted) if inserted.rows_affected() > 0 => return Ok(()),
                // Another event of the call was first.
                Ok(_) => {}
                Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                    taken = Some(error);
                }
                Err(error) => return Err(error),
            }
        }
        Err(taken.unwrap_or_else(|| DbErr::Custom("the call's row came and went while it was written".to_owned())))
    }

    /// Changes the row, unless there is none or it has counted this delivery.
    fn update(&self) -> UpdateStatement {
        let counted = self.is_repetition();
        Query::update()
            .table(call_log::Entity)
            .values(self.final_call().into_iter().chain(self.updated.iter().cloned()))
            .and_where(self.is_of_call())
            .and_where(counted.not())
            .take()
    }

    /// Counts a delivery that the row has counted before.
    fn repeat(&self) -> UpdateStatement {
        let retries = Expr::from(Func::coalesce([old(Column::WebhookRetryCount), 0.into()])).add(1);
        let cost = cost::bucket(|column| match column {
            Column::WebhookRetryCount => retries.clone(),
            column => old(column),
        });
        Query::update()
            .table(call_log::Entity)
            .value(Column::EstimatedCostBucket, if_final(cost))
            .value(Column::WebhookRetryCount, retries)
            .and_where(self.is_of_call())
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
        if self.backend != DbBackend::MySql {
            insert.on_conflict(OnConflict::column(Column::CallSid).do_nothing().to_owned());
        }
        Ok(insert)
    }

    fn is_of_call(&self) -> Expr {
        Expr::col(Column::CallSid).eq(self.call.call_sid.as_str())
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
            (Column::FinaliseAttempts, instead(0.into(), Column::FinaliseAttempts)),
            (Column::FinaliseAfter, instead(null(), Column::FinaliseAfter)),
            (Column::EstimatedCostBucket, Expr::case(reopens.clone(), null()).case(is_final, cost).into()),
        ]
    }

    fn set_common_columns(&mut self) {
        let call = self.call;
        self.inserted.push((Column::CallSid, call.call_sid.clone().into()));
        self.inserted.push((Column::BusinessId, call.business_id.into()));
        let parent = call.parent_call_sid.as_deref().and_then(|sid| fit(sid, 64));
        let from = call.from_number.as_deref().and_then(|number| fit(number, 64));
        let to = call.to_number.as_deref().and_then(|number| fit(number, 64));
        for (column, value) in [(Column::ParentCallSid, parent), (Column::FromNumber, from), (Column::ToNumber, to)] {
            match value {
                Some(value) => self.set(column, value.clone(), Func::coalesce([old(column), value.into()])),
                None => self.insert_null(column),
            };
        }
        let twilio_direction = call.direction.as_deref().and_then(|direction| fit(direction, 32));
        let direction = twilio_direction.as_deref().and_then(direction);
        // Twilio's value replaces the column's default.
        for (column, value) in
            [(Column::Direction, direction.map(str::to_owned)), (Column::TwilioDirection, twilio_direction)]
        {
            match value {
                Some(value) => self.set(column, value.clone(), value),
                None => self.insert_null(column),
            };
        }
        let at = self.at();
        self.set(Column::CreatedAt, at, earliest(Column::CreatedAt, at));
        self.set(Column::UpdatedAt, at, latest(Column::UpdatedAt, at));
    }

    /// Prevents the column's default, such as `inbound`, for an unknown value.
    fn insert_null(&mut self, column: Column) -> &mut Self {
        self.inserted.push((column, Option::<String>::None.into()));
        self
    }

    fn set_counters(&mut self) {
        let text = |column| Expr::from(Func::coalesce([old(column), "".into()]));
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
                self.inserted.push((column, 0.into()));
            }
        }
        if !self.inserted.iter().any(|(inserted, _)| is(*inserted, Column::Status)) {
            self.inserted.push((Column::Status, "received".into()));
        }
        let line = self.line.clone();
        let longer = concatenated(self.backend, [text(Column::Deliveries), "\n".into(), line.clone().into()]);
        let deliveries = Expr::case(text(Column::Deliveries).eq(""), line.clone())
            .case(Expr::from(Func::char_length(old(Column::Deliveries))).lt(MAX_DELIVERIES_CHARS), longer)
            .finally(old(Column::Deliveries));
        self.set(Column::Deliveries, line, deliveries);
    }

    /// Whether this delivery's line is stored already: computed once, because the column of a noisy call is long.
    fn is_repetition(&self) -> Expr {
        let deliveries = Expr::from(Func::coalesce([old(Column::Deliveries), "".into()]));
        let lines = concatenated(self.backend, ["\n".into(), deliveries, "\n".into()]);
        let line = Expr::from(format!("\n{}\n", self.line));
        let place = match self.backend {
            DbBackend::Postgres => Func::cust("strpos").arg(lines).arg(line),
            // Compares bytes, not by the collation.
            DbBackend::MySql => {
                Func::cust("INSTR").arg(Func::cast_as(lines, "BINARY")).arg(Func::cast_as(line, "BINARY"))
            }
            _ => Func::cust("instr").arg(lines).arg(line),
        };
        Expr::from(place).gt(0)
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

/// `at`, unless the column has an earlier time.
pub(super) fn earliest(column: Column, at: DateTime) -> Expr {
    Expr::case(old(column).lte(at), old(column)).finally(at).into()
}

/// `at`, unless the column has a later time.
pub(super) fn latest(column: Column, at: DateTime) -> Expr {
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
    joined.unwrap_or_else(|| "".into())
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
