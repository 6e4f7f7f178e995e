//! A key as text, by which a check goes on: a key of one column as it is, one of several as a JSON array.

use sea_orm::{
    DbBackend,
    sea_query::{ColumnType, Expr, ExprTrait, Value},
};

/// The text by which [`parse`] finds the place again.
pub(super) fn text(key: &[Value]) -> String {
    match key {
        [only] => part(only),
        parts => serde_json::Value::from(parts.iter().map(part).collect::<Vec<_>>()).to_string(),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the other values have no quotes inside")]
fn part(value: &Value) -> String {
    match value {
        Value::String(Some(text)) => text.clone(),
        Value::Char(Some(text)) => text.to_string(),
        Value::Bytes(Some(bytes)) => {
            bytes.iter().fold(String::new(), |hexadecimal, byte| format!("{hexadecimal}{byte:02x}"))
        }
        other => other.to_string().trim_matches('\'').to_owned(),
    }
}

/// The values of a key of these types; what is wrong with the text where it is none.
pub(super) fn parse(text: &str, types: &[ColumnType], backend: DbBackend) -> Result<Vec<Expr>, String> {
    let parts = match types {
        [_] => vec![text.to_owned()],
        _ => parts(text).ok_or_else(|| {
            format!(
                "the key has {} columns: give their values as a JSON array, such as `[\"a\",2]`, not `{text}`",
                types.len()
            )
        })?,
    };
    if parts.len() != types.len() {
        return Err(format!("the key has {} columns, and `{text}` has {} values", types.len(), parts.len()));
    }
    parts.iter().zip(types).map(|(part, ty)| value(part, ty, backend)).collect()
}

fn parts(text: &str) -> Option<Vec<String>> {
    let values: Vec<serde_json::Value> = serde_json::from_str(text).ok()?;
    let part = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::Bool(truth) => Some(truth.to_string()),
        serde_json::Value::Null | serde_json::Value::Array(_) | serde_json::Value::Object(_) => None,
    };
    values.into_iter().map(part).collect()
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the database reads the other types from their text")]
fn value(part: &str, ty: &ColumnType, backend: DbBackend) -> Result<Expr, String> {
    let is_postgres = backend == DbBackend::Postgres;
    let cast = |name: &'static str| Ok(if is_postgres { Expr::val(part).cast_as(name) } else { Expr::val(part) });
    match ty {
        ColumnType::TinyInteger
        | ColumnType::SmallInteger
        | ColumnType::Integer
        | ColumnType::BigInteger
        | ColumnType::TinyUnsigned
        | ColumnType::SmallUnsigned
        | ColumnType::Unsigned
        | ColumnType::BigUnsigned => {
            // The driver keeps prepared statements by their text, and later keys are bound as the column's own type.
            let bound = |number: i64| if is_postgres { Expr::val(number).cast_as("bigint") } else { Expr::val(number) };
            let number = part.parse::<i64>().map(bound);
            // PostgreSQL has no such numbers, and its driver no such values.
            let unsigned = || part.parse::<u64>().ok().filter(|_| !is_postgres).map(Expr::val);
            number.ok().or_else(unsigned).ok_or_else(|| format!("`{part}` is no whole number, as its key is"))
        }
        ColumnType::Uuid => {
            let bytes = bytes(&part.replace('-', "")).filter(|bytes| bytes.len() == 16);
            let bytes = bytes.ok_or_else(|| format!("`{part}` is no UUID, as its key is"))?;
            // SeaORM keeps the sixteen bytes where there is no such type.
            if is_postgres { cast("uuid") } else { Ok(Expr::val(bytes)) }
        }
        ColumnType::Binary(_) | ColumnType::VarBinary(_) | ColumnType::Blob => {
            bytes(part).map(Expr::val).ok_or_else(|| format!("`{part}` is not hexadecimal, as its binary key is shown"))
        }
        ColumnType::Date => cast("date"),
        ColumnType::Time => cast("time"),
        ColumnType::DateTime | ColumnType::Timestamp => cast("timestamp"),
        ColumnType::TimestampWithTimeZone => cast("timestamptz"),
        ColumnType::Decimal(_) | ColumnType::Money(_) => cast("numeric"),
        ColumnType::Float | ColumnType::Double => cast("double precision"),
        ColumnType::Boolean if is_postgres => cast("boolean"),
        ColumnType::Boolean => Ok(Expr::val(matches!(part, "true" | "TRUE" | "1"))),
        _ => Ok(Expr::val(part)),
    }
}

fn bytes(hexadecimal: &str) -> Option<Vec<u8>> {
    let is_even = hexadecimal.is_ascii() && hexadecimal.len().is_multiple_of(2);
    let pairs = (0..hexadecimal.len()).step_by(2).map(|at| u8::from_str_radix(&hexadecimal[at..at + 2], 16).ok());
    if is_even { pairs.collect() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_again_by_its_text() {
        let types = [ColumnType::Text, ColumnType::Integer];
        let key = [Value::from("a, \"b\""), Value::from(-3)];
        let told = text(&key);
        assert_eq!(told, r#"["a, \"b\"","-3"]"#);
        let found = parse(&told, &types, DbBackend::Sqlite).unwrap();
        assert_eq!(found, [Expr::val("a, \"b\""), Expr::val(-3_i64)]);
        assert_eq!(parse(r#"["a, \"b\"",-3]"#, &types, DbBackend::Sqlite).unwrap(), found);
    }

    #[test]
    fn a_text_that_is_no_key_is_refused() {
        let refused = |text: &str, types: &[ColumnType]| parse(text, types, DbBackend::Postgres).unwrap_err();
        assert_eq!(refused("a", &[ColumnType::Integer]), "`a` is no whole number, as its key is");
        assert_eq!(refused("0102", &[ColumnType::Uuid]), "`0102` is no UUID, as its key is");
        assert_eq!(refused("ä1", &[ColumnType::Blob]), "`ä1` is not hexadecimal, as its binary key is shown");
        let two = [ColumnType::Integer, ColumnType::Integer];
        assert!(refused("1,2", &two).starts_with("the key has 2 columns: give their values as a JSON array"));
        assert_eq!(refused("[1]", &two), "the key has 2 columns, and `[1]` has 1 values");
    }
}
