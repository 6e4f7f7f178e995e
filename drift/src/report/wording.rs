//! The three parts of a finding in words: what differs, what it will cause, what to do.

use super::decided;
use crate::{
    change::{Change, Refuses},
    consequence::Consequence,
    difference::{Cause, Difference, Unchecked},
    model::{
        Check, Collation, Column, ColumnType, DefaultValue, Dialect, Equality, ForeignKey, Generation, Index, Kind,
        Limit, Nullability, Privilege, Relation, Repertoire, Sides, TableName, Validity, Writability,
    },
};

/// All three parts, a line each, and what was decided.
pub(super) fn lines(difference: &Difference, dialect: Dialect) -> String {
    let help = help(difference).map(|help| format!("help: {help}"));
    let judged = [what(difference), effect(difference, dialect)].into_iter();
    judged.chain(decided::lines(&difference.decision)).chain(help).collect::<Vec<_>>().join("\n")
}

/// What is left open, and what was decided, a line each.
pub(super) fn open_lines(open: &Unchecked) -> String {
    [open.why.clone()].into_iter().chain(decided::lines(&open.decision)).collect::<Vec<_>>().join("\n")
}

/// What differs.
pub(super) fn what(difference: &Difference) -> String {
    let object = difference.object();
    match &difference.change {
        Change::TableMissing { elsewhere } if elsewhere.is_empty() => {
            format!("the entity's table `{object}` does not exist")
        }
        Change::TableMissing { elsewhere } => {
            let schemas = elsewhere.iter().map(|schema| format!("`{schema}`")).collect::<Vec<_>>().join(" and ");
            format!("the entity's table `{object}` is not where it is looked for; there is one in the schema {schemas}")
        }
        Change::Relation { sides } => format!("`{object}` is {}, not {}", sides.live, sides.declared),
        Change::ColumnMissing { declared } => {
            format!("`{object}` is declared {}, the database has no such column", described(declared))
        }
        Change::ColumnUnexpected { live } => format!("`{object}` ({}) is not in the entity", described(live)),
        Change::Type { sides, .. } => {
            format!("`{object}` is declared {}, the database has {}", sides.declared, sides.live)
        }
        Change::EnumLabels { missing, unexpected, .. } => {
            format!("the enum of `{object}` {}", label_words(missing, unexpected))
        }
        Change::Nullability { sides, .. } => {
            format!("`{object}` is declared {}, the database has it {}", sides.declared, sides.live)
        }
        Change::Spelling { sides, .. } => format!("`{object}` is called `{}` in the database", sides.live),
        Change::Default { sides, .. } => format!(
            "`{object}` is declared {}, in the database it is {}",
            default_words(sides.declared.as_ref()),
            default_words(sides.live.as_ref())
        ),
        Change::Generation { sides, .. } => format!(
            "`{object}` is declared {}, in the database it is {}",
            generation_words(sides.declared),
            generation_words(sides.live)
        ),
        Change::PrimaryKey { sides, limits, .. } => format!(
            "the primary key of `{object}` is declared {}, the database has {}{}",
            key_words(&sides.declared),
            key_words(&sides.live),
            if limits.is_empty() { String::new() } else { format!(", which {}", limit_words(limits)) }
        ),
        Change::UniqueMissing { nearest, .. } => {
            format!("`{object}` is declared unique, {}", nearest_words(nearest.as_ref()))
        }
        Change::IndexMissing { nearest, .. } => {
            format!("`{object}` is declared indexed, {}", nearest_words(nearest.as_ref()))
        }
        Change::IndexUnexpected { live, .. } => format!("the index `{}` on `{object}` is not in the entity", live.name),
        Change::Collation { sides, .. } => format!(
            "`{object}` is declared {}, the database has {}",
            collation_words(sides.declared.as_ref()),
            collation_words(sides.live.as_ref())
        ),
        Change::SequenceBehind { sequence, .. } => {
            let number =
                |number: Option<i128>| number.map_or_else(|| "unknown".to_owned(), |number| number.to_string());
            format!(
                "the sequence `{}` gives `{object}` {} next, and the table has got to {}",
                sequence.name,
                number(sequence.next),
                number(sequence.highest)
            )
        }
        Change::SequenceNarrower { sequence, largest, .. } => {
            format!("the sequence `{}` ends at {}, `{object}` at {largest}", sequence.name, sequence.last)
        }
        Change::ForeignKeyMissing { declared, nearest } => match nearest {
            None => format!("`{object}` is declared to refer to {}, the database has no such key", target(declared)),
            Some(live) => {
                format!("`{object}` is declared to refer to {}, in the database to {}", target(declared), target(live))
            }
        },
        Change::ForeignKey { sides } => format!(
            "the foreign key `{object}` is declared {}, the database has it {}",
            key_action_words(&sides.declared),
            key_action_words(&sides.live)
        ),
        Change::ForeignKeyUnexpected { live, .. } => {
            format!("the foreign key `{object}` to {} is not in the entity", target(live))
        }
        Change::CheckMissing { declared } => {
            format!("`{object}` is declared with CHECK {}, the database has none", declared.text)
        }
        Change::CheckUnexpected { live, .. } => format!("`{object}`: CHECK {} is not in the entity", check_text(live)),
        Change::PrivilegeMissing { privilege, .. } => {
            format!("the connected role may not {} `{object}`", privilege_words(*privilege))
        }
        Change::RowSecurity => format!("row security of `{object}` lets the connected role pass no row"),
    }
}

