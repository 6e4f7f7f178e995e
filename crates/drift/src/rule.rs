//! The kinds of findings. This enum is the only list of them: exceptions, baselines, the JSON Schema, SARIF and the
//! documentation are made from it.

use crate::consequence::Severity;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantArray};

/// A kind of finding, in `kebab-case` wherever it is written: `column-missing`. Names are stable across versions.
///
/// ```
/// use sea_orm_drift::Rule;
///
/// assert_eq!(Rule::ColumnMissing.to_string(), "column-missing");
/// assert_eq!("column-missing".parse(), Ok(Rule::ColumnMissing));
/// ```
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Display,
    EnumString,
    IntoStaticStr,
    VariantArray,
    Serialize,
    Deserialize,
)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[strum(serialize_all = "kebab-case")]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
#[expect(missing_docs, reason = "`RuleDoc` documents each of them")]
pub enum Rule {
    TableMissing,
    RelationDiffers,
    ColumnMissing,
    ColumnUnexpected,
    ColumnSpellingDiffers,
    TypeDiffers,
    EnumLabelsDiffer,
    NullabilityDiffers,
    DefaultDiffers,
    GenerationDiffers,
    CollationDiffers,
    SequenceBehind,
    SequenceNarrower,
    KeysRunOut,
    PrimaryKeyDiffers,
    UniqueMissing,
    IndexMissing,
    IndexUnexpected,
    ForeignKeyMissing,
    ForeignKeyDiffers,
    ForeignKeyUnexpected,
    CheckMissing,
    CheckUnexpected,
    PrivilegeMissing,
    RowSecurity,
    RewriteRule,
    PartitionMissing,
    FunctionUnknown,
    ReplicaIdentity,
    ReadOnly,
    EncodingDiffers,
    RowsUnreadable,
    DefaultUnchecked,
    GeneratorUnchecked,
    TriggerUnchecked,
    PolicyUnchecked,
    PrivilegeUnchecked,
    DeleteUnchecked,
    ViewUnchecked,
    ConstraintUnchecked,
    CheckUnchecked,
    ExpressionUnchecked,
    CollationUnchecked,
    RelationUnchecked,
}

impl Rule {
    /// All rules, in the order of their documentation.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// Its name: `column-missing`.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Whether its findings are [`Unchecked`](crate::Unchecked), not [`Difference`](crate::Difference)s.
    pub fn is_unchecked(self) -> bool {
        self.name().ends_with("-unchecked")
    }

    /// Whether it reports that the database lacks what the entity declares.
    pub(crate) fn is_missing(self) -> bool {
        self.name().ends_with("-missing")
    }

    /// Whether it is only found in a column that both sides have.
    pub(crate) fn needs_both_columns(self) -> bool {
        matches!(
            self,
            Self::ColumnSpellingDiffers
                | Self::TypeDiffers
                | Self::EnumLabelsDiffer
                | Self::NullabilityDiffers
                | Self::DefaultDiffers
                | Self::GenerationDiffers
                | Self::CollationDiffers
                | Self::SequenceBehind
                | Self::SequenceNarrower
                | Self::KeysRunOut
                | Self::DefaultUnchecked
                | Self::GeneratorUnchecked
        )
    }

    /// The severity of its findings where they are unchecked; `None` for none.
    #[expect(clippy::wildcard_enum_match_arm, reason = "all others have none")]
    pub(crate) fn unchecked_severity(self) -> Option<Severity> {
        match self {
            // What is read comes from elsewhere, and fails without a change here.
            Self::RelationUnchecked => Some(Severity::Warning),
            // Many programs declare some tables of a database, or delete nothing.
            Self::PrivilegeUnchecked | Self::DeleteUnchecked => Some(Severity::Info),
            _ => None,
        }
    }

