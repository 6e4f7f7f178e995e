//! Schemas as plain data, the same for both sides. Depends on neither the database nor the entities.

mod column;
mod column_type;
mod constraint;
mod dialect;
mod index;
mod object;
mod partition;
mod relation;
mod sides;
mod table;
mod table_name;

pub use column::{
    CharsetCoverage, Collation, Column, CounterKind, DefaultValue, Equality, FieldValues, Generation, NextValue,
    Nullability, Privilege, Sequence,
};
pub use column_type::{ColumnType, LogicalType, Sign, Stated, Zone};
pub use constraint::{Action, Check, ForeignKey, Referrer, Validity, Visibility};
pub use dialect::Dialect;
pub use index::{Index, IndexRestriction, Uniqueness};
pub use object::{Object, Part};
pub use partition::{PartitionBound, PartitionMethod, Partitions};
pub use relation::{
    Deletes, Published, ReadOnly, RelationKind, RewriteRule, RowSecurity, RuleEffect, UnknownName, UnknownObjectKind,
    Writability,
};
pub use sides::Sides;
pub(crate) use table::by_name;
pub use table::{Schema, Table};
pub use table_name::TableName;
