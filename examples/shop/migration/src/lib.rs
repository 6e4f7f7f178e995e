pub use sea_orm_migration::prelude::*;

mod m20261128_231234_create_shop;

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m20261128_231234_create_shop::Migration)]
    }
}
