//! A table, fact by fact.

use sea_orm::DbErr;

use super::{
    column::{column, counter},
    facts::{
        CheckFacts, ColumnFacts, ForeignKeyActionFacts, ForeignKeyColumnFacts, IndexColumnFacts, PartitionFacts,
        RelationFacts, TableContext, TriggerFacts, action,
    },
    scope::Fact,
};
use crate::{
    inspect::{
        answer::parsed,
        facts::{restrictions, uniqueness},
    },
    model::{
        Action, Check, Column, Deletes, Dialect, ForeignKey, Generation, Index, IndexRestriction, LogicalType,
        PartitionBound, PartitionMethod, Partitions, RelationKind, Table, TableName, UnknownName, UnknownObjectKind,
        Validity, Writability,
    },
};

/// In a day.
const SECONDS: i64 = 86_400;

/// The first fact about a table is `about`, and the columns come before the indexes.
pub(super) fn add(table: &mut Table, row: &Fact, context: &mut TableContext, dialect: Dialect) -> Result<(), DbErr> {
    match row.kind.as_str() {
        "about" => {
            let facts: RelationFacts = parsed(&row.text)?;
            let collations = [&facts.default_collation, &facts.utf8mb4_collation];
            let default_collations = collations.into_iter().flatten().cloned().collect();
            *context = TableContext {
                default_collations,
                row_end: None,
                next_auto_increment: facts.next_auto_increment.clone(),
            };
            let is_narrow = |format: &String| ["COMPACT", "REDUNDANT"].contains(&format.to_uppercase().as_str());
            table.has_narrow_indexes = facts.row_format.as_ref().is_some_and(is_narrow);
            if facts.has_delete_privilege == 0 {
                table.deletes = Deletes::Denied;
            }
            table.relation = relation(facts);
        }
        "column" => {
            let facts: ColumnFacts = parsed(&row.text)?;
            if facts.expression.as_deref() == Some("ROW END") {
                context.row_end = Some(facts.name.clone());
            }
            let mut column = column(facts, &context.default_collations, dialect);
            column.lacks_default &= !table.relation.is_view();
            if column.generation == Generation::AutoIncrement {
                column.sequence = counter(&column, context.next_auto_increment.as_deref());
            }
            table.columns.push(column);
        }
        "index" => add_index_part(table, parsed(&row.text)?, context.row_end.as_ref()),
        "partition" => add_partition(table, parsed(&row.text)?),
        "foreign_key" => add_foreign_key_part(table, parsed(&row.text)?),
        "foreign_key_action" => {
            let facts: ForeignKeyActionFacts = parsed(&row.text)?;
            if let Some(key) = table.foreign_keys.iter_mut().find(|key| key.name == facts.name) {
                (key.on_delete, key.on_update) = (action(&facts.on_delete), action(&facts.on_update));
                if facts.has_referenced_key == 0 && dialect == Dialect::MariaDb {
                    key.validity = Validity::Broken;
                }
            }
        }
        "trigger" => {
            let trigger: TriggerFacts = parsed(&row.text)?;
            table.triggers.push(format!("trigger {}", trigger.name));
            table.has_before_insert_trigger |= trigger.is_before_insert == 1;
            table.unknown_names.extend(trigger.lost_definer.map(|name| UnknownName {
                name,
                kind: UnknownObjectKind::Definer,
                used_by: format!("the trigger {}", trigger.name),
            }));
        }
        _ => add_check(table, parsed(&row.text)?),
    }
    Ok(())
}

fn relation(facts: RelationFacts) -> RelationKind {
    // <https://dev.mysql.com/doc/refman/8.0/en/storage-engines.html>, <https://mariadb.com/kb/en/information-schema-engines-table/>
    const WITHOUT_TRANSACTIONS: [&str; 7] = ["MyISAM", "Aria", "MEMORY", "CSV", "ARCHIVE", "BLACKHOLE", "MRG_MyISAM"];
    // Tables of other servers. <https://mariadb.com/kb/en/spider/>, <https://mariadb.com/kb/en/federatedx-storage-engine/>
    const ELSEWHERE: [&str; 4] = ["SPIDER", "FEDERATED", "CONNECT", "S3"];
    match facts.engine {
        _ if facts.table_type.ends_with("VIEW") => RelationKind::View(Writability::ReadOnly),
        Some(engine) if WITHOUT_TRANSACTIONS.iter().any(|name| name.eq_ignore_ascii_case(&engine)) => {
            RelationKind::WithoutTransactions(engine)
        }
        Some(engine) if ELSEWHERE.iter().any(|name| name.eq_ignore_ascii_case(&engine)) => {
            RelationKind::Foreign(Writability::Writable)
        }
        _ if facts.table_type == "SEQUENCE" => RelationKind::NoTable("a sequence".to_owned()),
        _ if facts.table_type == "SYSTEM VERSIONED" => RelationKind::Versioned,
        _ if facts.create_options.is_some_and(|options| options.contains("partitioned")) => RelationKind::Partitioned,
        _ => RelationKind::Table,
    }
}

