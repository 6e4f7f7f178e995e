//! What a change is about: its rule, its part of the table, and which side it comes from.

use super::{Change, Origin, declares_no_type, equals_field_type, is_about_the_field, is_time_of_sqlite};
use crate::{
    model::{Part, Sides},
    rule::Rule,
};

impl Change {
    /// The kind of finding.
    pub fn rule(&self) -> Rule {
        match self {
            Self::TableMissing { .. } => Rule::TableMissing,
            Self::RelationKind { .. } => Rule::RelationDiffers,
            Self::ColumnMissing { .. } => Rule::ColumnMissing,
            Self::ColumnUnexpected { .. } => Rule::ColumnUnexpected,
            Self::Type { .. } => Rule::TypeDiffers,
            Self::EnumLabels { .. } => Rule::EnumLabelsDiffer,
            Self::Nullability { .. } => Rule::NullabilityDiffers,
            Self::Spelling { .. } => Rule::ColumnSpellingDiffers,
            Self::Default { .. } => Rule::DefaultDiffers,
            Self::Generation { .. } => Rule::GenerationDiffers,
            Self::Collation { .. } => Rule::CollationDiffers,
            Self::SequenceBehind { .. } => Rule::SequenceBehind,
            Self::SequenceNarrower { .. } => Rule::SequenceNarrower,
            Self::KeysRunOut { .. } => Rule::KeysRunOut,
            Self::PrimaryKey { .. } => Rule::PrimaryKeyDiffers,
            Self::UniqueMissing { .. } => Rule::UniqueMissing,
            Self::IndexMissing { .. } => Rule::IndexMissing,
            Self::IndexUnexpected { .. } => Rule::IndexUnexpected,
            Self::ForeignKeyMissing { .. } => Rule::ForeignKeyMissing,
            Self::ForeignKey { .. } => Rule::ForeignKeyDiffers,
            Self::ForeignKeyUnexpected { .. } | Self::ReferringKey { .. } => Rule::ForeignKeyUnexpected,
            Self::CheckMissing { .. } => Rule::CheckMissing,
            Self::CheckUnexpected { .. } => Rule::CheckUnexpected,
            Self::PrivilegeMissing { .. } => Rule::PrivilegeMissing,
            Self::RowSecurity { .. } | Self::RowSecurityRefused => Rule::RowSecurity,
            Self::NullsRemain { .. } => Rule::NullabilityDiffers,
            Self::RewriteRule { .. } => Rule::RewriteRule,
            Self::PartitionMissing { .. } => Rule::PartitionMissing,
            Self::FunctionUnknown { .. } => Rule::FunctionUnknown,
            Self::ReplicaIdentity { .. } => Rule::ReplicaIdentity,
            Self::ReadOnly { .. } => Rule::ReadOnly,
            Self::Encoding { .. } => Rule::EncodingDiffers,
            Self::RowsUnreadable { .. } => Rule::RowsUnreadable,
        }
    }

    /// The column it is about, if it is about exactly one.
    pub fn column(&self) -> Option<&str> {
        match self {
            Self::ColumnMissing { declared: column, .. } | Self::ColumnUnexpected { live: column, .. } => {
                Some(&column.name)
            }
            Self::Spelling { sides, .. } => Some(&sides.declared),
            Self::Type { column, .. }
            | Self::EnumLabels { column, .. }
            | Self::Nullability { column, .. }
            | Self::Default { column, .. }
            | Self::Generation { column, .. }
            | Self::Collation { column, .. }
            | Self::SequenceBehind { column, .. }
            | Self::SequenceNarrower { column, .. }
            | Self::KeysRunOut { column, .. }
            | Self::NullsRemain { column } => Some(column),
            Self::TableMissing { .. }
            | Self::RelationKind { .. }
            | Self::PrimaryKey { .. }
            | Self::UniqueMissing { .. }
            | Self::IndexMissing { .. }
            | Self::IndexUnexpected { .. }
            | Self::ForeignKeyMissing { .. }
            | Self::ForeignKey { .. }
            | Self::ForeignKeyUnexpected { .. }
            | Self::ReferringKey { .. }
            | Self::CheckMissing { .. }
            | Self::CheckUnexpected { .. }
            | Self::PrivilegeMissing { .. }
            | Self::RewriteRule { .. }
            | Self::PartitionMissing { .. }
            | Self::FunctionUnknown { .. }
            | Self::ReplicaIdentity { .. }
            | Self::ReadOnly { .. }
            | Self::Encoding { .. }
            | Self::RowSecurity { .. }
            | Self::RowSecurityRefused
            | Self::RowsUnreadable { .. } => None,
        }
    }