/// What a program that uses the entity will feel.
pub(super) fn effect(difference: &Difference, dialect: Dialect) -> String {
    let table = &difference.table;
    let consequence = difference.consequence;
    match &difference.change {
        Change::TableMissing { .. } => {
            format!("every query on {table} fails: {}", no_table(&table.to_string(), dialect))
        }
        Change::ColumnMissing { declared } => {
            format!("every read of {table} fails: {}", no_column(&table.name, &declared.name, dialect))
        }
        Change::PrimaryKey { substitute: Some(index), .. } => {
            format!("nothing: the unique index `{}` does the same", index.name)
        }
        Change::PrimaryKey { .. } => format!("rows with the same key get into {table}, and upserts by the key fail"),
        Change::UniqueMissing { .. } => {
            let upserts = match dialect {
                Dialect::Postgres | Dialect::Sqlite => "fail: ON CONFLICT finds no such constraint",
                Dialect::MySql | Dialect::MariaDb => "insert another row each time",
            };
            format!("duplicates get into {table}, and upserts by these columns {upserts}")
        }
        Change::IndexMissing { substitute: Some(substitute), .. } => {
            format!("nothing: the index `{}` begins with the same columns", substitute.name)
        }
        Change::IndexMissing { .. } => format!("look-ups by these columns read all of {table}"),
        Change::IndexUnexpected { refuses: Refuses::Nulls, .. } => {
            format!("the second insert into {table} that leaves these columns unset fails")
        }
        Change::IndexUnexpected { refuses: Refuses::Duplicates, .. } => {
            "writes that repeat a value fail, which the entity does not tell".to_owned()
        }
        Change::ColumnUnexpected { .. } if consequence == Consequence::WritesFail => {
            format!("every insert into {table} fails: the column takes no NULL, has no default, and is never given")
        }
        Change::Type { sides, .. } => effect_of_type(difference, sides, dialect),
        Change::EnumLabels { missing, unexpected, .. } => effect_of_labels(difference, missing, unexpected),
        Change::Spelling { sides, .. } if consequence == Consequence::ReadsFail => {
            format!("every read of {table} fails: the result has no column `{}`", sides.declared)
        }
        Change::Spelling { sides, .. } if consequence == Consequence::ValuesChange => {
            format!("every read finds None in {}, whatever is stored there", sides.declared)
        }
        Change::Nullability { .. } | Change::Default { .. } | Change::Generation { .. } => {
            effect_on_inserts(difference)
        }
        Change::Relation { sides } => effect_of_relation(table, &sides.live),
        Change::Collation { sides, .. } => effect_of_collation(sides.live.as_ref(), consequence),
        Change::SequenceBehind { .. } => {
            format!("inserts into {table} that leave the key to the database fail: the value is taken")
        }
        Change::SequenceNarrower { sequence, .. } => {
            format!("inserts that leave the key to the database fail after {}", sequence.last)
        }
        Change::ForeignKeyMissing { .. } => format!("rows that refer to nothing get into {table}"),
        Change::CheckMissing { .. } => format!("values that the declaration keeps out get into {table}"),
        Change::ForeignKey { sides } => effect_of_foreign_key(sides, consequence),
        Change::ForeignKeyUnexpected { refuses: Refuses::Values, live } => {
            format!("writes that refer to no row of {} fail, which the entity does not tell", live.target.name)
        }
        Change::CheckUnexpected { refuses: Refuses::Values, .. } => {
            "writes that do not keep to it fail, which the entity does not tell".to_owned()
        }
        Change::PrivilegeMissing { privilege, .. } => match (privilege, consequence) {
            (Privilege::Select, _) => format!("every read of {table} fails, and every write that returns the row"),
            (Privilege::Insert | Privilege::Usage, Consequence::WritesFail) => {
                format!("every insert into {table} fails")
            }
            (Privilege::Update, Consequence::WritesFail) => format!("every update and upsert of {table} fails"),
            (Privilege::Insert | Privilege::Update | Privilege::Usage, _) => {
                "writes that give these columns fail".to_owned()
            }
        },
        Change::RowSecurity => format!("rows of {table} are not seen, and inserts or updates of it fail"),
        Change::ColumnUnexpected { .. }
        | Change::IndexUnexpected { .. }
        | Change::ForeignKeyUnexpected { .. }
        | Change::CheckUnexpected { .. }
        | Change::Spelling { .. } => "nothing breaks".to_owned(),
    }
}

