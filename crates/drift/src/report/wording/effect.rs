//! What a program that uses the entity will feel.

use super::{quoted, stored};
use crate::{
    change::{Change, Refuses},
    consequence::Consequence,
    difference::Difference,
    model::{
        Collation, ColumnType, Dialect, Equality, ForeignKey, Generation, Kind, Privilege, Relation, Repertoire, Sides,
        TableName, Writability,
    },
};

/// What a program that uses the entity will feel.
pub(in crate::report) fn effect(difference: &Difference, dialect: Dialect) -> String {
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
        Change::SequenceNarrower { .. } if consequence == Consequence::WritesFail => {
            format!("inserts into {table} that leave the key to the database fail")
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
        Change::RowSecurity { commands } => {
            let effects = commands.iter().map(|command| match command {
                Privilege::Select => format!("reads of {table} find nothing, and writes that return the row fail"),
                Privilege::Insert | Privilege::Usage => format!("every insert into {table} fails"),
                Privilege::Update => format!("updates of {table} change nothing"),
            });
            effects.collect::<Vec<_>>().join("; ")
        }
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
