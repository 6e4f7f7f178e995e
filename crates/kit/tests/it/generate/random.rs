//! Random entities, and a random edit of them.

use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::{Index as Position, select},
    test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner},
};
use rstest::rstest;
use sea_orm_kit::generate::{Answer, Decisions, GenerateError, Question};
use sea_orm_migration::sea_orm::sea_query::{
    ColumnDef, ColumnType, Expr, ForeignKey, ForeignKeyAction, Index, IndexCreateStatement, StringLen, Table,
    TableCreateStatement,
};
use test_servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

use super::{Declared, clear, from_one_to_two, scratch};

/// Each proves up, down and up twice over.
const CASES: u32 = 24;

#[derive(Clone, Debug)]
struct RandomColumn {
    name: String,
    ty: ColumnType,
    is_required: bool,
    has_default: bool,
    is_unique: bool,
}

#[derive(Clone, Debug)]
struct RandomTable {
    name: String,
    columns: Vec<RandomColumn>,
    /// Positions of columns, and whether it is unique.
    indexes: Vec<(Vec<usize>, bool)>,
    /// What becomes of a row when its parent goes.
    parent: Option<ForeignKeyAction>,
}

#[derive(Clone, Debug)]
enum Edit {
    AddTable(RandomTable),
    DropTable(Position),
    AddColumn(Position, RandomColumn),
    DropColumn(Position, Position),
    RenameColumn(Position, Position),
    Type(Position, Position, ColumnType),
    Nullability(Position, Position),
    Default(Position, Position),
    AddIndex(Position, Position, bool),
    DropIndexes(Position),
    Parent(Position, Option<ForeignKeyAction>),
}

/// Whether an index over the whole column works everywhere.
fn is_indexable(ty: &ColumnType) -> bool {
    !matches!(ty, ColumnType::Text | ColumnType::Json | ColumnType::Blob)
}

fn any_type() -> impl Strategy<Value = ColumnType> {
    select(vec![
        ColumnType::Integer,
        ColumnType::BigInteger,
        ColumnType::SmallInteger,
        ColumnType::String(StringLen::N(40)),
        ColumnType::String(StringLen::N(80)),
        ColumnType::Text,
        ColumnType::Double,
        ColumnType::Decimal(Some((20, 3))),
        ColumnType::Boolean,
        ColumnType::Date,
        ColumnType::DateTime,
        ColumnType::Uuid,
        ColumnType::Json,
        ColumnType::Blob,
    ])
}

/// Names with a word of every kind that an identifier of Rust is not.
fn any_column(number: usize) -> impl Strategy<Value = RandomColumn> {
    let stem = select(vec!["title", "order", "a", "select", "Mixed", "with blank", "x2_y", "type"]);
    (stem, any_type(), any::<bool>(), any::<bool>(), proptest::bool::weighted(0.15)).prop_map(
        move |(stem, ty, is_required, has_default, is_unique)| RandomColumn {
            name: format!("{stem}{number}"),
            is_unique: is_unique && is_indexable(&ty),
            has_default: has_default && default_of(&ty).is_some(),
            ty,
            is_required,
        },
    )
}

fn default_of(ty: &ColumnType) -> Option<Expr> {
    Some(match ty {
        ColumnType::Integer | ColumnType::BigInteger | ColumnType::SmallInteger => Expr::val(7),
        ColumnType::String(_) => Expr::val("it's"),
        ColumnType::Double => Expr::val(1.5),
        ColumnType::Decimal(_) => Expr::val("2.500"),
        ColumnType::Boolean => Expr::val(true),
        ColumnType::Date => Expr::val("2026-11-28"),
        ColumnType::DateTime => Expr::current_timestamp(),
        _ => return None,
    })
}

fn any_action() -> impl Strategy<Value = ForeignKeyAction> {
    select(vec![ForeignKeyAction::Cascade, ForeignKeyAction::SetNull, ForeignKeyAction::NoAction])
}

fn any_table(number: usize) -> impl Strategy<Value = RandomTable> {
    let columns = (1..5_usize).prop_flat_map(|count| (0..count).map(any_column).collect::<Vec<_>>());
    let indexes = vec((vec(any::<Position>(), 1..3), any::<bool>()), 0..2);
    (columns, indexes, option::of(any_action())).prop_map(move |(columns, indexes, parent)| {
        let chosen = |(positions, is_unique): (Vec<Position>, bool)| {
            let mut positions: Vec<usize> = positions.iter().map(|position| position.index(columns.len())).collect();
            positions.sort_unstable();
            positions.dedup();
            positions.retain(|position| is_indexable(&columns[*position].ty));
            (!positions.is_empty()).then_some((positions, is_unique))
        };
        let mut indexes: Vec<(Vec<usize>, bool)> = indexes.into_iter().filter_map(chosen).collect();
        indexes.dedup_by(|one, other| one.0 == other.0);
        indexes.retain(|(positions, _)| !(positions.len() == 1 && columns[positions[0]].is_unique));
        RandomTable { name: format!("table_{number}"), columns, indexes, parent }
    })
}

