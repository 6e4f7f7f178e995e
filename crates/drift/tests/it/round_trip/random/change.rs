//! One change to a table, in the words of each server, and what must be said of it.

use proptest::{prelude::*, sample::select};
use sea_orm::sea_query::{
    ColumnType, Expr, ForeignKeyAction, MysqlQueryBuilder, PostgresQueryBuilder, Query, SqliteQueryBuilder,
    TableAlterStatement,
};

use super::table::{Key, RandomColumn, RandomIndex, RandomTable, any_column, any_default, index_sql, quoted, types};
use crate::servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

/// Columns and indexes by their position in the table.
#[derive(Clone, Debug)]
pub(super) enum RandomChange {
    DropTable,
    AddColumn(RandomColumn),
    DropColumn(usize),
    RenameColumn(usize),
    Type(usize, ColumnType),
    Nullability(usize),
    Default(usize, Option<Expr>),
    AddIndex(RandomIndex),
    DropIndex(usize),
    Uniqueness(usize),
    DropForeignKey,
    ForeignKeyAction(ForeignKeyAction),
    DropPrimaryKey,
}

/// One that the table allows.
pub(super) fn any_change(table: &RandomTable) -> impl Strategy<Value = RandomChange> + use<> {
    let added = any_column(99).prop_map(|column| RandomChange::AddColumn(RandomColumn { is_unique: false, ..column }));
    let mut changes = vec![Just(RandomChange::DropTable).boxed(), added.boxed()];
    if table.key != Key::Generated {
        changes.push(Just(RandomChange::DropPrimaryKey).boxed());
    }
    for (position, column) in table.columns.iter().enumerate() {
        changes.push(Just(RandomChange::Nullability(position)).boxed());
        let current = column.default.clone();
        let of_default = any_default(&column.ty).prop_filter("another default", move |new| *new != current);
        if column.default.is_some() {
            changes.push(of_default.prop_map(move |default| RandomChange::Default(position, default)).boxed());
        }
        if table.is_free(column) {
            changes.push(Just(RandomChange::RenameColumn(position)).boxed());
            if table.columns.len() > 1 {
                changes.push(Just(RandomChange::DropColumn(position)).boxed());
            }
            if column.default.is_none() {
                let others: Vec<_> = types().into_iter().filter(|ty| *ty != column.ty).collect();
                changes.push(select(others).prop_map(move |ty| RandomChange::Type(position, ty)).boxed());
            }
            let is_indexable = !matches!(column.ty, ColumnType::Text | ColumnType::Blob | ColumnType::Json);
            if is_indexable {
                let index = move |name: String, is_unique| RandomIndex {
                    name: "ix9".to_owned(),
                    columns: vec![name],
                    is_unique,
                };
                let name = column.name.clone();
                changes.push(
                    any::<bool>().prop_map(move |unique| RandomChange::AddIndex(index(name.clone(), unique))).boxed(),
                );
            }
        }
    }
    for position in 0..table.indexes.len() {
        changes.push(Just(RandomChange::DropIndex(position)).boxed());
        changes.push(Just(RandomChange::Uniqueness(position)).boxed());
    }
    if let Some(parent) = table.parent {
        changes.push(Just(RandomChange::DropForeignKey).boxed());
        let is_refusing = |action| matches!(action, ForeignKeyAction::Restrict | ForeignKeyAction::NoAction);
        let others = [ForeignKeyAction::Cascade, ForeignKeyAction::SetNull, ForeignKeyAction::NoAction];
        let differs = |other: &ForeignKeyAction| {
            other.variant_name() != parent.on_delete.variant_name()
                && !(is_refusing(*other) && is_refusing(parent.on_delete))
        };
        let others: Vec<_> = others.into_iter().filter(differs).collect();
        changes.push(select(others).prop_map(RandomChange::ForeignKeyAction).boxed());
    }
    proptest::strategy::Union::new(changes)
}

fn is_number(ty: &ColumnType) -> bool {
    matches!(
        ty,
        ColumnType::Integer
            | ColumnType::BigInteger
            | ColumnType::SmallInteger
            | ColumnType::Double
            | ColumnType::Float
            | ColumnType::Decimal(_)
            | ColumnType::Boolean
    )
}

