//! From the differences between the entities and the scratch database to the operations that remove them.

use std::collections::BTreeSet;

use sea_orm_drift::{
    Change, ColumnTypes, DefaultExpr, Report,
    model::{Dialect, ForeignKey, Generation, Index, Nullability, Schema, Sides, Table, TableName, Uniqueness},
};
use sea_orm_migration::sea_orm::sea_query::ColumnType;

use super::{
    call::{check_name, is_rebuilt, keeps_every_value},
    decisions::{Answer, Decisions, Question},
    error::GenerateError,
    length::of_postgres,
    operation::{Fill, Operation, Pace, PrimaryKey, Step, Value},
    questions::goes_with_its_type,
    retype::Altered,
    spec::{ColumnSpec, TableSpec, Unwritable, zero},
    unused_enums::EnumUse,
};

/// One side of the work: both schemas, and what was decided.
pub(super) struct Drafting<'a> {
    pub(super) declared: &'a Schema,
    pub(super) types: &'a [ColumnTypes],
    pub(super) live: &'a Schema,
    /// Tables that no entity declares.
    pub(super) undeclared: &'a Schema,
    /// UNIQUE constraints of PostgreSQL, which are no plain indexes.
    pub(super) constraints: &'a [String],
    /// The names of the primary keys' constraints, by table (PostgreSQL).
    pub(super) primary_keys: &'a [(String, String)],
    /// Enum types that the database has (PostgreSQL).
    pub(super) enums: &'a [String],
    pub(super) enum_uses: &'a [EnumUse],
    pub(super) decisions: &'a Decisions,
}

/// The operations, by the migration that they belong to.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) expand: Vec<Operation>,
    /// Types that hold less than before, where each statement commits on its own.
    pub(super) narrow: Vec<Operation>,
    pub(super) fill: Vec<Operation>,
    pub(super) contract: Vec<Operation>,
    pub(super) online: Vec<Operation>,
    /// What to know before it is applied.
    pub(super) remarks: Vec<String>,
    pub(super) questions: Vec<Question>,
}

impl From<Unwritable> for GenerateError {
    fn from(Unwritable(why): Unwritable) -> Self {
        Self::Unwritable(why)
    }
}