fn effect_of_relation(table: &TableName, live: &Relation) -> String {
    match live {
        Relation::View(Writability::ReadOnly)
        | Relation::MaterializedView
        | Relation::Foreign(Writability::ReadOnly) => {
            format!("every insert into {table} and every update of it fails")
        }
        Relation::WithoutTransactions(_) => {
            "what a transaction wrote stays when it is rolled back, and is in the way when it is tried again".to_owned()
        }
        Relation::Unlogged => "nothing breaks until a crash of the server, which empties it".to_owned(),
        Relation::Table
        | Relation::Partitioned
        | Relation::Virtual
        | Relation::View(Writability::Writable)
        | Relation::Foreign(Writability::Writable) => "nothing breaks".to_owned(),
    }
}

fn effect_of_collation(live: Option<&Collation>, consequence: Consequence) -> String {
    match live {
        Some(Collation { repertoire: Repertoire::Limited, .. }) => {
            "writes of characters that this character set has not fail".to_owned()
        }
        _ if consequence == Consequence::WritesMayFail => {
            "writes of a value that differs from another in case or accents only fail, and comparisons find both"
                .to_owned()
        }
        _ if consequence == Consequence::Nothing => "nothing breaks; the order may be another".to_owned(),
        Some(Collation { equality: Equality::Looser, .. }) => {
            "comparisons find values that differ in case or accents, too".to_owned()
        }
        _ => "comparisons no longer find values that differ in case or accents only".to_owned(),
    }
}

fn effect_of_foreign_key(sides: &Sides<ForeignKey>, consequence: Consequence) -> String {
    let target = &sides.declared.target.name;
    if consequence == Consequence::WritesMayFail {
        format!("deleting a row of {target}, or changing its key, fails while rows refer to it")
    } else if consequence == Consequence::ValuesChange {
        format!("what becomes of rows that refer to a deleted or changed row of {target} is not as declared")
    } else {
        "nothing breaks; rows from before the key may refer to nothing".to_owned()
    }
}

fn effect_of_labels(difference: &Difference, missing: &[String], unexpected: &[String]) -> String {
    let reads = format!("reading a row of {} with {} in it fails", difference.table, quoted(unexpected));
    let writes = format!("writing {} fails", quoted(missing));
    match (missing, unexpected) {
        ([], _) => reads,
        (_, []) => writes,
        _ => format!("{reads}, and {writes}"),
    }
}

