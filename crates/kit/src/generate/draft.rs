//! From the differences between the entities and the scratch database to the operations that remove them.

use sea_orm_drift::{
    Change, Difference, Report,
    model::{Dialect, ForeignKey, Table, TableName},
};

use super::{
    call::is_rebuilt,
    drafting::{Draft, Drafting},
    error::GenerateError,
    left::{as_left, lost_defaults},
    of_table::OfTable,
    operation::{Operation, Step},
    retype::Altered,
    rounding,
    spec::{TableSpec, Unwritable},
};

impl Drafting<'_> {
    pub(super) fn draft(&self, report: &Report) -> Result<Draft, GenerateError> {
        let mut draft = Draft::default();
        let mut missing = Vec::new();
        let mut altered = Vec::new();
        let mut dropped_first = Vec::new();
        for table in &self.declared.tables {
            let (changes, left) = (changes_of(&report.differences, &table.name), changes_of(self.left, &table.name));
            match self.live_table(&table.name) {
                None if table.relation.is_view() => {
                    draft.remarks.push(format!("the view {} is missing; views are not written", table.name));
                }
                None => {
                    let table = self.declared_spec(table)?;
                    table.refuse_computed()?;
                    missing.push(table);
                }
                Some(_) if table.relation.is_view() => {}
                Some(_) if changes.is_empty() => {}
                Some(live) => {
                    let before = self.live_spec(live, report)?;
                    let lost = lost_defaults(&left, &changes);
                    draft.remarks.extend(lost.map(|column| {
                        format!("the default of {}.{column} goes with its type: declare it to keep it", table.name)
                    }));
                    let declared = as_left(self.declared_spec(table)?, &before, &left, &changes);
                    let of_table = self.of_table(&before, &declared, &changes, &mut draft)?;
                    dropped_first.extend(of_table.indexes);
                    self.refuse_computed(&before, &of_table.expand)?;
                    self.refuse_computed(&before, &of_table.contract)?;
                    let OfTable { expand, contract, narrowed, .. } = of_table;
                    altered.push(Altered::new(before, expand, contract, narrowed));
                }
            }
        }
        let dropped = self.dropped_tables(report)?;
        self.refuse_lost_targets(&dropped)?;
        for Altered { before, expand: steps, .. } in &mut altered {
            let lost = before.foreign_keys.iter().filter(|key| dropped.iter().any(|table| table.name == key.target));
            for key in lost {
                let step = Step::DropForeignKey(key.clone());
                if !steps.contains(&step) {
                    steps.insert(0, step);
                }
            }
        }
        draft.expand.extend(self.enums_of(&missing, &altered)?.into_iter().map(Operation::CreateEnum));
        draft.expand.extend(self.enum_changes(report, &mut draft.questions));
        let waiting = self.defer_types(&mut altered, &mut missing, &dropped, report)?;
        let held = self.held_elsewhere(&altered, &dropped, report)?;
        let (missing, later) = in_order(missing);
        draft.expand.extend(missing.iter().cloned().map(Operation::CreateTable));
        draft.expand.extend(dropped_first);
        let later = later
            .into_iter()
            .map(|(table, keys)| Operation::alter(&table, keys.into_iter().map(Step::AddForeignKey).collect()));
        let between = later.chain(dropped.into_iter().map(Operation::DropTable)).collect();
        if !held.is_empty() {
            draft.expand.push(Operation::ReleaseKeys(held.clone()));
        }
        draft.alter(altered, between, waiting);
        if !held.is_empty() {
            draft.expand.push(Operation::RestoreKeys(held));
        }
        self.drop_unused_enums(&mut draft);
        if matches!(self.dialect(), Dialect::MySql | Dialect::MariaDb) {
            let remarks =
                [&draft.expand, &draft.narrow].into_iter().flat_map(|operations| rounding::remarks(operations));
            draft.remarks.extend(remarks.collect::<Vec<_>>());
        }
        if self.dialect() == Dialect::Sqlite {
            let guessed = draft.expand.iter().chain(&draft.contract).flat_map(guessed_names);
            let guessed = guessed.map(|name| {
                format!(
                    "SQLite keeps no name of a foreign key or a UNIQUE: on a server, {name} is dropped by the name that this program \
                     would give it; if your migrations gave another, use --scratch-url"
                )
            });
            draft.remarks.extend(guessed.collect::<Vec<_>>());
        }
        Ok(draft)
    }

    /// An error if a column would have to be made whose expression is not known.
    fn refuse_computed(&self, before: &TableSpec, steps: &[Step]) -> Result<(), Unwritable> {
        for step in steps {
            match step {
                Step::AddColumn(column) | Step::DropColumn(column) => column.refuse_computed(&before.name)?,
                Step::ModifyColumn { from, to } => {
                    from.refuse_computed(&before.name)?;
                    to.refuse_computed(&before.name)?;
                }
                _ => {}
            }
        }
        let is_rebuilt = self.dialect() == Dialect::Sqlite && is_rebuilt(before, steps);
        if is_rebuilt { before.refuse_computed() } else { Ok(()) }
    }

    /// A table that stays, and that no entity declares, must not lose what it refers to: SQLite would delete its rows, or refuse
    /// each new one.
    fn refuse_lost_targets(&self, dropped: &[TableSpec]) -> Result<(), GenerateError> {
        for table in self.undeclared.tables.iter().filter(|table| !dropped.iter().any(|gone| gone.name == table.name)) {
            let target =
                table.foreign_keys.iter().find(|key| dropped.iter().any(|gone| gone.name.name == key.target.name));
            if let Some(key) = target {
                return Err(GenerateError::Usage(format!(
                    "{} is dropped, and {name}, which no entity declares, stays and refers to it: drop that one, too, with \
                     --drop {name}, or its foreign key in a migration of its own",
                    key.target.name,
                    name = table.name
                )));
            }
        }
        Ok(())
    }

    /// Those that may go, a table after those that refer to it.
    fn dropped_tables(&self, report: &Report) -> Result<Vec<TableSpec>, GenerateError> {
        let may_go = |table: &&Table| self.decisions.drops.contains(&table.name.to_string());
        let specs = self.undeclared.tables.iter().filter(may_go).map(|table| self.live_spec(table, report));
        let (ordered, later) = in_order(specs.collect::<Result<Vec<_>, _>>()?);
        for table in &ordered {
            table.refuse_computed()?;
        }
        if let Some((table, _)) = later.first() {
            return Err(GenerateError::Unwritable(format!(
                "{} and another dropped table refer to each other",
                table.name
            )));
        }
        Ok(ordered.into_iter().rev().collect())
    }
}

