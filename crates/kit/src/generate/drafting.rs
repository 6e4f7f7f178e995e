//! What a migration is drafted from, and the draft: both schemas, the decisions, and operations by the migration that they belong to.

use sea_orm_drift::{
    Change, ColumnTypes, Difference, Report,
    model::{Dialect, Schema, Table, TableName},
};
use sea_orm_migration::sea_orm::sea_query::ColumnType;

use super::{
    decisions::{Decisions, Question},
    enum_uses::EnumUse,
    error::GenerateError,
    kept::Kept,
    operation::Operation,
    spec::{TableSpec, Unwritable},
};

/// One side of the work: both schemas, and what was decided.
pub(super) struct Drafting<'a> {
    pub(super) declared: &'a Schema,
    pub(super) types: &'a [ColumnTypes],
    pub(super) live: &'a Schema,
    /// Tables that no entity declares.
    pub(super) undeclared: &'a Schema,
    /// UNIQUE constraints of PostgreSQL, which are not plain indexes.
    pub(super) unique_constraints: &'a [String],
    /// Table and name of each primary key constraint (PostgreSQL).
    pub(super) primary_key_names: &'a [(String, String)],
    /// Enum types that the database has (PostgreSQL).
    pub(super) enums: &'a [String],
    pub(super) enum_uses: &'a [EnumUse],
    /// What `MODIFY` must repeat (MySQL and MariaDB).
    pub(super) kept: &'a [Kept],
    pub(super) decisions: &'a Decisions,
    /// Differences that stay, and are not in the report.
    pub(super) left: &'a [Difference],
}

/// The operations, by the migration that they belong to.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) expand: Vec<Operation>,
    /// Types that hold less than before, where each statement commits on its own.
    pub(super) narrow: Vec<Operation>,
    /// What holds types that changed, where each statement commits on its own.
    pub(super) constrain: Vec<Operation>,
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

    pub(super) fn declared_table(&self, name: &TableName) -> Option<&Table> {
        self.declared.tables.iter().find(|table| table.name == *name)
    }

    pub(super) fn live_table(&self, name: &TableName) -> Option<&Table> {
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
            report.differences.iter().chain(self.left).any(|difference| {
                difference.table == table.name
                    && matches!(&difference.change, Change::Type { column: other, .. } | Change::EnumLabels { column: other, .. } if other == column)
            })
        };
        let same: Vec<(String, ColumnType)> = match self.types.iter().find(|types| types.table == table.name) {
            Some(types) => types.columns.iter().filter(|(name, _)| !differs(name)).cloned().collect(),
            None => Vec::new(),
        };
        let mut spec = TableSpec::live(table, &same, self.unique_constraints, self.dialect())?;
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
}
