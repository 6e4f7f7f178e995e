//! What holds for any two schemas, whichever of them is declared. On SQLite in memory: the server adds nothing to it.

use std::collections::BTreeSet;

use proptest::{collection::vec, prelude::*, sample::subsequence};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database,
    sea_query::{ColumnDef, ColumnType, Index, IndexCreateStatement, Table, TableCreateStatement},
};
use sea_orm_drift::{Entities, Report};

use super::{random_cases, runtime};

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];
const TYPES: [&str; 4] = ["integer", "bigint", "varchar(9)", "text"];

/// A table without surprises: every pair of them can be compared in both directions.
#[derive(Clone, Debug)]
struct Plain {
    name: &'static str,
    /// With its type, and whether it is NOT NULL.
    columns: Vec<(&'static str, usize, bool)>,
    /// The columns, and whether their values are unique.
    indexes: Vec<(Vec<&'static str>, bool)>,
}

fn any_table(name: &'static str) -> impl Strategy<Value = Plain> {
    subsequence(NAMES.to_vec(), 1..=NAMES.len()).prop_flat_map(move |names| {
        let looks = vec((0..TYPES.len(), any::<bool>()), names.len());
        let indexes = vec((subsequence(names.clone(), 1..=names.len()), any::<bool>()), 0..3);
        (looks, indexes).prop_map(move |(looks, indexes)| Plain {
            name,
            columns: names.iter().zip(looks).map(|(name, (ty, is_required))| (*name, ty, is_required)).collect(),
            indexes,
        })
    })
}

/// Each table may be there or not, but there is one.
fn any_schema() -> impl Strategy<Value = Vec<Plain>> {
    (any_table("one"), any_table("two"), subsequence(vec![0, 1], 1..=2))
        .prop_map(|(one, two, chosen)| chosen.into_iter().map(|at| [&one, &two][at].clone()).collect())
}

impl Plain {
    fn statement(&self) -> TableCreateStatement {
        let mut table = Table::create().table(self.name).take();
        table.col(ColumnDef::new("id").integer().not_null().primary_key());
        for (name, ty, is_required) in &self.columns {
            let mut column = ColumnDef::new_with_type(*name, ColumnType::custom(TYPES[*ty]));
            if *is_required {
                column.not_null();
            }
            table.col(column);
        }
        table
    }

    fn index_statements(&self) -> Vec<IndexCreateStatement> {
        let index = |(number, (columns, is_unique)): (usize, &(Vec<&'static str>, bool))| {
            let name = format!("{}_{}_{number}", self.name, columns.concat());
            let mut index = Index::create().table(self.name).name(name).take();
            for column in columns {
                index.col(*column);
            }
            if *is_unique {
                index.unique();
            }
            index
        };
        self.indexes.iter().enumerate().map(index).collect()
    }
}

fn reversed(schema: &[Plain]) -> Vec<Plain> {
    let mut schema: Vec<Plain> = schema.to_vec();
    schema.reverse();
    for table in &mut schema {
        table.columns.reverse();
        table.indexes.reverse();
    }
    schema
}

async fn check(declared: &[Plain], live: &[Plain]) -> Report {
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await.unwrap();
    for table in live {
        db.execute(&table.statement()).await.unwrap();
        for index in table.index_statements() {
            db.execute(&index).await.unwrap();
        }
    }
    let entities = declared
        .iter()
        .fold(Entities::new(), |entities, table| entities.add_table(table.statement(), table.index_statements()));
    entities.check(&db).await.unwrap()
}

/// All that is said, in no order.
fn findings(report: &Report) -> BTreeSet<String> {
    let differences = report.differences.iter().map(|found| {
        format!("{} {} {} {:?}", found.table.name, found.change.rule(), found.object(), found.consequence)
    });
    let unchecked = report.unchecked.iter().map(|unchecked| format!("{unchecked:?}"));
    differences.chain(unchecked).collect()
}

/// What of it can be told from either side, told from the one or the other.
fn facts(report: &Report, is_swapped: bool) -> BTreeSet<String> {
    let fact = |rule: &'static str| match (rule, is_swapped) {
        ("column-missing", false) | ("column-unexpected", true) => Some("only here"),
        ("column-missing", true) | ("column-unexpected", false) => Some("only there"),
        ("type-differs", _) => Some("another type"),
        ("nullability-differs", _) => Some("NULL or not"),
        _ => None,
    };
    let differences = report.differences.iter();
    let told = differences.filter_map(|found| {
        Some(format!("{}.{} {}", found.table.name, found.change.column()?, fact(found.change.rule())?))
    });
    told.collect()
}

#[test]
fn what_is_created_from_a_declaration_has_no_difference() {
    let runtime = runtime();
    random_cases(&any_schema(), |schema| {
        let report = runtime.block_on(check(&schema, &schema));
        prop_assert_eq!(findings(&report), BTreeSet::new(), "{}", report);
        Ok(())
    });
}

#[test]
fn the_order_of_tables_columns_and_indexes_never_matters() {
    let runtime = runtime();
    random_cases(&(any_schema(), any_schema()), |(declared, live)| {
        let as_it_is = findings(&runtime.block_on(check(&declared, &live)));
        prop_assert_eq!(&findings(&runtime.block_on(check(&reversed(&declared), &live))), &as_it_is);
        prop_assert_eq!(&findings(&runtime.block_on(check(&declared, &reversed(&live)))), &as_it_is);
        Ok(())
    });
}

#[test]
fn what_one_side_lacks_the_other_has_more() {
    let runtime = runtime();
    random_cases(&(any_table("one"), any_table("one")), |(one, other)| {
        let (one, other) = ([one], [other]);
        let forth = facts(&runtime.block_on(check(&one, &other)), false);
        let back = facts(&runtime.block_on(check(&other, &one)), true);
        prop_assert_eq!(forth, back);
        Ok(())
    });
}
