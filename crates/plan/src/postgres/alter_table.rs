//! `ALTER TABLE`, operation by operation: one lock for all, the strongest that any of them needs.

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
    facts::{Facts, Indexed, Nulls},
};
use crate::{effect::Effect, mode::Mode, model::Work, server::Version, sql};

pub(crate) fn judge(alter: &AlterTable, version: Version, facts: &Facts) -> Effect {
    let alteration = Alteration { table: &sql::table(DbBackend::Postgres, &alter.name), version, facts };
    let effects = alter.operations.iter().map(|operation| alteration.judge(operation));
    effects.reduce(Effect::and).unwrap_or_else(|| Effect::unknown("it changes nothing that is known"))
}

struct Alteration<'a> {
    table: &'a str,
    version: Version,
    facts: &'a Facts,
}

impl Alteration<'_> {
    fn judge(&self, operation: &AlterTableOperation) -> Effect {
        match operation {
            AlterTableOperation::AddColumn { column_def, .. } => {
                if self.facts.present.contains(&name(&column_def.name)) {
                    self.is_there()
                } else {
                    add_column::add(self.table, column_def, self.facts)
                }
            }
            AlterTableOperation::DropColumn { column_names, .. } => {
                let is_dropped = |column: &str| column_names.iter().any(|dropped| name(dropped) == column);
                self.with_references(self.describes(), is_dropped)
            }
            AlterTableOperation::AlterColumn { column_name, op } => self.alter_column(&name(column_name), op),
            AlterTableOperation::AddConstraint { constraint, not_valid } => self.constrain(constraint, *not_valid),
            AlterTableOperation::ValidateConstraint { name: constraint } => {
                let read = self.on(Mode::ShareUpdateExclusive, Work::ReadsTable).because("each row is checked");
                self.outgoing(&name(constraint)).fold(read, |effect, other| effect.locking(other, Mode::RowShare))
            }
            AlterTableOperation::DropConstraint { drop_behavior: Some(DropBehavior::Cascade), .. }
                if self.facts.references.iter().any(|reference| !reference.is_outgoing) =>
            {
                Effect::unknown("which foreign keys go with it is not in the statement")
            }
            AlterTableOperation::DropConstraint { name: constraint, .. } => {
                let dropped = name(constraint);
                let others = self.facts.references.iter().filter(|reference| reference.constraint == dropped);
                others.fold(self.describes(), |effect, reference| {
                    effect.locking(reference.other_table.as_str(), Mode::AccessExclusive)
                })
            }
            AlterTableOperation::SetOptionsParens { .. } | AlterTableOperation::ResetOptions { .. } => {
                self.on(Mode::ShareUpdateExclusive, Work::Metadata)
            }
            AlterTableOperation::SetLogged | AlterTableOperation::SetUnlogged => {
                self.on(Mode::AccessExclusive, Work::RewritesTable)
            }
            AlterTableOperation::EnableTrigger { .. }
            | AlterTableOperation::EnableAlwaysTrigger { .. }
            | AlterTableOperation::EnableReplicaTrigger { .. }
            | AlterTableOperation::DisableTrigger { .. } => self.on(Mode::ShareRowExclusive, Work::Metadata),
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
            | AlterTableOperation::DisableRule { .. } => self.describes(),
            AlterTableOperation::AttachPartitionOf { partition, .. } => {
                let partition = sql::table(DbBackend::Postgres, partition);
                let attached = self
                    .on(Mode::ShareUpdateExclusive, Work::ReadsTable)
                    .locking(partition, Mode::AccessExclusive)
                    .because("each row of the partition is checked, unless a constraint of it says the same");
                match &self.facts.default_partition {
                    None => attached,
                    Some(default) => attached.locking(default, Mode::AccessExclusive),
                }
            }
            AlterTableOperation::DetachPartitionOf { partition, mode } => {
                let parent = match mode {
                    Some(DetachPartitionMode::Concurrently | DetachPartitionMode::Finalize) => {
                        Mode::ShareUpdateExclusive
                    }
                    None => Mode::AccessExclusive,
                };
                let own =
                    if self.version < Version(14, 0, 0) { Mode::ShareUpdateExclusive } else { Mode::AccessExclusive };
                self.on(parent, Work::Metadata).locking(sql::table(DbBackend::Postgres, partition), own)
            }
            _ => Effect::unknown("this kind of ALTER TABLE is not among those that are judged"),
        }
    }

    fn alter_column(&self, column: &str, operation: &AlterColumnOperation) -> Effect {
        let known = self.facts.columns.get(column);
        match operation {
            AlterColumnOperation::SetDefault { .. }
            | AlterColumnOperation::DropDefault
            | AlterColumnOperation::DropNotNull
            | AlterColumnOperation::AddGenerated { .. } => self.describes(),
            AlterColumnOperation::SetNotNull => match known.map(|known| known.nulls) {
                Some(Nulls::Refused) => self.describes().because("the column is NOT NULL already"),
                Some(Nulls::Proven) => self.describes().because("a CHECK says already that no row is without a value"),
                Some(Nulls::Unclear) => self
                    .on(Mode::AccessExclusive, Work::Unknown)
                    .because("all rows are read, unless enough is known of the column by then"),
                Some(Nulls::Taken) => self.on(Mode::AccessExclusive, Work::ReadsTable).because("each row is checked"),
                None => self.unseen(column),
            },
            AlterColumnOperation::SetDataType { data_type, using, .. } => {
                self.change_type(column, data_type, using.as_ref())
            }
            AlterColumnOperation::GenericOptions { .. } => self.describes(),
        }
    }

    fn change_type(&self, column: &str, new: &DataType, using: Option<&Expr>) -> Effect {
        let on_table = |work| self.on(Mode::AccessExclusive, work);
        let Some(known) = self.facts.columns.get(column) else { return self.unseen(column) };
        let Some(data_type) = &known.data_type else { return self.unseen(column) };
        let old =
            Parser::new(&PostgreSqlDialect {}).try_with_sql(data_type).and_then(|mut parser| parser.parse_data_type());
        let work = match &old {
            _ if using.is_some_and(is_computed) => Some(Work::RewritesTable),
            Ok(old) if using.is_none_or(|using| is_the_column(using, column, new)) => {
                column_type::change(old, new, self.facts.is_utc)
            }
            _ => None,
        };
        let effect = match work {
            // The checks are made anew, and with them each row is.
            Some(Work::Metadata) if known.is_checked => on_table(Work::ReadsTable).because("its CHECK is made anew"),
            Some(Work::Metadata) => match known.indexed {
                Indexed::Specially => on_table(Work::ReadsTable).because("its index is built anew"),
                Indexed::Plainly if old.is_ok_and(|old| column_type::changes_zone(&old, new)) => {
                    on_table(Work::ReadsTable).because("its index is built anew, in another order")
                }
                Indexed::Unclear => {
                    on_table(Work::Unknown).because(format!("which indexes {column} is in by then is not known yet"))
                }
                Indexed::Plainly | Indexed::No => {
                    on_table(Work::Metadata).because(format!("{data_type} is stored like {new}"))
                }
            },
            Some(work) if using.is_some_and(is_computed) => on_table(work).because("the value of each row is computed"),
            Some(work) => on_table(work).because(format!("{data_type} is stored otherwise than {new}")),
            None => on_table(Work::Unknown).because(format!(
                "whether {data_type} is stored like {new} is not known; if not, it rewrites the table"
            )),
        };
        self.with_references(effect, |referring| referring == column)
    }

    fn constrain(&self, constraint: &TableConstraint, not_valid: bool) -> Effect {
        let on_table = |work| self.on(Mode::AccessExclusive, work);
        match constraint {
            TableConstraint::ForeignKey(reference) => {
                let other = sql::table(DbBackend::Postgres, &reference.foreign_table);
                let work = if not_valid { Work::Metadata } else { Work::ReadsTable };
                let effect = self.on(Mode::ShareRowExclusive, work).locking(other, Mode::ShareRowExclusive);
                if not_valid { effect } else { effect.because("each row is checked") }
            }
            TableConstraint::Check(_) if not_valid => on_table(Work::Metadata),
            TableConstraint::Check(_) => on_table(Work::ReadsTable).because("each row is checked"),
            TableConstraint::Unique(_) | TableConstraint::PrimaryKey(_) | TableConstraint::Exclude(_) => {
                on_table(Work::ReadsTable).because("its index is built")
            }
            TableConstraint::UniqueUsingIndex(_) => on_table(Work::Metadata),
            TableConstraint::PrimaryKeyUsingIndex(_) => {
                on_table(Work::Unknown).because("all rows are read, unless the columns are NOT NULL already")
            }
            TableConstraint::Index(_) | TableConstraint::FulltextOrSpatial(_) => {
                Effect::unknown("PostgreSQL has no such constraint")
            }
        }
    }

    /// Dropping a foreign key, or making it anew, touches the table at its other end.
    fn with_references(&self, effect: Effect, is_touched: impl Fn(&str) -> bool) -> Effect {
        let touched = self.facts.references.iter().filter(|reference| is_touched(&reference.own_column));
        touched.fold(effect, |effect, reference| effect.locking(reference.other_table.as_str(), Mode::AccessExclusive))
    }

    /// The tables that a foreign key of this table refers to.
    fn outgoing(&self, constraint: &str) -> impl Iterator<Item = String> {
        let outgoing = self.facts.references.iter().filter(|reference| reference.is_outgoing);
        outgoing
            .filter(move |reference| reference.constraint == constraint)
            .map(|reference| reference.other_table.clone())
    }

    fn on(&self, mode: Mode, work: Work) -> Effect {
        Effect::on(self.table, mode, work)
    }

    fn describes(&self) -> Effect {
        self.on(Mode::AccessExclusive, Work::Metadata)
    }

    fn is_there(&self) -> Effect {
        self.on(Mode::AccessExclusive, Work::Nothing).because("the column is there already")
    }

    /// A column that only an earlier statement makes.
    fn unseen(&self, column: &str) -> Effect {
        self.on(Mode::AccessExclusive, Work::Unknown).because(format!("what {column} is by then is not known yet"))
    }
}

/// `USING` that says what happens without it, too.
fn is_the_column(using: &Expr, column: &str, new: &DataType) -> bool {
    match using {
        Expr::Identifier(identifier) => name(identifier) == column,
        Expr::Cast { expr, data_type, .. } => data_type == new && is_the_column(expr, column, new),
        Expr::Nested(inner) => is_the_column(inner, column, new),
        _ => false,
    }
}

/// `USING` whose result is surely not what is stored.
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
