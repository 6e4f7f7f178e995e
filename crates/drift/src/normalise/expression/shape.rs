//! What an expression looks like: the current time, a condition, a number by chance.

use super::tree::Expression;

/// What a `CASE` or an `IF` yields, without its conditions.
pub(super) fn values_of_case<'a>(name: &str, arguments: &'a [Expression]) -> impl Iterator<Item = &'a Expression> {
    let is_condition = move |at: usize| at.is_multiple_of(2) && at + 1 < arguments.len();
    debug_assert!(["case", "if", "iif"].contains(&name), "all of them have conditions and values in turn");
    arguments.iter().enumerate().filter(move |(at, _)| !is_condition(*at)).map(|(_, value)| value)
}

/// Other zones may be unknown to a server.
pub(super) fn is_utc(zone: &Expression) -> bool {
    matches!(zone.clone().without_casts(), Expression::Text(name) if name.eq_ignore_ascii_case("utc"))
}

/// Of a constant length: `interval '1 day'`.
pub(super) fn is_interval_literal(operand: &Expression) -> bool {
    matches!(operand, Expression::Cast(text, ty) if is_text_literal(text) && ty == "interval")
}

/// A constant, whatever it is cast to, so that it is not cut.
#[expect(clippy::wildcard_enum_match_arm, reason = "all else is computed")]
pub(super) fn is_constant(operand: &Expression) -> bool {
    match operand {
        Expression::Text(_) | Expression::Number(_) => true,
        Expression::Cast(operand, ty) => !ty.contains('(') && is_constant(operand),
        _ => false,
    }
}

/// The words of texts, with or without a weight, and several of them together.
#[expect(clippy::wildcard_enum_match_arm, reason = "all else has another type")]
pub(super) fn is_tsvector(expression: &Expression) -> bool {
    match expression {
        Expression::Call(name, arguments) if name == "setweight" => arguments.first().is_some_and(is_tsvector),
        Expression::Call(name, _) => name == "to_tsvector",
        Expression::Operation(operator, left, right) => operator == "||" && is_tsvector(left) && is_tsvector(right),
        _ => false,
    }
}

pub(super) fn is_text_literal(operand: &Expression) -> bool {
    matches!(operand.clone().without_casts(), Expression::Text(_))
}

/// The constant of which the operand is a remainder.
pub(super) fn modulus(operand: &Expression) -> Option<f64> {
    let Expression::Operation(operator, _, by) = operand else { return None };
    let by = by.as_number()?.parse::<f64>().ok()?.abs();
    (operator == "%" && by >= 1.0).then_some(by)
}

/// The constant below which `random() * 100` stays.
pub(super) fn random_below(operand: &Expression) -> Option<f64> {
    let Expression::Operation(operator, left, right) = operand else { return None };
    let is_random =
        |operand: &Expression| matches!(operand, Expression::Name(name) if ["random", "rand"].contains(&name.as_str()));
    let number = |operand: &Expression| operand.clone().without_casts().as_number()?.parse::<f64>().ok();
    let below = if is_random(left) { number(right)? } else { number(left).filter(|_| is_random(right))? };
    (operator == "*" && below.is_finite()).then_some(below.abs())
}

/// Whether it is the current time, with or without digits of a second.
#[expect(clippy::wildcard_enum_match_arm, reason = "all else is no time")]
pub(super) fn is_now(expression: &Expression) -> bool {
    const NOW: [&str; 8] = [
        "current_timestamp",
        "current_date",
        "current_time",
        "localtime",
        "localtimestamp",
        "curdate",
        "curtime",
        "utc_timestamp",
    ];
    match expression {
        Expression::Name(name) => NOW.contains(&name.as_str()),
        Expression::Call(name, arguments) => {
            NOW.contains(&name.as_str()) && matches!(arguments.as_slice(), [Expression::Number(_)])
        }
        _ => false,
    }
}

/// Whether it holds or does not.
#[expect(clippy::wildcard_enum_match_arm, reason = "all else is no condition")]
pub(super) fn is_boolean(expression: &Expression) -> bool {
    match expression {
        Expression::Name(name) => ["true", "false"].contains(&name.as_str()),
        Expression::Number(number) => ["0", "1"].contains(&number.as_str()),
        Expression::Call(name, _) => ["not", "isnull", "istrue", "json_valid"].contains(&name.as_str()),
        Expression::Operation(operator, ..) => {
            ["=", "==", "<=>", "<", ">", "<=", ">=", "<>", "!=", "and", "or", "in", "~~", "glob"]
                .contains(&operator.as_str())
        }
        _ => false,
    }
}
