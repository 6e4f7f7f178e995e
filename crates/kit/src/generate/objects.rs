//! The objects that are named on the command line: `table`, `table.column`, `table.index`, with its schema before the table where
//! it has one.

use sea_orm_connect::message_of;
use sea_orm_drift::{
    Difference, Report,
    model::{Dialect, Index, Schema, TableName, Uniqueness},
};
use sea_orm_migration::{
    SchemaManager,
    sea_orm::{DatabaseExecutor, DbErr},
};

use super::{
    call::check_name, decisions::Decisions, drafting::Drafting, error::GenerateError, execute::execute, left::unsaid,
    operation::Operation, search::Search,
};

/// The table that the object is or belongs to, and the rest of its name. A name may have dots itself, so the tables decide.
pub(super) fn split(object: &str, tables: &[TableName]) -> (TableName, Option<String>) {
    if let Some(table) = tables.iter().find(|table| table.to_string() == object) {
        return (table.clone(), None);
    }
    let member = |table: &TableName| {
        let member = object.strip_prefix(&format!("{table}."))?;
        Some((table.clone(), member.to_owned()))
    };
    let longest = tables.iter().filter_map(member).min_by_key(|(_, member)| member.len());
    match (longest, object.rsplit_once('.')) {
        (Some((table, member)), _) => (table, Some(member)),
        (None, Some((table, member))) => (TableName::unqualified(table), Some(member.to_owned())),
        (None, None) => (TableName::unqualified(object), None),
    }
}

/// How an index is called on the command line: a UNIQUE that the database named, by its columns.
pub(super) fn index_object(table: &TableName, index: &Index) -> String {
    let columns = index.columns.join("_");
    let is_named_by_database = index.uniqueness == Uniqueness::Unique
        && (index.name.starts_with("sqlite_autoindex_")
            || index.name == format!("{}_{columns}_key", table.name)
            || index.columns.first() == Some(&index.name));
    if is_named_by_database {
        format!("{table}.unique({})", index.columns.join(","))
    } else {
        format!("{table}.{}", index.name)
    }
}

impl Search<'_, '_> {
    /// Renames on the scratch database, so that what follows is compared under the new name.
    pub(super) async fn rename(&mut self, from: &str, to: &str, tables: &[TableName]) -> Result<(), GenerateError> {
        let operation = match split(from, tables) {
            (table, Some(column)) => {
                let table = self.renamed(table);
                Operation::RenameColumn { table, from: column, to: to.to_owned() }
            }
            (table, None) => {
                let own = table.schema.as_ref().and_then(|schema| to.strip_prefix(&format!("{schema}.")));
                let to = TableName { schema: table.schema.clone(), name: own.unwrap_or(to).to_owned() };
                Operation::RenameTable { from: table, to }
            }
        };
        let manager = SchemaManager::new(DatabaseExecutor::Connection(self.db));
        let failed = |error: DbErr| GenerateError::Usage(format!("{from} cannot become {to}: {}", message_of(&error)));
        execute(std::slice::from_ref(&operation), &manager).await.map_err(failed)?;
        self.applied_renames.push(operation);
        Ok(())
    }

    /// The name that a table has now, also where a column is named with the old one.
    fn renamed(&self, table: TableName) -> TableName {
        let of_tables = |operation: &Operation| match operation {
            Operation::RenameTable { from, to } => Some((from.clone(), to.clone())),
            _ => None,
        };
        let renames: Vec<(TableName, TableName)> = self.applied_renames.iter().filter_map(of_tables).collect();
        if renames.iter().any(|(_, to)| *to == table) {
            return table; // which another one had before
        }
        renames.into_iter().find(|(from, _)| *from == table).map_or(table, |(_, to)| to)
    }

