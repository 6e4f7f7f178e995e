//! The constants with which a condition compares, and whether it looks at a column in no other way.

use super::{shape::is_constant, tree::Expression};
use crate::model::Dialect;

/// What a condition compares with.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Constants {
    /// From the least to the greatest.
    pub(crate) numbers: Vec<f64>,
    pub(crate) texts: Vec<String>,
}

/// The constants of the condition.
pub(crate) fn constants_in(text: &str, dialect: Dialect) -> Constants {
    let mut constants = Constants::default();
    if let Some(expression) = Expression::parse(text, dialect) {
        collect(&expression, &mut constants);
    }
    constants.numbers.sort_by(f64::total_cmp);
    constants.numbers.dedup();
    constants
}

fn collect(expression: &Expression, constants: &mut Constants) {
    match expression {
        Expression::Text(text) => {
            // PostgreSQL prints a negative number as a text that is cast.
            constants.numbers.extend(text.parse::<f64>().ok().filter(|number| number.is_finite()));
            constants.texts.push(text.clone());
        }
        Expression::Number(number) => constants.numbers.extend(number.parse::<f64>().ok()),
        Expression::Call(_, operands) | Expression::Array(operands) => {
            for operand in operands {
                collect(operand, constants);
            }
        }
        Expression::Operation(_, left, right) => [left, right].iter().for_each(|side| collect(side, constants)),
        Expression::Cast(operand, _) | Expression::Negation(operand) => collect(operand, constants),
        Expression::Name(_) | Expression::Prefixed(..) => {}
    }
}

/// Whether the condition only asks whether the column is NULL, or equal to constants: two values that equal none of them are alike.
pub(crate) fn only_compares_for_equality(text: &str, dialect: Dialect, is_column: impl Fn(&str) -> bool) -> bool {
    Expression::parse(text, dialect).is_some_and(|expression| equates(&expression, &is_column))
}

fn equates(expression: &Expression, is_column: &impl Fn(&str) -> bool) -> bool {
    const EQUALITIES: [&str; 6] = ["=", "==", "<>", "!=", "<=>", "in"];
    match expression {
        Expression::Name(name) => !is_column(name),
        Expression::Call(name, operands) if name == "isnull" && operands.iter().all(is_plain_name) => true,
        Expression::Operation(operator, left, right) if EQUALITIES.contains(&operator.as_str()) => {
            let is_alike = |one: &Expression, other: &Expression| is_plain_name(one) && are_constants(other);
            is_alike(left, right) || is_alike(right, left) || (equates(left, is_column) && equates(right, is_column))
        }
        Expression::Operation(_, left, right) => equates(left, is_column) && equates(right, is_column),
        Expression::Call(_, operands) | Expression::Array(operands) => {
            operands.iter().all(|operand| equates(operand, is_column))
        }
        Expression::Negation(operand) | Expression::Cast(operand, _) => equates(operand, is_column),
        Expression::Text(_) | Expression::Number(_) | Expression::Prefixed(..) => true,
    }
}

/// A name, or a cast of one that cuts nothing.
#[expect(clippy::wildcard_enum_match_arm, reason = "all else is computed")]
fn is_plain_name(expression: &Expression) -> bool {
    match expression {
        Expression::Name(_) => true,
        Expression::Cast(operand, ty) => {
            ["text", "varchar", "character varying"].contains(&ty.as_str()) && is_plain_name(operand)
        }
        _ => false,
    }
}

fn are_constants(expression: &Expression) -> bool {
    if let Expression::Array(items) = expression { items.iter().all(is_constant) } else { is_constant(expression) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::numbers("price > 5 AND price BETWEEN -3 AND 1.5", &[-3.0, 1.5, 5.0], &[])]
    #[case::a_number_as_postgres_prints_it("price > '-3'::integer", &[-3.0], &["-3"])]
    #[case::texts("NOT (state IN ('a', 'b') OR lower(state) = 'a')", &[], &["a", "b", "a"])]
    fn a_condition_compares_with(#[case] text: &str, #[case] numbers: &[f64], #[case] texts: &[&str]) {
        let texts = texts.iter().map(ToString::to_string).collect();
        assert_eq!(constants_in(text, Dialect::Postgres), Constants { numbers: numbers.to_vec(), texts });
    }

    #[rstest]
    #[case::equal("(state)::text = 'a'::text OR state <> 'b'", true)]
    #[case::one_of_a_list("state NOT IN ('a', 'b') AND state IS NOT NULL", true)]
    #[case::beside_another_column("state = 'a' OR price > 5", true)]
    #[case::after_a_constant("'a' = state", true)]
    #[case::cut("(state)::character varying(1) = 'a'", false)]
    #[case::in_lower_case("lower(state) = 'a'", false)]
    #[case::ordered("state > 'a'", false)]
    #[case::like("state LIKE 'a%'", false)]
    #[case::equal_to_another_column("state = other", false)]
    #[case::what_is_not_parsed("state ==== 'a'", false)]
    fn a_column_is_only_equated(#[case] text: &str, #[case] expected: bool) {
        assert_eq!(only_compares_for_equality(text, Dialect::Postgres, |name| name == "state"), expected);
    }
}
