//! Which differences can be repaired by adding, and how. Never drops a column, row, constraint or index, never narrows a
//! type, and makes nothing NOT NULL except the columns of a new primary key.
//!
//! What counts as adding: a missing table, column, index, unique index, primary key, foreign key or CHECK; validating a
//! foreign key; a wider type; NULL where the entity allows it; the declared default, in place of another or of none; a
//! generator for the key; a label of an enum; a sequence that continues after the largest key, or reaches the end of its column; a privilege.
//! Not repaired: dropping undeclared objects and defaults, since another program may rely on them; `SET NOT NULL` and other
//! actions of a foreign key, which need the rows to agree or the key to be dropped first; renaming. SQLite's `ALTER TABLE`
//! only adds columns, and none with a computed default.

mod alter_table;
mod code;
mod column;
mod create_table;
mod names;
mod operation;
mod plan;
mod quote;
mod reference;
mod sql;
mod statement;
mod widening;

pub use self::column::DefaultExpr;
use self::{
    alter_table::AlterTable,
    create_table::create_table,
    operation::Operation,
    plan::Plan,
    quote::{literal, quoted, quoted_list, quoted_table},
    reference::{is_target_unfit, may_refer},
};
pub(crate) use names::{foreign_key_name, index_name};

use crate::{
    change::{Change, DefaultEffect, declares_no_type},
    model::{
        Column, DefaultValue, Dialect, Generation, Index, IndexRestriction, LogicalType, Nullability, Privilege,
        RelationKind, Sequence, Sides, Table, TableName, Visibility,
    },
};

/// Statements that repair a difference without removing anything. None has been executed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Repair {
    /// The statements in order, without semicolons, in the SQL of the compared database.
    pub sql: Vec<String>,
    /// The same as the body of `up` in a `MigrationTrait` of sea-orm-migration 2.0, after `use
    /// sea_orm_migration::prelude::*`: statements that use `manager`.
    pub code: String,
    /// What to know before running it.
    pub remarks: Vec<String>,
    operations: Vec<Operation>,
}

/// The table on both sides, and who is connected.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'a> {
    pub(crate) declared: &'a Table,
    /// `None` if it is missing.
    pub(crate) live: Option<&'a Table>,
    /// All live tables, to which foreign keys may refer.
    pub(crate) tables: &'a [Table],
    /// The connected role.
    pub(crate) role: Option<&'a str>,
    /// Declared types that exist (PostgreSQL).
    pub(crate) types: &'a [String],
    /// Names that others have.
    pub(crate) taken: &'a [String],
    pub(crate) dialect: Dialect,
}

/// How to repair `change` by adding; `None` if that is impossible.
pub(crate) fn repair(change: &Change, context: Context<'_>) -> Option<Repair> {
    let plan = plan(change, context)?;
    let is_versioned = context.live.is_some_and(|live| live.relation == RelationKind::Versioned);
    Some(Repair::of(if is_versioned { keeping_versions(plan, context.dialect) } else { plan }, context.dialect))
}

/// MariaDB alters a system-versioned table only where it is told what becomes of the earlier versions of the rows.
fn keeping_versions(plan: Plan, dialect: Dialect) -> Plan {
    let keep = |sql: String| {
        let is_altering = ["ALTER TABLE", "CREATE "].iter().any(|words| sql.starts_with(words));
        let before = if is_altering { "SET STATEMENT system_versioning_alter_history = KEEP FOR " } else { "" };
        Operation::Raw(format!("{before}{sql}"))
    };
    let statements = plan.operations.iter().flat_map(|operation| sql::statements(operation, dialect));
    Plan { operations: statements.map(keep).collect(), remarks: plan.remarks }
}

/// All repairs as one, with a single `ALTER TABLE` for the new columns of a table; `None` if there are none.
pub(crate) fn merged(repairs: &[&Repair], dialect: Dialect) -> Option<Repair> {
    let mut plan = Plan { operations: Vec::new(), remarks: Vec::new() };
    for repair in repairs {
        for operation in &repair.operations {
            if matches!(operation, Operation::Raw(_)) && plan.operations.contains(operation) {
                continue; // the type of several columns
            }
            match (plan.operations.last_mut(), operation) {
                (
                    Some(Operation::AddColumns { table, columns }),
                    Operation::AddColumns { table: same, columns: more },
                ) if table == same => columns.extend(more.iter().cloned()),
                (_, operation) => plan.operations.push(operation.clone()),
            }
        }
        let new = repair.remarks.iter().filter(|remark| !plan.remarks.contains(remark)).cloned().collect::<Vec<_>>();
        plan.remarks.extend(new);
    }
    (!plan.operations.is_empty()).then(|| Repair::of(plan, dialect))
}

