//! What a new database of PostgreSQL lacks because it belongs to an extension.

/// The types and operator classes that are asked for most, by the extension that brings them.
const MEMBERS: [(&str, &str); 14] = [
    ("citext", "citext"),
    ("cube", "cube"),
    ("geography", "postgis"),
    ("geometry", "postgis"),
    ("halfvec", "vector"),
    ("hstore", "hstore"),
    ("lquery", "ltree"),
    ("ltree", "ltree"),
    ("ltxtquery", "ltree"),
    ("sparsevec", "vector"),
    ("vector", "vector"),
    ("gin_trgm_ops", "pg_trgm"),
    ("gist_trgm_ops", "pg_trgm"),
    ("uuid_generate_v4", "uuid-ossp"),
];

/// What to do about an error of the server; `None` if it is about something else.
pub(crate) fn hint(error: &str) -> Option<String> {
    let (before, _) = error.split_once(" does not exist")?;
    // `type "citext"`, `operator class "gin_trgm_ops"`, `function uuid_generate_v4()`.
    let called = before.rsplit([' ', '.']).next()?.trim_matches('"').trim_end_matches("[]").trim_end_matches("()");
    let (_, extension) = MEMBERS.iter().find(|(member, _)| *member == called)?;
    Some(format!(
        "{called} belongs to an extension that the database lacks: begin with CREATE EXTENSION IF NOT EXISTS \"{extension}\", in a \
         migration of its own (`generate NAME --empty`) or by hand"
    ))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::a_type("Execution Error: error returned from database: type \"citext\" does not exist", Some("citext"))]
    #[case::in_a_schema("type \"public.geometry\" does not exist at character 12", Some("postgis"))]
    #[case::a_list("type \"ltree[]\" does not exist", Some("ltree"))]
    #[case::an_operator_class(
        "operator class \"gin_trgm_ops\" does not exist for access method \"gin\"",
        Some("pg_trgm")
    )]
    #[case::a_function("function uuid_generate_v4() does not exist", Some("uuid-ossp"))]
    #[case::a_type_of_the_project("type \"mood\" does not exist", None)]
    #[case::something_else("syntax error at or near \"citext\"", None)]
    fn what_an_extension_brings_is_known(#[case] error: &str, #[case] extension: Option<&str>) {
        let hint = hint(error);
        let expected = extension.map(|extension| format!("CREATE EXTENSION IF NOT EXISTS \"{extension}\""));
        assert_eq!(hint.is_some(), expected.is_some());
        assert!(hint.unwrap_or_default().contains(&expected.unwrap_or_default()), "{error}");
    }
}