impl Drafting<'_> {
    pub(super) fn dialect(&self) -> Dialect {
        self.live.dialect
    }

    fn declared_table(&self, name: &TableName) -> Option<&Table> {
        self.declared.tables.iter().find(|table| table.name == *name)
    }

    fn live_table(&self, name: &TableName) -> Option<&Table> {
        self.live.tables.iter().find(|table| table.name == *name)
    }

    fn types_of(&self, name: &TableName) -> Result<&ColumnTypes, Unwritable> {
        let types = self.types.iter().find(|types| types.table == *name);
        types.ok_or_else(|| Unwritable(format!("{name} has no declared types")))
    }

    pub(super) fn declared_spec(&self, table: &Table) -> Result<TableSpec, Unwritable> {
        TableSpec::declared(table, self.types_of(&table.name)?, self.dialect())
    }

    /// The live table, with the declared types of the columns whose types do not differ.
    pub(super) fn live_spec(&self, table: &Table, report: &Report) -> Result<TableSpec, Unwritable> {
        let differs = |column: &str| {
            report.differences.iter().any(|difference| {
                difference.table == table.name
                    && matches!(&difference.change, Change::Type { column: other, .. } | Change::EnumLabels { column: other, .. } if other == column)
            })
        };
        let same: Vec<(String, ColumnType)> = match self.types.iter().find(|types| types.table == table.name) {
            Some(types) => types.columns.iter().filter(|(name, _)| !differs(name)).cloned().collect(),
            None => Vec::new(),
        };
        let mut spec = TableSpec::live(table, &same, self.constraints, self.dialect())?;
        if self.dialect() == Dialect::Sqlite {
            self.name_keys(&mut spec);
        }
        Ok(spec)
    }

    /// SQLite keeps no names of foreign keys, and no columns of the target where they are its key.
    fn name_keys(&self, spec: &mut TableSpec) {
        for position in 0..spec.foreign_keys.len() {
            let name = spec.free_key_name(&spec.foreign_keys[position]);
            let key = &mut spec.foreign_keys[position];
            key.name = name;
            if key.target_columns.is_empty() {
                let target = self.live.tables.iter().find(|table| table.name == key.target);
                key.target_columns = target.map_or_else(|| vec!["id".to_owned()], |table| table.primary_key.clone());
            }
        }
    }

    pub(super) fn draft(&self, report: &Report) -> Result<Draft, GenerateError> {
        let mut draft = Draft::default();
        let changes_of = |table: &TableName| {
            let of_table = report.differences.iter().filter(|difference| difference.table == *table);
            of_table.map(|difference| &difference.change).collect::<Vec<_>>()
        };
        let mut missing = Vec::new();
        let mut altered = Vec::new();
        let mut dropped_first = Vec::new();
        for table in &self.declared.tables {
            let changes = changes_of(&table.name);
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
                    let declared = self.declared_spec(table)?;
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
        let (missing, later) = in_order(missing);
        draft.expand.extend(missing.iter().cloned().map(Operation::CreateTable));
        draft.expand.extend(dropped_first);
        let later = later
            .into_iter()
            .map(|(table, keys)| Operation::alter(&table, keys.into_iter().map(Step::AddForeignKey).collect()));
        let between = later.chain(dropped.into_iter().map(Operation::DropTable)).collect();
        draft.alter(altered, between, waiting);
        self.drop_unused_enums(&mut draft);
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

    #[expect(clippy::too_many_lines, reason = "an arm for each kind of change")]
    fn of_table(
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
                    let to = ColumnSpec { is_generated, ..to.clone() };
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
                Change::PrimaryKey { restrictions, substitute: None, .. } if !restrictions.is_empty() => {
                    return unwritable(format!("the primary key of {name} is checked late, or not at all"));
                }
                // After the columns.
                Change::PrimaryKey { substitute: None, .. } => {}
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
        if changes.iter().any(|change| matches!(change, Change::PrimaryKey { substitute: None, .. })) {
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
        let own_name = self.primary_keys.iter().find(|(table, _)| *table == name.name).map(|(_, key)| key.clone());
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
        let to = &ColumnSpec { extra, ..to.clone() };
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

    /// The value of existing rows.
    fn fill(&self, tables: &Sides<&TableSpec>, column: &ColumnSpec, draft: &mut Draft) -> Result<(), GenerateError> {
        let Sides { declared, live: before } = *tables;
        let table = &declared.name;
        let object = format!("{table}.{}", column.name);
        let names = |columns: &[String]| columns.contains(&column.name);
        let is_unique = declared.uniques.iter().any(|unique| names(&unique.columns))
            || declared
                .indexes
                .iter()
                .any(|index| index.uniqueness == Uniqueness::Unique && index.columns == [column.name.clone()]);
        let refers = declared.foreign_keys.iter().any(|key| names(&key.columns));
        let harmless = || if is_unique || refers { None } else { column.default.clone().or_else(|| zero(&column.ty)) };
        let value = match self.decisions.fills.get(&object) {
            Some(sql) => Value::Sql(sql.clone()),
            None => match harmless() {
                Some(value) => {
                    if column.default.is_none() {
                        draft.remarks.push(format!(
                            "existing rows get {} in {object}: choose another value with --fill {object}=SQL, or in the migration",
                            shown(&value)
                        ));
                    }
                    bindable(value, &column.ty)
                }
                None => {
                    return Err(GenerateError::Usage(format!(
                        "{object} becomes NOT NULL, and existing rows need a value that only you know: give it as SQL with \
                         --fill {object}=SQL"
                    )));
                }
            },
        };
        let key = match before.primary_key.as_slice() {
            [key] => before.column(key).filter(|key| is_integer(&key.ty)).map(|key| key.name.clone()),
            _ => None,
        };
        let is_placeholder = column.default.is_none() && !self.decisions.fills.contains_key(&object);
        let column = column.name.clone();
        draft.fill.push(Operation::Fill(Fill { table: table.clone(), key, column, value, is_placeholder }));
        Ok(())
    }

    /// Whether every value has its place in the new type; a question where it has not and nobody agreed.
    fn consent_to_type(
        &self,
        table: &TableName,
        column: &str,
        sides: &Sides<sea_orm_drift::model::ColumnType>,
        draft: &mut Draft,
    ) -> bool {
        let object = format!("{table}.{column}");
        let types = self.types.iter().find(|types| types.table == *table);
        let declared = types.and_then(|types| types.columns.iter().find(|(name, _)| name == column)).map(|(_, ty)| ty);
        let live = sides.live.to_sea_query(self.dialect());
        let is_kept = sides.declared.is_wider_than(&sides.live, self.dialect())
            || matches!((live, declared), (Some(live), Some(declared)) if keeps_every_value(&live, declared));
        if !is_kept && !self.decisions.drops.contains(&object) {
            draft.questions.push(Question {
                what: format!(
                    "{object} changes from {} to {}, which may lose values or fail",
                    sides.live, sides.declared
                ),
                answers: vec![Answer::Drop(object)],
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

#[derive(Debug, Default)]
struct OfTable {
    /// Dropped before the table is altered.
    indexes: Vec<Operation>,
    expand: Vec<Step>,
    contract: Vec<Step>,
    /// Columns whose values may not fit the new type.
    narrowed: BTreeSet<String>,
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

fn find<'a>(table: &'a TableSpec, column: &str, dialect: Dialect) -> Option<&'a ColumnSpec> {
    table.columns.iter().find(|other| dialect.same_name(&other.name, column))
}

fn is_integer(ty: &ColumnType) -> bool {
    matches!(
        ty,
        ColumnType::TinyInteger
            | ColumnType::SmallInteger
            | ColumnType::Integer
            | ColumnType::BigInteger
            | ColumnType::TinyUnsigned
            | ColumnType::SmallUnsigned
            | ColumnType::Unsigned
            | ColumnType::BigUnsigned
    )
}

fn is_text(ty: &ColumnType) -> bool {
    matches!(ty, ColumnType::Char(_) | ColumnType::String(_) | ColumnType::Text)
}

/// A bound parameter has a type, which PostgreSQL compares with the column's; a constant in the statement has none.
fn bindable(value: DefaultExpr, ty: &ColumnType) -> Value {
    match value {
        DefaultExpr::Text(text) if !is_text(ty) => Value::Sql(format!("'{}'", text.replace('\'', "''"))),
        DefaultExpr::Integer(number) if !is_integer(ty) => Value::Sql(number.to_string()),
        DefaultExpr::Float(number) => Value::Sql(number.to_string()),
        DefaultExpr::Now => Value::Sql("CURRENT_TIMESTAMP".to_owned()),
        DefaultExpr::Expression(sql) => Value::Sql(sql),
        value => Value::Constant(value),
    }
}

fn shown(value: &DefaultExpr) -> String {
    match value {
        DefaultExpr::Text(text) => format!("'{text}'"),
        DefaultExpr::Integer(number) => number.to_string(),
        DefaultExpr::Float(number) => number.to_string(),
        DefaultExpr::Boolean(truth) => truth.to_string(),
        DefaultExpr::Now => "the current time".to_owned(),
        DefaultExpr::Expression(sql) => sql.clone(),
    }
}

/// Whether SQLite stands in badly for a server: it has no such types.
pub(super) fn beyond_sqlite(declared: &Schema, types: &[ColumnTypes]) -> Option<String> {
    let schema = declared.tables.iter().find(|table| table.name.schema.is_some());
    if let Some(table) = schema {
        return Some(format!("{} is in a schema", table.name));
    }
    types.iter().flat_map(|types| types.columns.iter().map(move |(name, ty)| (&types.table, name, ty))).find_map(
        |(table, name, ty)| {
            let what = match ty {
                ColumnType::Enum { .. } => "a native enum",
                ColumnType::Array(_) => "an array",
                ColumnType::Vector(_) => "a vector",
                ColumnType::Cidr | ColumnType::Inet | ColumnType::MacAddr => "a network address",
                ColumnType::LTree => "an ltree",
                ColumnType::Interval(..) => "an interval",
                ColumnType::Year => "a year",
                ColumnType::Bit(_) | ColumnType::VarBit(_) => "a bit string",
                _ => return None,
            };
            Some(format!("{table}.{name} is {what}"))
        },
    )
}
