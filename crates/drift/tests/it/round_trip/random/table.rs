//! Tables that nobody would think of.

use proptest::{collection::vec, option, prelude::*, sample::select};
use sea_orm::sea_query::{
    ColumnDef, ColumnType, Expr, ForeignKey, ForeignKeyAction, Index, IndexCreateStatement, MysqlQueryBuilder,
    PostgresQueryBuilder, SqliteQueryBuilder, StringLen, Table, TableCreateStatement,
};

use crate::servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

#[derive(Clone, Debug)]
pub(super) struct RandomTable {
    pub(super) name: String,
    pub(super) key: Key,
    pub(super) columns: Vec<RandomColumn>,
    pub(super) indexes: Vec<RandomIndex>,
    pub(super) parent: Option<Parent>,
}

/// The primary key; its columns are beside the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Generated,
    Given,
    Composite,
}

#[derive(Clone, Debug)]
pub(super) struct RandomColumn {
    pub(super) name: String,
    pub(super) ty: ColumnType,
    pub(super) is_nullable: bool,
    pub(super) default: Option<Expr>,
    pub(super) is_unique: bool,
}

#[derive(Clone, Debug)]
pub(super) struct RandomIndex {
    pub(super) name: String,
    pub(super) columns: Vec<String>,
    pub(super) is_unique: bool,
}

/// What becomes of a row when its parent goes or changes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parent {
    pub(super) on_delete: ForeignKeyAction,
    pub(super) on_update: ForeignKeyAction,
}

/// Different on every backend.
pub(super) fn types() -> Vec<ColumnType> {
    vec![
        ColumnType::Integer,
        ColumnType::BigInteger,
        ColumnType::SmallInteger,
        ColumnType::String(StringLen::N(40)),
        ColumnType::String(StringLen::N(41)),
        ColumnType::Char(Some(3)),
        ColumnType::Text,
        ColumnType::Double,
        ColumnType::Float,
        ColumnType::Decimal(Some((20, 3))),
        ColumnType::Boolean,
        ColumnType::Date,
        ColumnType::Time,
        ColumnType::DateTime,
        ColumnType::Blob,
        ColumnType::Uuid,
        ColumnType::Json,
    ]
}

/// Whether every backend can look it up by an index over the whole column.
fn can_be_indexed(ty: &ColumnType) -> bool {
    !matches!(ty, ColumnType::Text | ColumnType::Blob | ColumnType::Json)
}

/// A number keeps the names of one table apart, whatever a server takes for the same letter.
pub(super) fn any_name(number: usize) -> impl Strategy<Value = String> {
    let odd = prop_oneof![
        "[a-z_]{1,12}",
        "[A-Za-zé\u{5d0}-\u{5ea} .,;:'\"`\\[\\]()$?%{}\\\\!#-]{1,20}",
        select(vec!["select", "Order", "GROUP", "check", "primary key", "id", "default", "\u{4e16}\u{754c}", "ß"])
            .prop_map(str::to_owned),
        "[a-z]{60}",
    ];
    odd.prop_map(move |odd| format!("{}{number}", odd.trim_start()))
}

/// A default of the type, where all backends take one.
pub(super) fn any_default(ty: &ColumnType) -> BoxedStrategy<Option<Expr>> {
    let some = match ty {
        ColumnType::Integer => any::<i32>().prop_map(Expr::val).boxed(),
        ColumnType::BigInteger => any::<i64>().prop_map(Expr::val).boxed(),
        ColumnType::SmallInteger => any::<i16>().prop_map(Expr::val).boxed(),
        ColumnType::String(_) => "[ -~\n\t\r\\\\'\"é\u{5d0}\u{4e16}]{0,20}".prop_map(Expr::val).boxed(),
        ColumnType::Char(_) => "[a-z']{3}".prop_map(Expr::val).boxed(),
        ColumnType::Double => {
            (-1e15..1e15_f64, -30..0_i32).prop_map(|(n, power)| Expr::val(n * 10_f64.powi(power))).boxed()
        }
        ColumnType::Decimal(_) => (-10_i64.pow(16)..10_i64.pow(16), 0..1000_u16)
            .prop_map(|(whole, fraction)| Expr::val(format!("{whole}.{fraction:03}")))
            .boxed(),
        ColumnType::Boolean => any::<bool>().prop_map(Expr::val).boxed(),
        ColumnType::Date => any_date().prop_map(Expr::val).boxed(),
        ColumnType::Time => any_time().prop_map(Expr::val).boxed(),
        ColumnType::DateTime => prop_oneof![
            (any_date(), any_time()).prop_map(|(date, time)| Expr::val(format!("{date} {time}"))),
            Just(Expr::current_timestamp()),
        ]
        .boxed(),
        _ => return Just(None).boxed(),
    };
    option::of(some).boxed()
}

fn any_date() -> impl Strategy<Value = String> {
    (1000..9999_u16, 1..=12_u8, 1..=28_u8).prop_map(|(year, month, day)| format!("{year}-{month:02}-{day:02}"))
}

fn any_time() -> impl Strategy<Value = String> {
    (0..24_u8, 0..60_u8, 0..60_u8).prop_map(|(hour, minute, second)| format!("{hour:02}:{minute:02}:{second:02}"))
}

