//! Changes to a table in use: reads and writes continue meanwhile, or the change is rejected.

mod concurrent;
mod index;
mod key;
mod long_timeout;
mod partitioned;
mod refusal;
mod reported;
mod table;

pub use index::{create_index, drop_index};
pub use key::widen_key;
pub use table::alter_table;
