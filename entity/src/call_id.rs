//! The key of a call, which outlives the type of its column.

use sea_orm::{
    ActiveValue, ColIdx, DbErr, IntoActiveValue, QueryResult, TryFromU64, TryGetError, TryGetable, Value,
    sea_query::{ArrayType, ColumnType, Nullable, ValueType, ValueTypeErr},
};
use serde::{Deserialize, Serialize};

/// `call_log.id`: written as a `bigint`, read from `bigint` and from `integer`. One release works on both, so the key can be made
/// wider while programs run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallId(pub i64);

impl std::fmt::Display for CallId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl From<i64> for CallId {
    fn from(id: i64) -> Self {
        Self(id)
    }
}

impl From<i32> for CallId {
    fn from(id: i32) -> Self {
        Self(id.into())
    }
}

impl TryGetable for CallId {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        // PostgreSQL's driver decodes no type but the column's own.
        match i64::try_get_by(row, index) {
            Err(TryGetError::DbErr(error)) => i32::try_get_by(row, index).map(i64::from).map_err(|_| error.into()),
            id => id,
        }
        .map(Self)
    }
}

impl From<CallId> for Value {
    fn from(id: CallId) -> Self {
        id.0.into()
    }
}

impl ValueType for CallId {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        <i64 as ValueType>::try_from(value).map(Self)
    }

    fn type_name() -> String {
        "CallId".to_owned()
    }

    fn array_type() -> ArrayType {
        i64::array_type()
    }

    fn column_type() -> ColumnType {
        i64::column_type()
    }
}

impl Nullable for CallId {
    fn null() -> Value {
        i64::null()
    }
}

impl TryFromU64 for CallId {
    fn try_from_u64(id: u64) -> Result<Self, DbErr> {
        i64::try_from_u64(id).map(Self)
    }
}

impl IntoActiveValue<Self> for CallId {
    fn into_active_value(self) -> ActiveValue<Self> {
        ActiveValue::Set(self)
    }
}