impl Repair {
    fn of(Plan { operations, remarks }: Plan, dialect: Dialect) -> Self {
        let sql = operations.iter().flat_map(|operation| sql::statements(operation, dialect)).collect();
        Self { sql, code: code::body(&operations), remarks, operations }
    }
}

/// Whether the server refuses to alter a column of this table: it is that of a parent, or others depend on it.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others are not refused for what they are about")]
fn is_refused(change: &Change, declared: &Table, live: &Table, tables: &[Table], dialect: Dialect) -> bool {
    let is_of_column = matches!(
        change,
        Change::ColumnMissing { .. } | Change::Type { .. } | Change::Spelling { .. } | Change::Nullability { .. }
    );
    let is_held = |column: &String| live.held_columns.iter().any(|held| dialect.same_name(held, column));
    let contains = |columns: &[String], column: &String| columns.iter().any(|name| dialect.same_name(name, column));
    let is_mysql = matches!(dialect, Dialect::MySql | Dialect::MariaDb);
    let is_otherwise_refused = match change {
        Change::Type { column, .. } => {
            let of_partitions = live.partitions.as_ref().is_some_and(|parts| contains(&parts.columns, column));
            let of_a_foreign_key = live.foreign_keys.iter().any(|key| contains(&key.columns, column));
            is_held(column)
                || (dialect == Dialect::Postgres && of_partitions)
                // <https://mariadb.com/kb/en/foreign-keys/>
                || (is_mysql && of_a_foreign_key)
        }
        Change::Nullability { column, .. } => contains(&live.identity_columns, column),
        // <https://www.sqlite.org/stricttables.html>: it does not know the names of sea-query's types.
        Change::ColumnMissing { .. } => live.columns.iter().any(|column| column.ty.is_strict),
        // MySQL has one AUTO_INCREMENT in a table.
        Change::Generation { column, .. } => {
            let is_another = |other: &Column| {
                other.generation == Generation::AutoIncrement && !dialect.same_name(&other.name, column)
            };
            is_mysql && live.columns.iter().any(is_another)
        }
        Change::UniqueMissing { declared: index, .. } | Change::IndexMissing { declared: index, .. } => {
            live.has_narrow_indexes && index.columns.iter().any(|column| is_wide(column, live, dialect))
        }
        Change::ForeignKeyMissing { declared: key, .. } => {
            live.has_foreign_partitions
                || (is_mysql && !may_refer(&key.columns, declared, live, dialect))
                || is_target_unfit(key, live, tables, dialect)
        }
        _ => false,
    };
    (is_of_column && live.is_child) || is_otherwise_refused
}

/// Whether a column may have more than 767 bytes: <https://mariadb.com/kb/en/innodb-compact-row-format/>.
#[expect(clippy::wildcard_enum_match_arm, reason = "all else is short")]
fn is_wide(name: &str, live: &Table, dialect: Dialect) -> bool {
    const MOST: u32 = 767;
    let Some(column) = live.columns.iter().find(|column| dialect.same_name(&column.name, name)) else { return false };
    let character = match column.collation.as_deref().map(|collation| collation.name.as_str()) {
        Some(name) if name.starts_with("latin1") || name.starts_with("ascii") => 1,
        Some(name) if name.starts_with("utf8mb3") || name.starts_with("utf8_") => 3,
        _ => 4,
    };
    match &column.ty.kind {
        LogicalType::Varchar(Some(length)) | LogicalType::Char(length) => length.saturating_mul(character) > MOST,
        LogicalType::Varbinary(Some(length)) | LogicalType::Binary(length) => *length > MOST,
        LogicalType::Text(_) | LogicalType::Blob(_) => true,
        _ => false,
    }
}

