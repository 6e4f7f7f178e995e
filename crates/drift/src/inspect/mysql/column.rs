//! The columns of a table.

use super::facts::ColumnFacts;
use crate::{
    model::{
        CharsetCoverage, Collation, Column, CounterKind, DefaultValue, Dialect, Equality, FieldValues, Generation,
        LogicalType, NextValue, Nullability, Privilege, Sequence, Sign,
    },
    normalise,
};

/// What `AUTO_INCREMENT` counts, to the end of the column's type.
pub(super) fn counter(column: &Column, next: Option<&str>) -> Option<Box<Sequence>> {
    let LogicalType::Integer { bits, sign } = column.ty.kind else { return None };
    let bits = if sign == Sign::Signed { bits - 1 } else { bits };
    Some(Box::new(Sequence {
        name: "AUTO_INCREMENT".to_owned(),
        kind: CounterKind::AutoIncrement,
        next: next.and_then(|next| next.parse().ok()),
        increment: 1,
        first: 1,
        last: (1_i128 << bits) - 1,
        cycles: false,
        is_cut: false,
        per_day: None,
        state: NextValue::Unknown,
    }))
}

/// Without the CHECKs, MariaDB's `json` cannot be told from a `longtext` of its collation.
pub(super) fn ignore_collation_of_possible_json(column: &mut Column) {
    let is_binary = column.collation.as_ref().is_some_and(|collation| collation.name == "utf8mb4_bin");
    if is_binary && column.ty.text.eq_ignore_ascii_case("longtext") {
        column.collation = None;
    }
}

pub(super) fn column(facts: ColumnFacts, default_collations: &[String], dialect: Dialect) -> Column {
    let extra = facts.extra.to_lowercase();
    let generation = if extra.contains("auto_increment") {
        Generation::AutoIncrement
    } else if extra.contains("virtual") || extra.contains("stored") || extra.contains("persistent") {
        Generation::Computed
    } else if extra.contains("on update") {
        Generation::OnUpdate
    } else {
        Generation::Supplied
    };
    // MariaDB prints defaults as SQL; MySQL prints bare constants, and marks expressions in `extra`.
    let bare = dialect == Dialect::MySql && !extra.contains("default_generated");
    let may = |privilege: &str| facts.privileges.split(',').any(|may| may == privilege);
    let denied = [(Privilege::Select, "select"), (Privilege::Insert, "insert"), (Privilege::Update, "update")];
    Column {
        ty: normalise::column_type(&facts.type_text, dialect),
        may_hold_nulls: false,
        stores_default_for_null: false,
        // MariaDB shows `DEFAULT NULL` as the text NULL: no text means no default.
        lacks_default: dialect == Dialect::MariaDb
            && facts.is_nullable != "NO"
            && facts.default_text.is_none()
            && matches!(generation, Generation::Supplied | Generation::OnUpdate),
        is_virtual: false,
        nullability: if facts.is_nullable == "NO" { Nullability::NotNull } else { Nullability::Nullable },
        default: facts.default_text.as_ref().and_then(|text| {
            if bare { Some(DefaultValue::Literal(text.clone())) } else { normalise::default_value(text, dialect) }
        }),
        generation,
        // The period of a system-versioned table is not an expression.
        expression: facts
            .expression
            .as_deref()
            .filter(|text| !text.is_empty() && !text.starts_with("ROW "))
            .map(Into::into),
        has_domain: false,
        also_reads: Box::default(),
        values: FieldValues::All,
        type_schema: None,
        sequence: None,
        collation: notable_collation(&facts, default_collations).map(Box::new),
        denied: denied.into_iter().filter_map(|(privilege, name)| (!may(name)).then_some(privilege)).collect(),
        name: facts.name,
    }
}

/// The collation; `None` for a default one that can hold all characters. Defaults are the collation of the database, and that
/// of utf8mb4, which a table has that names only its character set.
fn notable_collation(facts: &ColumnFacts, defaults: &[String]) -> Option<Collation> {
    let (name, default) = (facts.collation.as_ref()?, defaults.first()?);
    // A collation's name begins with its character set.
    let is_unicode = facts.character_set.as_deref().is_some_and(|set| ["utf8mb4", "utf16", "utf32"].contains(&set));
    let ignores_case = |collation: &str| collation.to_lowercase().ends_with("_ci");
    let equality = match (ignores_case(default), ignores_case(name)) {
        (true, false) => Equality::Stricter,
        (false, true) => Equality::Looser,
        (true, true) | (false, false) => Equality::AsDefault,
    };
    (!defaults.contains(name) || !is_unicode).then(|| Collation {
        name: name.clone(),
        equality,
        coverage: if is_unicode { CharsetCoverage::Unicode } else { CharsetCoverage::Limited },
    })
}