    /// Its documentation.
    pub fn doc(self) -> RuleDoc {
        macro_rules! text {
            ($name:literal) => {
                include_str!(concat!("../docs/", $name, ".md"))
            };
        }
        let text = match self {
            Self::TableMissing => text!("table-missing"),
            Self::RelationDiffers => text!("relation-differs"),
            Self::ColumnMissing => text!("column-missing"),
            Self::ColumnUnexpected => text!("column-unexpected"),
            Self::ColumnSpellingDiffers => text!("column-spelling-differs"),
            Self::TypeDiffers => text!("type-differs"),
            Self::EnumLabelsDiffer => text!("enum-labels-differ"),
            Self::NullabilityDiffers => text!("nullability-differs"),
            Self::DefaultDiffers => text!("default-differs"),
            Self::GenerationDiffers => text!("generation-differs"),
            Self::CollationDiffers => text!("collation-differs"),
            Self::SequenceBehind => text!("sequence-behind"),
            Self::KeysRunOut => text!("keys-run-out"),
            Self::RewriteRule => text!("rewrite-rule"),
            Self::PartitionMissing => text!("partition-missing"),
            Self::FunctionUnknown => text!("function-unknown"),
            Self::ReplicaIdentity => text!("replica-identity"),
            Self::ReadOnly => text!("read-only"),
            Self::EncodingDiffers => text!("encoding-differs"),
            Self::CollationUnchecked => text!("collation-unchecked"),
            Self::RelationUnchecked => text!("relation-unchecked"),
            Self::SequenceNarrower => text!("sequence-narrower"),
            Self::PrimaryKeyDiffers => text!("primary-key-differs"),
            Self::UniqueMissing => text!("unique-missing"),
            Self::IndexMissing => text!("index-missing"),
            Self::IndexUnexpected => text!("index-unexpected"),
            Self::ForeignKeyMissing => text!("foreign-key-missing"),
            Self::ForeignKeyDiffers => text!("foreign-key-differs"),
            Self::ForeignKeyUnexpected => text!("foreign-key-unexpected"),
            Self::CheckMissing => text!("check-missing"),
            Self::CheckUnexpected => text!("check-unexpected"),
            Self::PrivilegeMissing => text!("privilege-missing"),
            Self::RowSecurity => text!("row-security"),
            Self::RowsUnreadable => text!("rows-unreadable"),
            Self::DefaultUnchecked => text!("default-unchecked"),
            Self::GeneratorUnchecked => text!("generator-unchecked"),
            Self::TriggerUnchecked => text!("trigger-unchecked"),
            Self::PolicyUnchecked => text!("policy-unchecked"),
            Self::PrivilegeUnchecked => text!("privilege-unchecked"),
            Self::DeleteUnchecked => text!("delete-unchecked"),
            Self::ViewUnchecked => text!("view-unchecked"),
            Self::ConstraintUnchecked => text!("constraint-unchecked"),
            Self::CheckUnchecked => text!("check-unchecked"),
            Self::ExpressionUnchecked => text!("expression-unchecked"),
        };
        RuleDoc { rule: self, text }
    }
}

/// As it is written: `change.rule() == "column-missing"`.
impl PartialEq<&str> for Rule {
    fn eq(&self, name: &&str) -> bool {
        self.name() == *name
    }
}

/// What a rule reports, what it breaks, and how to repair it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleDoc {
    /// The rule.
    pub rule: Rule,
    /// The whole page in Markdown: the rule as its title, and the sections What, What breaks, Repair and Example.
    pub text: &'static str,
}

impl RuleDoc {
    /// All pages, in the order of [`Rule::ALL`].
    pub fn all() -> impl Iterator<Item = Self> {
        Rule::ALL.iter().map(|rule| rule.doc())
    }

    /// The page of the rule with this name; `None` if there is no such rule.
    pub fn of(rule: &str) -> Option<Self> {
        rule.parse().ok().map(Rule::doc)
    }

    /// The first sentence.
    pub fn summary(&self) -> String {
        let what = self.section("What").unwrap_or_default();
        let first = what.lines().take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
        let end = first.find(". ").unwrap_or(first.len());
        first[..end].trim_end_matches('.').to_owned()
    }

    /// The text under a heading.
    pub fn section(&self, heading: &str) -> Option<String> {
        let mut lines = self.text.lines().skip_while(|line| line.strip_prefix("## ") != Some(heading));
        lines.next()?;
        let lines: Vec<&str> = lines.take_while(|line| !line.starts_with("## ")).collect();
        Some(lines.join("\n").trim().to_owned())
    }
}

#[cfg(test)]
mod tests;
