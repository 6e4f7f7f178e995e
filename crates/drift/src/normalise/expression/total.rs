//! Whether an expression can be computed and stored for all values of its columns. What is not known for certain may fail.

use super::{
    functions::is_total,
    shape::{
        is_boolean, is_constant, is_interval_literal, is_now, is_text_literal, is_tsvector, is_utc, modulus,
        random_below, values_of_case,
    },
    tree::Expression,
};
use crate::model::{Dialect, LogicalType, Sign};

/// Whether the expression can be computed for all values of its columns, and stored in a column of the type `target`; `None` for
/// one that takes every value. `kind` tells the types of the columns.
pub(crate) fn never_fails(
    text: &str,
    dialect: Dialect,
    target: Option<&LogicalType>,
    kind: impl Fn(&str) -> Option<LogicalType>,
) -> bool {
    let rules = Total { kind: &kind, dialect };
    Expression::parse(text, dialect).is_some_and(|expression| {
        rules.is_total(&expression) && target.is_none_or(|target| rules.fits(&expression, target))
    })
}

/// What cannot fail, in a table whose columns have these types.
pub(super) struct Total<'a, F> {
    pub(super) kind: &'a F,
    pub(super) dialect: Dialect,
}

/// The functions without arguments, and the words, that are never NULL and never fail.
pub(super) const ALWAYS: [&str; 32] = [
    "uuid_short",
    "current_database",
    "database",
    "json_array",
    "json_build_object",
    "json_object",
    "jsonb_build_array",
    "jsonb_build_object",
    "txid_current",
    "true",
    "false",
    "current_timestamp",
    "current_date",
    "current_time",
    "localtime",
    "localtimestamp",
    "clock_timestamp",
    "statement_timestamp",
    "curdate",
    "curtime",
    "utc_timestamp",
    "utc_date",
    "unix_timestamp",
    "current_user",
    "session_user",
    "user",
    "gen_random_uuid",
    "uuid_generate_v4",
    "uuidv7",
    "uuid",
    "random",
    "rand",
];

/// Those of SQLite that tell the time.
pub(super) const TIMES: [&str; 6] = ["date", "time", "datetime", "julianday", "unixepoch", "strftime"];

