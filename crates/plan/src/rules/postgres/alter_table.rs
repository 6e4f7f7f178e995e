//! `ALTER TABLE`, operation by operation. The statement takes the strongest lock that any of them needs.

use sea_orm_migration::sea_orm::DbBackend;
use sqlparser::{
    ast::{
        AlterColumnOperation, AlterTable, AlterTableOperation, DataType, DetachPartitionMode, DropBehavior, Expr,
        Ident, TableConstraint,
    },
    dialect::PostgreSqlDialect,
    parser::Parser,
};

use super::{
    add_column, column_type,
    facts::{Facts, IndexUse, Nullability},
};
use crate::{impact::Impact, lock_mode::LockMode, plan::Work, server::Version, sql};

pub(crate) fn analyse(alter: &AlterTable, version: Version, facts: &Facts) -> Impact {
    let alteration = Alteration { table: &sql::table(DbBackend::Postgres, &alter.name), version, facts };
    let impacts = alter.operations.iter().map(|operation| alteration.analyse(operation));
    impacts.reduce(Impact::and).unwrap_or_else(|| Impact::unknown("the statement has no operation"))
}

struct Alteration<'a> {
    table: &'a str,
    version: Version,
    facts: &'a Facts,
}

impl Alteration<'_> {
    fn analyse(&self, operation: &AlterTableOperation) -> Impact {
        match operation {
            AlterTableOperation::AddColumn { column_def, if_not_exists, .. } => {
                if self.facts.present.contains(&name(&column_def.name)) {
                    self.existing_column(*if_not_exists)
                } else {
                    add_column::add(self.table, column_def, self.version, self.facts)
                }
            }
            AlterTableOperation::DropColumn { column_names, .. } => {
                let is_dropped = |column: &str| column_names.iter().any(|dropped| name(dropped) == column);
                self.locking_references(self.catalogue_only(), is_dropped)
            }
            AlterTableOperation::AlterColumn { column_name, op } => self.alter_column(&name(column_name), op),
            AlterTableOperation::AddConstraint { constraint, not_valid } => self.add_constraint(constraint, *not_valid),
            AlterTableOperation::ValidateConstraint { name: constraint } => {
                let scan =
                    self.on(LockMode::ShareUpdateExclusive, Work::ReadsTable).with_reason("the server checks each row");
                self.outgoing(&name(constraint)).fold(scan, |impact, other| impact.locking(other, LockMode::RowShare))
            }
            AlterTableOperation::DropConstraint { drop_behavior: Some(DropBehavior::Cascade), .. }
                if self.facts.references.iter().any(|reference| !reference.is_outgoing) =>
            {
                Impact::unknown("CASCADE: the statement does not name the foreign keys that are dropped with it")
            }
            AlterTableOperation::DropConstraint { name: constraint, .. } => {
                let dropped = name(constraint);
                let matching = self.facts.references.iter().filter(|reference| reference.constraint == dropped);
                matching.fold(self.catalogue_only(), |impact, reference| {
                    impact.locking(reference.other_table.as_str(), LockMode::AccessExclusive)
                })
            }
            AlterTableOperation::SetOptionsParens { .. } | AlterTableOperation::ResetOptions { .. } => {
                self.on(LockMode::ShareUpdateExclusive, Work::Metadata)
            }
            AlterTableOperation::SetLogged | AlterTableOperation::SetUnlogged => {
                self.on(LockMode::AccessExclusive, Work::RewritesTable)
            }
            AlterTableOperation::EnableTrigger { .. }
            | AlterTableOperation::EnableAlwaysTrigger { .. }
            | AlterTableOperation::EnableReplicaTrigger { .. }
            | AlterTableOperation::DisableTrigger { .. } => self.on(LockMode::ShareRowExclusive, Work::Metadata),
            AlterTableOperation::RenameColumn { .. }
            | AlterTableOperation::RenameTable { .. }
            | AlterTableOperation::RenameConstraint { .. }
            | AlterTableOperation::OwnerTo { .. }
            | AlterTableOperation::ReplicaIdentity { .. }
            | AlterTableOperation::EnableRowLevelSecurity
            | AlterTableOperation::DisableRowLevelSecurity
            | AlterTableOperation::ForceRowLevelSecurity
            | AlterTableOperation::NoForceRowLevelSecurity
            | AlterTableOperation::EnableRule { .. }
            | AlterTableOperation::DisableRule { .. } => self.catalogue_only(),
            AlterTableOperation::AttachPartitionOf { partition, .. } => {
                let partition = sql::table(DbBackend::Postgres, partition);
                let attached = self
                    .on(LockMode::ShareUpdateExclusive, Work::ReadsTable)
                    .locking(partition, LockMode::AccessExclusive)
                    .with_reason("the server checks each row of the partition, unless a CHECK already implies the partition bounds");
                let references = self.facts.references.iter();
                let attached = references
                    .filter_map(|reference| {
                        reference.lock_for_partition(&self.facts.partition_references, self.version)
                    })
                    .fold(attached, |impact, (other, mode)| impact.locking(other, mode));
                match &self.facts.default_partition {
                    None => attached,
                    Some(default) => attached.locking(default, LockMode::AccessExclusive),
                }
            }
            AlterTableOperation::DetachPartitionOf { partition, mode } => {
                let parent_lock = match mode {
                    Some(DetachPartitionMode::Concurrently | DetachPartitionMode::Finalize) => {
                        LockMode::ShareUpdateExclusive
                    }
                    None => LockMode::AccessExclusive,
                };
                let is_referenced = self.facts.references.iter().any(|reference| !reference.is_outgoing);
                let partition_lock = if self.version < Version(14, 0, 0) && !is_referenced {
                    LockMode::ShareUpdateExclusive
                } else {
                    LockMode::AccessExclusive
                };
                let detached = if is_referenced {
                    self.on(parent_lock, Work::ReadsTable)
                        .with_reason("the server checks that no row refers to the partition")
                } else {
                    self.on(parent_lock, Work::Metadata)
                };
                let detached = detached.locking(sql::table(DbBackend::Postgres, partition), partition_lock);
                self.facts.references.iter().fold(detached, |impact, reference| {
                    let mode =
                        if reference.is_outgoing { LockMode::ShareRowExclusive } else { LockMode::AccessExclusive };
                    impact.locking(reference.other_table.as_str(), mode)
                })
            }
            _ => Impact::unknown("no rule for this kind of ALTER TABLE"),
        }
    }

    fn alter_column(&self, column: &str, operation: &AlterColumnOperation) -> Impact {
        let column_facts = self.facts.columns.get(column);
        match operation {
            AlterColumnOperation::SetDefault { .. }
            | AlterColumnOperation::DropDefault
            | AlterColumnOperation::DropNotNull
            | AlterColumnOperation::AddGenerated { .. } => self.catalogue_only(),
            AlterColumnOperation::SetNotNull => match column_facts.map(|column_facts| column_facts.nullability) {
                Some(Nullability::NotNull) => self.catalogue_only().with_reason("the column is already NOT NULL"),
                Some(Nullability::CheckedNotNull) => {
                    self.catalogue_only().with_reason("a CHECK already proves that no row is NULL")
                }
                Some(Nullability::Unknown) => self
                    .on(LockMode::AccessExclusive, Work::Unknown)
                    .with_reason("the server reads all rows, unless a CHECK proves by then that none is NULL"),
                Some(Nullability::Nullable) => {
                    self.on(LockMode::AccessExclusive, Work::ReadsTable).with_reason("the server checks each row")
                }
                None => self.changed_column(column),
            },
            AlterColumnOperation::SetDataType { data_type, using, .. } => {
                self.change_type(column, data_type, using.as_ref())
            }
            AlterColumnOperation::GenericOptions { .. } => self.catalogue_only(),
        }
    }

    fn change_type(&self, column: &str, new: &DataType, using: Option<&Expr>) -> Impact {
        let on_table = |work| self.on(LockMode::AccessExclusive, work);
        let Some(column_facts) = self.facts.columns.get(column) else { return self.changed_column(column) };
        let Some(data_type) = &column_facts.data_type else { return self.changed_column(column) };
        let old =
            Parser::new(&PostgreSqlDialect {}).try_with_sql(data_type).and_then(|mut parser| parser.parse_data_type());
        let work = match &old {
            _ if using.is_some_and(is_computed) => Some(Work::RewritesTable),
            Ok(old) if using.is_none_or(|using| is_default_conversion(using, column, new)) => {
                column_type::change(old, new, self.facts.is_utc)
            }
            _ => None,
        };
        let impact = match work {
            // The constraint is added again, which checks each row.
            Some(Work::Metadata) if column_facts.is_checked => {
                on_table(Work::ReadsTable).with_reason("the server checks its CHECK again")
            }
            Some(Work::Metadata) => match column_facts.index_use {
                IndexUse::Special => on_table(Work::ReadsTable).with_reason("the server rebuilds its index"),
                IndexUse::Plain if old.is_ok_and(|old| column_type::changes_zone(&old, new)) => {
                    on_table(Work::ReadsTable).with_reason("the server rebuilds its index, in another order")
                }
                IndexUse::Unknown => {
                    on_table(Work::Unknown).with_reason("an earlier statement changes the indexes of the table")
                }
                IndexUse::Plain | IndexUse::None => {
                    on_table(Work::Metadata).with_reason(format!("{data_type} and {new} are stored alike"))
                }
            },
            Some(work) if using.is_some_and(is_computed) => {
                on_table(work).with_reason("USING computes each row's value")
            }
            Some(work) => on_table(work).with_reason(format!("{data_type} and {new} are stored differently")),
            None => on_table(Work::Unknown).with_reason(format!(
                "it is unknown whether {data_type} and {new} are stored alike; if not, the server rewrites the table"
            )),
        };
        self.locking_references(impact, |referring| referring == column)
    }

    fn add_constraint(&self, constraint: &TableConstraint, not_valid: bool) -> Impact {
        let on_table = |work| self.on(LockMode::AccessExclusive, work);
        match constraint {
            TableConstraint::ForeignKey(reference) => {
                let other = sql::table(DbBackend::Postgres, &reference.foreign_table);
                let work = if not_valid { Work::Metadata } else { Work::ReadsTable };
                let impact = self.on(LockMode::ShareRowExclusive, work).locking(other, LockMode::ShareRowExclusive);
                if not_valid { impact } else { impact.with_reason("the server checks each row") }
            }
            TableConstraint::Check(_) if not_valid => on_table(Work::Metadata),
            TableConstraint::Check(_) => on_table(Work::ReadsTable).with_reason("the server checks each row"),
            TableConstraint::Unique(_) | TableConstraint::PrimaryKey(_) | TableConstraint::Exclude(_) => {
                on_table(Work::ReadsTable).with_reason("the server builds its index")
            }
            TableConstraint::UniqueUsingIndex(_) => on_table(Work::Metadata),
            TableConstraint::PrimaryKeyUsingIndex(_) => on_table(Work::Unknown)
                .with_reason("the server reads all rows, unless the columns are already NOT NULL"),
            TableConstraint::Index(_) | TableConstraint::FulltextOrSpatial(_) => {
                Impact::unknown("not a constraint of PostgreSQL")
            }
        }
    }

    /// Dropping or rebuilding a foreign key locks the table at its other end.
    fn locking_references(&self, impact: Impact, is_affected: impl Fn(&str) -> bool) -> Impact {
        let affected = self.facts.references.iter().filter(|reference| is_affected(&reference.own_column));
        affected
            .fold(impact, |impact, reference| impact.locking(reference.other_table.as_str(), LockMode::AccessExclusive))
    }

    /// The tables that this table's foreign keys of that name refer to.
    fn outgoing(&self, constraint: &str) -> impl Iterator<Item = String> {
        let outgoing = self.facts.references.iter().filter(|reference| reference.is_outgoing);
        outgoing
            .filter(move |reference| reference.constraint == constraint)
            .map(|reference| reference.other_table.clone())
    }

    fn on(&self, mode: LockMode, work: Work) -> Impact {
        Impact::on(self.table, mode, work)
    }

    fn catalogue_only(&self) -> Impact {
        self.on(LockMode::AccessExclusive, Work::Metadata)
    }

    fn existing_column(&self, may_exist: bool) -> Impact {
        self.on(LockMode::AccessExclusive, Work::Nothing).with_reason(if may_exist {
            "the column already exists"
        } else {
            "the column already exists, so the server rejects the statement"
        })
    }

    /// A column that an earlier statement adds or changes.
    fn changed_column(&self, column: &str) -> Impact {
        self.on(LockMode::AccessExclusive, Work::Unknown)
            .with_reason(format!("an earlier statement adds or changes {column}"))
    }
}

/// `USING` that is the same as the default conversion.
fn is_default_conversion(using: &Expr, column: &str, new: &DataType) -> bool {
    match using {
        Expr::Identifier(identifier) => name(identifier) == column,
        Expr::Cast { expr, data_type, .. } => data_type == new && is_default_conversion(expr, column, new),
        Expr::Nested(inner) => is_default_conversion(inner, column, new),
        _ => false,
    }
}

/// `USING` that the server computes for each row.
fn is_computed(using: &Expr) -> bool {
    match using {
        Expr::BinaryOp { .. } | Expr::Function(_) | Expr::Case { .. } | Expr::Value(_) => true,
        Expr::Nested(inner) | Expr::Cast { expr: inner, .. } => is_computed(inner),
        _ => false,
    }
}

fn name(identifier: &Ident) -> String {
    sql::name(DbBackend::Postgres, identifier)
}
