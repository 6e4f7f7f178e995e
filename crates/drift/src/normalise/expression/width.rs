//! How long the text of an expression is, and how large its number.

use super::{
    row::keeps_text,
    shape::{is_boolean, is_now, values_of_case},
    total::Total,
    tree::Expression,
};
use crate::model::{Dialect, LogicalType, Sign};

/// The length of the longest text that the expression has, in characters; `None` for no limit that is known.
pub(crate) fn max_text_length(text: &str, dialect: Dialect, kind: impl Fn(&str) -> Option<LogicalType>) -> Option<u32> {
    Total { kind: &kind, dialect }.longest(&Expression::parse(text, dialect)?)
}

/// The length of the shortest text that the expression has, in characters.
pub(crate) fn shortest(text: &str, dialect: Dialect) -> usize {
    Expression::parse(text, dialect).map_or(0, |expression| least_length(&expression, dialect))
}

/// Of those that nothing makes shorter; 0 for all others.
#[expect(clippy::wildcard_enum_match_arm, reason = "of the others nothing is known")]
fn least_length(expression: &Expression, dialect: Dialect) -> usize {
    let length = |part: &Expression| least_length(part, dialect);
    match expression {
        Expression::Text(text) => text.chars().count(),
        Expression::Cast(operand, ty) if !ty.contains('(') && (!ty.contains("char") || keeps_text(ty, dialect)) => {
            length(operand)
        }
        Expression::Name(name) | Expression::Call(name, _) if UUIDS.contains(&name.as_str()) => 36,
        Expression::Call(name, _) if name == "md5" => 32,
        Expression::Call(name, arguments) => {
            let lengths = arguments.iter().map(length);
            match name.as_str() {
                "concat" | "lower" | "upper" | "lcase" | "ucase" => lengths.sum(),
                "repeat" => match arguments.as_slice() {
                    [text, Expression::Number(times)] => length(text).saturating_mul(times.parse().unwrap_or(0)),
                    _ => 0,
                },
                _ => 0,
            }
        }
        Expression::Operation(operator, left, right) if operator == "||" => length(left) + length(right),
        _ => 0,
    }
}

const LENGTHS: [&str; 4] = ["length", "char_length", "character_length", "octet_length"];

/// The functions that make a UUID, which is 36 characters as a text.
const UUIDS: [&str; 4] = ["gen_random_uuid", "uuid_generate_v4", "uuidv7", "uuid"];

