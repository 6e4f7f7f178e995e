//! Which whole numbers a condition on one column leaves.

use super::tree::Expression;
use crate::model::Dialect;

/// The least and the greatest whole number of the column that the condition accepts; `None` if it is another condition.
pub(crate) fn accepted_range(text: &str, dialect: Dialect, column: &str) -> Option<(f64, f64)> {
    of(&Expression::parse(text, dialect)?, dialect, column)
}

fn of(condition: &Expression, dialect: Dialect, column: &str) -> Option<(f64, f64)> {
    let Expression::Operation(operator, left, right) = condition else { return None };
    if operator == "and" {
        let ((least, greatest), (other_least, other_greatest)) =
            (of(left, dialect, column)?, of(right, dialect, column)?);
        return Some((least.max(other_least), greatest.min(other_greatest)));
    }
    let is_column = matches!(&**left, Expression::Name(name) if dialect.same_name(name, column));
    let bound = right.clone().without_casts();
    let bound: f64 = bound.as_number()?.parse::<i32>().ok()?.into();
    Some(match operator.as_str() {
        _ if !is_column => return None,
        ">=" => (bound, f64::INFINITY),
        ">" => (bound + 1.0, f64::INFINITY),
        "<=" => (f64::NEG_INFINITY, bound),
        "<" => (f64::NEG_INFINITY, bound - 1.0),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::from_a_number("(price >= 0)", Some((0.0, f64::INFINITY)))]
    #[case::above_a_number("price > 0", Some((1.0, f64::INFINITY)))]
    #[case::up_to_a_number("price <= 9", Some((f64::NEG_INFINITY, 9.0)))]
    #[case::below_a_number("price < 9", Some((f64::NEG_INFINITY, 8.0)))]
    #[case::between("price BETWEEN 1 AND 9", Some((1.0, 9.0)))]
    #[case::of_another_column("cost >= 0", None)]
    #[case::or_something_else("price >= 0 OR cost >= 0", None)]
    #[case::half_a_number("price > 0.5", None)]
    #[case::a_number_of_a_text("length(price) > 0", None)]
    fn a_condition_leaves(#[case] text: &str, #[case] expected: Option<(f64, f64)>) {
        assert_eq!(accepted_range(text, Dialect::Postgres, "price"), expected);
    }
}