    /// An error if a decision names a table that there is not, or a column that no entity declares, or that cannot be renamed.
    pub(super) fn refuse_unknown_names(&self, live: &Schema, report: &Report) -> Result<(), GenerateError> {
        let Decisions { renames, drops, keeps, fills, .. } = &self.decisions;
        let objects = renames.iter().map(|(from, _)| ("--rename", from));
        let objects = objects.chain(drops.iter().map(|object| ("--drop", object)));
        let objects = objects.chain(keeps.iter().map(|object| ("--keep", object)));
        let objects = objects.chain(fills.keys().map(|object| ("--fill", object)));
        let new_names = renames.iter().map(|(_, to)| TableName::unqualified(to.clone()));
        let tables = live.tables.iter().map(|table| &table.name).chain(&report.tables).cloned().chain(new_names);
        let tables: Vec<TableName> = tables.collect();
        let is_new = |name: &str| renames.iter().any(|(_, to)| to == name);
        for (flag, object) in objects {
            let (table, _) = split(object, &tables);
            if !tables.contains(&table) {
                let table = object.split_once('.').map_or(object.as_str(), |(table, _)| table);
                return Err(GenerateError::Usage(format!("there is no table {table}, which {flag} {object} names")));
            }
        }
        let schema = self.entities.declared(report.dialect);
        let declares = |table: &TableName, column: Option<&str>| {
            let mut tables = schema.tables.iter().filter(|other| other.name == *table);
            tables.any(|table| column.is_none_or(|column| table.columns.iter().any(|other| other.name == column)))
        };
        if let Some(object) = drops.intersection(keeps).next() {
            return Err(GenerateError::Usage(format!("--drop {object} and --keep {object} contradict each other")));
        }
        let is_live = |name: &TableName| live.tables.iter().any(|table| table.name == *name);
        let decided = drops.iter().map(|object| ("--drop", object));
        for (flag, object) in decided.chain(keeps.iter().map(|object| ("--keep", object))) {
            let (table, member) = split(object, &tables);
            if member.is_none() && declares(&table, None) && is_live(&table) {
                return Err(GenerateError::Usage(format!(
                    "an entity declares {object}, so that {flag} {object} changes nothing: remove the entity first, or leave out the flag"
                )));
            }
        }
        for object in fills.keys() {
            let (table, Some(column)) = split(object, &tables) else { continue };
            if declares(&table, None) && !declares(&table, Some(&column)) {
                return Err(GenerateError::Usage(format!("no entity declares {object}, which --fill {object} names")));
            }
        }
        for (from, to) in renames {
            let (table, column) = split(from, &tables);
            let is_declared = match &column {
                Some(_) => !declares(&table, None) || declares(&table, Some(to)) || is_new(&table.to_string()),
                None => declares(&split(to, &tables).0, None),
            };
            if !is_declared {
                return Err(GenerateError::Usage(format!("no entity declares {to}, which --rename {from}={to} names")));
            }
        }
        let is_renamed = |name: &str| renames.iter().any(|(from, _)| from == name);
        for (from, to) in renames {
            let (table, Some(column)) = split(from, &tables) else {
                if is_live(&split(to, &tables).0) && (from == to || !is_renamed(to)) {
                    let why = format!("there is a table {to} already, which --rename {from}={to} names");
                    return Err(GenerateError::Usage(why));
                }
                continue;
            };
            let found = live.tables.iter().find(|live| live.name == table);
            if found.is_none() && !is_new(&table.to_string()) {
                let why = format!("no migration creates the table {table}, which --rename {from}={to} names");
                return Err(GenerateError::Usage(why));
            }
            if found.is_some_and(|table| !table.columns.iter().any(|other| other.name == column)) {
                return Err(GenerateError::Usage(format!(
                    "there is no column {from}, which --rename {from}={to} names"
                )));
            }
            let is_taken = found.is_some_and(|table| table.columns.iter().any(|other| other.name == *to));
            if is_taken && (column == *to || !is_renamed(&format!("{table}.{to}"))) {
                let why = format!("{table} has a column {to} already, which --rename {from}={to} names");
                return Err(GenerateError::Usage(why));
            }
        }
        Ok(())
    }
}

