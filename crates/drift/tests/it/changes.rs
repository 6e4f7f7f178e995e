//! The changes in `fixtures/changes`, a file each: SQL, and in the lines before it what the change does.
//!
//! ```text
//! -- breaks: reads-fail          what a program feels; `unchecked` where the engine leaves it open
//! -- finds: type-differs         the rule that finds it; optional
//! -- since: PostgreSQL 15        the first server that knows such a change; optional
//! -- with: book                  the change is made to the entities with relations; optional
//! -- as: {app}                   the operations are those of a role that owns nothing, `{app}`; optional
//! ```
//!
//! Nothing else may stand there: a misspelt key would prove nothing, silently.

use std::{fs, path::Path};

use sea_orm::{ConnectionTrait, DbConn, Statement};

/// What a program may feel, in the words of the reports; and `unchecked`.
const CONSEQUENCES: [&str; 10] = [
    "reads-fail",
    "writes-fail",
    "integrity-lost",
    "reads-may-fail",
    "writes-may-fail",
    "constraint-lost",
    "values-change",
    "slower",
    "nothing",
    "unchecked",
];

/// One change, and what its first lines say.
#[derive(Debug, PartialEq)]
pub(crate) struct ChangeFile {
    pub(crate) name: String,
    pub(crate) breaks: String,
    pub(crate) finds: Option<String>,
    /// The first version of PostgreSQL.
    pub(crate) since: Option<i32>,
    pub(crate) with: Entities,
    pub(crate) role: Role,
    pub(crate) sql: String,
}

/// The entities whose tables are changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Entities {
    CallLog,
    /// They refer to each other.
    Library,
}

/// Who works on the changed tables.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Role {
    Owner,
    Application,
}

/// The changes for one kind of server, by name. `TEST_CHANGES=unique` leaves those with `unique` in their name.
#[expect(clippy::disallowed_methods, reason = "the settings of the tests are read here")]
pub(crate) fn changes(folder: &str) -> Vec<ChangeFile> {
    let wanted = std::env::var("TEST_CHANGES").unwrap_or_default();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/changes").join(folder);
    let read = |path: &Path| {
        let name = path.file_stem().unwrap().to_string_lossy();
        ChangeFile::parse(&name, &fs::read_to_string(path).unwrap()).unwrap_or_else(|error| panic!("{error}"))
    };
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| read(&entry.unwrap().path())).collect();
    files.retain(|file| wanted.split(',').any(|wanted| file.name.contains(wanted)));
    files.sort_by(|one, other| one.name.cmp(&other.name));
    files
}

impl ChangeFile {
    fn parse(name: &str, text: &str) -> Result<Self, String> {
        let mut breaks = None;
        let mut change = Self {
            name: name.to_owned(),
            breaks: String::new(),
            finds: None,
            since: None,
            with: Entities::CallLog,
            role: Role::Owner,
            sql: text.to_owned(),
        };
        let mut seen = Vec::new();
        for line in text.lines().filter(|line| line.starts_with("--")) {
            let error = |what: &str| Err(format!("{name}: {what}: {line}"));
            let Some((key, value)) = line.strip_prefix("-- ").and_then(|line| line.split_once(": ")) else {
                return error("not `-- key: value`");
            };
            if seen.contains(&key) {
                return error("the key repeats");
            }
            seen.push(key);
            match (key, value) {
                ("breaks", value) if CONSEQUENCES.contains(&value) => breaks = Some(value.to_owned()),
                ("finds", rule) if rule.parse::<sea_orm_drift::Rule>().is_ok() => change.finds = Some(rule.to_owned()),
                ("since", value) => match value.strip_prefix("PostgreSQL ").and_then(|major| major.parse().ok()) {
                    Some(major) => change.since = Some(major),
                    None => return error("not `PostgreSQL 15`"),
                },
                ("with", "book") => change.with = Entities::Library,
                ("as", "{app}") => change.role = Role::Application,
                ("breaks" | "finds" | "with" | "as", _) => return error("unknown value"),
                _ => return error("unknown key"),
            }
        }
        change.breaks = breaks.ok_or(format!("{name}: no line says `-- breaks: ...`"))?;
        let statements = text.lines().filter(|line| !line.starts_with("--"));
        if statements.clone().all(|line| line.trim().is_empty()) {
            return Err(format!("{name}: changes nothing"));
        }
        Ok(change)
    }

    /// Whether the server is too old for it.
    pub(crate) async fn needs_newer(&self, db: &DbConn) -> bool {
        let Some(since) = self.since else { return false };
        let ask = "SELECT current_setting('server_version_num')::integer / 10000";
        let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), ask)).await.unwrap().unwrap();
        row.try_get_by_index::<i32>(0).unwrap() < since
    }
}

mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::a_misspelt_key(
        "-- breaks: nothing\n-- find: type-differs\nSELECT 1;\n",
        "unknown key: -- find: type-differs"
    )]
    #[case::a_misspelt_consequence("-- breaks: read-fails\nSELECT 1;\n", "unknown value: -- breaks: read-fails")]
    #[case::a_rule_that_does_not_exist(
        "-- breaks: nothing\n-- finds: type\nSELECT 1;\n",
        "unknown value: -- finds: type"
    )]
    #[case::entities_that_do_not_exist(
        "-- breaks: nothing\n-- with: shelf\nSELECT 1;\n",
        "unknown value: -- with: shelf"
    )]
    #[case::another_role("-- breaks: nothing\n-- as: app\nSELECT 1;\n", "unknown value: -- as: app")]
    #[case::another_server(
        "-- breaks: nothing\n-- since: MariaDB 11\nSELECT 1;\n",
        "not `PostgreSQL 15`: -- since: MariaDB 11"
    )]
    #[case::a_key_twice("-- breaks: nothing\n-- breaks: slower\nSELECT 1;\n", "the key repeats: -- breaks: slower")]
    #[case::a_comment("-- why it is so\n-- breaks: nothing\nSELECT 1;\n", "not `-- key: value`: -- why it is so")]
    #[case::no_blank("--breaks: nothing\nSELECT 1;\n", "not `-- key: value`: --breaks: nothing")]
    #[case::no_consequence("-- finds: type-differs\nSELECT 1;\n", "no line says `-- breaks: ...`")]
    #[case::no_statement("-- breaks: nothing\n\n", "changes nothing")]
    fn a_header_that_says_nothing_known_fails(#[case] text: &str, #[case] error: &str) {
        assert_eq!(ChangeFile::parse("x", text), Err(format!("x: {error}")));
    }

    #[test]
    fn every_key_is_read() {
        let text = "-- breaks: reads-fail\n-- finds: type-differs\n-- since: PostgreSQL 15\n-- with: book\n-- as: {app}\n\
                    SELECT 1;\n";
        let change = ChangeFile {
            name: "x".to_owned(),
            breaks: "reads-fail".to_owned(),
            finds: Some("type-differs".to_owned()),
            since: Some(15),
            with: Entities::Library,
            role: Role::Application,
            sql: text.to_owned(),
        };
        assert_eq!(ChangeFile::parse("x", text), Ok(change));
    }
}
