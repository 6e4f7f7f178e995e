//! One table, batch by batch, through its entity.

use std::{fmt, marker::PhantomData};

use async_trait::async_trait;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbConn, DbErr, EntityTrait, FromQueryResult, IdenStatic, Iterable,
    PrimaryKeyToColumn, PrimaryKeyTrait, QueryFilter, QueryOrder, QueryResult, QuerySelect, QueryTrait, Select,
    StatementBuilder, TryGetableMany,
    sea_query::{ColumnType, Condition, Expr, ExprTrait, IntoValueTuple, Order, Query, Value, ValueTuple},
};

use super::{
    Adapt, Evidence, RowOptions,
    evidence::NAMED,
    question::{Fill, Question},
};

/// Makes the scan of an entity's table.
pub(crate) type NewScan = fn(Vec<Question>, RowOptions) -> Box<dyn TableScan>;

/// What a scan has found.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// In the order of the questions.
    pub(super) answers: Vec<Evidence>,
    /// Of the rows that were read through the entity.
    pub(super) read: Option<Evidence>,
    /// The first error of those, if values may be shown.
    pub(super) error: Option<String>,
}

#[async_trait]
pub(crate) trait TableScan: fmt::Debug + Send {
    /// Looks at a batch; false if it was the last.
    async fn step(&mut self, db: &DbConn) -> Result<bool, DbErr>;

    /// The rows so far, and the last key.
    fn progress(&self) -> (u64, Option<String>);

    fn outcome(self: Box<Self>) -> Outcome;
}

/// The scan of the table of `E`.
pub(crate) struct Scan<E> {
    questions: Vec<Question>,
    options: RowOptions,
    /// The key of the last row that was looked at.
    after: Option<Vec<Value>>,
    rows: u64,
    /// The first keys of the rows that cannot be read.
    unreadable: Vec<Vec<Value>>,
    outcome: Outcome,
    entity: PhantomData<fn() -> E>,
}

impl<E> fmt::Debug for Scan<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scan").field("rows", &self.rows).field("outcome", &self.outcome).finish_non_exhaustive()
    }
}

impl<E: EntityTrait> Scan<E> {
    pub(crate) fn boxed(questions: Vec<Question>, options: RowOptions) -> Box<dyn TableScan> {
        let answers = vec![Evidence::default(); questions.len()];
        let read = options.decode.then(Evidence::default);
        let after = options.after.as_ref().map(|key| vec![key.parse::<i64>().map_or_else(|_| key.into(), Value::from)]);
        let outcome = Outcome { answers, read, error: None };
        Box::new(Self { questions, options, after, rows: 0, unreadable: Vec::new(), outcome, entity: PhantomData })
    }