impl RandomChange {
    /// The rules and what each is about.
    pub(super) fn expected(&self, table: &RandomTable, server: Server) -> Vec<String> {
        let name = &table.name;
        let column = |rule: &str, position: usize| format!("{rule} {name}.{}", table.columns[position].name);
        let index = |rule: &str, index: &RandomIndex| format!("{rule} {name} ({})", index.columns.join(", "));
        match self {
            Self::DropTable => vec![format!("table-missing {name}")],
            Self::AddColumn(added) => vec![format!("column-unexpected {name}.{}", added.name)],
            Self::DropColumn(position) => vec![column("column-missing", *position)],
            Self::RenameColumn(position) => {
                vec![column("column-missing", *position), format!("column-unexpected {name}.renamed_")]
            }
            // MariaDB adds a CHECK, which rejects what the declared type allows. Numbers are JSON.
            Self::Type(position, ColumnType::Json)
                if server == MySqlOrMariaDb && !is_number(&table.columns[*position].ty) =>
            {
                let check = format!("check-unexpected {name} ({})", table.columns[*position].name);
                vec![column("type-differs", *position), check]
            }
            Self::Type(position, _) => vec![column("type-differs", *position)],
            Self::Nullability(position) => vec![column("nullability-differs", *position)],
            Self::Default(position, _) => vec![column("default-differs", *position)],
            Self::AddIndex(added) => vec![index("index-unexpected", added)],
            Self::DropIndex(position) => {
                let dropped = &table.indexes[*position];
                vec![index(if dropped.is_unique { "unique-missing" } else { "index-missing" }, dropped)]
            }
            Self::Uniqueness(position) => {
                let changed = &table.indexes[*position];
                // A unique index does all that a plain one does.
                let lost = changed.is_unique.then(|| index("unique-missing", changed));
                lost.into_iter().chain([index("index-unexpected", changed)]).collect()
            }
            // The index that MariaDB made for it stays.
            Self::DropForeignKey if server == MySqlOrMariaDb => {
                vec![format!("foreign-key-missing {name} (parent_)"), format!("index-unexpected {name} (parent_)")]
            }
            Self::DropForeignKey => vec![format!("foreign-key-missing {name} (parent_)")],
            Self::ForeignKeyAction(_) => vec![format!("foreign-key-differs {name} (parent_)")],
            // NOT NULL stays, but for SQLite's key of one column that is an alias of the row's number.
            Self::DropPrimaryKey => vec![format!("primary-key-differs {name}")],
        }
    }

