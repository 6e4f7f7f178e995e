//! Pairs of versions of an entity, as two programs that run at once: what happens to each of them on the schema of each is
//! what the check foretells, on real servers.

#![expect(unreachable_pub, reason = "an entity's model is `pub`, here as anywhere")]

use rstest::rstest;
use sea_orm_drift::{Consequence, Difference, Record, Report, Severity};
use sea_orm_kit::{Entities, Project};
use sea_orm_migration::{
    MigrationName, MigrationTrait, MigratorTrait, SchemaManager, async_trait,
    sea_orm::{
        ActiveModelBehavior, ActiveModelTrait, ConnectionTrait, DatabaseExecutor, DbErr, EntityTrait, IntoActiveModel,
        Iterable, PrimaryKeyToColumn, Schema,
    },
};
use sea_orm_runner::Runner;
use test_servers::{
    Database,
    Server::{self, MySqlOrMariaDb, Postgres, Sqlite},
};

/// An entity of one version: its table, its fields, and a row that its program writes.
macro_rules! version {
    ($name:ident $table:literal { $($(#[$attribute:meta])* $field:ident: $ty:ty = $value:expr),* $(,)? }) => {
        pub mod $name {
            use sea_orm_migration::sea_orm::{self, entity::prelude::*};

            #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub struct Model {
                #[sea_orm(primary_key)]
                pub id: i32,
                $($(#[$attribute])* pub $field: $ty,)*
            }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}

            pub fn row() -> Model {
                Model { id: 0, $($field: $value,)* }
            }
        }
    };
}

/// Two versions of an entity, and the migrations between them.
macro_rules! pair {
    ($pair:ident, $old:tt $before:tt, $new:tt $after:tt) => {
        mod $pair {
            use super::*;

            version!(old $old $before);
            version!(new $new $after);

            struct Migrator;
            struct Create;
            struct Change;

            impl MigrationName for Create {
                fn name(&self) -> &'static str {
                    "m1_create"
                }
            }

            impl MigrationName for Change {
                fn name(&self) -> &'static str {
                    "m2_change"
                }
            }

            #[async_trait::async_trait]
            impl MigrationTrait for Create {
                async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
                    create(manager, old::Entity).await
                }
            }

            #[async_trait::async_trait]
            impl MigrationTrait for Change {
                async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
                    manager.get_connection().execute_unprepared(concat!("DROP TABLE ", $old)).await?;
                    create(manager, new::Entity).await
                }
            }

            impl MigratorTrait for Migrator {
                fn migrations() -> Vec<Box<dyn MigrationTrait>> {
                    vec![Box::new(Create), Box::new(Change)]
                }
            }

            #[rstest]
            #[tokio::test]
            async fn each_cell_is_foretold(#[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server) {
                let record = Record::of(&Entities::new().add(old::Entity), ["m1_create".to_owned()]);
                let project = Project::<Migrator>::new(Entities::new().add(new::Entity));
                let Some(database) = server.empty_database().await else { return };
                let db = database.connect().await;
                let executor = DatabaseExecutor::Connection(&db);

                for (number, schema) in ["of the release", "of the tree"].into_iter().enumerate() {
                    Runner::new().up::<Migrator>(&executor, Some(1)).await.unwrap();
                    let rolling = project.check_rolling(&record, Some(&db)).await.unwrap();
                    let met = rolling.of_database.unwrap();
                    let released = run(&database, old::Entity, old::row().into_active_model()).await;
                    let program = run(&database, new::Entity, new::row().into_active_model()).await;
                    let place = format!("{server:?}, schema {schema}");
                    foretold(&met.release, &released, &format!("the release on {place}"));
                    foretold(&met.program, &program, &format!("this program on {place}"));
                    if server == Sqlite {
                        // The scratch database is the same as this one.
                        let scratch = if number == 0 { rolling.of_release.unwrap() } else { rolling.of_tree };
                        foretold(&scratch.release, &released, "the release on the scratch database");
                        foretold(&scratch.program, &program, "this program on the scratch database");
                        let breaks = number == 1 && released.is_err();
                        if breaks {
                            assert_eq!(rolling.first_to_break.as_deref(), Some("m2_change"));
                        }
                    }
                }
            }
        }
    };
}

async fn create<E: EntityTrait>(manager: &SchemaManager<'_>, entity: E) -> Result<(), DbErr> {
    let schema = Schema::new(manager.get_database_backend());
    manager.create_table(schema.create_table_from_entity(entity)).await?;
    for index in schema.create_index_from_entity(entity) {
        manager.create_index(index).await?;
    }
    Ok(())
}

/// What a program does on an empty table, with connections of its own: writes a row, reads all of them, and changes one.
async fn run<E, A>(database: &Database, _: E, mut row: A) -> Result<(), DbErr>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<A> + Sync,
    A: ActiveModelTrait<Entity = E> + ActiveModelBehavior + Send,
{
    let db = &database.connect().await;
    let _ = E::delete_many().exec(db).await; // fails where the table is not there, and so will the rest
    for key in E::PrimaryKey::iter() {
        row.not_set(key.into_column());
    }
    let written: E::Model = row.insert(db).await?;
    E::find().all(db).await?;
    let again: A = written.into_active_model();
    again.reset_all().update(db).await?;
    Ok(())
}

/// What is said to fail fails, and where nothing is said nothing fails.
fn foretold(report: &Report, happened: &Result<(), DbErr>, place: &str) {
    let consequences = || report.differences.iter().map(Difference::consequence);
    if consequences().any(|it| matches!(it, Consequence::ReadsFail | Consequence::WritesFail)) {
        assert!(happened.is_err(), "{place}: nothing failed\n{report}");
    } else if !report.fails_at(Severity::Warning) {
        assert!(happened.is_ok(), "{place}: {happened:?}\n{report}");
    }
}

pair!(a_dropped_column,
    "post" { title: String = "a".to_owned(), body: String = "b".to_owned() },
    "post" { title: String = "a".to_owned() });
pair!(a_renamed_column,
    "post" { title: String = "a".to_owned() },
    "post" { headline: String = "a".to_owned() });
pair!(an_added_column,
    "post" { title: String = "a".to_owned() },
    "post" { title: String = "a".to_owned(), body: Option<String> = None });
pair!(an_added_column_that_must_be_given,
    "post" { title: String = "a".to_owned() },
    "post" { title: String = "a".to_owned(), body: String = "b".to_owned() });
pair!(an_added_column_with_a_default,
    "post" { title: String = "a".to_owned() },
    "post" { title: String = "a".to_owned(), #[sea_orm(default_value = 7)] pages: i32 = 8 });
pair!(a_renamed_table,
    "post" { title: String = "a".to_owned() },
    "article" { title: String = "a".to_owned() });
pair!(another_type,
    "post" { pages: i32 = 1 },
    "post" { pages: String = "one".to_owned() });
pair!(a_wider_number,
    "post" { pages: i32 = 1 },
    "post" { pages: i64 = 1 });
pair!(a_field_that_must_be_set,
    "post" { title: Option<String> = None },
    "post" { title: String = "a".to_owned() });
pair!(a_field_that_may_be_none,
    "post" { title: String = "a".to_owned() },
    "post" { title: Option<String> = None });
pair!(a_unique_column,
    "post" { title: String = "a".to_owned() },
    "post" { #[sea_orm(unique)] title: String = "a".to_owned() });
pair!(a_shorter_text,
    "post" { #[sea_orm(column_type = "String(StringLen::N(40))")] title: String = "a".repeat(40) },
    "post" { #[sea_orm(column_type = "String(StringLen::N(20))")] title: String = "a".repeat(20) });
