//! Normalises the declared and the live side: the same parser reads what sea-query would create and what the catalogue
//! prints. Two spellings of the same thing are therefore not a difference.

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
    always_exceeds_integer, default_value, exceeds_type, is_unreadable_time, rejects_own_default, same_default,
    same_expression, stores_unreadable_time, stores_unreadable_value,
};
pub(crate) use expression::{
    CheckOutcome, Constants, StoredValue, accepted_range, check_outcome, condition_holds, constants_in,
    distinguishing_column, evaluate, evaluation_fails, is_new_for_each_row, max_text_length, never_fails,
    only_compares_for_equality, repeats_itself,
};
pub(crate) use lexer::{
    Token, check_constraint, check_constraints_in, collation_in, columns_without_null, generation_expression_in,
    text_in_parentheses, tokens,
};
pub(crate) use literal::boolean;
pub(crate) use sqlite::promises_numbers;