    fn keys() -> Vec<E::Column> {
        E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column).collect()
    }

    /// The next rows in the order of their keys.
    fn batch(&self, size: u64) -> Select<E> {
        let mut select = E::find();
        if let Some(after) = &self.after {
            select = select.filter(Self::beyond(after, Side::After));
        }
        for key in Self::keys() {
            select = select.order_by(key, Order::Asc);
        }
        select.limit(size)
    }

    /// Rows on one side of a key of one or more columns. Not `(a, b) > (1, 2)`, for which MySQL uses no index.
    fn beyond(end: &[Value], side: Side) -> Condition {
        let mut any = Condition::any();
        let keys: Vec<_> = Self::keys().into_iter().zip(end).collect();
        for (number, (key, value)) in keys.iter().enumerate() {
            let mut all = Condition::all();
            for (equal, value) in &keys[..number] {
                all = all.add(equal.eq((*value).clone()));
            }
            all = all.add(match side {
                Side::After => key.gt((*value).clone()),
                Side::UpTo if number + 1 == keys.len() => key.lte((*value).clone()),
                Side::UpTo => key.lt((*value).clone()),
            });
            any = any.add(all);
        }
        any
    }

    fn key_of(row: &QueryResult) -> Result<Vec<Value>, DbErr> {
        let names: Vec<String> = Self::keys().iter().map(|key| key.as_str().to_owned()).collect();
        let key = <E::PrimaryKey as PrimaryKeyTrait>::ValueType::try_get_many(row, "", &names)?;
        Ok(match key.into_value_tuple() {
            ValueTuple::One(value) => vec![value],
            ValueTuple::Two(one, two) => vec![one, two],
            ValueTuple::Three(one, two, three) => vec![one, two, three],
            ValueTuple::Many(values) => values,
        })
    }

    fn read(&mut self, rows: &[QueryResult], backend: DbBackend) {
        let Outcome { read: Some(read), error, .. } = &mut self.outcome else { return };
        let mut unreadable = Vec::new();
        for row in rows {
            if let Err(failed) = E::Model::from_query_result(row, "") {
                let key = Self::key_of(row).ok();
                read.note(key.as_deref().map(shown));
                unreadable.extend(key);
                if self.options.show_values {
                    error.get_or_insert_with(|| failed.to_string());
                }
            }
        }
        read.looked_at += rows.len() as u64;
        let new: Vec<_> = unreadable.into_iter().take(NAMED.saturating_sub(self.unreadable.len())).collect();
        self.unreadable.extend(new);
        if !self.unreadable.is_empty() {
            let is_one = |key: &Vec<Value>| {
                let columns = Self::keys().into_iter().zip(key);
                columns.fold(Condition::all(), |all, (column, value)| all.add(column.eq(value.clone())))
            };
            let any = self.unreadable.iter().fold(Condition::any(), |any, key| any.add(is_one(key)));
            read.select = Some(E::find().filter(any).build(backend).to_string());
        }
    }

    async fn ask(&mut self, number: usize, end: &[Value], rows: u64, db: &DbConn) -> Result<(), DbErr> {
        let Question::Rows { is_it, fill } = &self.questions[number] else { return Ok(()) };
        let select = self.batch(rows).filter(Self::beyond(end, Side::UpTo)).filter(is_it.clone());
        let select = select.select_only().columns(Self::keys());
        let found = db.query_all_raw(select.build(db.get_database_backend())).await?;
        let answer = &mut self.outcome.answers[number];
        answer.looked_at += rows;
        for row in &found {
            answer.note(Some(shown(&Self::key_of(row)?)));
        }
        if answer.found > 0 && answer.select.is_none() {
            let select = E::find().select_only().columns(Self::keys()).filter(is_it.clone());
            let select = Self::keys().into_iter().fold(select, |select, key| select.order_by(key, Order::Asc));
            answer.select = Some(select.build(db.get_database_backend()).to_string());
            answer.backfill = fill.as_ref().map(|fill| Self::adapt(fill, is_it, db.get_database_backend()));
        }
        Ok(())
    }

    fn adapt(fill: &Fill, is_it: &Expr, backend: DbBackend) -> Adapt {
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
        Adapt { sql: StatementBuilder::build(&update, &backend).to_string(), code }
    }

    /// Asked once, of the whole table.
    async fn ask_for_duplicates(&mut self, number: usize, db: &DbConn) -> Result<(), DbErr> {
        let Question::Duplicates(columns) = &self.questions[number] else { return Ok(()) };
        let mut groups = E::find().select_only();
        for column in columns {
            let column = column.clone();
            QuerySelect::query(&mut groups)
                .add_group_by([Expr::col(column.clone())])
                .and_where(Expr::col(column).is_not_null());
        }
        let count = || Expr::cust("COUNT(*)");
        QuerySelect::query(&mut groups).expr_as(count(), "rows_of_group").and_having(count().gt(1)).limit(MOST_GROUPS);
        let found = db.query_all_raw(groups.build(db.get_database_backend())).await?;
        let answer = &mut self.outcome.answers[number];
        answer.found = found.len() as u64;
        if answer.found > 0 {
            let mut values = groups;
            for column in columns {
                QuerySelect::query(&mut values).column(column.clone());
            }
            answer.select = Some(values.build(db.get_database_backend()).to_string());
        }
        Ok(())
    }
}

/// Enough to know that there are many.
const MOST_GROUPS: u64 = 1_000;

#[derive(Clone, Copy)]
enum Side {
    After,
    UpTo,
}

#[async_trait]
impl<E: EntityTrait> TableScan for Scan<E> {
    async fn step(&mut self, db: &DbConn) -> Result<bool, DbErr> {
        if self.rows == 0 {
            for number in 0..self.questions.len() {
                self.ask_for_duplicates(number, db).await?;
            }
        }
        let left = self.options.limit.map_or(u64::MAX, |limit| limit.saturating_sub(self.rows));
        let size = Ord::min(self.options.batch, left);
        if size == 0 {
            return Ok(false);
        }
        let mut select = self.batch(size);
        if !self.options.decode {
            select = select.select_only().columns(Self::keys());
        }
        let rows = db.query_all_raw(select.build(db.get_database_backend())).await?;
        let count = rows.len() as u64;
        if let Some(last) = rows.last() {
            let end = Self::key_of(last)?;
            for number in 0..self.questions.len() {
                self.ask(number, &end, count, db).await?;
            }
            self.read(&rows, db.get_database_backend());
            self.rows += count;
            self.after = Some(end);
        }
        let is_last = count < size;
        if is_last {
            let is_whole = self.options.after.is_none();
            let evidence = self.outcome.answers.iter_mut().chain(&mut self.outcome.read);
            evidence.for_each(|it| it.is_complete = is_whole);
        }
        for (question, answer) in self.questions.iter().zip(&mut self.outcome.answers) {
            if matches!(question, Question::Duplicates(_)) {
                (answer.looked_at, answer.is_complete) = (self.rows, true);
            }
        }
        Ok(!is_last)
    }

    fn progress(&self) -> (u64, Option<String>) {
        (self.rows, self.after.as_deref().map(shown))
    }

    fn outcome(self: Box<Self>) -> Outcome {
        self.outcome
    }
}

fn shown(key: &[Value]) -> String {
    let parts: Vec<String> = key.iter().map(ToString::to_string).collect();
    if let [only] = parts.as_slice() { only.clone() } else { format!("({})", parts.join(", ")) }
}
