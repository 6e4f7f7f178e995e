//! From the differences of a table to the steps that remove them.

use std::collections::BTreeSet;

use sea_orm_drift::{
    Change,
    model::{self, Dialect, ForeignKey, Generation, Index, Nullability, Sides, Table, TableName, Uniqueness},
};

use super::{
    call::check_name,
    decisions::{Answer, Question},
    drafting::{Draft, Drafting},
    error::GenerateError,
    fill::is_text,
    left::holds_every_value,
    length::of_postgres,
    objects::index_object,
    operation::{Operation, Pace, PrimaryKey, Step},
    questions::goes_with_its_type,
    spec::{ColumnSpec, TableSpec, zero},
};

#[derive(Debug, Default)]
pub(super) struct OfTable {
    /// Dropped before the table is altered.
    pub(super) indexes: Vec<Operation>,
    pub(super) expand: Vec<Step>,
    pub(super) contract: Vec<Step>,
    /// Columns whose values may not fit the new type.
    pub(super) narrowed: BTreeSet<String>,
}

impl OfTable {
    /// With everything that names it.
    fn drop_column(&mut self, before: &TableSpec, column: &ColumnSpec) {
        let names = |columns: &[String]| columns.contains(&column.name);
        for key in before.foreign_keys.iter().filter(|key| names(&key.columns)) {
            self.once(Step::DropForeignKey(key.clone()));
        }
        for unique in before.uniques.iter().filter(|unique| names(&unique.columns)) {
            self.once(Step::DropUnique(unique.clone()));
        }
        for check in before.checks.iter().filter(|check| names(&check.columns)) {
            self.once(Step::DropCheck(check.clone()));
        }
        for index in before.indexes.iter().filter(|index| names(&index.columns)) {
            let (table, index) = (before.name.clone(), index.clone());
            let drop = Operation::DropIndex { table, index, pace: Pace::AtOnce };
            if !self.indexes.contains(&drop) {
                self.indexes.push(drop);
            }
        }
        self.once(Step::DropColumn(column.clone()));
    }

    fn once(&mut self, step: Step) {
        if !self.expand.contains(&step) {
            self.expand.push(step);
        }
    }
}

