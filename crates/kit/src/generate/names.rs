//! The names of a migration, frozen in `DeriveIden` enums, which later changes to the entities do not reach.

use sea_orm_drift::model::TableName;

/// The enums, in the order of their first use.
#[derive(Debug, Default)]
pub(super) struct Names {
    tables: Vec<Frozen>,
}

#[derive(Debug)]
struct Frozen {
    table: String,
    ident: String,
    /// The column, and its variant.
    columns: Vec<(String, String)>,
}

/// What the written code itself uses.
const RESERVED: [&str; 24] = [
    "Backfill",
    "Box",
    "ColumnDef",
    "ColumnType",
    "DbErr",
    "DeriveIden",
    "DeriveMigrationName",
    "Expr",
    "ForeignKey",
    "ForeignKeyAction",
    "Iden",
    "Index",
    "Migration",
    "MigrationTrait",
    "Ok",
    "Option",
    "Query",
    "Result",
    "SchemaManager",
    "Self",
    "Some",
    "String",
    "Table",
    "Vec",
];

impl Names {
    /// `Post::Table`, or with a schema `("blog", Post::Table)`.
    pub(super) fn table(&mut self, table: &TableName) -> String {
        let ident = format!("{}::Table", self.frozen(&table.name).ident);
        table.schema.as_ref().map_or_else(|| ident.clone(), |schema| format!("({schema:?}, {ident})"))
    }

    /// `Post::Title`
    pub(super) fn column(&mut self, table: &TableName, column: &str) -> String {
        let frozen = self.frozen(&table.name);
        let known = frozen.columns.iter().find(|(name, _)| name == column).map(|(_, variant)| variant.clone());
        let variant = known.unwrap_or_else(|| {
            let wanted = pascal(column, "Column");
            let wanted = if ["Self", "Table"].contains(&wanted.as_str()) { wanted + "Column" } else { wanted };
            let variant = free(wanted, |taken| frozen.columns.iter().any(|(_, variant)| variant == taken));
            frozen.columns.push((column.to_owned(), variant.clone()));
            variant
        });
        format!("{}::{variant}", frozen.ident)
    }

    fn frozen(&mut self, table: &str) -> &mut Frozen {
        let position = self.tables.iter().position(|frozen| frozen.table == table).unwrap_or_else(|| {
            let wanted = pascal(table, "Table");
            let wanted = if RESERVED.contains(&wanted.as_str()) { wanted + "Table" } else { wanted };
            let ident = free(wanted, |taken| self.tables.iter().any(|frozen| frozen.ident == taken));
            self.tables.push(Frozen { table: table.to_owned(), ident, columns: Vec::new() });
            self.tables.len() - 1
        });
        &mut self.tables[position]
    }

    /// The enums.
    pub(super) fn code(&self) -> String {
        let one = |frozen: &Frozen| {
            let table = variant(&frozen.table, "Table", is_plain(&frozen.table, &frozen.ident));
            let columns = frozen
                .columns
                .iter()
                .map(|(name, ident)| variant(name, ident, is_plain(name, ident)))
                .collect::<String>();
            format!("\n#[derive(DeriveIden)]\nenum {} {{\n{table}{columns}}}\n", frozen.ident)
        };
        self.tables.iter().map(one).collect()
    }
}

fn variant(name: &str, ident: &str, is_plain: bool) -> String {
    let iden = if is_plain { String::new() } else { format!("    #[sea_orm(iden = {name:?})]\n") };
    format!("{iden}    {ident},\n")
}

/// Whether `DeriveIden` makes this name of the identifier by itself: a short word or a digit may be split otherwise.
fn is_plain(name: &str, ident: &str) -> bool {
    let is_word = |word: &str| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_lowercase());
    name.split('_').all(is_word) && pascal(name, "") == ident
}

fn pascal(name: &str, otherwise: &str) -> String {
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let ident: String = words.map(|word| word[..1].to_ascii_uppercase() + &word[1..]).collect();
    if ident.starts_with(|c: char| c.is_ascii_alphabetic()) { ident } else { format!("{otherwise}{ident}") }
}

fn free(wanted: String, is_taken: impl Fn(&str) -> bool) -> String {
    let numbered = (2_u32..).map(|number| format!("{wanted}{number}"));
    let mut candidates = std::iter::once(wanted.clone()).chain(numbered);
    candidates.find(|name| !is_taken(name)).unwrap_or(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_the_derive_would_spell_otherwise_are_written_out() {
        let table = TableName::unqualified("call_log");
        let mut names = Names::default();
        assert_eq!(names.table(&table), "CallLog::Table");
        for (column, ident) in [
            ("from_number", "CallLog::FromNumber"),
            ("webhook_11205_count", "CallLog::Webhook11205Count"),
            ("table", "CallLog::TableColumn"),
            ("fromNumber", "CallLog::FromNumber2"),
            ("9", "CallLog::Column9"),
        ] {
            assert_eq!(names.column(&table, column), ident);
        }
        assert_eq!(names.table(&TableName::unqualified("index")), "IndexTable::Table");
        assert_eq!(
            names.code(),
            r#"
#[derive(DeriveIden)]
enum CallLog {
    Table,
    FromNumber,
    #[sea_orm(iden = "webhook_11205_count")]
    Webhook11205Count,
    #[sea_orm(iden = "table")]
    TableColumn,
    #[sea_orm(iden = "fromNumber")]
    FromNumber2,
    #[sea_orm(iden = "9")]
    Column9,
}

#[derive(DeriveIden)]
enum IndexTable {
    #[sea_orm(iden = "index")]
    Table,
}
"#
        );
    }
}
