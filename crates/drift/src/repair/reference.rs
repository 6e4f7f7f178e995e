//! Which tables take a foreign key, and to which tables.

use crate::model::{
    Dialect, ForeignKey, Index, IndexRestriction, LogicalType, RelationKind, Table, TableName, Uniqueness,
};

/// Whether a table of MySQL or MariaDB can have a foreign key of these columns: <https://mariadb.com/kb/en/foreign-keys/>.
pub(super) fn may_refer(columns: &[String], declared: &Table, live: &Table, dialect: Dialect) -> bool {
    has_keys(live) && columns.iter().all(|name| kind(declared, name, dialect) == kind(live, name, dialect))
}

/// Whether the table to which the key refers refuses it: it is a view, has no key of these columns, or one of another type. Of a
/// table that is missing nothing is known.
pub(super) fn is_target_unfit(key: &ForeignKey, live: &Table, tables: &[Table], dialect: Dialect) -> bool {
    let is_target = |table: &&Table| {
        let TableName { schema, name } = &table.name;
        *name == key.target.name && *schema == key.target.schema
    };
    let Some(target) = tables.iter().find(is_target) else { return false };
    let is_over = |columns: &[String]| {
        columns.len() == key.target_columns.len() && key.target_columns.iter().all(|name| columns.contains(name))
    };
    let is_mysql = matches!(dialect, Dialect::MySql | Dialect::MariaDb);
    let is_key = |index: &Index| {
        let is_usable = index.restrictions.iter().copied().all(is_no_obstacle);
        // InnoDB needs an index that begins with the columns.
        let serves = if is_mysql {
            index.columns.starts_with(&key.target_columns)
        } else {
            index.uniqueness == Uniqueness::Unique && is_over(&index.columns)
        };
        is_usable && serves
    };
    let is_primary = if is_mysql {
        target.primary_key.starts_with(&key.target_columns)
    } else {
        is_over(&target.primary_key) && target.primary_key_restrictions.iter().copied().all(is_no_obstacle)
    };
    let is_of_another_type = key.columns.iter().zip(&key.target_columns).any(|(own, other)| {
        let (own, other) = (kind(live, own, dialect), kind(target, other, dialect));
        if is_mysql { own != other } else { is_number(own.as_ref()) != is_number(other.as_ref()) }
    });
    let is_table = !target.relation.is_view() && (!is_mysql || has_keys(target));
    !is_table || is_of_another_type || !(is_primary || target.indexes.iter().any(is_key))
}

/// Whether tables with such an engine or division can have foreign keys on MySQL and MariaDB.
fn has_keys(table: &Table) -> bool {
    !matches!(table.relation, RelationKind::Partitioned | RelationKind::WithoutTransactions(_))
}

fn kind(table: &Table, name: &str, dialect: Dialect) -> Option<LogicalType> {
    let column = table.columns.iter().find(|column| dialect.same_name(&column.name, name));
    column.map(|column| column.ty.kind.clone())
}

fn is_number(kind: Option<&LogicalType>) -> bool {
    matches!(kind, Some(LogicalType::Integer { .. } | LogicalType::Decimal(_)))
}

/// Whether a foreign key may refer to an index with it.
fn is_no_obstacle(limit: IndexRestriction) -> bool {
    matches!(
        limit,
        IndexRestriction::NullsNotDistinct
            | IndexRestriction::Ignored
            | IndexRestriction::SortOrder
            | IndexRestriction::LongValues
    )
}