fn changes_of<'a>(differences: &'a [Difference], table: &TableName) -> Vec<&'a Change> {
    let of_table = differences.iter().filter(|difference| difference.table == *table);
    of_table.map(|difference| &difference.change).collect()
}

/// What is dropped by a name that SQLite does not keep.
fn guessed_names(operation: &Operation) -> Vec<String> {
    let Operation::AlterTable { before, steps, .. } = operation else { return Vec::new() };
    let dropped = |step: &Step| match step {
        Step::DropForeignKey(key) => Some(format!("the foreign key of {}({})", before.name, key.columns.join(", "))),
        Step::DropUnique(unique) => Some(format!("the UNIQUE of {}({})", before.name, unique.columns.join(", "))),
        _ => None,
    };
    steps.iter().filter_map(dropped).collect()
}

/// A table after those that it refers to, and the foreign keys that no order allows.
fn in_order(mut tables: Vec<TableSpec>) -> (Vec<TableSpec>, Vec<(TableSpec, Vec<ForeignKey>)>) {
    let (mut ordered, mut later): (Vec<TableSpec>, Vec<(TableSpec, Vec<ForeignKey>)>) = (Vec::new(), Vec::new());
    while !tables.is_empty() {
        let waits = |table: &TableSpec, key: &ForeignKey| {
            key.target != table.name && tables.iter().any(|other| other.name == key.target)
        };
        let is_ready = |table: &TableSpec| !table.foreign_keys.iter().any(|key| waits(table, key));
        let position = tables.iter().position(is_ready).unwrap_or(0);
        let blocked: Vec<ForeignKey> =
            tables[position].foreign_keys.iter().filter(|key| waits(&tables[position], key)).cloned().collect();
        let mut table = tables.remove(position);
        if !blocked.is_empty() {
            table.foreign_keys.retain(|key| !blocked.contains(key));
            later.push((table.clone(), blocked));
        }
        ordered.push(table);
    }
    (ordered, later)
}
