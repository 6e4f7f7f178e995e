//! The functions that the expressions of tables use, by what they do with NULL and whether they can fail.

/// They return NULL for NULL, and for nothing else, and never fail.
const STRICT_AND_TOTAL: [&str; 36] = [
    "bit_length",
    "btrim",
    "cardinality",
    "ceil",
    "ceiling",
    "char_length",
    "character_length",
    "crc32",
    "date_trunc",
    "floor",
    "hex",
    "instr",
    "isfinite",
    "json_valid",
    "jsonb_typeof",
    "lcase",
    "left",
    "length",
    "lower",
    "ltrim",
    "md5",
    "octet_length",
    "randomblob",
    "replace",
    "reverse",
    "right",
    "round",
    "rtrim",
    "setweight",
    "sha",
    "sha1",
    "sign",
    "strpos",
    "trim",
    "ucase",
    "upper",
];

/// They return NULL for NULL, and for nothing else; some arguments make them fail.
const STRICT: [&str; 14] = [
    "abs",
    "date_part",
    "day",
    "dayofmonth",
    "dayofweek",
    "hour",
    "minute",
    "month",
    "quarter",
    "second",
    "sha2",
    "timestampdiff",
    "timezone",
    "year",
];

/// They return NULL for NULL, and perhaps for other arguments.
const NULL_FOR_NULL: [&str; 28] = [
    "array_length",
    "age",
    "date",
    "date_format",
    "datediff",
    "datetime",
    "json_array_length",
    "json_extract",
    "json_unquote",
    "jsonb_array_length",
    "julianday",
    "lpad",
    "repeat",
    "regexp_replace",
    "rpad",
    "split_part",
    "starts_with",
    "str_to_date",
    "strftime",
    "substr",
    "substring",
    "substring_index",
    "time",
    "to_char",
    "to_date",
    "translate",
    "unixepoch",
    "unix_timestamp",
];

/// They never fail, if their arguments do not, and have rules of their own for NULL.
const TOTAL: [&str; 16] = [
    "case",
    "coalesce",
    "concat",
    "concat_ws",
    "greatest",
    "if",
    "ifnull",
    "iif",
    "isnull",
    "istrue",
    "least",
    "not",
    "nullif",
    "num_nonnulls",
    "num_nulls",
    "typeof",
];

/// They make JSON of any arguments.
const NEVER_NULL: [&str; 6] =
    ["json_array", "json_build_array", "json_build_object", "json_object", "jsonb_build_array", "jsonb_build_object"];

/// Whether it is never NULL, if it does not fail.
pub(super) fn is_never_null(name: &str) -> bool {
    NEVER_NULL.contains(&name)
}

/// Whether it returns NULL if an argument is NULL, and only then.
pub(super) fn is_strict(name: &str) -> bool {
    STRICT_AND_TOTAL.contains(&name) || STRICT.contains(&name)
}

/// Whether it returns NULL if an argument is NULL.
pub(super) fn is_null_for_null(name: &str) -> bool {
    is_strict(name) || NULL_FOR_NULL.contains(&name)
}

/// Whether it can be computed whenever its arguments can.
pub(super) fn is_total(name: &str) -> bool {
    STRICT_AND_TOTAL.contains(&name) || TOTAL.contains(&name) || name == "substring_index"
}
