//! Pairs declared with live objects and lists where they disagree, without a database and without errors. What a
//! difference breaks is decided in [`impact`](crate::impact).

mod accepted_values;
mod checks;
mod columns;
mod foreign_keys;
mod indexes;
mod long_values;
mod omitted;
mod omitted_value;
mod pair;
mod partitions;
mod privileges;
mod referrers;
mod rejected_rows;
mod renames;
mod scope;
mod sequence;

use std::{borrow::Cow, collections::BTreeMap};

use checks::checks;
use columns::columns;
use foreign_keys::foreign_keys;
use indexes::{computed, indexes, primary_key};
use partitions::uncovered_rows;
use privileges::compare_access;
use referrers::referrers;
use renames::rename_candidates;
use scope::Scope;

use crate::{
    change::Change,
    difference::Unchecked,
    model::{
        Column, Deletes, Dialect, Generation, LogicalType, Privilege, RelationKind, RowSecurity, Schema, Sides, Table,
        TableName, UnknownName, Visibility, Writability,
    },
    rule::Rule,
};

/// All disagreements, in the order of the tables and their columns, and all that could not be checked.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    pub(crate) changes: Vec<(TableName, Change)>,
    pub(crate) unchecked: Vec<Unchecked>,
}

/// Compares each declared table with the live one of its name.
pub(crate) fn compare(declared: &Schema, live: &Schema) -> Comparison {
    let dialect = live.dialect;
    let live_tables = live.by_name();
    let mut comparison = Comparison::default();
    for table in &declared.tables {
        let mut changes = Vec::new();
        if let Some(live_table) = live_tables.get(&table.name) {
            let live_table = with_declared_names(live_table, table, dialect);
            compare_table(table, &live_table, dialect, &mut changes, &mut comparison.unchecked);
            referrers(table, &live_table, declared, &mut changes, &mut comparison.unchecked);
            database_settings(table, &live_table, live, &mut changes);
        } else {
            let names_for_table =
                |names: &BTreeMap<_, Vec<String>>| names.get(&table.name).cloned().unwrap_or_default();
            changes.push(Change::TableMissing {
                other_schemas: names_for_table(&live.other_schemas),
                rename_candidates: names_for_table(&live.rename_candidates),
            });
        }
        comparison.changes.extend(changes.into_iter().map(|change| (table.name.clone(), change)));
    }
    comparison
}

