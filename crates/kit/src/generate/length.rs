//! Names of constraints and indexes within the length that every database takes.

use sea_orm_drift::model::TableName;

/// PostgreSQL cuts a name after so many bytes; MySQL and MariaDB reject one of more than 64 characters.
const LONGEST: usize = 63;

/// The name, if it is not too long; otherwise its beginning and a hash of the whole, so that two long names stay two.
pub(super) fn within_limit(name: &str) -> String {
    if name.len() <= LONGEST {
        return name.to_owned();
    }
    let hash = format!("-{:08x}", hash(name));
    cut(name, LONGEST - hash.len()).to_owned() + &hash
}

/// The name that PostgreSQL itself chooses: `makeObjectName` in `src/backend/commands/indexcmds.c` shortens the longer part.
pub(super) fn of_postgres(table: &TableName, columns: &[String], label: &str) -> String {
    let columns = columns.join("_");
    let (mut table, mut columns) = (table.name.as_str(), cut(&columns, LONGEST));
    let separators = if columns.is_empty() { 1 } else { 2 };
    while table.len() + columns.len() + label.len() + separators > LONGEST {
        if table.len() > columns.len() {
            table = cut(table, table.len() - 1);
        } else {
            columns = cut(columns, columns.len() - 1);
        }
    }
    if columns.is_empty() { format!("{table}_{label}") } else { format!("{table}_{columns}_{label}") }
}

/// At most so many bytes of it.
fn cut(name: &str, bytes: usize) -> &str {
    &name[..name.floor_char_boundary(bytes)]
}

/// FNV-1a: the same on every machine and in every version.
fn hash(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_name_that_is_too_long_is_cut() {
        let longest = "x".repeat(63);
        assert_eq!(within_limit("idx-post-title"), "idx-post-title");
        assert_eq!(within_limit(&longest), longest);
        let (one, other) = (within_limit(&format!("{longest}1")), within_limit(&format!("{longest}2")));
        assert_eq!(one, format!("{}-989ac10a", "x".repeat(54)));
        assert_ne!(one, other);
        // Not within a character.
        let hebrew = within_limit(&"\u{5d0}".repeat(40));
        assert_eq!((hebrew.len(), hebrew.chars().filter(|c| *c == '\u{5d0}').count()), (63, 27));
        let uneven = within_limit(&format!("x{}", "\u{5d0}".repeat(40)));
        assert_eq!(uneven.len(), 62);
    }

    #[test]
    fn names_of_postgresql_are_shortened_as_it_does() {
        let of = |table: &str, columns: &[&str], label| {
            let columns: Vec<String> = columns.iter().map(ToString::to_string).collect();
            of_postgres(&TableName::unqualified(table), &columns, label)
        };
        assert_eq!(of("post", &["title", "slug"], "key"), "post_title_slug_key");
        assert_eq!(of("post", &[], "pkey"), "post_pkey");
        let long = "t".repeat(63);
        assert_eq!(of(&long, &[], "pkey"), "t".repeat(58) + "_pkey");
        assert_eq!(of(&long, &["slug"], "key"), "t".repeat(54) + "_slug_key");
        assert_eq!(of(&long, &[&"c".repeat(63)], "key"), format!("{}_{}_key", "t".repeat(29), "c".repeat(29)));
    }
}
