//! Expressions of defaults, CHECKs and generated columns as trees, so that the parentheses, casts, capitals and quotes that a server adds or removes
//! are not a difference. Returns `None` for what it cannot parse.
//!
//! This parser is the crate's own because a program that only checks its schema should not compile a parser of all SQL
//! (`tests/it/dependencies.rs` at the root of the workspace holds that). sqlparser 0.64 would replace the tokens and the
//! grammar, and not the comparison: its tree keeps the parentheses, the spellings of a cast and the names of a function that
//! are dropped here. It also rejects `cast('1' as char(3) charset utf8mb4)` and `5 mod 2`, which MariaDB accepts.

mod constants;
mod distinct;
mod function;
mod functions;
mod known;
mod parse;
mod pattern;
mod range;
mod repeated;
mod row;
mod shape;
mod token;
mod total;
mod tree;
mod value;
mod width;

pub(super) use tree::Expression;
pub(crate) use {
    constants::{Constants, constants_in, only_compares_for_equality},
    distinct::{distinguishing_column, is_new_for_each_row},
    known::is_infinity,
    range::accepted_range,
    repeated::repeats_itself,
    row::StoredValue,
    total::never_fails,
    value::{CheckOutcome, check_outcome, condition_holds, evaluate, evaluation_fails, span},
    width::{max_text_length, shortest},
};