fn compare_table(
    declared: &Table,
    live: &Table,
    dialect: Dialect,
    changes: &mut Vec<Change>,
    unchecked: &mut Vec<Unchecked>,
) {
    let scope = match (declared.relation.is_view(), live.relation.is_view()) {
        (true, _) => Scope::ReadOnlyColumns,
        (false, true) => Scope::ColumnsOnly,
        (false, false) => Scope::Whole,
    };
    if matches!(live.relation, RelationKind::NoTable(_)) {
        let sides = Sides { declared: declared.relation.clone(), live: live.relation.clone() };
        changes.push(Change::RelationKind { sides });
        return;
    }
    let mut report_unchecked = |rule, why| unchecked.push(Unchecked::of_table(rule, &declared.name, why));
    if live.hides_a_better_one(declared, dialect) {
        let why = format!(
            "whether it is the right one: it lacks declared columns, and the search_path finds it before the {} of the schema {}",
            declared.name,
            live.shadows.join(" and ")
        );
        report_unchecked(Rule::RelationUnchecked, why);
    }
    if scope != Scope::ReadOnlyColumns {
        let relation = usable_relation(declared, live, dialect);
        changes.extend(Sides::differing(&declared.relation, &relation).map(|sides| Change::RelationKind { sides }));
        // The program sets no undeclared column.
        let may_run = |trigger: &&String| {
            let is_declared =
                |name: &String| declared.columns.iter().any(|column| dialect.same_name(&column.name, name));
            live.columns_of_triggers.get(*trigger).is_none_or(|columns| columns.iter().any(is_declared))
        };
        let unknown = live.triggers.iter().filter(|trigger| !declared.triggers.contains(trigger));
        for trigger in unknown.filter(may_run) {
            report_unchecked(Rule::TriggerUnchecked, format!("whether the {trigger} changes what is written"));
        }
    }
    let is_merge_engine = matches!(&live.relation, RelationKind::WithoutTransactions(engine) if engine == "MRG_MyISAM");
    if declared.relation != live.relation
        && (is_merge_engine || matches!(live.relation, RelationKind::Foreign(_) | RelationKind::Virtual))
    {
        report_unchecked(
            Rule::RelationUnchecked,
            format!("whether what {} stands for has these columns and takes these rows", live.relation),
        );
    }
    if scope != Scope::ReadOnlyColumns {
        unchecked_writes(declared, live, dialect, &mut report_unchecked);
    }
    if let Some(collation) = &live.outdated_collation {
        report_unchecked(
            Rule::CollationUnchecked,
            format!(
                "whether its indexes are still in order: the collation `{collation}` of the operating system has another version \
                 than when they were built"
            ),
        );
    }
    if scope != Scope::ReadOnlyColumns {
        changes.extend(live.rules.iter().map(|rule| Change::RewriteRule { rule: rule.clone() }));
        changes.extend(
            live.unknown_names.iter().cloned().map(|UnknownName { name, kind, used_by }| Change::FunctionUnknown {
                name,
                kind,
                used_by,
            }),
        );
        changes.extend(live.missing_replica_identity.map(|published| Change::ReplicaIdentity { published }));
    }
    if scope == Scope::ColumnsOnly {
        report_unchecked(Rule::ViewUnchecked, "the keys, indexes, defaults and NULLs behind the view".to_owned());
    }
    if live.row_security == RowSecurity::Conditional {
        report_unchecked(Rule::PolicyUnchecked, "which rows the row security policies show".to_owned());
    }
    columns(declared, live, dialect, scope, changes, unchecked);
    if scope == Scope::Whole {
        changes.extend(primary_key(declared, live));
        indexes(declared, live, dialect, changes);
        unchecked.extend(computed(declared, live, dialect));
        let (missing, unknown) = uncovered_rows(declared, live, dialect);
        changes.extend(missing);
        let unknown = unknown.map(|why| Unchecked::of_table(Rule::ExpressionUnchecked, &declared.name, why));
        unchecked.extend(unknown);
        let declares_constraints = !declared.foreign_keys.is_empty() || !declared.checks.is_empty();
        let unknown_rows = foreign_keys(declared, live, dialect, changes);
        let unknown_rows =
            unknown_rows.into_iter().map(|why| Unchecked::of_table(Rule::ConstraintUnchecked, &declared.name, why));
        unchecked.extend(unknown_rows);
        if live.constraints == Visibility::Shown {
            let undecided = checks(declared, live, dialect, changes);
            undecided.report(|why| unchecked.push(Unchecked::of_table(Rule::CheckUnchecked, &declared.name, why)));
        } else if declares_constraints {
            let why = "CHECKs and foreign key actions, which the connected role may not see".to_owned();
            unchecked.push(Unchecked::of_table(Rule::ConstraintUnchecked, &declared.name, why));
        }
    }
    compare_access(declared, live, dialect, scope, changes);
}

/// The live relation, as far as the entity can use it. Where a trigger of a view inserts the row, SQLite returns NULL for its key, and
/// SeaORM takes the row for one without a key.
fn usable_relation(declared: &Table, live: &Table, dialect: Dialect) -> RelationKind {
    let has_generated_key = declared.columns.iter().any(|column| column.generation == Generation::AutoIncrement);
    let has_no_upserts = live.relation == RelationKind::View(Writability::WithoutUpserts);
    if has_no_upserts && has_generated_key && dialect == Dialect::Sqlite {
        return RelationKind::View(Writability::Partly);
    }
    live.relation.clone()
}