    /// Which part of the table it is about.
    pub fn part(&self) -> Part {
        if let Some(column) = self.column() {
            return Part::Column(column.to_owned());
        }
        match self {
            Self::UniqueMissing { declared: index, .. }
            | Self::IndexMissing { declared: index, .. }
            | Self::IndexUnexpected { live: index, .. } => Part::Index(index.columns.clone()),
            Self::ForeignKeyMissing { declared: key, .. }
            | Self::ForeignKey { sides: Sides { declared: key, .. } }
            | Self::ForeignKeyUnexpected { live: key, .. } => Part::ForeignKey(key.columns.clone()),
            Self::ReferringKey { referrer } => Part::ForeignKey(referrer.key.target_columns.clone()),
            Self::CheckMissing { declared: check } | Self::CheckUnexpected { live: check, .. } => {
                Part::Check(if check.name.is_empty() { check.columns.join(", ") } else { check.name.clone() })
            }
            Self::FunctionUnknown { name, .. } => Part::Function(name.clone()),
            Self::RewriteRule { rule } => Part::RewriteRule(rule.name.clone()),
            Self::PrivilegeMissing { columns, .. } if !columns.is_empty() => Part::Columns(columns.clone()),
            Self::TableMissing { .. }
            | Self::RelationKind { .. }
            | Self::ColumnMissing { .. }
            | Self::ColumnUnexpected { .. }
            | Self::Type { .. }
            | Self::EnumLabels { .. }
            | Self::Nullability { .. }
            | Self::Spelling { .. }
            | Self::Default { .. }
            | Self::Generation { .. }
            | Self::Collation { .. }
            | Self::SequenceBehind { .. }
            | Self::SequenceNarrower { .. }
            | Self::KeysRunOut { .. }
            | Self::NullsRemain { .. }
            | Self::PartitionMissing { .. }
            | Self::ReplicaIdentity { .. }
            | Self::ReadOnly { .. }
            | Self::Encoding { .. }
            | Self::PrimaryKey { .. }
            | Self::PrivilegeMissing { .. }
            | Self::RowSecurity { .. }
            | Self::RowSecurityRefused
            | Self::RowsUnreadable { .. } => Part::Table,
        }
    }

    /// Whether to change the field of the entity, not the database: the column is as declared, or already has the type of the
    /// field.
    pub fn is_fixed_in_the_entity(&self) -> bool {
        matches!(self, Self::Type { sides: Sides { declared, live }, .. }
            if is_about_the_field(declared, live) || equals_field_type(declared, live))
    }

    /// Whether what differs is in the entity, or only in the database.
    pub fn origin(&self) -> Origin {
        match self {
            Self::ColumnUnexpected { .. }
            | Self::IndexUnexpected { .. }
            | Self::ForeignKeyUnexpected { .. }
            | Self::ReferringKey { .. }
            | Self::CheckUnexpected { .. }
            | Self::RelationKind { .. }
            | Self::SequenceBehind { .. }
            | Self::SequenceNarrower { .. }
            | Self::KeysRunOut { .. }
            | Self::RewriteRule { .. }
            | Self::PartitionMissing { .. }
            | Self::FunctionUnknown { .. }
            | Self::ReplicaIdentity { .. }
            | Self::ReadOnly { .. }
            | Self::Encoding { .. }
            | Self::PrivilegeMissing { .. }
            | Self::RowSecurity { .. }
            | Self::RowSecurityRefused
            | Self::RowsUnreadable { .. } => Origin::Undeclared,
            Self::Collation { sides, .. } if sides.declared.is_none() => Origin::Undeclared,
            Self::Default { sides, .. } if sides.declared.is_none() => Origin::Undeclared,
            Self::Type { sides, .. } if declares_no_type(&sides.declared, &sides.live) => Origin::Undeclared,
            Self::Type { sides, .. } if is_time_of_sqlite(&sides.declared, &sides.live) => Origin::Undeclared,
            Self::Type { sides, .. } if is_about_the_field(&sides.declared, &sides.live) => Origin::Undeclared,
            Self::TableMissing { .. }
            | Self::ColumnMissing { .. }
            | Self::Type { .. }
            | Self::EnumLabels { .. }
            | Self::Nullability { .. }
            | Self::NullsRemain { .. }
            | Self::Spelling { .. }
            | Self::Default { .. }
            | Self::Generation { .. }
            | Self::Collation { .. }
            | Self::PrimaryKey { .. }
            | Self::UniqueMissing { .. }
            | Self::IndexMissing { .. }
            | Self::ForeignKeyMissing { .. }
            | Self::ForeignKey { .. }
            | Self::CheckMissing { .. } => Origin::Declared,
        }
    }
}