impl Drafting<'_> {
    #[expect(clippy::too_many_lines, reason = "an arm for each kind of change")]
    pub(super) fn of_table(
        &self,
        before: &TableSpec,
        declared: &TableSpec,
        changes: &[&Change],
        draft: &mut Draft,
    ) -> Result<OfTable, GenerateError> {
        let name = &before.name;
        let tables = Sides { declared, live: before };
        let mut of_table = OfTable::default();
        let mut modified: BTreeSet<&str> = BTreeSet::new();
        let mut filled: BTreeSet<String> = BTreeSet::new();
        let mut taken = before.clone();
        let unwritable = |what: String| Err(GenerateError::Unwritable(what));
        for change in changes {
            match change {
                Change::ColumnMissing { declared: column, .. } => {
                    let Some(column) = declared.column(&column.name) else { continue };
                    if column.is_generated {
                        return unwritable(format!("{name}.{} counts by itself, and the table exists", column.name));
                    }
                    if column.is_required() {
                        of_table.expand.push(Step::AddColumn(column.nullable()));
                        of_table.contract.push(Step::ModifyColumn { from: column.nullable(), to: column.clone() });
                        self.fill(&tables, column, draft)?;
                        filled.insert(column.name.clone());
                    } else {
                        of_table.expand.push(Step::AddColumn(column.clone()));
                    }
                }
                Change::Type { column, .. }
                | Change::Nullability { column, .. }
                | Change::Default { column, .. }
                | Change::EnumLabels { column, .. }
                | Change::Generation {
                    column,
                    sides:
                        Sides {
                            declared: Generation::Supplied | Generation::AutoIncrement,
                            live: Generation::Supplied | Generation::AutoIncrement,
                        },
                    ..
                } => {
                    let is_first = modified.insert(column);
                    let is_narrowed = match change {
                        Change::Type { sides, .. } => !self.consent_to_type(name, column, sides, draft),
                        Change::EnumLabels { unexpected, .. } => !unexpected.is_empty(),
                        _ => false,
                    };
                    if is_narrowed {
                        of_table.narrowed.insert(column.clone());
                    }
                    // A type of its own on PostgreSQL, text on SQLite.
                    let is_own = matches!(change, Change::EnumLabels { .. })
                        && !matches!(self.dialect(), Dialect::MySql | Dialect::MariaDb);
                    if !is_first || is_own {
                        if is_own {
                            modified.remove(column.as_str());
                        }
                        continue;
                    }
                    let (Some(from), Some(to)) = (find(before, column, self.dialect()), declared.column(column)) else {
                        continue;
                    };
                    let is_other_source =
                        |other: &&&Change| matches!(other, Change::Generation { column: other, .. } if other == column);
                    let is_generated = if changes.iter().any(|other| is_other_source(&other)) {
                        to.is_generated
                    } else {
                        from.is_generated
                    };
                    let to = ColumnSpec { is_generated, is_rowid: from.is_rowid, ..to.clone() };
                    self.modify(from, &to, &tables, &mut of_table, &mut filled, draft)?;
                }
                Change::UniqueMissing { declared: index, .. } | Change::IndexMissing { declared: index, .. } => {
                    let index = Index { name: taken.free_index_name(index), ..index.clone() };
                    taken.indexes.push(index.clone());
                    let table = name.clone();
                    draft.online.push(Operation::CreateIndex { table, index, pace: Pace::Online });
                }
                Change::ForeignKeyMissing { declared: key, .. } => {
                    let key = declared
                        .foreign_keys
                        .iter()
                        .find(|other| other.columns == key.columns && other.target == key.target);
                    let Some(key) = key else { continue };
                    let key = ForeignKey { name: taken.free_key_name(key), ..key.clone() };
                    taken.foreign_keys.push(key.clone());
                    let is_late = key.columns.iter().any(|column| filled.contains(column));
                    let steps = if is_late { &mut of_table.contract } else { &mut of_table.expand };
                    steps.push(Step::AddForeignKey(key));
                }
                Change::ForeignKey { sides: Sides { declared: wanted, live: found } } => {
                    let old = before
                        .foreign_keys
                        .iter()
                        .find(|key| key.columns == found.columns && key.target.name == found.target.name);
                    let new = declared.foreign_keys.iter().find(|key| key.columns == wanted.columns);
                    if let (Some(old), Some(new)) = (old, new) {
                        of_table.expand.push(Step::DropForeignKey(old.clone()));
                        let new = ForeignKey { name: old.name.clone(), ..new.clone() };
                        of_table.expand.push(Step::AddForeignKey(new));
                    }
                }
                Change::CheckMissing { declared: check } => of_table.expand.push(Step::AddCheck(check.clone())),
                Change::PrimaryKey { restrictions, equivalent: None, .. } if !restrictions.is_empty() => {
                    return unwritable(format!("the primary key of {name} is checked late, or not at all"));
                }
                // After the columns.
                Change::PrimaryKey { equivalent: None, .. } => {}
                Change::Generation { column, .. } => {
                    return unwritable(format!("the values of {name}.{column} come from elsewhere than declared"));
                }
                Change::RelationKind { sides } => {
                    return unwritable(format!("{name} is {}, not {}", sides.live, sides.declared));
                }
                Change::Collation { column, sides, .. } if sides.declared.is_some() => {
                    return unwritable(format!("{name}.{column} has another collation than declared"));
                }
                Change::ColumnUnexpected { live: column, .. } => {
                    let object = format!("{name}.{}", column.name);
                    let Some(column) = before.column(&column.name) else { continue };
                    if self.decisions.drops.contains(&object) {
                        of_table.drop_column(before, column);
                        let names = |columns: &[String]| columns.contains(&column.name);
                        let is_of_key = names(&before.primary_key)
                            || before.uniques.iter().any(|unique| names(&unique.columns))
                            || before.foreign_keys.iter().any(|key| names(&key.columns));
                        if column.is_required() && (is_of_key || zero(&column.ty).is_none()) {
                            draft.remarks.push(format!(
                                "`down` cannot bring {object} back where {name} has rows: nobody knows their values any more"
                            ));
                        }
                    }
                }
                Change::IndexUnexpected { live: index, .. } => self.drop_index(before, index, &mut of_table, draft),
                Change::ForeignKeyUnexpected { live: key, .. } => {
                    let is_same =
                        |other: &&ForeignKey| other.columns == key.columns && other.target.name == key.target.name;
                    let Some(key) = before.foreign_keys.iter().find(is_same) else { continue };
                    let goes_anyway = key.columns.iter().any(|column| self.goes(name, column))
                        || self.decisions.drops.contains(&key.target.to_string());
                    if goes_anyway {
                        continue; // with its column, or its target
                    }
                    let object = format!("{name}.{}", key.name);
                    if self.decisions.drops.contains(&object) {
                        of_table.expand.push(Step::DropForeignKey(key.clone()));
                    }
                }
                Change::CheckUnexpected { live: check, .. }
                    if !goes_with_its_type(check, changes)
                        && self.decisions.drops.contains(&format!("{name}.{}", check_name(name, check))) =>
                {
                    of_table.expand.push(Step::DropCheck(check.clone()));
                }
                _ => {}
            }
        }
        if changes.iter().any(|change| matches!(change, Change::PrimaryKey { equivalent: None, .. })) {
            self.change_primary_key(before, declared, &filled, &mut of_table, draft)?;
        }
        of_table.expand.sort_by_key(order);
        of_table.contract.sort_by_key(order);
        Ok(of_table)
    }

    /// Another primary key, once its columns are there and filled.
    fn change_primary_key(
        &self,
        before: &TableSpec,
        declared: &TableSpec,
        filled: &BTreeSet<String>,
        of_table: &mut OfTable,
        draft: &mut Draft,
    ) -> Result<(), GenerateError> {
        let name = &before.name;
        let others = self.live.tables.iter().chain(&self.undeclared.tables);
        let refers = |table: &&Table| table.foreign_keys.iter().any(|key| key.target.name == name.name);
        if let Some(table) = others.into_iter().find(refers) {
            return Err(GenerateError::Unwritable(format!(
                "the primary key of {name} is ({}) and becomes ({}), and {} refers to it",
                before.primary_key.join(", "),
                declared.primary_key.join(", "),
                table.name
            )));
        }
        let is_late = declared.primary_key.iter().any(|column| filled.contains(column));
        if is_late {
            let is_of_key =
                |step: &Step| matches!(step, Step::DropColumn(column) if before.primary_key.contains(&column.name));
            let (of_key, rest) = std::mem::take(&mut of_table.expand).into_iter().partition(is_of_key);
            of_table.expand = rest;
            of_table.contract.extend::<Vec<Step>>(of_key);
        }
        let steps = if is_late { &mut of_table.contract } else { &mut of_table.expand };
        let own_name = self.primary_key_names.iter().find(|(table, _)| *table == name.name).map(|(_, key)| key.clone());
        let key_name = own_name.unwrap_or_else(|| of_postgres(name, &[], "pkey"));
        let key = |columns: &[String]| PrimaryKey { columns: columns.to_vec(), name: key_name.clone() };
        if !before.primary_key.is_empty() {
            steps.push(Step::DropPrimaryKey(key(&before.primary_key)));
        }
        if !declared.primary_key.is_empty() {
            steps.push(Step::AddPrimaryKey(key(&declared.primary_key)));
            draft.remarks.push(format!(
                "the new primary key of {name} ({}) is built while nobody can write, and only if no two rows have the same",
                declared.primary_key.join(", ")
            ));
        }
        Ok(())
    }

    /// Whether the column may go, and with it all that names it.
    fn goes(&self, table: &TableName, column: &str) -> bool {
        let is_declared =
            self.declared_table(table).is_some_and(|table| table.columns.iter().any(|other| other.name == column));
        !is_declared && self.decisions.drops.contains(&format!("{table}.{column}"))
    }

    /// A column as it is and as it shall be.
    fn modify(
        &self,
        from: &ColumnSpec,
        to: &ColumnSpec,
        tables: &Sides<&TableSpec>,
        of_table: &mut OfTable,
        filled: &mut BTreeSet<String>,
        draft: &mut Draft,
    ) -> Result<(), GenerateError> {
        // A type that is restated loses its collation, which the entity leaves to the database.
        let extra = to.extra.clone().or_else(|| from.extra.clone().filter(|_| is_text(&to.ty)));
        let kept = self.kept.iter().find(|kept| kept.is_of(&tables.live.name, &from.name));
        let of = |spec: &ColumnSpec| kept.and_then(|kept| kept.beside(spec));
        let from = &ColumnSpec { kept: of(from), ..from.clone() };
        let to = ColumnSpec { extra, ..to.clone() };
        let to = &ColumnSpec { kept: of(&to), ..to };
        let name = &tables.declared.name;
        let is_tightened = from.nullability == Nullability::Nullable && to.nullability == Nullability::NotNull;
        if is_tightened {
            let expanded = to.nullable();
            if *from != expanded {
                of_table.expand.push(Step::ModifyColumn { from: from.clone(), to: expanded.clone() });
            }
            of_table.contract.push(Step::ModifyColumn { from: expanded, to: to.clone() });
            self.fill(tables, to, draft)?;
            filled.insert(to.name.clone());
        } else if from != to {
            if from.ty != to.ty {
                draft.remarks.push(format!(
                    "changing the type of {name}.{} may rewrite the table while nobody can use it: see `plan`",
                    to.name
                ));
            }
            of_table.expand.push(Step::ModifyColumn { from: from.clone(), to: to.clone() });
        }
        Ok(())
    }

    /// Whether every value has its place in the new type; a question where it has not and nobody agreed.
    fn consent_to_type(
        &self,
        table: &TableName,
        column: &str,
        sides: &Sides<model::ColumnType>,
        draft: &mut Draft,
    ) -> bool {
        let object = format!("{table}.{column}");
        let is_kept = holds_every_value(table, column, sides, self.dialect(), self.types);
        if !is_kept && !self.decisions.drops.contains(&object) {
            draft.questions.push(Question {
                what: format!(
                    "{object} changes from {} to {}, which may lose values or fail",
                    sides.live, sides.declared
                ),
                answers: vec![Answer::Convert(object.clone()), Answer::Keep(object)],
            });
        }
        is_kept
    }

    fn drop_index(&self, before: &TableSpec, index: &Index, of_table: &mut OfTable, draft: &mut Draft) {
        let name = &before.name;
        let goes_anyway = index.columns.iter().any(|column| self.goes(name, column));
        // On SQLite an index of a UNIQUE has no name that anybody chose.
        let unique = before
            .uniques
            .iter()
            .find(|unique| unique.columns == index.columns && index.uniqueness == Uniqueness::Unique);
        if goes_anyway || !self.decisions.drops.contains(&index_object(name, index)) {
            return;
        }
        match unique {
            Some(unique) => of_table.expand.push(Step::DropUnique(unique.clone())),
            None => draft.online.push(Operation::DropIndex {
                table: name.clone(),
                index: index.clone(),
                pace: Pace::Online,
            }),
        }
    }
}

/// Constraints go first and come last.
fn order(step: &Step) -> u8 {
    match step {
        Step::DropForeignKey(_) => 0,
        Step::DropUnique(_) | Step::DropCheck(_) => 1,
        Step::DropPrimaryKey(_) => 2,
        Step::AddColumn(_) => 3,
        Step::ModifyColumn { .. } => 4,
        Step::DropColumn(_) => 5,
        Step::AddPrimaryKey(_) => 6,
        Step::AddUnique(_) | Step::AddCheck(_) => 7,
        Step::AddForeignKey(_) => 8,
    }
}

fn find<'a>(table: &'a TableSpec, column: &str, dialect: Dialect) -> Option<&'a ColumnSpec> {
    table.columns.iter().find(|other| dialect.same_name(&other.name, column))
}