fn effect_of_type(difference: &Difference, sides: &Sides<ColumnType>, dialect: Dialect) -> String {
    let table = &difference.table;
    let Sides { declared, live } = sides;
    match difference.consequence {
        Consequence::ReadsFail => format!(
            "every read of {table} that meets a value there fails: the driver does not decode {live} as {declared}; \
             an insert may take effect before it returns that error, and a caller that tries again writes twice"
        ),
        Consequence::ReadsMayFail if (&declared.field, &live.kind) == (&Kind::JsonBinary, &Kind::Json) => {
            "look-ups by it fail: the database compares json with nothing".to_owned()
        }
        Consequence::WritesFail => format!("every write of it fails: {live} takes no value that fits {declared}"),
        Consequence::ReadsMayFail => {
            format!("some values may be stored so that the driver does not decode them as {declared}")
        }
        Consequence::WritesMayFail => format!("values that fit {declared} and not {live} are refused"),
        Consequence::ValuesChange
            if matches!(live.kind, Kind::Char(_)) && matches!(dialect, Dialect::MySql | Dialect::MariaDb) =>
        {
            "values come back without the blanks at their end".to_owned()
        }
        Consequence::ValuesChange if matches!(live.kind, Kind::Char(_)) => {
            "values come back padded with blanks, with which an enum field does not know them".to_owned()
        }
        Consequence::ValuesChange => "values come back rounded, cut, moved or padded".to_owned(),
        Consequence::IntegrityLost | Consequence::Slower | Consequence::Nothing => "nothing breaks".to_owned(),
    }
}

/// Of what an insert leaves out, or must not give.
fn effect_on_inserts(difference: &Difference) -> String {
    let table = &difference.table;
    let column = difference.change.column().unwrap_or_default();
    match (&difference.change, difference.consequence) {
        (_, Consequence::Nothing) => "nothing breaks".to_owned(),
        (_, Consequence::ReadsMayFail) => format!("reading a row of {table} fails once a NULL is in it"),
        (Change::Nullability { .. }, Consequence::WritesFail) => {
            format!("inserts that leave {column} unset fail, and so does writing None to it")
        }
        (Change::Nullability { .. }, _) => format!("writing None to {column} fails"),
        (Change::Default { sides, .. }, Consequence::ValuesChange) => format!(
            "inserts that leave {column} unset store {} instead of {}",
            stored(sides.live.as_ref()),
            stored(sides.declared.as_ref())
        ),
        (Change::Generation { sides, .. }, _) if sides.live == Generation::Computed => {
            format!("every insert or update that gives {column} fails")
        }
        (Change::Generation { sides, .. }, _) if sides.live == Generation::Touched => {
            format!("updates that leave {column} out change it")
        }
        (Change::Generation { .. }, Consequence::WritesMayFail) => format!("inserts that give {column} fail"),
        (Change::Generation { .. }, Consequence::ValuesChange) => {
            format!("inserts that leave {column} unset store a value of the database's own")
        }
        (_, _) => format!("inserts that leave {column} unset fail"),
    }
}

/// What to do; `None` where there is nothing to be done.
pub(super) fn help(difference: &Difference) -> Option<String> {
    let object = difference.object();
    let is_harmless = difference.consequence == Consequence::Nothing;
    match difference.cause.as_ref()? {
        Cause::AppliedMigration(_) | Cause::WasThere(_) | Cause::OtherVersion(_) if is_harmless => None,
        Cause::PendingMigration(name) => {
            let settles = if difference.change.rule().ends_with("-missing") { "adds it" } else { "settles it" };
            Some(format!("migration {name} {settles} and is pending: sea-orm-cli migrate up"))
        }
        Cause::AppliedMigration(name) => Some(format!(
            "migration {name} is applied, and makes it as declared on an empty database: here it was changed by hand, or \
             was there before; a new migration has to repair it: sea-orm-cli migrate generate repair_{}",
            identifier(&object)
        )),
        Cause::WasThere(name) => Some(format!(
            "migration {name} makes it so only where it adds the table or column; this one was there before and stays as it is, a new \
             migration has to repair it: sea-orm-cli migrate generate repair_{}",
            identifier(&object)
        )),
        Cause::OtherVersion(names) => Some(format!(
            "it may come from {}, applied by another version and unknown here: run the version that knows it",
            names.join(", ")
        )),
        Cause::NoMigration => {
            let is_missing = difference.change.rule().ends_with("-missing");
            let (verb, otherwise) =
                if is_missing { ("add", "take it out of the entity") } else { ("change", "declare it as it is") };
            Some(format!(
                "no migration makes it so: write one with sea-orm-cli migrate generate {verb}_{}, or {otherwise}",
                identifier(&object)
            ))
        }
    }
}

