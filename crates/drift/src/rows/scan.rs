//! One table, batch by batch, through its entity.

use std::{
    fmt,
    marker::PhantomData,
    panic::{self, AssertUnwindSafe},
};

use async_trait::async_trait;
use futures_util::TryStreamExt;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbConn, DbErr, EntityTrait, FromQueryResult, IdenStatic, Iterable,
    PrimaryKeyToColumn, PrimaryKeyTrait, QueryFilter, QueryOrder, QueryResult, QuerySelect, QueryTrait, Select,
    Statement, StatementBuilder, StreamTrait, TryGetableMany,
    sea_query::{ColumnType, Condition, Expr, ExprTrait, IntoValueTuple, Order, Query, Value, ValueTuple},
};

use super::{
    duplicates, key,
    options::RowOptions,
    question::{Fill, Question},
    reader::Reader,
};
use crate::{
    evidence::{BackfillTemplate, Evidence, MAX_LISTED_KEYS},
    model::Dialect,
};

/// Makes the scan of an entity's table.
pub(crate) type NewScan = fn(Vec<Question>, RowOptions, Dialect) -> Box<dyn TableScan>;

/// What a scan has found.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// In the order of the questions.
    pub(super) answers: Vec<Evidence>,
    /// Of the rows that were read through the entity.
    pub(super) read: Option<Evidence>,
    /// The first error of those, if values may be shown.
    pub(super) error: Option<String>,
    /// The columns whose duplicates the server did not find in time.
    pub(super) unanswered: Vec<String>,
    /// The questions that the server refuses, such as one that compares a number with a text.
    pub(super) refused: Vec<usize>,
}

#[async_trait]
pub(crate) trait TableScan: fmt::Debug + Send {
    /// Looks at a batch; false if it was the last.
    async fn step(&mut self, db: &DbConn) -> Result<bool, DbErr>;

    /// The rows so far, and the last key.
    fn progress(&self) -> (u64, Option<String>);

    /// Why it cannot begin after the key that was given.
    fn wrong_key(&self) -> Option<&str>;

    fn outcome(self: Box<Self>) -> Outcome;
}

/// The scan of the table of `E`.
pub(crate) struct Scan<E> {
    questions: Vec<Question>,
    options: RowOptions,
    dialect: Dialect,
    /// The questions about duplicates that are not asked yet.
    unasked: Vec<usize>,
    /// Those that took too long.
    unanswered: Vec<usize>,
    /// The key after which it begins, or why that is none.
    start: Result<Option<Vec<Expr>>, String>,
    /// The key of the last row that was looked at.
    after: Option<Vec<Value>>,
    rows: u64,
    /// Of the rows that were fetched.
    reader: Option<Reader<Unreadable>>,
    outcome: Outcome,
    entity: PhantomData<fn() -> E>,
}

/// The rows that their entity cannot read.
#[derive(Debug, Default)]
struct Unreadable {
    rows: u64,
    /// Of those whose key can be read.
    first_keys: Vec<Vec<Value>>,
    /// The first one.
    error: Option<DbErr>,
}

impl<E> fmt::Debug for Scan<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scan").field("rows", &self.rows).field("outcome", &self.outcome).finish_non_exhaustive()
    }
}

impl<E: EntityTrait> Scan<E> {
    pub(crate) fn boxed(questions: Vec<Question>, options: RowOptions, dialect: Dialect) -> Box<dyn TableScan> {
        let answers = vec![Evidence::default(); questions.len()];
        let read = options.decode.then(Evidence::default);
        let types: Vec<ColumnType> = Self::keys().iter().map(|key| key.def().get_column_type().clone()).collect();
        let start = options.after.as_ref().map(|text| key::parse(text, &types, dialect.backend())).transpose();
        let outcome = Outcome { answers, read, ..Outcome::default() };
        let numbers = questions.iter().enumerate();
        let unasked = numbers.filter(|(_, question)| matches!(question, Question::Duplicates(_)));
        Box::new(Self {
            unasked: unasked.map(|(number, _)| number).collect(),
            unanswered: Vec::new(),
            questions,
            options,
            dialect,
            start,
            after: None,
            rows: 0,
            reader: None,
            outcome,
            entity: PhantomData,
        })
    }

