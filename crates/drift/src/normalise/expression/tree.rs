//! An expression as a tree, and which spellings of it are the same.

use super::super::{column_type::column_type, literal::same_literal};
use crate::model::{Dialect, LogicalType};

/// An expression without its spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::normalise) enum Expression {
    Text(String),
    Number(String),
    /// A keyword, or the name of a function without arguments.
    Name(String),
    /// A function and its arguments.
    Call(String, Vec<Self>),
    /// `b'1010'` and the like: the prefix and the text in the quotes.
    Prefixed(String, String),
    Array(Vec<Self>),
    Negation(Box<Self>),
    Operation(String, Box<Self>, Box<Self>),
    Cast(Box<Self>, String),
}

impl Expression {
    pub(super) fn negated(self) -> Self {
        Self::Call("not".to_owned(), vec![self])
    }

    pub(super) fn without_casts(self) -> Self {
        if let Self::Cast(inside, _) = self { inside.without_casts() } else { self }
    }

    pub(super) fn as_number(&self) -> Option<&str> {
        if let Self::Number(number) = self { Some(number) } else { None }
    }

    /// Whether the server would have written `declared` as `self`.
    pub(in crate::normalise) fn is_of(&self, declared: &Self, dialect: Dialect) -> bool {
        let same = |live: &Self, declared: &Self| live.is_of(declared, dialect);
        let all_same = |live: &[Self], declared: &[Self]| {
            live.len() == declared.len() && live.iter().zip(declared).all(|(live, declared)| same(live, declared))
        };
        match (self, declared) {
            (Self::Cast(live, ty), Self::Cast(declared, other)) => {
                let kinds = [column_type(ty, dialect).kind, column_type(other, dialect).kind];
                match (&**live, &**declared) {
                    (live, _) if kinds[0] != kinds[1] => {
                        kinds[0] == LogicalType::Text(None) && same(live, &Self::Cast(declared.clone(), other.clone()))
                    }
                    (Self::Text(live), Self::Text(declared)) => same_literal(&kinds[0], declared, live) == Some(true),
                    (live, declared) => same(live, declared),
                }
            }
            // PostgreSQL adds the type to an untyped constant that it does not truncate, and `::text` to a varchar.
            (Self::Cast(live, ty), declared) if dialect == Dialect::Postgres => {
                let kind = column_type(ty, dialect).kind;
                match (&**live, declared) {
                    (Self::Text(live), Self::Text(declared)) => {
                        !ty.contains('(') && same_literal(&kind, declared, live) == Some(true)
                    }
                    (live @ Self::Number(_), declared @ Self::Number(_)) => same(live, declared),
                    (live, declared) => kind == LogicalType::Text(None) && same(live, declared),
                }
            }
            (Self::Call(live, arguments), Self::Call(declared, others)) => {
                live == declared && all_same(arguments, others)
            }
            (Self::Array(live), Self::Array(declared)) => all_same(live, declared),
            (Self::Negation(live), Self::Negation(declared)) => same(live, declared),
            (Self::Operation(operator, left, right), Self::Operation(other, others_left, others_right)) => {
                operator == other && same(left, others_left) && same(right, others_right)
            }
            (live, declared) => live == declared,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn is_written_as(declared: &str, live: &str, dialect: Dialect) -> bool {
        let (declared, live) = (Expression::parse(declared, dialect), Expression::parse(live, dialect));
        live.expect("live is understood").is_of(&declared.expect("declared is understood"), dialect)
    }

    #[rstest]
    #[case::casts_of_constants("lower('A') || 'b'", "(lower('A'::text) || 'b'::text)")]
    #[case::parentheses("1 + 2 * 3 - 4", "((1 + (2 * 3)) - 4)")]
    #[case::a_chain("'a' || 'b' || 'c'", "(('a'::text || 'b'::text) || 'c'::text)")]
    #[case::the_old_cast("CAST(now() AS date)", "(now())::date")]
    #[case::a_type_in_front("now() + interval '1 day'", "(now() + '1 day'::interval)")]
    #[case::another_name("current_timestamp - '1 day'::interval", "(CURRENT_TIMESTAMP - '1 day'::interval)")]
    #[case::the_zone("now() at time zone 'utc'", "(now() AT TIME ZONE 'utc'::text)")]
    #[case::the_zone_before_14("now() at time zone 'utc'", "timezone('utc'::text, now())")]
    #[case::a_varchar_as_text("'a'::varchar || 'b'", "(('a'::character varying)::text || 'b'::text)")]
    #[case::an_array("array['a', 'b']", "ARRAY['a'::text, 'b'::text]")]
    #[case::a_schema("pg_catalog.gen_random_uuid()", "gen_random_uuid()")]
    #[case::a_sequence("nextval('numbers')", "nextval('numbers'::regclass)")]
    fn postgres_writes_it_so(#[case] declared: &str, #[case] live: &str) {
        assert!(is_written_as(declared, live, Dialect::Postgres));
    }

    #[rstest]
    #[case::another_constant("lower('A')", "lower('a'::text)")]
    #[case::other_parentheses("(1 + 2) * 3", "(1 + (2 * 3))")]
    #[case::another_type("'1'::integer + 1", "('1'::bigint + 1)")]
    #[case::a_cast_that_cuts("lower('abc')", "lower('abc'::character varying(2))")]
    #[case::a_cast_of_what_is_not_constant("now() + '1 day'", "(now()::date + '1 day')")]
    #[case::a_quoted_name("Lower('A')", r#""Lower"('A'::text)"#)]
    fn something_else_is_something_else(#[case] declared: &str, #[case] live: &str) {
        assert!(!is_written_as(declared, live, Dialect::Postgres));
    }

    #[rstest]
    #[case::capitals("UUID()", "uuid()")]
    #[case::another_name("LOWER('A')", "lcase('A')")]
    #[case::a_day("CURRENT_DATE", "curdate()")]
    #[case::the_operator_that_is_a_call("'a' || 'b'", "concat('a','b')")]
    #[case::later("now() + interval 1 day", "current_timestamp() + interval 1 day")]
    #[case::names_in_quotes("concat(a, 'b')", "concat(`a`,'b')")]
    fn mariadb_writes_it_so(#[case] declared: &str, #[case] live: &str) {
        assert!(is_written_as(declared, live, Dialect::MariaDb));
    }

    #[rstest]
    #[case("CASE WHEN true THEN 1")]
    #[case("(1 + ")]
    #[case("'open")]
    #[case("")]
    #[case("a.")]
    #[case("cast(1 as")]
    #[case("f(1,")]
    fn an_expression_that_cannot_be_parsed_is_rejected(#[case] text: &str) {
        assert_eq!(Expression::parse(text, Dialect::Postgres), None);
    }
}