fn target(key: &ForeignKey) -> String {
    format!("{} ({})", key.target, key.target_columns.join(", "))
}

fn key_action_words(key: &ForeignKey) -> String {
    let validity = if key.validity == Validity::NotValidated { " NOT VALID" } else { "" };
    format!("ON DELETE {} ON UPDATE {}{validity}", key.on_delete, key.on_update)
}

fn check_text(check: &Check) -> String {
    if check.text.starts_with('(') { check.text.clone() } else { format!("({})", check.text) }
}

fn collation_words(collation: Option<&Collation>) -> String {
    collation.map_or_else(|| "with the database's own collation".to_owned(), |it| format!("COLLATE {}", it.name))
}

fn privilege_words(privilege: Privilege) -> &'static str {
    match privilege {
        Privilege::Select => "read (SELECT)",
        Privilege::Insert => "insert into (INSERT)",
        Privilege::Update => "update (UPDATE)",
        Privilege::Usage => "draw from the sequence (USAGE) of",
    }
}

fn identifier(object: &str) -> String {
    let spaced: String = object.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { ' ' }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join("_").to_lowercase()
}

fn label_words(missing: &[String], unexpected: &[String]) -> String {
    let lacks = format!("lacks {}, which the entity has", quoted(missing));
    let has = format!("has {}, which the entity does not know", quoted(unexpected));
    match (missing, unexpected) {
        ([], _) => has,
        (_, []) => lacks,
        _ => format!("{lacks}, and {has}"),
    }
}

fn quoted(labels: &[String]) -> String {
    labels.iter().map(|label| format!("'{label}'")).collect::<Vec<_>>().join(", ")
}

fn described(column: &Column) -> String {
    let not_null = if column.nullability == Nullability::NotNull { " NOT NULL" } else { "" };
    let default =
        column.default.as_ref().map(|default| format!(" DEFAULT {}", stored(Some(default)))).unwrap_or_default();
    format!("{}{not_null}{default}", column.ty)
}

fn default_words(default: Option<&DefaultValue>) -> String {
    match default {
        Some(default) => format!("with the default {default}"),
        None => "without a default".to_owned(),
    }
}

fn stored(default: Option<&DefaultValue>) -> String {
    default.map_or_else(|| "NULL".to_owned(), ToString::to_string)
}

fn generation_words(generation: Generation) -> &'static str {
    match generation {
        Generation::Given => "given by the program",
        Generation::AutoIncrement => "auto-increment",
        Generation::AlwaysIdentity => "GENERATED ALWAYS AS IDENTITY",
        Generation::Computed => "computed from other columns",
        Generation::Touched => "changed by every update that leaves it out",
    }
}

fn key_words(columns: &[String]) -> String {
    if columns.is_empty() { "none".to_owned() } else { format!("({})", columns.join(", ")) }
}

fn nearest_words(nearest: Option<&Index>) -> String {
    match nearest {
        None => "the database has no index on it".to_owned(),
        Some(index) if index.limits.is_empty() => format!("the index `{}` lets duplicates in", index.name),
        Some(index) => format!("the index `{}` {}", index.name, limit_words(&index.limits)),
    }
}

fn limit_words(limits: &[Limit]) -> String {
    limits.iter().map(Limit::to_string).collect::<Vec<_>>().join(" and ")
}

fn no_table(table: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::Postgres => format!("relation \"{table}\" does not exist"),
        Dialect::MySql | Dialect::MariaDb => format!("table '{table}' doesn't exist"),
        Dialect::Sqlite => format!("no such table: {table}"),
    }
}

fn no_column(table: &str, column: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::Postgres => format!("column {table}.{column} does not exist"),
        Dialect::MySql | Dialect::MariaDb => format!("unknown column '{table}.{column}'"),
        Dialect::Sqlite => format!("no such column: {table}.{column}"),
    }
}
