//! Native enums: those that are missing, and other labels of those that are there.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm_drift::{
    Change, DefaultExpr, Report,
    model::{Dialect, Schema, TableName},
};

use super::{
    decisions::{Answer, Question},
    drafting::Drafting,
    error::GenerateError,
    native_enum::{Enum, enum_of, live_enum},
    operation::{Operation, Step},
    retype::Altered,
    spec::{ColumnSpec, TableSpec},
};

impl Drafting<'_> {
    /// The native enums that the new tables and columns need and the database lacks.
    pub(super) fn enums_of(&self, missing: &[TableSpec], altered: &[Altered]) -> Result<Vec<Enum>, GenerateError> {
        let of_new = missing.iter().flat_map(|table| &table.columns);
        let of_steps = altered.iter().flat_map(|table| &table.expand).filter_map(|step| match step {
            Step::AddColumn(column) | Step::ModifyColumn { to: column, .. } => Some(column),
            _ => None,
        });
        let mut found: Vec<Enum> = Vec::new();
        let used: BTreeSet<String> = match self.dialect() {
            Dialect::Postgres => self.enums.iter().cloned().collect(),
            // The other columns of that type have it already.
            _ => altered
                .iter()
                .flat_map(|table| &table.before.columns)
                .filter_map(|column| Some(enum_of(&column.ty)?.name))
                .collect(),
        };
        for column in of_new.chain(of_steps) {
            let Some(it) = enum_of(&column.ty) else { continue };
            if used.contains(&it.name) || found.contains(&it) {
                continue;
            }
            if let Some(other) = found.iter().find(|other| other.name == it.name) {
                return Err(GenerateError::Unwritable(format!(
                    "two columns declare the enum {} with different labels",
                    other.name
                )));
            }
            found.push(it);
        }
        Ok(found)
    }

    /// Other labels of the native enums of PostgreSQL.
    pub(super) fn enum_changes(&self, report: &Report, questions: &mut Vec<Question>) -> Vec<Operation> {
        let mut changes: BTreeMap<String, Operation> = BTreeMap::new();
        if self.dialect() != Dialect::Postgres {
            return Vec::new();
        }
        for difference in &report.differences {
            let Change::EnumLabels { column, missing, unexpected } = &difference.change else { continue };
            let of = |schema: &Schema| {
                let table = schema.tables.iter().find(|table| table.name == difference.table)?;
                live_enum(&table.columns.iter().find(|other| other.name == *column)?.ty)
            };
            let (Some(live), Some(declared)) = (of(self.live), of(self.declared)) else { continue };
            let (Enum { name, labels: from }, declared) = (live, declared.labels);
            let object = format!("{}.{column}", difference.table);
            let to = if unexpected.is_empty() || self.decisions.keeps.contains(&object) {
                from.iter().chain(missing).cloned().collect()
            } else if self.decisions.drops.contains(&object) {
                declared
            } else {
                questions.push(Question {
                    what: format!("the enum of {object} no longer declares {}", unexpected.join(", ")),
                    answers: vec![Answer::Drop(object.clone()), Answer::Keep(object)],
                });
                continue;
            };
            let columns = self.columns_of_enum(&name, report);
            let is_used_at_once = self.is_default_of_new_label(&name, &from);
            let change = Operation::ChangeEnum { name: name.clone(), from, to, columns, is_used_at_once };
            changes.entry(name).or_insert(change);
        }
        changes
            .into_values()
            .filter(|change| !matches!(change, Operation::ChangeEnum { from, to, .. } if from == to))
            .collect()
    }

    /// Whether a column has a label for its default that the enum lacks.
    fn is_default_of_new_label(&self, name: &str, labels: &[String]) -> bool {
        let specs = self.declared.tables.iter().filter_map(|table| self.declared_spec(table).ok());
        specs.flat_map(|spec| spec.columns).any(|column| {
            let is_new = |text: &String| !labels.contains(text);
            enum_of(&column.ty).is_some_and(|it| it.name == name)
                && matches!(&column.default, Some(DefaultExpr::Text(text)) if is_new(text))
        })
    }

    /// With the defaults that they have.
    fn columns_of_enum(&self, name: &str, report: &Report) -> Vec<(TableName, ColumnSpec)> {
        let mut found = Vec::new();
        for table in &self.live.tables {
            let Ok(spec) = self.live_spec(table, report) else { continue };
            let is_used = |column: &&ColumnSpec| enum_of(&column.ty).is_some_and(|it| it.name == name);
            found.extend(spec.columns.iter().filter(is_used).map(|column| (table.name.clone(), column.clone())));
        }
        found
    }
}
