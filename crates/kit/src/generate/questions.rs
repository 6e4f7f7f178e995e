//! Which decisions are missing, before anything is drafted.

use sea_orm_drift::{
    Change, Difference, Origin, Rejects, Report,
    model::{Check, Column, ForeignKey, TableName},
};

use super::{
    call::check_name,
    decisions::{Answer, Decisions, Question, typed},
    drafting::Drafting,
    error::GenerateError,
    objects::index_object,
};

impl Drafting<'_> {
    /// What has to be decided, and notes about what stays although no entity declares it.
    pub(super) fn questions(&self, report: &Report) -> Result<(Vec<Question>, Vec<String>), GenerateError> {
        let (mut questions, mut notes) = (Vec::new(), Vec::new());
        self.about_tables(report, &mut questions, &mut notes);
        for table in &report.tables {
            let is_open = |difference: &&Difference| {
                let is_accepted = difference.suppression.is_accepted();
                difference.table == *table && !(is_accepted && difference.change.origin() == Origin::Undeclared)
            };
            let changes = report.differences.iter().filter(is_open);
            let changes: Vec<&Change> = changes.map(|difference| &difference.change).collect();
            self.about_columns(table, &changes, &mut questions, &mut notes);
            self.about_constraints(table, &changes, report, &mut questions, &mut notes)?;
        }
        Ok((questions, notes))
    }

    fn is_decided(&self, object: &str) -> bool {
        let Decisions { drops, keeps, .. } = self.decisions;
        drops.contains(object) || keeps.contains(object)
    }

    fn about_tables(&self, report: &Report, questions: &mut Vec<Question>, notes: &mut Vec<String>) {
        let is_missing = |table: &&TableName| {
            let mut changes = report.differences.iter().filter(|difference| difference.table == **table);
            changes.any(|difference| matches!(difference.change, Change::TableMissing { .. }))
        };
        let missing: Vec<&TableName> = report.tables.iter().filter(is_missing).collect();
        for table in &self.undeclared.tables {
            let object = table.name.to_string();
            if self.is_decided(&object) {
                continue;
            }
            // No rename moves a table to another schema.
            let missing: Vec<&&TableName> = missing.iter().filter(|new| new.schema == table.name.schema).collect();
            if missing.is_empty() {
                notes.push(stays(&format!("the table {object}"), &object));
                continue;
            }
            let renamed = missing.iter().map(|new| Answer::Rename(object.clone(), new.to_string()));
            questions.push(Question {
                what: format!("no entity declares the table {object} any more, and {}", are_new(&missing)),
                answers: renamed.chain([Answer::Drop(object.clone()), Answer::Keep(object.clone())]).collect(),
            });
        }
    }

    fn about_columns(
        &self,
        table: &TableName,
        changes: &[&Change],
        questions: &mut Vec<Question>,
        notes: &mut Vec<String>,
    ) {
        let missing: Vec<&String> = changes
            .iter()
            .filter_map(
                |change| if let Change::ColumnMissing { declared, .. } = change { Some(&declared.name) } else { None },
            )
            .collect();
        let unexpected = changes.iter().filter_map(|change| match change {
            Change::ColumnUnexpected { live, may_be_set_by_server } => Some((live, *may_be_set_by_server)),
            _ => None,
        });
        for (column, may_be_set_by_server) in unexpected {
            let object = format!("{table}.{}", column.name);
            if self.is_decided(&object) {
                continue;
            }
            if !missing.is_empty() {
                let renamed = missing.iter().map(|new| Answer::Rename(object.clone(), (*new).clone()));
                questions.push(Question {
                    what: format!("the entity does not declare {object} any more, and {}", are_new(&missing)),
                    answers: renamed.chain([Answer::Drop(object.clone()), Answer::Keep(object.clone())]).collect(),
                });
            } else if Column::must_be_given(column) && !may_be_set_by_server {
                questions.push(Question {
                    what: format!("the entity does not declare {object} any more, which every insert must set"),
                    answers: vec![Answer::Drop(object.clone()), Answer::Keep(object)],
                });
            } else {
                notes.push(stays(&object, &object));
            }
        }
    }

    fn about_constraints(
        &self,
        table: &TableName,
        changes: &[&Change],
        report: &Report,
        questions: &mut Vec<Question>,
        notes: &mut Vec<String>,
    ) -> Result<(), GenerateError> {
        let Some(live) = self.live.tables.iter().find(|live| live.name == *table) else { return Ok(()) };
        let is_asked_about = |columns: &[String]| {
            let of_column = |column: &String| {
                let is_unexpected =
                    |change: &&Change| matches!(change, Change::ColumnUnexpected { live, .. } if live.name == *column);
                changes.iter().any(is_unexpected)
            };
            columns.iter().any(of_column)
        };
        for change in changes {
            let (object, what, rejects) = match change {
                Change::IndexUnexpected { live: index, rejects, .. } if !is_asked_about(&index.columns) => {
                    let object = index_object(table, index);
                    (object, format!("the index over {table}({})", index.columns.join(", ")), *rejects)
                }
                Change::ForeignKeyUnexpected { live: key, rejects } if !is_asked_about(&key.columns) => {
                    let spec = self.live_spec(live, report)?;
                    let is_same =
                        |other: &&ForeignKey| other.columns == key.columns && other.target.name == key.target.name;
                    let Some(key) = spec.foreign_keys.iter().find(is_same) else { continue };
                    let target = key.target.to_string();
                    // The answer about the table may settle it.
                    let is_asked = |answer: &Answer| matches!(answer, Answer::Rename(from, _) if *from == target);
                    if self.decisions.drops.contains(&target)
                        || questions.iter().any(|question| question.answers.iter().any(is_asked))
                    {
                        continue;
                    }
                    let what = format!("the foreign key of {table}({}) to {}", key.columns.join(", "), key.target);
                    (format!("{table}.{}", key.name), what, *rejects)
                }
                Change::CheckUnexpected { live: check, rejects }
                    if !is_asked_about(&check.columns) && !goes_with_its_type(check, changes) =>
                {
                    (
                        format!("{table}.{}", check_name(table, check)),
                        format!("the CHECK {} of {table}", check.text),
                        *rejects,
                    )
                }
                _ => continue,
            };
            if self.is_decided(&object) {
                continue;
            }
            if rejects == Rejects::Nothing {
                notes.push(stays(&what, &object));
            } else {
                questions.push(Question {
                    what: format!("no entity declares {what}"),
                    answers: vec![Answer::Drop(object.clone()), Answer::Keep(object)],
                });
            }
        }
        Ok(())
    }
}

/// Whether it is the CHECK that MariaDB keeps with a column of the type `json`, and the column gets another type.
pub(super) fn goes_with_its_type(check: &Check, changes: &[&Change]) -> bool {
    changes.iter().any(|change| matches!(change, Change::Type { column, .. } if check.validates_json(column)))
}

fn stays(what: &str, object: &str) -> String {
    format!("no entity declares {what}: it stays; --drop {} drops it", typed(object))
}

fn are_new<T: ToString>(names: &[T]) -> String {
    let listed = names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    format!("{listed} {} new", if names.len() == 1 { "is" } else { "are" })
}
