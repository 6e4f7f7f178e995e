//! Everything against real servers.

mod entity_ahead;
mod legacy;
mod program;
mod reads_and_writes;