/// What is not known of the rows that are written and deleted.
fn unchecked_writes(declared: &Table, live: &Table, dialect: Dialect, report_unchecked: &mut impl FnMut(Rule, String)) {
    let is_declared = |name: &&String| declared.columns.iter().any(|column| dialect.same_name(&column.name, name));
    for column in live.kept_in_row.iter().filter(is_declared) {
        let why = format!(
            "whether long values of {column} fit: its STORAGE is PLAIN, so they count towards the 8 kB of a row; SET STORAGE EXTENDED \
             lifts that"
        );
        report_unchecked(Rule::ConstraintUnchecked, why);
    }
    if live.has_children {
        report_unchecked(
            Rule::ConstraintUnchecked,
            "what the tables that inherit from it hold and refuse: its keys and indexes do not extend to their rows"
                .to_owned(),
        );
    }
    if !live.partition_only_objects.is_empty() {
        let question = format!(
            "whether its partitions take and keep what a program writes; the table itself has no {}",
            live.partition_only_objects.join(", ")
        );
        report_unchecked(Rule::ConstraintUnchecked, question);
    }
    if live.has_lenient_sql_mode {
        report_unchecked(
            Rule::ConstraintUnchecked,
            "whether it stores what a program writes: the sql_mode of the connection is not strict, so the server cuts texts and \
             numbers that do not fit, and stores '' or 0 where it misses a value"
                .to_owned(),
        );
    }
    for column in keys_not_updatable(declared, live, dialect) {
        let why = format!(
            "whether a program upserts rows with a key of its own: the connected role has no UPDATE privilege on {column}, which \
             INSERT ... ON DUPLICATE KEY UPDATE needs then"
        );
        report_unchecked(Rule::PrivilegeUnchecked, why);
    }
    if live.deletes == Deletes::Denied {
        report_unchecked(
            Rule::PrivilegeUnchecked,
            "whether a program deletes rows: the connected role has no DELETE privilege".to_owned(),
        );
    }
    if live.deletes == Deletes::Hidden {
        let why = "whether a program deletes rows: no row security policy lets the connected role delete any";
        report_unchecked(Rule::PolicyUnchecked, why.to_owned());
    }
}

/// The columns of the key that the connected role may set in an insert of MySQL or MariaDB, and not in an update. That of whole tables
/// is a finding of its own.
fn keys_not_updatable<'a>(declared: &Table, live: &'a Table, dialect: Dialect) -> Vec<&'a str> {
    let may_update = |column: &Column| !column.denied.contains(&Privilege::Update);
    if !matches!(dialect, Dialect::MySql | Dialect::MariaDb) || !live.columns.iter().any(may_update) {
        return Vec::new();
    }
    let is_key = |column: &&Column| declared.primary_key.iter().any(|key| dialect.same_name(key, &column.name));
    let may_insert = |column: &&Column| !column.denied.contains(&Privilege::Insert);
    let keys = live.columns.iter().filter(is_key).filter(may_insert);
    keys.filter(|column| !may_update(column)).map(|column| column.name.as_str()).collect()
}

/// What the connection or the whole database refuses, and so breaks this table.
fn database_settings(declared: &Table, table: &Table, live: &Schema, changes: &mut Vec<Change>) {
    let is_declared_view = declared.relation.is_view();
    let may_write = table
        .columns
        .iter()
        .any(|column| !column.denied.contains(&Privilege::Insert) || !column.denied.contains(&Privilege::Update));
    if let (Some(why), false, true) = (live.read_only, is_declared_view, may_write) {
        changes.push(Change::ReadOnly { why });
    }
    let is_text =
        |kind: &LogicalType| matches!(kind, LogicalType::Char(_) | LogicalType::Varchar(_) | LogicalType::Text(_));
    if let (Some(encoding), false, true) =
        (&live.encoding, is_declared_view, declared.columns.iter().any(|column| is_text(&column.ty.kind)))
    {
        changes.push(Change::Encoding { live: encoding.clone() });
    }
}

/// The live table, with its keys and constraints naming columns as the entity does where the database ignores case, or
/// where a missing column may have been renamed: the keys of a renamed column are renamed with it.
fn with_declared_names<'a>(live: &'a Table, declared: &Table, dialect: Dialect) -> Cow<'a, Table> {
    let renames = rename_candidates(declared, live, dialect);
    let declared_name = |column: &String| {
        let same = declared.columns.iter().find(|declared| dialect.same_name(&declared.name, column));
        let other_name = || renames.iter().find(|(_, names)| names[0].name == *column).map(|(declared, _)| *declared);
        same.or_else(other_name).map(|declared| &declared.name).filter(|declared_name| *declared_name != column)
    };
    let has_declared_names = live.columns.iter().all(|column| declared_name(&column.name).is_none());
    if has_declared_names {
        return Cow::Borrowed(live);
    }
    let mut live = live.clone();
    let keys = live.indexes.iter_mut().map(|index| &mut index.columns).chain([&mut live.primary_key]);
    let foreign_keys = live.foreign_keys.iter_mut().map(|key| &mut key.columns);
    let checks = live.checks.iter_mut().map(|check| &mut check.columns);
    for column in keys.chain(foreign_keys).chain(checks).flatten() {
        if let Some(declared_name) = declared_name(column) {
            column.clone_from(declared_name);
        }
    }
    Cow::Owned(live)
}

#[cfg(test)]
mod tests;
