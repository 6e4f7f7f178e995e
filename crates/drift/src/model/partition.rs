//! Partitions, and which rows they take.

/// How a partitioned table divides its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partitions {
    /// What the key's value decides.
    pub method: PartitionMethod,
    /// The key, as the catalogue prints it.
    pub key: String,
    /// The columns of the key; empty if it is an expression.
    pub columns: Vec<String>,
    /// What each partition takes. A partition that has none of its own takes nothing, and is not listed.
    pub bounds: Vec<PartitionBound>,
    /// The key's value for a row of now, where it is a time: as the bounds spell it.
    pub now: String,
    /// The same for a row of the same time tomorrow.
    pub tomorrow: String,
}

/// How a partition is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartitionMethod {
    /// By a range of values.
    Range,
    /// By a list of values.
    List,
    /// By a remainder, or as the server likes: a partition takes every value unless one of a modulus is missing.
    Hash,
}

/// What a partition takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartitionBound {
    /// What no other takes.
    Default,
    /// Values from one, and below another, of the first column of the key; `None` for no bound.
    Range {
        /// The least value.
        from: Option<String>,
        /// The least value that it does not take.
        to: Option<String>,
    },
    /// These values; `None` for NULL.
    List(Vec<Option<String>>),
    /// One part in so many.
    Hash {
        /// How many parts.
        modulus: u32,
    },
    /// A bound that could not be read.
    Unknown,
}

impl PartitionBound {
    /// As PostgreSQL prints it. Source: <https://www.postgresql.org/docs/current/sql-createtable.html>.
    pub(crate) fn of_postgres(text: &str) -> Self {
        let values = |text: &str| -> Vec<Option<String>> { values(text) };
        if text == "DEFAULT" {
            Self::Default
        } else if let Some(list) = text.strip_prefix("FOR VALUES IN (").and_then(|rest| rest.strip_suffix(')')) {
            Self::List(values(list))
        } else if let Some((from, to)) = text
            .strip_prefix("FOR VALUES FROM (")
            .and_then(|rest| rest.strip_suffix(')'))
            .and_then(|rest| rest.split_once(") TO ("))
        {
            let bound = |text: &str, unbounded: &str| {
                values(text).into_iter().next().flatten().filter(|value| value != unbounded)
            };
            Self::Range { from: bound(from, "MINVALUE"), to: bound(to, "MAXVALUE") }
        } else {
            let modulus = text.strip_prefix("FOR VALUES WITH (modulus ").and_then(|rest| rest.split(',').next());
            let modulus = modulus.and_then(|modulus| modulus.parse().ok());
            modulus.map_or(Self::Unknown, |modulus| Self::Hash { modulus })
        }
    }

    /// As MySQL and MariaDB describe it: an upper bound or a list.
    /// Source: <https://dev.mysql.com/doc/refman/8.0/en/information-schema-partitions-table.html>.
    pub(crate) fn of_mysql(method: PartitionMethod, description: Option<&str>) -> Self {
        match (method, description) {
            (PartitionMethod::Range, Some(text)) => {
                let to = values(text).into_iter().next().flatten();
                Self::Range { from: None, to: to.filter(|to| !to.eq_ignore_ascii_case("MAXVALUE")) }
            }
            // MariaDB prints `MAXVALUE` for the DEFAULT of LIST COLUMNS, and `0` for that of LIST: as for the value 0.
            (PartitionMethod::List, Some(text)) if text.trim_start_matches('(').starts_with("MAXVALUE") => {
                Self::Default
            }
            (PartitionMethod::List, Some("0")) => Self::Unknown,
            (PartitionMethod::List, Some(text)) => Self::List(values(text)),
            (PartitionMethod::Hash, _) => Self::Default,
            (_, None) => Self::Unknown,
        }
    }
}

/// Constants between commas, without their quotes; `None` for NULL.
fn values(text: &str) -> Vec<Option<String>> {
    let mut values = vec![String::new()];
    let mut is_quoted = false;
    for character in text.chars() {
        let last = values.last_mut().expect("begins with one and never shrinks");
        match character {
            '\'' => {
                // A doubled quote closes and opens again.
                if !is_quoted && !last.is_empty() {
                    last.push('\'');
                }
                is_quoted = !is_quoted;
            }
            ',' if !is_quoted => values.push(String::new()),
            blank if blank == ' ' && !is_quoted => {}
            other => last.push(other),
        }
    }
    values.into_iter().map(|value| (value != "NULL").then_some(value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn range(from: Option<&str>, to: Option<&str>) -> PartitionBound {
        PartitionBound::Range { from: from.map(str::to_owned), to: to.map(str::to_owned) }
    }

    #[rstest]
    #[case("DEFAULT", PartitionBound::Default)]
    #[case(
        "FOR VALUES FROM ('2024-01-01 00:00:00') TO ('2024-02-01 00:00:00')",
        range(Some("2024-01-01 00:00:00"), Some("2024-02-01 00:00:00"))
    )]
    #[case("FOR VALUES FROM (MINVALUE) TO (10)", range(None, Some("10")))]
    #[case("FOR VALUES FROM (10, 'a') TO (MAXVALUE, MAXVALUE)", range(Some("10"), None))]
    #[case("FOR VALUES IN ('it''s', NULL)", PartitionBound::List(vec![Some("it's".to_owned()), None]))]
    #[case("FOR VALUES WITH (modulus 4, remainder 0)", PartitionBound::Hash { modulus: 4 })]
    #[case("something else", PartitionBound::Unknown)]
    fn a_bound_of_postgres_is_read(#[case] text: &str, #[case] expected: PartitionBound) {
        assert_eq!(PartitionBound::of_postgres(text), expected);
    }

    #[rstest]
    #[case(PartitionMethod::Range, "739251", range(None, Some("739251")))]
    #[case(PartitionMethod::Range, "'2024-01-01'", range(None, Some("2024-01-01")))]
    #[case(PartitionMethod::Range, "MAXVALUE", range(None, None))]
    #[case(PartitionMethod::List, "1,NULL", PartitionBound::List(vec![Some("1".to_owned()), None]))]
    #[case(PartitionMethod::List, "MAXVALUE", PartitionBound::Default)]
    #[case(PartitionMethod::List, "(MAXVALUE,MAXVALUE)", PartitionBound::Default)]
    #[case(PartitionMethod::List, "0", PartitionBound::Unknown)]
    fn a_bound_of_mariadb_is_read(
        #[case] method: PartitionMethod,
        #[case] text: &str,
        #[case] expected: PartitionBound,
    ) {
        assert_eq!(PartitionBound::of_mysql(method, Some(text)), expected);
    }
}
