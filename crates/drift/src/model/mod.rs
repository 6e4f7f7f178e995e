//! What a schema is: plain data, the same for both sides. Knows no database and no entity.

mod column;
mod column_type;
mod constraint;
mod dialect;
mod index;
mod relation;
mod sides;
mod table;

pub use column::{
    Collation, Column, DefaultValue, Draw, Equality, Generation, Nullability, Privilege, Repertoire, Sequence,
};
pub use column_type::{ColumnType, Kind, Sign, Zone};
pub use constraint::{Action, Check, ForeignKey, Validity, Visibility};
pub use dialect::Dialect;
pub use index::{Index, Limit, Uniqueness};
pub use relation::{Relation, RowSecurity, Writability};
pub use sides::Sides;
pub use table::{Schema, Table, TableName};