#[expect(clippy::too_many_lines, reason = "one exhaustive match: each change has one arm")]
fn plan(change: &Change, context: Context<'_>) -> Option<Plan> {
    let Context { declared, live, dialect, .. } = context;
    if let Change::PrivilegeMissing { privilege, columns, .. } = change {
        return granted(live?, *privilege, columns, context);
    }
    if declared.relation.is_view() {
        return None;
    }
    let Some(live) = live else {
        let Change::TableMissing { other_schemas, rename_candidates } = change else { return None };
        return match rename_candidates.as_slice() {
            // A table in another schema is to be found, not created again.
            _ if !other_schemas.is_empty() => None,
            // A type, or an index of SQLite, has its name.
            _ if context.taken.contains(&declared.name.name) => None,
            [] => create_table(declared, context.types, context.taken, dialect),
            [name] => Some(renamed_table(name, declared, dialect)),
            // Only people know which.
            [_, _, ..] => None,
        };
    };
    // It may be an older copy, and the right table may come after it in the search_path.
    if live.hides_a_better_one(declared, dialect) {
        return None;
    }
    // A constraint that the role cannot see may exist.
    if live.constraints == Visibility::Hidden {
        return None;
    }
    let is_altered = matches!(
        live.relation,
        RelationKind::Table
            | RelationKind::Partitioned
            | RelationKind::Versioned
            | RelationKind::Unlogged
            | RelationKind::WithoutTransactions(_)
    );
    if !is_altered {
        return None;
    }
    if is_refused(change, declared, live, context.tables, dialect) {
        return None;
    }
    let on = AlterTable { declared, table: live, dialect, types: context.types, taken: context.taken };
    match change {
        Change::ColumnMissing { declared, rename_candidates } => match rename_candidates.first() {
            Some(live) => Some(on.renamed(live, declared)),
            None => on.column(declared),
        },
        // The engine has no other key than that of its AUTO_INCREMENT.
        Change::UniqueMissing { .. } | Change::IndexMissing { .. } if matches!(&live.relation, RelationKind::WithoutTransactions(engine) if engine.eq_ignore_ascii_case("ARCHIVE")) => {
            None
        }
        // Each partition only rejects its own duplicates, unless the key includes the partition key.
        Change::UniqueMissing { .. } | Change::PrimaryKey { .. } if live.relation == RelationKind::Partitioned => None,
        // The declaration is to be corrected.
        Change::UniqueMissing { wider: Some(_), .. } => None,
        // Upserts would still fail beside a deferrable constraint over the same columns.
        Change::UniqueMissing { declared, .. }
            if live.indexes.iter().any(|live| is_deferrable_over(live, &declared.columns)) =>
        {
            None
        }
        Change::UniqueMissing { declared, nearest, .. } => {
            let mut plan = on.index(declared, nearest.as_ref())?;
            plan.remarks.insert(0, "fix duplicate rows first".to_owned());
            Some(plan)
        }
        Change::IndexMissing { declared, nearest, .. } => on.index(declared, nearest.as_ref()),
        Change::PrimaryKey { sides, equivalent: None, .. } if sides.live.is_empty() => on.primary_key(&sides.declared),
        Change::ForeignKeyMissing { declared, nearest: None } => on.foreign_key(declared),
        Change::ForeignKey { sides } => on.validated(&sides.declared, &sides.live),
        // It may have it.
        Change::CheckMissing { .. } if live.ignores_checks => None,
        Change::CheckMissing { declared } => on.check(declared),
        Change::Type { sides, .. } if declares_no_type(&sides.declared, &sides.live) => None,
        Change::Type { column, sides } if widening::is_wider(&sides.declared.kind, &sides.live.kind, dialect) => {
            on.widened(column)
        }
        Change::EnumLabels { column, missing, unexpected } => on.labelled(column, missing, unexpected),
        Change::Nullability { column, sides, .. } if sides.declared == Nullability::Nullable => on.nullable(column),
        Change::Default { column, effect: DefaultEffect::Missing, sides: Sides { declared: None, .. }, .. } => {
            on.default(column, &DefaultValue::Expression("NULL".to_owned()))
        }
        Change::Default { column, sides, .. } => on.default(column, sides.declared.as_ref()?),
        Change::Generation { column, sides, .. } if sides.declared == Generation::AutoIncrement => {
            on.generated(column, sides.live)
        }
        Change::SequenceBehind { column, sequence } if sequence.increment > 0 && !sequence.cycles => {
            on.advanced(column, sequence)
        }
        Change::SequenceNarrower { sequence, largest, .. } if sequence.last < *largest => {
            Some(lengthened(sequence, *largest))
        }
        Change::TableMissing { .. }
        | Change::RelationKind { .. }
        | Change::ColumnUnexpected { .. }
        | Change::Type { .. }
        | Change::Nullability { .. }
        | Change::Spelling { .. }
        | Change::Generation { .. }
        | Change::Collation { .. }
        | Change::PrimaryKey { .. }
        | Change::IndexUnexpected { .. }
        | Change::ForeignKeyMissing { .. }
        | Change::ForeignKeyUnexpected { .. }
        | Change::ReferringKey { .. }
        | Change::CheckUnexpected { .. }
        | Change::SequenceBehind { .. }
        | Change::SequenceNarrower { .. }
        | Change::KeysRunOut { .. }
        | Change::NullsRemain { .. }
        | Change::RewriteRule { .. }
        | Change::PartitionMissing { .. }
        | Change::FunctionUnknown { .. }
        | Change::ReplicaIdentity { .. }
        | Change::ReadOnly { .. }
        | Change::Encoding { .. }
        | Change::PrivilegeMissing { .. }
        | Change::RowSecurity { .. }
        | Change::RowSecurityRefused
        | Change::RowsUnreadable { .. } => None,
    }
}