impl<F: Fn(&str) -> Option<LogicalType>> Total<'_, F> {
    /// How large a whole number the expression yields, and the bits in which the server computes it; `None` if it may not
    /// fit there, or is not a whole number.
    #[expect(clippy::wildcard_enum_match_arm, reason = "of the others the width is not known")]
    pub(super) fn computed_width(&self, expression: &Expression) -> Option<(i128, u8)> {
        // MySQL and MariaDB compute whole numbers with 64 bits.
        let width = |bits: u8| if self.dialect == Dialect::Postgres { bits } else { 64 };
        match expression {
            Expression::Number(number) => Some((number.parse::<i32>().ok()?.into(), width(32))),
            Expression::Name(name) => match (self.kind)(name) {
                Some(LogicalType::Integer { bits, sign }) => {
                    Some((if sign == Sign::Signed { 1 << (bits - 1) } else { 1 << bits }, width(bits)))
                }
                _ => None,
            },
            Expression::Call(name, arguments)
                if ["coalesce", "ifnull", "greatest", "least"].contains(&name.as_str()) =>
            {
                let widths =
                    arguments.iter().map(|argument| self.computed_width(argument)).collect::<Option<Vec<_>>>()?;
                Some((widths.iter().map(|(most, _)| *most).max()?, widths.iter().map(|(_, bits)| *bits).max()?))
            }
            // A text has fewer bytes than 2^30, and a long one of MySQL and MariaDB than 2^32.
            Expression::Call(name, _) if LENGTHS.contains(&name.as_str()) => {
                Some(if self.dialect == Dialect::Postgres { (1 << 30, 32) } else { (1 << 32, 64) })
            }
            Expression::Cast(operand, ty) if ty == "integer" && is_boolean(operand) => Some((1, width(32))),
            Expression::Cast(operand, ty) if ty == "bigint" => Some((self.computed_width(operand)?.0, 64)),
            Expression::Operation(operator, left, right) => {
                let ((left, of_left), (right, of_right)) = (self.computed_width(left)?, self.computed_width(right)?);
                let most = match operator.as_str() {
                    "+" | "-" => left.checked_add(right)?,
                    "*" => left.checked_mul(right)?,
                    _ => return None,
                };
                let bits = of_left.max(of_right);
                (most < 1 << (bits - 1)).then_some((most, bits))
            }
            condition if self.dialect != Dialect::Postgres && is_boolean(condition) => Some((1, 64)),
            _ => None,
        }
    }

    /// In characters; `None` for no limit that is known.
    pub(super) fn longest(&self, expression: &Expression) -> Option<u32> {
        if is_boolean(expression) {
            return Some(5);
        }
        match expression {
            Expression::Text(text) => u32::try_from(text.chars().count()).ok(),
            Expression::Name(name) if name == "null" => Some(0),
            Expression::Name(name) => match (self.kind)(name) {
                Some(LogicalType::Varchar(Some(length)) | LogicalType::Char(length)) => Some(length),
                Some(_) => None,
                None if name.contains("uuid") => Some(36),
                // PostgreSQL cuts names to 63 bytes; MariaDB has users of 128 characters, at hosts of 255.
                None if ["current_user", "session_user", "user"].contains(&name.as_str()) => {
                    Some(if self.dialect == Dialect::Postgres { 63 } else { 384 })
                }
                None => is_now(expression).then_some(26),
            },
            Expression::Cast(operand, _) => self.longest(operand),
            Expression::Call(name, arguments) if name == "hex" => match arguments.as_slice() {
                [Expression::Call(inner, of)] if inner == "randomblob" => {
                    of.first()?.as_number()?.parse::<u32>().ok()?.checked_mul(2)
                }
                _ => None,
            },
            Expression::Call(name, _) if name == "md5" => Some(32),
            Expression::Call(name, arguments) => {
                let lengths: Option<Vec<u32>> = arguments.iter().map(|argument| self.longest(argument)).collect();
                let number = |at: usize| arguments.get(at)?.as_number()?.parse::<u32>().ok();
                match name.as_str() {
                    "concat" => lengths.map(|lengths| lengths.iter().sum()),
                    // The first stands between the others.
                    "concat_ws" => lengths.map(|lengths| {
                        let gaps = u32::try_from(lengths.len().saturating_sub(2)).unwrap_or(u32::MAX);
                        lengths[0] * gaps + lengths[1..].iter().sum::<u32>()
                    }),
                    "left" | "right" => number(1),
                    "substr" | "substring" => number(2),
                    "case" | "if" | "iif" => {
                        let lengths = values_of_case(name, arguments).map(|value| self.longest(value));
                        lengths.collect::<Option<Vec<_>>>()?.into_iter().max()
                    }
                    "sha1" | "sha" => Some(40),
                    // Of so many bits, 4 in each digit.
                    "sha2" => number(1).map(|bits| if bits == 0 { 64 } else { bits / 4 }),
                    "replace"
                        if matches!(arguments.as_slice(), [Expression::Name(name), Expression::Text(dash), Expression::Text(nothing)]
                        if UUIDS.contains(&name.as_str()) && dash == "-" && nothing.is_empty()) =>
                    {
                        Some(32)
                    }
                    // What is put in is no longer than what is taken out.
                    "replace" => match (arguments.as_slice(), lengths?.as_slice()) {
                        ([_, Expression::Text(_), Expression::Text(_)], [length, out, into]) if into <= out => {
                            Some(*length)
                        }
                        _ => None,
                    },
                    "coalesce" | "ifnull" => lengths.and_then(|lengths| lengths.into_iter().max()),
                    "substring_index" | "trim" | "btrim" | "ltrim" | "rtrim" | "lower" | "upper" | "lcase"
                    | "ucase" => lengths.and_then(|lengths| lengths.first().copied()),
                    _ => None,
                }
            }
            Expression::Operation(operator, left, right) if operator == "||" => {
                Some(self.longest(left)? + self.longest(right)?)
            }
            Expression::Number(_)
            | Expression::Prefixed(..)
            | Expression::Array(_)
            | Expression::Negation(_)
            | Expression::Operation(..) => None,
        }
    }
}