    fn keys() -> Vec<E::Column> {
        E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column).collect()
    }

    /// The next rows in the order of their keys.
    fn batch(&self, size: u64) -> Select<E> {
        Self::keys().into_iter().fold(self.rest(), |rest, key| rest.order_by(key, Order::Asc)).limit(size)
    }

    /// All rows that were not looked at.
    fn rest(&self) -> Select<E> {
        match (&self.after, &self.start) {
            (Some(after), _) => E::find().filter(Self::beyond(&Self::given(after), Side::After)),
            (None, Ok(Some(start))) => E::find().filter(Self::beyond(start, Side::After)),
            (None, Ok(None) | Err(_)) => E::find(),
        }
    }

    /// Values of the key, as the columns are compared with them.
    fn given(key: &[Value]) -> Vec<Expr> {
        Self::keys().iter().zip(key).map(|(column, value)| column.save_as(Expr::val(value.clone()))).collect()
    }

    /// Rows on one side of a key of one or more columns. Not `(a, b) > (1, 2)`, for which MySQL uses no index.
    fn beyond(end: &[Expr], side: Side) -> Condition {
        let mut any = Condition::any();
        let keys: Vec<_> = Self::keys().into_iter().zip(end).collect();
        for (number, (key, value)) in keys.iter().enumerate() {
            let mut all = Condition::all();
            for (equal, value) in &keys[..number] {
                all = all.add(equal.into_expr().eq((*value).clone()));
            }
            all = all.add(match side {
                Side::After => key.into_expr().gt((*value).clone()),
                Side::UpTo if number + 1 == keys.len() => key.into_expr().lte((*value).clone()),
                Side::UpTo => key.into_expr().lt((*value).clone()),
            });
            any = any.add(all);
        }
        any
    }

    fn key_of(row: &QueryResult) -> Result<Vec<Value>, DbErr> {
        let names: Vec<String> = Self::keys().iter().map(|key| key.as_str().to_owned()).collect();
        let decode =
            || <E::PrimaryKey as PrimaryKeyTrait>::ValueType::try_get_many(row, "", &names).map_err(DbErr::from);
        let key = guarded(decode)?;
        Ok(match key.into_value_tuple() {
            ValueTuple::One(value) => vec![value],
            ValueTuple::Two(one, two) => vec![one, two],
            ValueTuple::Three(one, two, three) => vec![one, two, three],
            ValueTuple::Many(values) => values,
        })
    }

    /// Hands the rows of a batch over to be read through the entity while the server sends the next ones: their number, and the last
    /// key.
    async fn read(&mut self, batch: Statement, db: &DbConn) -> Result<(u64, Option<Vec<Value>>), DbErr> {
        let reader = match &mut self.reader {
            Some(reader) => reader,
            none => none.insert(Reader::new(Self::read_row)?),
        };
        let mut count = 0;
        let mut rows = db.stream_raw(batch).await?;
        while let Some(row) = rows.try_next().await? {
            count += 1;
            reader.push(row);
        }
        let last = reader.last().filter(|_| count > 0);
        Ok((count, last.map(Self::key_of).transpose()?))
    }

    fn read_row(unreadable: &mut Unreadable, row: &QueryResult) {
        let Err(error) = guarded(|| E::Model::from_query_result(row, "")) else { return };
        unreadable.rows += 1;
        unreadable.error.get_or_insert(error);
        if unreadable.first_keys.len() < MAX_LISTED_KEYS {
            unreadable.first_keys.extend(Self::key_of(row));
        }
    }

    /// Waits until all rows are read, and tells which cannot be.
    fn end_reading(&mut self) {
        let Unreadable { rows, first_keys, error } = self.reader.take().map(Reader::finish).unwrap_or_default();
        let Some(read) = &mut self.outcome.read else { return };
        read.looked_at = self.rows;
        read.found = rows;
        read.first_keys = first_keys.iter().map(|key| shown(key)).collect();
        self.outcome.error = error.filter(|_| self.options.show_values).map(|error| error.to_string());
        if !first_keys.is_empty() {
            let is_one = |key: &Vec<Value>| {
                let columns = Self::keys().into_iter().zip(key);
                columns.fold(Condition::all(), |all, (column, value)| all.add(column.eq(value.clone())))
            };
            let any = first_keys.iter().fold(Condition::any(), |any, key| any.add(is_one(key)));
            let keys = E::find().select_only().columns(Self::keys()).filter(any);
            read.select = Some(keys.build(self.dialect.backend()).to_string());
        }
    }

    async fn ask(&mut self, number: usize, end: &[Value], rows: u64, db: &DbConn) -> Result<(), DbErr> {
        let Question::Rows { is_it, fill } = &self.questions[number] else { return Ok(()) };
        if self.outcome.refused.contains(&number) {
            return Ok(());
        }
        let select = self.batch(rows).filter(Self::beyond(&Self::given(end), Side::UpTo)).filter(is_it.clone());
        let select = select.select_only().columns(Self::keys());
        let found = match db.query_all_raw(select.build(db.get_database_backend())).await {
            // The connection was not lost.
            Err(DbErr::Query(_)) if db.ping().await.is_ok() => {
                self.outcome.refused.push(number);
                return Ok(());
            }
            found => found?,
        };
        let answer = &mut self.outcome.answers[number];
        answer.looked_at += rows;
        for row in &found {
            answer.record(Some(shown(&Self::key_of(row)?)));
        }
        if answer.found > 0 && answer.select.is_none() {
            let select = E::find().select_only().columns(Self::keys()).filter(is_it.clone());
            let select = Self::keys().into_iter().fold(select, |select, key| select.order_by(key, Order::Asc));
            answer.select = Some(select.build(db.get_database_backend()).to_string());
            answer.backfill = fill.as_ref().map(|fill| Self::adapt(fill, is_it, db.get_database_backend()));
        }
        Ok(())
    }

    fn adapt(fill: &Fill, is_it: &Expr, backend: DbBackend) -> BackfillTemplate {
        let table = E::default();
        let update = Query::update()
            .table(table.table_ref())
            .value(fill.column.clone(), fill.value.clone())
            .and_where(is_it.clone())
            .take();
        let keys = Self::keys();
        let is_number = |key: &E::Column| {
            use ColumnType::{BigInteger, BigUnsigned, Integer, SmallInteger, SmallUnsigned, TinyInteger, Unsigned};
            let definition = key.def();
            let ty = definition.get_column_type();
            matches!(ty, BigInteger | BigUnsigned | Integer | SmallInteger | SmallUnsigned | TinyInteger | Unsigned)
        };
        let code = match keys.as_slice() {
            [key] if is_number(key) => Some(format!(
                "Backfill::new({table:?}, {key:?}).run(manager, &Query::update().table({table:?}).value({:?}, {})\
                 .and_where({}).take()).await?;",
                fill.column,
                fill.value_code,
                fill.condition_code,
                table = table.table_name(),
                key = key.as_str(),
            )),
            _ => None,
        };
        BackfillTemplate { sql: StatementBuilder::build(&update, &backend).to_string(), code }
    }

    /// Asked once, in a statement that has to see all rows.
    async fn ask_for_duplicates(&mut self, number: usize, db: &DbConn) -> Result<(), DbErr> {
        let Question::Duplicates(columns) = &self.questions[number] else { return Ok(()) };
        let most = (self.dialect == Dialect::Sqlite).then_some(duplicates::MOST_ROWS_OF_SQLITE);
        let mut rows = match Iterator::min(self.options.limit.into_iter().chain(most)) {
            // In the same order as the other questions, so that it is about the same rows.
            Some(limit) => self.batch(limit),
            None => self.rest(),
        };
        let rows = QuerySelect::query(&mut rows).clear_selects();
        for column in columns {
            rows.column(column.clone());
        }
        let groups = duplicates::groups(rows.take(), columns);
        let answered = duplicates::ask(db, &groups, self.dialect, self.options.statement_timeout).await?;
        let answer = &mut self.outcome.answers[number];
        match answered {
            duplicates::Answer::Groups(found) => answer.found = found,
            duplicates::Answer::TooLong => {
                self.unanswered.push(number);
                self.outcome.unanswered.push(columns.join(", "));
            }
        }
        if answer.found > 0 || self.unanswered.contains(&number) {
            let mut values = groups;
            for column in columns {
                values.column(column.clone());
            }
            answer.select = Some(StatementBuilder::build(&values, &db.get_database_backend()).to_string());
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum Side {
    After,
    UpTo,
}

#[async_trait]
impl<E: EntityTrait> TableScan for Scan<E> {
    async fn step(&mut self, db: &DbConn) -> Result<bool, DbErr> {
        if let Err(why) = &self.start {
            return Err(DbErr::Custom(why.clone()));
        }
        if let Some(number) = self.unasked.pop() {
            self.ask_for_duplicates(number, db).await?;
            return Ok(true);
        }
        let left = self.options.limit.map_or(u64::MAX, |limit| limit.saturating_sub(self.rows));
        let size = Ord::min(self.options.batch, left);
        if size == 0 {
            return Ok(false);
        }
        let batch = self.batch(size);
        let (count, last) = if self.options.decode {
            self.read(batch.build(db.get_database_backend()), db).await?
        } else {
            let keys = batch.select_only().columns(Self::keys());
            let rows = db.query_all_raw(keys.build(db.get_database_backend())).await?;
            (rows.len() as u64, rows.last().map(Self::key_of).transpose()?)
        };
        if let Some(end) = last {
            for number in 0..self.questions.len() {
                self.ask(number, &end, count, db).await?;
            }
            self.rows += count;
            self.after = Some(end);
        }
        let is_last = count < size;
        if is_last {
            let is_whole = self.options.after.is_none();
            let evidence = self.outcome.answers.iter_mut().chain(&mut self.outcome.read);
            evidence.for_each(|it| it.is_complete = is_whole);
        }
        for (number, question) in self.questions.iter().enumerate() {
            if matches!(question, Question::Duplicates(_)) {
                let is_answered = !self.unanswered.contains(&number);
                let most = if self.dialect == Dialect::Sqlite { duplicates::MOST_ROWS_OF_SQLITE } else { u64::MAX };
                let answer = &mut self.outcome.answers[number];
                answer.looked_at = if is_answered { Ord::min(self.rows, most) } else { 0 };
                answer.is_complete &= is_answered && self.rows <= most;
            }
        }
        Ok(!is_last)
    }

    fn progress(&self) -> (u64, Option<String>) {
        (self.rows, self.after.as_deref().map(key::text))
    }

    fn wrong_key(&self) -> Option<&str> {
        self.start.as_ref().err().map(String::as_str)
    }

    fn outcome(mut self: Box<Self>) -> Outcome {
        self.end_reading();
        self.outcome
    }
}

/// Decodes a part of a row. Some decoders panic at a value that their type cannot hold; the program that reads it does so, too.
fn guarded<T>(decode: impl FnOnce() -> Result<T, DbErr>) -> Result<T, DbErr> {
    let panicked = |_| Err(DbErr::Custom("the decoder of a column panics".to_owned()));
    panic::catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(panicked)
}

fn shown(key: &[Value]) -> String {
    let parts: Vec<String> = key.iter().map(ToString::to_string).collect();
    if let [only] = parts.as_slice() { only.clone() } else { format!("({})", parts.join(", ")) }
}
