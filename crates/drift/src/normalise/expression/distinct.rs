//! Which expressions yield another value for each row.

use super::tree::Expression;
use crate::model::Dialect;

/// Random values of fewer bytes may repeat.
const ENOUGH_BYTES: u32 = 8;

/// Whether a default yields another value each time: a UUID, random bytes, a number of a sequence, and what is written with one.
pub(crate) fn is_new_for_each_row(text: &str, dialect: Dialect) -> bool {
    Expression::parse(text, dialect).is_some_and(|expression| is_new(&expression, dialect))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "all else may repeat")]
fn is_new(expression: &Expression, dialect: Dialect) -> bool {
    match expression {
        // A hundred thousand rows of 52 bits are likely to be different. MySQL returns fewer digits.
        Expression::Name(name) | Expression::Call(name, _) if name == "random" => {
            matches!(dialect, Dialect::Postgres | Dialect::Sqlite)
        }
        Expression::Name(name) => is_generator(name),
        Expression::Call(name, arguments) => match (name.as_str(), arguments.as_slice()) {
            ("randomblob" | "gen_random_bytes" | "random_bytes", [size]) => {
                size.as_number().and_then(|size| size.parse().ok()).is_some_and(|size: u32| size >= ENOUGH_BYTES)
            }
            // They keep apart what is different.
            (
                "lower" | "upper" | "lcase" | "ucase" | "hex" | "md5" | "sha1" | "sha224" | "sha256" | "sha512",
                [value],
            ) => is_new(value, dialect),
            ("encode" | "replace" | "to_hex", [value, ..]) => is_new(value, dialect),
            ("concat", parts) => parts.iter().any(|part| is_new(part, dialect)),
            (name, _) => is_generator(name),
        },
        Expression::Operation(operator, left, right) if operator == "||" => {
            is_new(left, dialect) || is_new(right, dialect)
        }
        Expression::Cast(value, ty) => {
            !ty.contains('(')
                && ["text", "varchar", "character varying", "uuid"].contains(&ty.as_str())
                && is_new(value, dialect)
        }
        _ => false,
    }
}

fn is_generator(name: &str) -> bool {
    name.contains("uuid") || name == "nextval"
}

/// The column from whose values the expression makes as many: `'call-' || id`, `(call_sid)::text`. NULL stays NULL.
pub(crate) fn distinguishing_column(text: &str, dialect: Dialect) -> Option<String> {
    source(&Expression::parse(text, dialect)?, dialect)
}

#[expect(clippy::wildcard_enum_match_arm, reason = "all else may make equal what is different")]
fn source(expression: &Expression, dialect: Dialect) -> Option<String> {
    const WIDE: [&str; 5] = ["text", "varchar", "character varying", "bigint", "numeric"];
    match expression {
        Expression::Name(name) if name != "null" => Some(name.clone()),
        Expression::Cast(value, ty) if WIDE.contains(&ty.as_str()) => source(value, dialect),
        Expression::Operation(operator, left, right) if operator == "||" => joined([&**left, &**right], dialect),
        // That of PostgreSQL skips NULL.
        Expression::Call(name, parts) if name == "concat" && dialect != Dialect::Postgres => joined(parts, dialect),
        _ => None,
    }
}

/// Of one column and constants.
fn joined<'a>(parts: impl IntoIterator<Item = &'a Expression>, dialect: Dialect) -> Option<String> {
    let is_constant =
        |part: &Expression| matches!(part.clone().without_casts(), Expression::Text(_) | Expression::Number(_));
    let mut others = parts.into_iter().filter(|part| !is_constant(part));
    match (others.next(), others.next()) {
        (Some(part), None) => source(part, dialect),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::a_uuid("gen_random_uuid()", Dialect::Postgres)]
    #[case::a_uuid_as_text("(uuid_generate_v4())::text", Dialect::Postgres)]
    #[case::a_uuid_without_dashes("replace(uuid(), '-', '')", Dialect::MariaDb)]
    #[case::a_hash("md5((random())::text || (clock_timestamp())::text)", Dialect::Postgres)]
    #[case::bytes("lower(hex(randomblob(16)))", Dialect::Sqlite)]
    #[case::bytes_of_an_extension("encode(gen_random_bytes(16), 'hex'::text)", Dialect::Postgres)]
    #[case::a_number("('INV-'::text || nextval('numbers'::regclass))", Dialect::Postgres)]
    fn a_default_is_new_each_time(#[case] text: &str, #[case] dialect: Dialect) {
        assert!(is_new_for_each_row(text, dialect));
    }

    #[rstest]
    #[case::a_constant("'x'", Dialect::Postgres)]
    #[case::some_bytes("hex(randomblob(2))", Dialect::Sqlite)]
    #[case::its_beginning("left((gen_random_uuid())::text, 4)", Dialect::Postgres)]
    #[case::a_type_that_cuts("(gen_random_uuid())::character varying(4)", Dialect::Postgres)]
    #[case::a_small_number("floor(random() * 10)", Dialect::Postgres)]
    #[case::six_digits("rand()", Dialect::MariaDb)]
    #[case::the_time("now()", Dialect::Postgres)]
    fn a_default_may_repeat(#[case] text: &str, #[case] dialect: Dialect) {
        assert!(!is_new_for_each_row(text, dialect));
    }

    #[rstest]
    #[case::itself("call_sid", Dialect::Sqlite, Some("call_sid"))]
    #[case::as_text("(id)::text", Dialect::Postgres, Some("id"))]
    #[case::with_a_word("('call-'::text || (id)::text)", Dialect::Postgres, Some("id"))]
    #[case::with_two_words("'a' || id || 'b'", Dialect::Sqlite, Some("id"))]
    #[case::joined_by_a_function("concat('a', `id`)", Dialect::MariaDb, Some("id"))]
    #[case::joined_without_null("concat('a'::text, id)", Dialect::Postgres, None)]
    #[case::with_another("(a || b)", Dialect::Postgres, None)]
    #[case::in_lower_case("lower(a)", Dialect::Postgres, None)]
    #[case::cut("(a)::character varying(2)", Dialect::Postgres, None)]
    #[case::of_all_alike("coalesce(a, 'x')", Dialect::Sqlite, None)]
    #[case::a_number("id / 2", Dialect::Sqlite, None)]
    fn an_expression_keeps_values_apart(#[case] text: &str, #[case] dialect: Dialect, #[case] column: Option<&str>) {
        assert_eq!(distinguishing_column(text, dialect).as_deref(), column);
    }
}