pub(super) fn any_column(number: usize) -> impl Strategy<Value = RandomColumn> {
    (any_name(number), select(types()), any::<bool>(), proptest::bool::weighted(0.2)).prop_flat_map(
        |(name, ty, is_nullable, is_unique)| {
            any_default(&ty).prop_map(move |default| RandomColumn {
                name: name.clone(),
                is_unique: is_unique && can_be_indexed(&ty),
                ty: ty.clone(),
                is_nullable,
                default,
            })
        },
    )
}

pub(super) fn any_table() -> impl Strategy<Value = RandomTable> {
    let action = || {
        select(vec![
            ForeignKeyAction::Cascade,
            ForeignKeyAction::SetNull,
            ForeignKeyAction::Restrict,
            ForeignKeyAction::NoAction,
        ])
    };
    let parent = option::of((action(), action()).prop_map(|(on_delete, on_update)| Parent { on_delete, on_update }));
    let columns = (1..8_usize).prop_flat_map(|count| (0..count).map(any_column).collect::<Vec<_>>());
    let key = select(vec![Key::Generated, Key::Given, Key::Composite]);
    let of_indexes = vec((vec(any::<bool>(), 8), any::<bool>()), 0..4);
    (any_name(0), key, columns, of_indexes, parent).prop_map(|(name, key, columns, of_indexes, parent)| {
        let mut indexes: Vec<RandomIndex> = Vec::new();
        for (number, (chosen, is_unique)) in of_indexes.into_iter().enumerate() {
            let chosen = columns.iter().zip(chosen).filter(|(column, is_in)| *is_in && can_be_indexed(&column.ty));
            let names: Vec<String> = chosen.map(|(column, _)| column.name.clone()).take(3).collect();
            let is_single_unique = columns.iter().any(|column| column.is_unique && names == [column.name.clone()]);
            if !names.is_empty() && !is_single_unique && !indexes.iter().any(|index| index.columns == names) {
                indexes.push(RandomIndex { name: format!("ix{number}"), columns: names, is_unique });
            }
        }
        RandomTable { name, key, columns, indexes, parent }
    })
}

impl RandomColumn {
    pub(super) fn definition(&self) -> ColumnDef {
        let mut definition = ColumnDef::new_with_type(self.name.clone(), self.ty.clone());
        if !self.is_nullable {
            definition.not_null();
        }
        if let Some(default) = &self.default {
            definition.default(default.clone());
        }
        if self.is_unique {
            definition.unique_key();
        }
        definition
    }
}

impl RandomTable {
    pub(super) fn statement(&self) -> TableCreateStatement {
        let mut table = Table::create().table(self.name.clone()).take();
        let mut id = ColumnDef::new("id_").integer().not_null().take();
        match self.key {
            Key::Generated => table.col(id.primary_key().auto_increment()),
            Key::Given => table.col(id.primary_key()),
            Key::Composite => table
                .col(id)
                .col(ColumnDef::new("second_").big_integer().not_null())
                .primary_key(Index::create().name("pk").primary().col("second_").col("id_")),
        };
        for column in &self.columns {
            table.col(column.definition());
        }
        if let Some(parent) = self.parent {
            table.col(ColumnDef::new("parent_").integer());
            table.foreign_key(
                ForeignKey::create()
                    .name("fk_parent")
                    .from(self.name.clone(), "parent_")
                    .to("parent", "id")
                    .on_delete(parent.on_delete)
                    .on_update(parent.on_update),
            );
        }
        table
    }

    pub(super) fn index_statements(&self) -> Vec<IndexCreateStatement> {
        self.indexes.iter().map(|index| index.statement(&self.name)).collect()
    }

    pub(super) fn create_sql(&self, server: Server) -> Vec<String> {
        let table = match server {
            Postgres => self.statement().to_string(PostgresQueryBuilder),
            MySqlOrMariaDb => self.statement().to_string(MysqlQueryBuilder),
            Sqlite => self.statement().to_string(SqliteQueryBuilder),
        };
        let indexes = self.index_statements().into_iter().map(|index| index_sql(&index, server));
        std::iter::once(table).chain(indexes).collect()
    }

    pub(super) fn drop_sql(&self, server: Server) -> String {
        format!("DROP TABLE {}", quoted(&self.name, server))
    }

    /// Whether no key or index needs the column.
    pub(super) fn is_free(&self, column: &RandomColumn) -> bool {
        !column.is_unique && !self.indexes.iter().any(|index| index.columns.contains(&column.name))
    }
}

impl RandomIndex {
    pub(super) fn statement(&self, table: &str) -> IndexCreateStatement {
        let mut index = Index::create().name(self.name.clone()).table(table.to_owned()).take();
        if self.is_unique {
            index.unique();
        }
        for column in &self.columns {
            index.col(column.clone());
        }
        index
    }
}

pub(super) fn index_sql(index: &IndexCreateStatement, server: Server) -> String {
    match server {
        Postgres => index.to_string(PostgresQueryBuilder),
        MySqlOrMariaDb => index.to_string(MysqlQueryBuilder),
        Sqlite => index.to_string(SqliteQueryBuilder),
    }
}

pub(super) fn quoted(name: &str, server: Server) -> String {
    let quote = if server == MySqlOrMariaDb { '`' } else { '"' };
    format!("{quote}{}{quote}", name.replace(quote, &format!("{quote}{quote}")))
}