fn any_edit() -> impl Strategy<Value = Edit> {
    let at = any::<Position>;
    prop_oneof![
        any_table(9).prop_map(Edit::AddTable),
        at().prop_map(Edit::DropTable),
        (at(), any_column(9)).prop_map(|(table, column)| Edit::AddColumn(table, column)),
        (at(), at()).prop_map(|(table, column)| Edit::DropColumn(table, column)),
        (at(), at()).prop_map(|(table, column)| Edit::RenameColumn(table, column)),
        (at(), at(), any_type()).prop_map(|(table, column, ty)| Edit::Type(table, column, ty)),
        (at(), at()).prop_map(|(table, column)| Edit::Nullability(table, column)),
        (at(), at()).prop_map(|(table, column)| Edit::Default(table, column)),
        (at(), at(), any::<bool>()).prop_map(|(table, column, is_unique)| Edit::AddIndex(table, column, is_unique)),
        at().prop_map(Edit::DropIndexes),
        (at(), option::of(any_action())).prop_map(|(table, parent)| Edit::Parent(table, parent)),
    ]
}

impl RandomTable {
    fn declared(&self) -> (TableCreateStatement, Vec<IndexCreateStatement>) {
        let mut table = Table::create().table(self.name.clone()).take();
        table.col(ColumnDef::new("id").integer().not_null().auto_increment().primary_key());
        for column in &self.columns {
            let mut definition = ColumnDef::new_with_type(column.name.clone(), column.ty.clone());
            if column.is_required {
                definition.not_null();
            }
            if let Some(default) = default_of(&column.ty).filter(|_| column.has_default) {
                definition.default(default);
            }
            if column.is_unique {
                definition.unique_key();
            }
            table.col(definition);
        }
        table.col(ColumnDef::new("parent_id").integer());
        if let Some(on_delete) = self.parent {
            let name = format!("fk-{}-parent_id", self.name);
            let mut key = ForeignKey::create();
            key.name(name).from(self.name.clone(), "parent_id").to("parent", "id").on_delete(on_delete);
            table.foreign_key(&mut key);
        }
        let index = |(number, (positions, is_unique)): (usize, &(Vec<usize>, bool))| {
            let mut index = Index::create().name(format!("ix_{}_{number}", self.name)).table(self.name.clone()).take();
            for position in positions {
                index.col(self.columns[*position].name.clone());
            }
            if *is_unique {
                index.unique();
            }
            index
        };
        (table, self.indexes.iter().enumerate().map(index).collect())
    }
}

fn declared(tables: &[RandomTable]) -> Declared {
    let parent = ColumnDef::new("id").integer().not_null().auto_increment().primary_key().take();
    let parent = (Table::create().table("parent").col(parent).take(), Vec::new());
    std::iter::once(parent).chain(tables.iter().map(RandomTable::declared)).collect()
}

impl Edit {
    fn apply(&self, tables: &mut Vec<RandomTable>, decisions: &mut Decisions) {
        let at = |table: &Position, tables: &[RandomTable]| {
            table.index(tables.len().max(1)).min(tables.len().saturating_sub(1))
        };
        let column_at = |table: &RandomTable, column: &Position| column.index(table.columns.len());
        match self {
            Self::AddTable(table) => {
                if !tables.iter().any(|other| other.name == table.name) {
                    tables.push(table.clone());
                }
            }
            Self::DropTable(table) if tables.len() > 1 => {
                let position = at(table, tables);
                decisions.drops.insert(tables.remove(position).name);
            }
            Self::AddColumn(table, column) => {
                let position = at(table, tables);
                if !tables[position].columns.iter().any(|other| other.name.eq_ignore_ascii_case(&column.name)) {
                    tables[position].columns.push(column.clone());
                }
            }
            Self::DropColumn(table, column) => {
                let position = at(table, tables);
                let table = &mut tables[position];
                let column = column_at(table, column);
                if table.columns.len() > 1 {
                    table.columns.remove(column);
                    table.indexes.retain(|(positions, _)| !positions.contains(&column));
                    for position in table.indexes.iter_mut().flat_map(|(positions, _)| positions) {
                        *position -= usize::from(*position > column);
                    }
                }
            }
            Self::RenameColumn(table, column) => {
                let position = at(table, tables);
                let table = &mut tables[position];
                let column = column_at(table, column);
                let old = table.columns[column].name.clone();
                if table.columns[column].name != "renamed" && !table.columns.iter().any(|other| other.name == "renamed")
                {
                    "renamed".clone_into(&mut table.columns[column].name);
                    decisions.renames.push((format!("{}.{old}", table.name), "renamed".to_owned()));
                }
            }
            Self::Type(table, column, ty) => {
                let position = at(table, tables);
                let table = &mut tables[position];
                let position = column_at(table, column);
                let is_indexed = table.indexes.iter().any(|(positions, _)| positions.contains(&position));
                let column = &mut table.columns[position];
                if column.ty != *ty && (is_indexable(ty) || !(is_indexed || column.is_unique)) {
                    column.ty = ty.clone();
                    column.has_default &= default_of(ty).is_some();
                    decisions.drops.insert(format!("{}.{}", table.name, column.name));
                }
            }
            Self::Nullability(table, column) => {
                let position = at(table, tables);
                let position_of_column = column_at(&tables[position], column);
                let column = &mut tables[position].columns[position_of_column];
                column.is_required = !column.is_required;
            }
            Self::Default(table, column) => {
                let position = at(table, tables);
                let position_of_column = column_at(&tables[position], column);
                let column = &mut tables[position].columns[position_of_column];
                column.has_default = !column.has_default && default_of(&column.ty).is_some();
            }
            Self::AddIndex(table, column, is_unique) => {
                let position = at(table, tables);
                let table = &mut tables[position];
                let column = column_at(table, column);
                let is_new = !table.indexes.iter().any(|(positions, _)| *positions == [column]);
                if is_new && is_indexable(&table.columns[column].ty) && !table.columns[column].is_unique {
                    table.indexes.push((vec![column], *is_unique));
                }
            }
            Self::DropIndexes(table) => {
                let position = at(table, tables);
                tables[position].indexes.clear();
            }
            Self::Parent(table, parent) => {
                let position = at(table, tables);
                tables[position].parent = *parent;
            }
            Self::DropTable(_) => {}
        }
    }
}