impl<F: Fn(&str) -> Option<LogicalType>> Total<'_, F> {
    fn is_total(&self, expression: &Expression) -> bool {
        let dialect = self.dialect;
        let are_total = |operands: &[&Expression]| operands.iter().all(|operand| self.is_total(operand));
        match expression {
            Expression::Text(_) | Expression::Number(_) | Expression::Prefixed(..) => true,
            Expression::Name(name) => {
                let is_time = dialect == Dialect::Sqlite && TIMES.contains(&name.as_str());
                name == "null" || is_time || ALWAYS.contains(&name.as_str()) || (self.kind)(name).is_some()
            }
            Expression::Call(name, arguments)
                if is_now(expression) || (dialect == Dialect::Sqlite && TIMES.contains(&name.as_str())) =>
            {
                are_total(&arguments.iter().collect::<Vec<_>>())
            }
            Expression::Call(name, arguments) => {
                let are_right = match name.as_str() {
                    // PostgreSQL rejects a length below 0.
                    "substr" | "substring" => arguments.iter().skip(1).all(|argument| argument.as_number().is_some()),
                    "split_part" => matches!(arguments.as_slice(), [_, _, Expression::Number(part)] if part != "0"),
                    // A text of more than 1 MB has no place in it.
                    "to_tsvector" => {
                        matches!(arguments.as_slice(), [Expression::Cast(_, ty), text] if ty == "regconfig" && self.longest(text).is_some())
                    }
                    "printf" | "format" | "max" | "min" => dialect == Dialect::Sqlite,
                    // Without the least number of all, whose opposite is too large.
                    "abs" => matches!(arguments.as_slice(), [operand] if self.has_an_opposite(operand)),
                    "date_part" => {
                        return matches!(arguments.as_slice(), [field, operand] if is_text_literal(field)
                            && (self.is_time(operand) || self.is_span_of_times(operand)));
                    }
                    "timestampdiff" => {
                        return matches!(arguments.as_slice(), [_, one, other] if self.is_time(one) && self.is_time(other));
                    }
                    "sha2" => matches!(arguments.as_slice(), [_, Expression::Number(_)]),
                    "timezone" => matches!(arguments.as_slice(), [zone, _] if is_utc(zone)),
                    // Of a text it may be no time.
                    "year" | "month" | "day" | "hour" | "minute" | "quarter" => {
                        matches!(arguments.as_slice(), [operand] if self.is_time(operand))
                    }
                    name => is_total(name),
                };
                are_right && are_total(&arguments.iter().collect::<Vec<_>>())
            }
            Expression::Array(items) => are_total(&items.iter().collect::<Vec<_>>()),
            Expression::Negation(operand) => dialect == Dialect::Sqlite && self.is_total(operand),
            Expression::Operation(operator, left, right) => {
                let is_arithmetic = ["+", "-", "*", "/", "%", "div", "mod"].contains(&operator.as_str());
                let is_division = ["/", "%", "div", "mod"].contains(&operator.as_str());
                let by_a_constant =
                    right.as_number().and_then(|number| number.parse::<f64>().ok()).is_some_and(|by| by >= 1.0);
                // PostgreSQL parsed the JSON when it was stored.
                let is_json = matches!(&**left, Expression::Name(name)
                    if matches!((self.kind)(name), Some(LogicalType::Json | LogicalType::JsonBinary)));
                let is_parsing = operator.starts_with("->") && !(dialect == Dialect::Postgres && is_json);
                // SQLite turns what overflows into a float, and a division by zero into NULL.
                let is_safe = !is_arithmetic
                    || dialect == Dialect::Sqlite
                    || self.computed_width(expression).is_some()
                    || random_below(expression).is_some()
                    || (!is_division && (self.is_decimal(left) || self.is_decimal(right)))
                    || (is_division && by_a_constant)
                    || (is_now(left) && is_interval_literal(right));
                is_safe && !is_parsing && are_total(&[left, right])
            }
            // PostgreSQL tried a constant when the statement was made, and a text when it was not shortened.
            Expression::Cast(operand, ty) => {
                let is_constant = is_constant(operand) && !ty.contains('(');
                let is_text = ty == "text" || (ty.contains("char") && dialect == Dialect::Postgres);
                let is_day = ty == "date" && self.is_time(operand);
                let is_wider = self.computed_width(expression).is_some();
                // SQLite turns what it cannot convert into 0.
                let is_always = dialect == Dialect::Sqlite || self.is_decimal(expression);
                let is_list = matches!(**operand, Expression::Array(_)) && ty.ends_with("[]") && !ty.contains('(');
                (is_text
                    || is_day
                    || is_wider
                    || is_list
                    || is_always
                    || is_constant
                    || matches!(&**operand, Expression::Name(name) if name == "null"))
                    && self.is_total(operand)
            }
        }
    }

    /// Whether it is a number, and never the least of its type.
    fn has_an_opposite(&self, operand: &Expression) -> bool {
        let is_float =
            matches!(operand, Expression::Name(name) if matches!((self.kind)(name), Some(LogicalType::Float { .. })));
        let is_small = self.computed_width(operand).is_some_and(|(most, bits)| most < 1 << (bits - 1));
        is_float || is_small || modulus(operand).is_some()
    }

    fn is_time(&self, operand: &Expression) -> bool {
        let is_column = matches!(operand, Expression::Name(name)
            if matches!((self.kind)(name), Some(LogicalType::Timestamp { .. } | LogicalType::Date)));
        is_column || is_now(operand) || matches!(operand, Expression::Call(name, _) if name == "timezone")
    }

    /// PostgreSQL's `ended_at - started_at`.
    fn is_span_of_times(&self, operand: &Expression) -> bool {
        matches!(operand, Expression::Operation(operator, left, right)
            if operator == "-" && self.is_time(left) && self.is_time(right))
    }

    /// Whether PostgreSQL computes a `numeric` of a whole number, which has more digits than any of them needs.
    fn is_decimal(&self, operand: &Expression) -> bool {
        let is_whole = |inside: &Expression| self.computed_width(inside).is_some() || inside.as_number().is_some();
        let is_constant = |number: &str| number.contains('.') && !number.contains('e');
        self.dialect == Dialect::Postgres
            && (operand.as_number().is_some_and(is_constant)
                || matches!(operand, Expression::Cast(inside, ty) if ty == "numeric" && is_whole(inside)))
    }

    /// Whether a value of the expression has its place in the type.
    fn fits(&self, expression: &Expression, target: &LogicalType) -> bool {
        if let Expression::Name(name) = expression
            && (self.kind)(name).as_ref() == Some(target)
        {
            return true;
        }
        if let (LogicalType::Array(element), Expression::Array(items)) = (target, expression.clone().without_casts()) {
            return items.iter().all(|item| self.fits(item, element));
        }
        let is_constant = matches!(expression, Expression::Text(_) | Expression::Number(_) | Expression::Prefixed(..));
        match target {
            LogicalType::Varchar(Some(limit)) | LogicalType::Char(limit) => {
                self.longest(expression).is_some_and(|longest| longest <= *limit)
            }
            LogicalType::Varchar(None) | LogicalType::Text(_) => true,
            LogicalType::Integer { bits: 64, sign: Sign::Unsigned } if matches!(expression, Expression::Name(name) if name == "uuid_short") => {
                true
            }
            LogicalType::Integer { bits, .. } => self.is_small(expression, *bits),
            // MySQL and MariaDB convert what they compute, or fail to.
            LogicalType::Boolean if self.dialect != Dialect::Postgres => is_boolean(expression),
            LogicalType::Date | LogicalType::Time { .. } | LogicalType::Timestamp { .. }
                if self.dialect != Dialect::Postgres =>
            {
                let is_day =
                    matches!(expression, Expression::Cast(operand, ty) if ty == "date" && self.is_time(operand));
                let is_later = matches!(expression, Expression::Operation(_, now, span) if is_now(now) && is_interval_literal(span));
                is_now(expression)
                    || is_later
                    || is_day && *target == LogicalType::Date
                    || matches!(expression, Expression::Name(name) if ALWAYS.contains(&name.as_str()))
            }
            // MariaDB's own type.
            LogicalType::Named(name) if name == "uuid" => {
                matches!(expression, Expression::Name(name) if name == "uuid")
            }
            LogicalType::Float { bits: 64, .. } | LogicalType::Decimal(None) => true,
            LogicalType::Json if self.dialect != Dialect::Postgres => {
                is_constant || matches!(expression, Expression::Name(name) if name.starts_with("json_"))
            }
            // MariaDB tried the constant when the statement was made.
            LogicalType::Bit(_) => matches!(expression, Expression::Prefixed(..)),
            // The type of PostgreSQL's own names.
            LogicalType::Named(name) if name == "name" => self.longest(expression).is_some_and(|longest| longest <= 63),
            LogicalType::Named(name) if name == "tsvector" => is_tsvector(expression),
            // PostgreSQL compared the types when the statement was made.
            LogicalType::Boolean
            | LogicalType::Date
            | LogicalType::Time { .. }
            | LogicalType::Timestamp { .. }
            | LogicalType::Interval
            | LogicalType::Json
            | LogicalType::JsonBinary
            | LogicalType::Uuid
            | LogicalType::Varbinary(None)
            | LogicalType::Blob(None)
            | LogicalType::Enum { .. } => self.dialect == Dialect::Postgres,
            LogicalType::Float { .. }
            | LogicalType::Decimal(Some(_))
            | LogicalType::Money
            | LogicalType::Binary(_)
            | LogicalType::Varbinary(Some(_))
            | LogicalType::Blob(Some(_))
            | LogicalType::BitVarying(_)
            | LogicalType::Year
            | LogicalType::Array(_)
            | LogicalType::Named(_)
            | LogicalType::Rust(_)
            | LogicalType::Unsupported => false,
        }
    }

    /// Whether it is a whole number that has its place in so many bits.
    #[expect(clippy::wildcard_enum_match_arm, reason = "only conditions are left")]
    fn is_small(&self, expression: &Expression, bits: u8) -> bool {
        const LENGTHS: [&str; 7] = [
            "length",
            "char_length",
            "character_length",
            "octet_length",
            "num_nulls",
            "num_nonnulls",
            "unix_timestamp",
        ];
        match expression {
            Expression::Number(number) => number.parse::<i128>().is_ok_and(|number| number.abs() < 1 << (bits - 1)),
            Expression::Name(name) => match (self.kind)(name) {
                Some(LogicalType::Integer { bits: of_column, .. }) => of_column <= bits,
                Some(LogicalType::Boolean) => self.dialect != Dialect::Postgres,
                None if bits == 64 => ["unix_timestamp", "txid_current"].contains(&name.as_str()),
                None => bits >= 32 && name == "unix_timestamp",
                _ => false,
            },
            Expression::Cast(operand, _) => self.is_small(operand, bits),
            Expression::Call(name, arguments) => match name.as_str() {
                "coalesce" | "ifnull" | "nullif" | "greatest" | "least" => {
                    arguments.iter().all(|argument| self.is_small(argument, bits))
                }
                "year" | "month" | "day" | "hour" | "minute" | "quarter" => bits >= 16,
                "case" | "if" => values_of_case(name, arguments).all(|value| self.is_small(value, bits)),
                "timestampdiff" | "crc32" => bits == 64,
                "floor" | "ceil" | "ceiling" | "round" => matches!(arguments.as_slice(), [operand]
                    if random_below(operand).is_some_and(|below| below < 2_f64.powi(i32::from(bits) - 1))),
                name => bits >= 32 && LENGTHS.contains(&name) || is_boolean(expression),
            },
            // The divisor is a constant.
            Expression::Operation(operator, left, _) if ["/", "%", "div", "mod"].contains(&operator.as_str()) => {
                self.is_small(left, bits)
            }
            other => {
                self.dialect != Dialect::Postgres && is_boolean(other)
                    || self.computed_width(other).is_some_and(|(most, _)| most < 1 << (bits - 1))
            }
        }
    }
}

#[cfg(test)]
mod tests;
