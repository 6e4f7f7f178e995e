//! Normalises both sides: the same parser reads what sea-query would create and what the catalogue prints, so that two
//! spellings of the same thing are never a difference.

mod column_type;
mod default;
mod expression;
mod lexer;
mod literal;
mod type_text;

mod mysql;
mod postgres;
mod sqlite;

pub(crate) use column_type::column_type;
pub(crate) use default::{
    default_value, does_not_fit, is_beyond, is_no_time_of, is_no_value_of, is_rejected, is_unreadable_time,
    same_default, same_expression,
};
pub(crate) use expression::{
    Constants, Outcome, StoredValue, constants, distinguishes, evaluate, fails, holds, is_new_each_time,
    is_only_equated, is_repeated, longest, never_fails, outcome, range,
};
pub(crate) use lexer::{Token, check, checks_in, collation_in, generated_in, inside, required, tokens};
pub(crate) use literal::boolean;
pub(crate) use sqlite::is_of_numbers;