/// Drops what is asked about.
#[expect(clippy::unnecessary_wraps, reason = "as `Ask` has it")]
fn drop_it(question: &Question) -> std::io::Result<Option<Answer>> {
    Ok(question.answers.iter().find(|answer| matches!(answer, Answer::Drop(_) | Answer::Convert(_))).cloned())
}

#[rstest]
fn what_is_written_leads_there_and_back(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let Some((db, _database)) = runtime.block_on(scratch(server)) else { return };
    let tables = (any_table(1), option::of(any_table(2)))
        .prop_map(|(one, two)| std::iter::once(one).chain(two).collect::<Vec<_>>());
    let cases = (tables, vec(any_edit(), 1..4));
    let seed = test_servers::seed();
    let config = Config { cases: CASES, failure_persistence: None, max_shrink_iters: 40, ..Config::default() };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let outcome = runner.run(&cases, |(before, edits)| {
        let (one, mut tables, mut decisions) = (declared(&before), before.clone(), Decisions::default());
        for edit in &edits {
            edit.apply(&mut tables, &mut decisions);
        }
        // What was made and is gone again is neither renamed nor dropped, and rows that do not exist get any value.
        let is_in = |tables: &[RandomTable], object: &str| match object.split_once('.') {
            Some((table, column)) => {
                tables.iter().any(|other| other.name == table && other.columns.iter().any(|other| other.name == column))
            }
            None => tables.iter().any(|other| other.name == object),
        };
        let was_there = |object: &str| is_in(&before, object);
        decisions.renames.retain(|(old, _)| {
            let table = old.split_once('.').map_or("", |(table, _)| table);
            let of_table = tables.iter().find(|other| other.name == table && was_there(old));
            of_table.is_some_and(|table| table.columns.iter().any(|column| column.name == "renamed"))
        });
        let is_renamed = |object: &str| {
            decisions
                .renames
                .iter()
                .any(|(old, new)| old.rsplit_once('.').is_some_and(|(table, _)| object == format!("{table}.{new}")))
        };
        decisions.drops.retain(|object| was_there(object) || is_renamed(object));
        for table in &tables {
            for column in &table.columns {
                decisions.fills.insert(format!("{}.{}", table.name, column.name), "NULL".to_owned());
            }
        }
        // A default that the entity no longer declares stays in one table, and goes from the other.
        for (before, after) in before
            .iter()
            .flat_map(|one| tables.iter().filter(|other| other.name == one.name).map(move |other| (one, other)))
        {
            let had = |name: &str| before.columns.iter().find(|column| column.name == name && column.has_default);
            let lost = after
                .columns
                .iter()
                .filter(|column| !column.has_default && had(&column.name).is_some_and(|before| before.ty == column.ty));
            if before.name == "table_1" {
                decisions.drops.extend(lost.map(|column| format!("{}.{}.default", after.name, column.name)));
            }
        }
        let mut ask = drop_it;
        let done = runtime.block_on(from_one_to_two(&db, &one, &declared(&tables), decisions, Some(&mut ask)));
        runtime.block_on(clear(&db, server));
        // A type that is changed twice may be what it was, with the consent to both changes.
        if matches!(&done, Err(GenerateError::Usage(why)) if why.contains("changes nothing")) {
            return Ok(());
        }
        done.map(drop).map_err(|error| TestCaseError::fail(error.to_string()))
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(why, case)) => panic!("{why}\n\n{case:#?}\n\nagain with TEST_SEED={seed}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}