impl Drafting<'_> {
    /// An error if something that is not there shall be dropped or kept. `before` has the names before the renames, which are
    /// known, too.
    pub(super) fn refuse_unknown_objects(&self, before: &Schema, report: &Report) -> Result<(), GenerateError> {
        let Decisions { drops, keeps, .. } = self.decisions;
        let drops = drops.iter().map(|object| ("--drop", object));
        for (flag, object) in drops.chain(keeps.iter().map(|object| ("--keep", object))) {
            let refused = |what: String| Err(GenerateError::Usage(format!("{what}, which {flag} {object} names")));
            let schemas = [self.live, self.undeclared, before];
            let tables = || schemas.iter().flat_map(|schema| &schema.tables);
            let names: Vec<TableName> = tables().map(|table| table.name.clone()).collect();
            let (name, member) = split(object, &names);
            if !names.contains(&name) {
                return refused(format!("no migration creates the table {name}"));
            }
            let Some(member) = member else { continue };
            if self.is_as_declared(&name, &member, report) {
                return Err(GenerateError::Usage(format!(
                    "the entity declares {object} as it is, so that {flag} {object} changes nothing: remove the field from the entity \
                     first, or leave out the flag"
                )));
            }
            let is_unsaid = |found: &Difference| {
                unsaid(&found.change).is_some_and(|(column, part)| member == format!("{column}.{part}"))
            };
            if report.differences.iter().any(|found| found.table == name && is_unsaid(found)) {
                continue;
            }
            let of_name = || tables().filter(|table| table.name == name);
            let keys = |table| self.live_spec(table, report).map(|spec| spec.foreign_keys).unwrap_or_default();
            let is_there = of_name().any(|table| {
                table.columns.iter().any(|column| column.name == member)
                    || table.indexes.iter().any(|index| index_object(&name, index) == *object)
                    || table.foreign_keys.iter().any(|key| key.name == member)
                    || keys(table).iter().any(|key| key.name == member)
                    || table.checks.iter().any(|check| check_name(&name, check) == member)
            });
            if is_there {
                continue;
            }
            let mut indexes = of_name().flat_map(|table| &table.indexes);
            return match indexes.find(|index| index.name == member) {
                Some(index) => Err(GenerateError::Usage(format!(
                    "the database named {object} itself: say {flag} \"{}\"",
                    index_object(&name, index)
                ))),
                None => refused(format!("{name} has no column, index or constraint {member}")),
            };
        }
        Ok(())
    }
}

impl Drafting<'_> {
    /// Whether it is a column, and nothing else, with no difference that a decision could be about.
    fn is_as_declared(&self, table: &TableName, member: &str, report: &Report) -> bool {
        let column = |schema: &Schema| {
            let found = schema.tables.iter().find(|found| found.name == *table)?;
            let is_called_so = |index: &Index| index_object(table, index) == format!("{table}.{member}");
            let is_other = found.indexes.iter().any(is_called_so)
                || found.foreign_keys.iter().any(|key| key.name == member)
                || found.checks.iter().any(|check| check_name(table, check) == member);
            found.columns.iter().find(|column| column.name == member && !is_other).cloned()
        };
        let (Some(declared), Some(live)) = (column(self.declared), column(self.live)) else { return false };
        let differs = report
            .differences
            .iter()
            .any(|difference| difference.table == *table && difference.change.column() == Some(member));
        // What SQLite cannot tell may still be a narrower type.
        !differs && (self.dialect() != Dialect::Sqlite || declared.ty.text.eq_ignore_ascii_case(&live.ty.text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_decide_where_a_name_ends() {
        let log = TableName { schema: Some("audit".to_owned()), name: "log".to_owned() };
        let post = TableName::unqualified("post");
        let tables = [log.clone(), post.clone()];
        for (object, table, member) in [
            ("audit.log", &log, None),
            ("audit.log.entry", &log, Some("entry")),
            ("post.title", &post, Some("title")),
            ("post.idx.of.title", &post, Some("idx.of.title")),
            ("article.title", &TableName::unqualified("article"), Some("title")),
            ("article", &TableName::unqualified("article"), None),
        ] {
            assert_eq!(split(object, &tables), (table.clone(), member.map(ToOwned::to_owned)), "{object}");
        }
    }
}
