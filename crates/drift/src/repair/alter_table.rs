//! Repairs of an existing table.

use std::mem::discriminant;

use super::{
    column::{Definition, given},
    create_table::{checks_of, condition, created_types, is_out_of_reach, must_exist},
    names::{foreign_key_name, free, index_name},
    operation::{Operation, Validation},
    plan::Plan,
    quote::{literal, quoted, quoted_list, quoted_table},
    sql::{statements, written},
};
use crate::{
    model::{
        Check, Column, DefaultValue, Dialect, ForeignKey, Generation, Index, IndexRestriction, LogicalType,
        Nullability, RelationKind, Sequence, Table, TableName, Uniqueness, Validity,
    },
    normalise::exceeds_type,
};

/// An existing table.
pub(super) struct AlterTable<'a> {
    pub(super) declared: &'a Table,
    pub(super) table: &'a Table,
    pub(super) dialect: Dialect,
    /// Declared types that exist (PostgreSQL).
    pub(super) types: &'a [String],
    /// Names that others have.
    pub(super) taken: &'a [String],
}

impl AlterTable<'_> {
    pub(super) fn name(&self) -> TableName {
        self.declared.name.clone()
    }

    pub(super) fn quoted(&self) -> String {
        quoted_table(&self.declared.name, self.dialect)
    }

    /// PostgreSQL and MySQL can change a table in place; SQLite only adds columns and indexes.
    pub(super) fn is_altered_in_place(&self) -> bool {
        self.dialect != Dialect::Sqlite
    }

    pub(super) fn live_column(&self, name: &str) -> Option<&Column> {
        self.table.columns.iter().find(|column| self.dialect.same_name(&column.name, name))
    }

    pub(super) fn column(&self, declared: &Column) -> Option<Plan> {
        let mut definition = Definition::whole(declared, self.dialect)?;
        let is_numbered = declared.generation != Generation::Supplied;
        if is_numbered && self.dialect != Dialect::Postgres {
            return None; // MySQL wants a key on it at once, SQLite has no such ALTER
        }
        if self.dialect == Dialect::Sqlite {
            let is_computed =
                matches!(declared.default, Some(DefaultValue::CurrentTimestamp | DefaultValue::Expression(_)));
            if is_computed {
                return None;
            }
            // SQLite cannot add a CHECK later.
            definition.extra.extend(checks_of(self.declared, declared));
        }
        let is_empty_without =
            declared.nullability == Nullability::NotNull && declared.default.is_none() && !is_numbered;
        if is_empty_without {
            definition.nullability = None;
        }
        let mut operations = created_types(std::iter::once(declared), self.types, self.dialect);
        operations.push(Operation::AddColumns { table: self.name(), columns: vec![definition] });
        let mut plan = Plan { operations, remarks: Vec::new() };
        if is_empty_without {
            plan = plan.with("added as nullable; back-fill it, then set NOT NULL");
        }
        if self.dialect == Dialect::Postgres {
            if let LogicalType::Named(_) = declared.ty.kind {
                plan = plan.with(must_exist("type", &declared.ty.text));
            }
            if is_numbered || matches!(declared.default, Some(DefaultValue::Expression(_))) {
                plan = plan.with("may rewrite the table under ACCESS EXCLUSIVE: reads and writes wait");
            }
        }
        Some(plan)
    }

    /// A column that may be the declared one under another name.
    pub(super) fn renamed(&self, live: &Column, declared: &Column) -> Plan {
        let rename = Operation::RenameColumn { table: self.name(), from: live.name.clone(), to: declared.name.clone() };
        let only = format!("only if `{}` is the same column: other programs may use that name", live.name);
        let added = self.column(declared).map(|plan| {
            let statements = plan.operations.iter().flat_map(|operation| statements(operation, self.dialect));
            format!("if it is another column: {}", statements.collect::<Vec<_>>().join("; "))
        });
        let plan = Plan::from(rename).with(only);
        added.into_iter().fold(plan, Plan::with)
    }

    /// `nearest` is a live index over the same columns that does not serve.
    pub(super) fn index(&self, declared: &Index, nearest: Option<&Index>) -> Option<Plan> {
        if is_out_of_reach(&self.declared.name, self.dialect) {
            return None;
        }
        if let Some(invalid) = nearest.filter(|index| self.is_to_be_built_again(declared, index)) {
            let schema = self.declared.name.schema.clone();
            let name = quoted_table(&TableName { schema, name: invalid.name.clone() }, self.dialect);
            let waits = "writes wait; REINDEX INDEX CONCURRENTLY does not block them, but cannot run in a migration's \
                         transaction";
            return Some(Plan::raw([format!("REINDEX INDEX {name}")]).with(waits));
        }
        let is_as_strict =
            |index: &&Index| declared.uniqueness == Uniqueness::Plain || index.uniqueness == Uniqueness::Unique;
        let is_only_ignored = |index: &&Index| index.restrictions == [IndexRestriction::Ignored];
        if let Some(ignored) = nearest.filter(is_as_strict).filter(is_only_ignored) {
            let seen = if self.dialect == Dialect::MariaDb { "NOT IGNORED" } else { "VISIBLE" };
            let name = quoted_table(&TableName { schema: None, name: ignored.name.clone() }, self.dialect);
            let table = quoted_table(&self.name(), self.dialect);
            return Some(Plan::raw([format!("ALTER TABLE {table} ALTER INDEX {name} {seen}")]));
        }
        let own = self.table.indexes.iter().map(|index| index.name.clone());
        let taken: Vec<String> = own.chain(self.taken.iter().cloned()).collect();
        let index = Index { name: index_name(declared, &self.declared.name, &taken), ..declared.clone() };
        let plan = Plan::from(Operation::CreateIndex { table: self.name(), index });
        let waits =
            "writes wait; CREATE INDEX CONCURRENTLY does not block them, but cannot run in a migration's transaction";
        let may_be_concurrent = self.dialect == Dialect::Postgres && self.table.relation != RelationKind::Partitioned;
        let plan = if may_be_concurrent { plan.with(waits) } else { plan };
        Some(match nearest {
            Some(index)
                if index.uniqueness == Uniqueness::Unique
                    && !index.restrictions.contains(&IndexRestriction::Partial) =>
            {
                plan.with(format!(
                    "`{}` stays beside it and goes on rejecting what it rejects: drop it by hand",
                    index.name
                ))
            }
            Some(index) => plan.with(format!("`{}` stays beside it: drop it by hand if no query needs it", index.name)),
            None => plan,
        })
    }

    /// Whether the index is the declared one, and only its creation failed.
    fn is_to_be_built_again(&self, declared: &Index, live: &Index) -> bool {
        let failed = [IndexRestriction::Invalid, IndexRestriction::Unbuilt];
        self.dialect == Dialect::Postgres
            && self.table.relation != RelationKind::Partitioned
            && declared.uniqueness == live.uniqueness
            && !live.restrictions.is_empty()
            && live.restrictions.iter().all(|limit| failed.contains(limit))
    }

    pub(super) fn primary_key(&self, declared: &[String]) -> Option<Plan> {
        if !self.is_altered_in_place() || declared.is_empty() {
            return None;
        }
        let columns = quoted_list(declared, self.dialect);
        let add = format!("ALTER TABLE {} ADD PRIMARY KEY ({columns})", self.quoted());
        Some(Plan::raw([add]).with("fix rows with duplicate or NULL keys first"))
    }

    pub(super) fn foreign_key(&self, declared: &ForeignKey) -> Option<Plan> {
        let is_out_of_reach =
            [&self.declared.name, &declared.target].iter().any(|name| is_out_of_reach(name, self.dialect));
        if !self.is_altered_in_place() || is_out_of_reach {
            return None;
        }
        let own = self.table.foreign_keys.iter().map(|key| key.name.clone());
        let taken: Vec<String> = own.chain(self.taken.iter().cloned()).collect();
        let key = ForeignKey { name: foreign_key_name(declared, &self.declared.name, &taken), ..declared.clone() };
        let is_apart = self.dialect == Dialect::Postgres && self.table.relation != RelationKind::Partitioned;
        let validation = if is_apart { Validation::Apart } else { Validation::AtOnce };
        let plan = Plan::from(Operation::AddForeignKey { table: self.name(), key, validation })
            .with("fix orphaned rows first");
        let short = "run each statement in its own transaction to block writes only briefly";
        Some(if is_apart { plan.with(short) } else { plan })
    }

    /// Validates a foreign key that is otherwise as declared.
    pub(super) fn validated(&self, declared: &ForeignKey, live: &ForeignKey) -> Option<Plan> {
        if !declared.has_same_actions_as(live) || self.dialect != Dialect::Postgres {
            return None;
        }
        let (table, name) = (self.quoted(), quoted(&live.name, self.dialect));
        let sql = match live.validity {
            Validity::Validated | Validity::Broken => return None,
            Validity::NotValidated => format!("ALTER TABLE {table} VALIDATE CONSTRAINT {name}"),
            Validity::NotEnforced => format!("ALTER TABLE {table} ALTER CONSTRAINT {name} ENFORCED"),
            // Those of the referenced table, too, which may be another one.
            Validity::Disabled => {
                let target = quoted_table(&live.target, self.dialect);
                let enable = |table: &str| format!("ALTER TABLE {table} ENABLE TRIGGER ALL");
                let plan = Plan::raw([enable(&table), enable(&target)]).with("fix orphaned rows first");
                return Some(
                    plan.with("only a superuser may do this; triggers that are meant to be disabled are enabled, too"),
                );
            }
        };
        Some(Plan::raw([sql]).with("fix orphaned rows first"))
    }

    pub(super) fn check(&self, declared: &Check) -> Option<Plan> {
        if !self.is_altered_in_place() {
            return None;
        }
        let mut taken: Vec<String> = self.table.checks.iter().map(|check| check.name.clone()).collect();
        taken.extend(self.table.idle_checks.iter().cloned());
        let name = free(&format!("{}_{}_check", self.declared.name.name, declared.columns.join("_")), &taken);
        let (table, name) = (self.quoted(), quoted(&name, self.dialect));
        let add = format!("ALTER TABLE {table} ADD CONSTRAINT {name} CHECK {}", condition(&declared.text)?);
        let plan = Plan::raw([add]).with("fix rows that violate it first");
        Some(match self.table.idle_checks.as_slice() {
            [] => plan,
            idle => plan.with(format!("{} is not enforced, and stays beside it", idle.join(", "))),
        })
    }

    pub(super) fn labelled(&self, column: &str, missing: &[String], unexpected: &[String]) -> Option<Plan> {
        let ty = &self.declared.columns.iter().find(|declared| declared.name == column)?.ty;
        match ty.enum_name() {
            _ if missing.is_empty() => None,
            Some(name) => {
                let schema = self.live_column(column)?.type_schema.as_deref().map(str::to_owned);
                let name = quoted_table(&TableName { schema, name: name.to_owned() }, self.dialect);
                let add =
                    missing.iter().map(|label| format!("ALTER TYPE {name} ADD VALUE {}", literal(label, self.dialect)));
                Some(Plan::raw(add).with("a new label cannot be used in the transaction that adds it"))
            }
            None if unexpected.is_empty() => self.widened(column),
            None => None,
        }
    }

    pub(super) fn widened(&self, column: &str) -> Option<Plan> {
        let (declared, live) =
            (self.declared.columns.iter().find(|declared| declared.name == column)?, self.live_column(column)?);
        if !self.is_altered_in_place() || live.generation == Generation::Computed {
            return None;
        }
        let definition = Definition::typed(declared, self.dialect)?;
        if self.dialect == Dialect::Postgres {
            let plan = Plan::from(Operation::ModifyColumn { table: self.name(), column: definition });
            let is_rewritten =
                matches!(live.ty.kind, LogicalType::Integer { .. } | LogicalType::Float { .. } | LogicalType::Char(_));
            let rewrites = "rewrites the table under ACCESS EXCLUSIVE: reads and writes wait";
            return Some(if is_rewritten { plan.with(rewrites) } else { plan });
        }
        // An index over text needs a length, and over a `varchar` has none.
        let is_indexed = self.table.indexes.iter().any(|index| index.columns.contains(&declared.name));
        if is_indexed && matches!(declared.ty.kind, LogicalType::Text(_) | LogicalType::Blob(_)) {
            return None;
        }
        // MySQL wants as many digits of a second in `now()` as the new type has.
        let restated = Definition::restated(&Column { ty: declared.ty.clone(), ..live.clone() }, self.dialect)?;
        let plan = self.modified(live, Definition { ty: definition.ty, ..restated })?;
        let becomes_json = matches!(declared.ty.field, LogicalType::Json | LogicalType::JsonBinary);
        // MySQL has a type that rejects other text, and MariaDB adds CHECK (json_valid(...)) by itself.
        let fails = "fails on rows that are not valid JSON: fix them first";
        Some(if becomes_json { plan.with(fails) } else { plan })
    }

    /// MySQL's MODIFY, which drops every attribute that it does not repeat, such as a CHECK or character set.
    pub(super) fn modified(&self, live: &Column, column: Definition) -> Option<Plan> {
        // The type `json` brings its CHECK along.
        let is_json = |name: &str| {
            let declared = self.declared.columns.iter().find(|declared| self.dialect.same_name(&declared.name, name));
            declared.is_some_and(|column| matches!(column.ty.field, LogicalType::Json | LogicalType::JsonBinary))
        };
        let has_check = self.table.checks.iter().any(|check| {
            check.columns.contains(&live.name) && !(check.validates_json(&live.name) && is_json(&live.name))
        });
        let has_collation = live.collation.is_some() && !is_json(&live.name);
        let plan = Plan::from(Operation::ModifyColumn { table: self.name(), column })
            .with("MODIFY restates the column: repeat its COMMENT and CHARACTER SET");
        (!has_check && !has_collation).then_some(plan)
    }

    pub(super) fn nullable(&self, column: &str) -> Option<Plan> {
        let live = self.live_column(column)?;
        let is_key = self.table.primary_key.iter().any(|key| self.dialect.same_name(key, &live.name));
        let is_given = matches!(live.generation, Generation::Supplied | Generation::OnUpdate);
        // A column cannot allow what its domain rejects.
        if !self.is_altered_in_place() || is_key || !is_given || live.has_domain {
            return None;
        }
        if self.dialect == Dialect::Postgres {
            let definition = Definition { nullability: Some(Nullability::Nullable), ..Definition::named(&live.name) };
            return Some(Operation::ModifyColumn { table: self.name(), column: definition }.into());
        }
        let restated = Definition::restated(live, self.dialect)?;
        self.modified(live, Definition { nullability: Some(Nullability::Nullable), ..restated })
    }

    /// Existing rows keep their values.
    pub(super) fn default(&self, column: &str, declared: &DefaultValue) -> Option<Plan> {
        let live = self.live_column(column)?;
        let ty = &self.declared.columns.iter().find(|declared| declared.name == column)?.ty;
        // Another type may not accept the value.
        if discriminant(&ty.kind) != discriminant(&live.ty.kind) || exceeds_type(declared, &live.ty.kind) {
            return None;
        }
        let default = given(declared, ty, self.dialect);
        match self.dialect {
            Dialect::Sqlite => None,
            Dialect::Postgres => {
                let definition = Definition { default: Some(default), ..Definition::named(&live.name) };
                Some(Operation::ModifyColumn { table: self.name(), column: definition }.into())
            }
            // Unlike MODIFY, this changes only the default.
            Dialect::MySql | Dialect::MariaDb => {
                let (table, column) = (self.quoted(), quoted(&live.name, self.dialect));
                let value = written(&default, self.dialect);
                Some(Plan::raw([format!("ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT {value}")]))
            }
        }
    }

    pub(super) fn generated(&self, column: &str, was: Generation) -> Option<Plan> {
        let live = self.live_column(column)?;
        let (table, name) = (self.quoted(), quoted(&live.name, self.dialect));
        let is_plain =
            was == Generation::Supplied && live.default.is_none() && live.nullability == Nullability::NotNull;
        match (self.dialect, was) {
            (Dialect::Postgres, Generation::AlwaysIdentity) => {
                Some(Plan::raw([format!("ALTER TABLE {table} ALTER COLUMN {name} SET GENERATED BY DEFAULT")]))
            }
            (Dialect::Postgres, _) if is_plain => {
                let [of_table, of_column] = [&table, &live.name].map(|text| literal(text, self.dialect));
                Some(Plan::raw([
                    format!("ALTER TABLE {table} ALTER COLUMN {name} ADD GENERATED BY DEFAULT AS IDENTITY"),
                    // The sequence of the identity: `pg_get_serial_sequence` may name that of the default which the column had
                    // before. Without rows the maximum is NULL, which sets nothing.
                    format!(
                        "SELECT setval(owned.objid::regclass, (SELECT max({name}) FROM {table})) FROM pg_catalog.pg_depend AS owned \
                         JOIN pg_catalog.pg_attribute AS key ON key.attrelid = owned.refobjid AND key.attnum = owned.refobjsubid \
                         WHERE owned.deptype = 'i' AND owned.classid = 'pg_catalog.pg_class'::regclass \
                         AND owned.refobjid = {of_table}::regclass AND key.attname = {of_column}"
                    ),
                ]))
            }
            (Dialect::MySql | Dialect::MariaDb, _) if is_plain => {
                let begins =
                    |columns: &[String]| columns.first().is_some_and(|first| self.dialect.same_name(first, column));
                let has_key =
                    begins(&self.table.primary_key) || self.table.indexes.iter().any(|index| begins(&index.columns));
                let restated = Definition::restated(live, self.dialect)?;
                let numbered = Definition { generation: Generation::AutoIncrement, ..restated };
                if has_key { self.modified(live, numbered) } else { None }
            }
            _ => None,
        }
    }

    pub(super) fn advanced(&self, column: &str, sequence: &Sequence) -> Option<Plan> {
        let column = quoted(&self.live_column(column)?.name, self.dialect);
        let sequence = literal(&sequence.name, self.dialect);
        Some(Plan::raw([format!("SELECT setval({sequence}, (SELECT max({column}) FROM {}))", self.quoted())]))
    }
}