fn add_check(table: &mut Table, facts: CheckFacts) {
    // The name of a column's own CHECK is the name that the column was created with.
    let is_of_a_column = facts.level == "Column";
    let is_json = |column: &&mut Column| {
        is_of_a_column && facts.text.eq_ignore_ascii_case(&format!("json_valid({})", quoted(&column.name)))
    };
    if let Some(column) = table.columns.iter_mut().find(is_json) {
        // `json` on MariaDB, which brings its own collation: <https://mariadb.com/kb/en/json/>.
        column.collation = None;
        column.ty.field = LogicalType::Json;
    }
    let is_of_its_column = |column: &Column| is_of_a_column && column.name == facts.name;
    let is_named = |column: &&Column| is_of_its_column(column) || facts.text.contains(&quoted(&column.name));
    let columns = table.columns.iter().filter(is_named).map(|column| column.name.clone()).collect();
    table.checks.push(Check { columns, name: facts.name, text: facts.text });
}

/// As the catalogue writes a name.
pub(super) fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

fn add_index_part(table: &mut Table, facts: IndexColumnFacts, row_end: Option<&String>) {
    // MariaDB adds it to each unique key; all current rows have the same: <https://mariadb.com/kb/en/system-versioned-tables/>.
    if facts.non_unique == 0 && facts.column.is_some() && facts.column.as_ref() == row_end {
        return;
    }
    let is_expression = facts.column.is_none();
    let column = facts.column.unwrap_or_else(|| "(expression)".to_owned());
    let restrictions = restrictions([
        (facts.prefix.is_some(), IndexRestriction::Prefix),
        (is_expression, IndexRestriction::Expression),
        (!["BTREE", "HASH"].contains(&facts.method.as_str()), IndexRestriction::Method),
        (facts.is_ignored == "YES", IndexRestriction::Ignored),
    ]);
    if facts.name == "PRIMARY" {
        table.primary_key.push(column);
        table.primary_key_restrictions.extend(restrictions);
        return;
    }
    match table.indexes.iter_mut().find(|index| index.name == facts.name) {
        Some(index) => {
            index.columns.push(column);
            let new: Vec<IndexRestriction> =
                restrictions.into_iter().filter(|limit| !index.restrictions.contains(limit)).collect();
            index.restrictions.extend(new);
        }
        None => table.indexes.push(Index {
            name: facts.name,
            columns: vec![column],
            uniqueness: uniqueness(facts.non_unique == 0),
            restrictions,
            computed: Vec::new(),
            condition: None,
            included: Vec::new(),
        }),
    }
}

fn add_partition(table: &mut Table, facts: PartitionFacts) {
    // A table that is not partitioned has a row without a name; `RANGE COLUMNS` and `LINEAR HASH` are alike.
    let method = match facts.method.as_deref() {
        Some(method) if method.starts_with("RANGE") => PartitionMethod::Range,
        Some(method) if method.starts_with("LIST") => PartitionMethod::List,
        Some(_) => PartitionMethod::Hash,
        None => return,
    };
    let key = facts.expression.unwrap_or_default();
    let column = |name: &str| table.columns.iter().find(|column| name == quoted(&column.name) || name == column.name);
    // `to_days(`at`)`
    let (function, inside) = key.strip_suffix(')').and_then(|rest| rest.split_once('(')).unwrap_or_default();
    let of_now = match function.to_lowercase().as_str() {
        "to_days" => Some([facts.now_to_days, facts.now_to_days + 1].map(|day| day.to_string())),
        "to_seconds" => Some([facts.now_to_seconds, facts.now_to_seconds + SECONDS].map(|time| time.to_string())),
        "unix_timestamp" => {
            Some([facts.now_unix_timestamp, facts.now_unix_timestamp + SECONDS].map(|time| time.to_string()))
        }
        "year" => Some([facts.now.get(..4), facts.tomorrow.get(..4)].map(|year| year.unwrap_or_default().to_owned())),
        _ => None,
    };
    let first = key.split(',').next().unwrap_or_default();
    let named = if of_now.is_some() { column(inside) } else { column(first) };
    let columns = named.map(|column| column.name.clone()).into_iter().collect();
    let [now, tomorrow] = of_now.unwrap_or([facts.now, facts.tomorrow]);
    let bound = PartitionBound::of_mysql(method, facts.description.as_deref());
    let partitions =
        table.partitions.get_or_insert(Partitions { method, key, columns, bounds: Vec::new(), now, tomorrow });
    partitions.bounds.push(bound);
}

fn add_foreign_key_part(table: &mut Table, facts: ForeignKeyColumnFacts) {
    match table.foreign_keys.iter_mut().find(|key| key.name == facts.name) {
        Some(key) => {
            key.columns.push(facts.column);
            key.target_columns.push(facts.target_column);
        }
        None => table.foreign_keys.push(ForeignKey {
            name: facts.name,
            columns: vec![facts.column],
            target: TableName { schema: Some(facts.target_schema), name: facts.target_table },
            is_target_in_other_schema: facts.is_target_in_other_schema == 1,
            target_columns: vec![facts.target_column],
            on_delete: Action::NoAction,
            on_update: Action::NoAction,
            validity: Validity::Validated,
            is_match_full: false,
        }),
    }
}