    /// What makes the change. SQLite can alter little, so there the table is created anew.
    pub(super) fn sql(&self, table: &RandomTable, server: Server) -> Vec<String> {
        let name = quoted(&table.name, server);
        let alter = |what: String| vec![format!("ALTER TABLE {name} {what}")];
        let of = |position: usize| quoted(&table.columns[position].name, server);
        let changed = self.applied(table);
        match self {
            Self::DropTable => vec![table.drop_sql(server)],
            Self::AddIndex(added) => vec![index_sql(&added.statement(&table.name), server)],
            Self::DropIndex(position) => vec![drop_index(&table.indexes[*position], &name, server)],
            Self::Uniqueness(position) => vec![
                drop_index(&table.indexes[*position], &name, server),
                index_sql(&changed.indexes[*position].statement(&table.name), server),
            ],
            Self::RenameColumn(position) => alter(format!("RENAME COLUMN {} TO renamed_", of(*position))),
            Self::DropColumn(position) => alter(format!("DROP COLUMN {}", of(*position))),
            _ if server == Sqlite => {
                let drop = std::iter::once(table.drop_sql(server));
                if matches!(self, Self::DropPrimaryKey) {
                    let keyless = table.create_sql(server)[0]
                        .replace(" PRIMARY KEY,", ",")
                        .replace(" PRIMARY KEY )", " )")
                        .replace(r#", CONSTRAINT "pk" PRIMARY KEY ("second_", "id_")"#, "");
                    return drop.chain([keyless]).chain(table.create_sql(server).into_iter().skip(1)).collect();
                }
                drop.chain(changed.create_sql(server)).collect()
            }
            Self::AddColumn(added) => {
                let mut statement = TableAlterStatement::new().table(table.name.clone()).take();
                statement.add_column(added.definition());
                vec![match server {
                    Postgres => statement.to_string(PostgresQueryBuilder),
                    MySqlOrMariaDb => statement.to_string(MysqlQueryBuilder),
                    Sqlite => statement.to_string(SqliteQueryBuilder),
                }]
            }
            Self::Type(position, _) | Self::Nullability(position) | Self::Default(position, _)
                if server == MySqlOrMariaDb =>
            {
                let definition = RandomColumn { is_unique: false, ..changed.columns[*position].clone() }.definition();
                let mut statement = TableAlterStatement::new().table(table.name.clone()).take();
                vec![statement.modify_column(definition).to_string(MysqlQueryBuilder)]
            }
            Self::Type(position, ty) => {
                let mut text = String::new();
                sea_orm::sea_query::TableBuilder::prepare_column_type(&PostgresQueryBuilder, ty, &mut text);
                alter(format!("ALTER COLUMN {} TYPE {text} USING NULL", of(*position)))
            }
            Self::Nullability(position) => {
                let word = if table.columns[*position].is_nullable { "SET" } else { "DROP" };
                alter(format!("ALTER COLUMN {} {word} NOT NULL", of(*position)))
            }
            Self::Default(position, None) => alter(format!("ALTER COLUMN {} DROP DEFAULT", of(*position))),
            Self::Default(position, Some(default)) => {
                let select = Query::select().expr(default.clone()).to_string(PostgresQueryBuilder);
                alter(format!("ALTER COLUMN {} SET DEFAULT {}", of(*position), &select["SELECT ".len()..]))
            }
            Self::DropForeignKey if server == MySqlOrMariaDb => alter("DROP FOREIGN KEY fk_parent".to_owned()),
            Self::DropForeignKey => alter("DROP CONSTRAINT fk_parent".to_owned()),
            Self::ForeignKeyAction(_) => {
                let mut drop = Self::DropForeignKey.sql(table, server);
                let statement = changed.statement();
                let mut key = statement.get_foreign_key_create_stmts()[0].clone();
                // MariaDB takes a name only once within one transaction of its dictionary.
                key.name("fk_again");
                drop.push(match server {
                    Postgres => key.to_string(PostgresQueryBuilder),
                    MySqlOrMariaDb | Sqlite => key.to_string(MysqlQueryBuilder),
                });
                drop
            }
            Self::DropPrimaryKey if server == MySqlOrMariaDb => alter("DROP PRIMARY KEY".to_owned()),
            Self::DropPrimaryKey => vec![format!(
                "DO $do$ BEGIN EXECUTE (SELECT 'ALTER TABLE ' || conrelid::regclass || ' DROP CONSTRAINT ' \
                 || quote_ident(conname) FROM pg_constraint WHERE contype = 'p' AND conrelid = {}::regclass); END $do$",
                Query::select()
                    .expr(Expr::val(name.clone()))
                    .to_string(PostgresQueryBuilder)
                    .trim_start_matches("SELECT ")
            )],
        }
    }

    /// The table as it would have been declared after the change.
    fn applied(&self, table: &RandomTable) -> RandomTable {
        let mut table = table.clone();
        match self {
            Self::AddColumn(added) => table.columns.push(added.clone()),
            Self::Type(position, ty) => table.columns[*position].ty = ty.clone(),
            Self::Nullability(position) => {
                let column = &mut table.columns[*position];
                column.is_nullable = !column.is_nullable;
            }
            Self::Default(position, default) => table.columns[*position].default.clone_from(default),
            Self::Uniqueness(position) => {
                let index = &mut table.indexes[*position];
                index.is_unique = !index.is_unique;
            }
            Self::DropForeignKey => {
                table.parent = None;
                table.columns.push(RandomColumn {
                    name: "parent_".to_owned(),
                    ty: ColumnType::Integer,
                    is_nullable: true,
                    default: None,
                    is_unique: false,
                });
            }
            Self::ForeignKeyAction(action) => {
                if let Some(parent) = &mut table.parent {
                    parent.on_delete = *action;
                }
            }
            Self::DropTable
            | Self::DropColumn(_)
            | Self::RenameColumn(_)
            | Self::AddIndex(_)
            | Self::DropIndex(_)
            | Self::DropPrimaryKey => {}
        }
        table
    }
}

fn drop_index(index: &RandomIndex, table: &str, server: Server) -> String {
    match server {
        Postgres | Sqlite => format!("DROP INDEX {}", index.name),
        MySqlOrMariaDb => format!("DROP INDEX {} ON {table}", index.name),
    }
}