/// A table that has its columns, under another name.
fn renamed_table(name: &str, declared: &Table, dialect: Dialect) -> Plan {
    let old = TableName { name: name.to_owned(), ..declared.name.clone() };
    let new = match dialect {
        Dialect::Postgres | Dialect::Sqlite => quoted(&declared.name.name, dialect),
        Dialect::MySql | Dialect::MariaDb => quoted_table(&declared.name, dialect),
    };
    Plan::raw([format!("ALTER TABLE {} RENAME TO {new}", quoted_table(&old, dialect))])
        .with(format!("only if `{name}` is the same table: other programs may use that name"))
}

fn is_deferrable_over(index: &Index, columns: &[String]) -> bool {
    let is_over = index.columns.len() == columns.len() && columns.iter().all(|column| index.columns.contains(column));
    is_over && index.restrictions.contains(&IndexRestriction::Deferrable)
}

fn lengthened(sequence: &Sequence, largest: i128) -> Plan {
    let ty = if i16::try_from(largest).is_ok() {
        "smallint"
    } else if i32::try_from(largest).is_ok() {
        "integer"
    } else {
        "bigint"
    };
    // The catalogue quotes the name where it needs it.
    Plan::raw([format!("ALTER SEQUENCE {} AS {ty} MAXVALUE {largest}", sequence.name)])
}

fn granted(live: &Table, privilege: Privilege, columns: &[String], context: Context<'_>) -> Option<Plan> {
    let dialect = context.dialect;
    let role = match dialect {
        Dialect::Postgres => quoted(context.role?, dialect),
        Dialect::MySql | Dialect::MariaDb => {
            let (user, host) = context.role?.rsplit_once('@')?;
            format!("{}@{}", literal(user, dialect), literal(host, dialect))
        }
        Dialect::Sqlite => return None,
    };
    let table = quoted_table(&context.declared.name, dialect);
    let statements: Vec<String> = if privilege == Privilege::Usage {
        let is_denied = |column: &&Column| column.denied.contains(&Privilege::Usage);
        let sequences = live.columns.iter().filter(is_denied).filter_map(|column| column.sequence.as_ref());
        sequences.map(|sequence| format!("GRANT USAGE ON SEQUENCE {} TO {role}", sequence.name)).collect()
    } else {
        let columns = if columns.is_empty() { String::new() } else { format!(" ({})", quoted_list(columns, dialect)) };
        vec![format!("GRANT {privilege}{columns} ON {table} TO {role}")]
    };
    let note = "run it as a role that may grant it, such as the table's owner";
    (!statements.is_empty()).then(|| Plan::raw(statements).with(note))
}

#[cfg(test)]
mod tests;
