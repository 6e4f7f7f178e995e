//! Entities that SeaORM's registry knows and a list lacks. The registry tells the module and the name of each, and keeps what it
//! declares to itself, so the list cannot be made from it.

use std::collections::BTreeSet;

use sea_orm::{DbBackend, EntityRegistry, Schema};

use crate::{
    entities::Entities,
    model::{Dialect, TableName},
};

impl Entities {
    /// The modules and tables of the entities under `prefix`, such as `entity::`, that are not in this list: `entity::post (post)`.
    /// An entity is known where its crate is linked and SeaORM's feature `entity-registry` is on.
    pub fn forgotten(&self, prefix: &str) -> Vec<String> {
        let tables = self.declared(Dialect::Sqlite).tables;
        let listed: BTreeSet<String> = tables.iter().map(|table| quoted(&table.name)).collect();
        let prefix = prefix.trim_end_matches('*');
        let registered = inventory::iter::<EntityRegistry>();
        let of_prefix = registered.filter(|entity| format!("{}::", entity.module_path).starts_with(prefix));
        let unlisted = of_prefix.filter_map(|entity| {
            let statement = format!("{:?}", (entity.schema_info)(&Schema::new(DbBackend::Sqlite)));
            let table = table_in(&statement)?;
            (!listed.contains(&table)).then(|| format!("{} ({})", entity.module_path, table.replace('"', "")))
        });
        unlisted.collect::<BTreeSet<_>>().into_iter().collect()
    }
}

/// Fails the test if an entity under `prefix`, such as `entity::`, is not in the list.
///
/// # Panics
/// With the forgotten entities; or if there is no entity under the prefix at all.
pub fn assert_none_forgotten(entities: &Entities, prefix: &str) {
    let known = inventory::iter::<EntityRegistry>()
        .filter(|entity| entity.module_path.starts_with(prefix.trim_end_matches('*')));
    assert!(known.count() > 0, "no entity is registered under {prefix}: turn on sea-orm's feature `entity-registry`");
    let forgotten = entities.forgotten(prefix);
    assert!(forgotten.is_empty(), "not in the list of entities: {}", forgotten.join(", "));
}

/// The name of the table, quoted, in what the registry's entry prints of itself.
fn table_in(printed: &str) -> Option<String> {
    let statement = printed.split("CREATE TABLE ").nth(1)?.replace("\\\"", "\"");
    let mut is_quoted = false;
    let end = statement.find(|character| {
        is_quoted ^= character == '"';
        !is_quoted && character == ' '
    })?;
    Some(statement[..end].to_owned())
}

fn quoted(table: &TableName) -> String {
    let schema = table.schema.as_ref().map(|schema| format!("\"{schema}\".")).unwrap_or_default();
    format!("{schema}\"{}\"", table.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    mod shelf {
        #![expect(unreachable_pub, reason = "an entity's model is `pub`, here as anywhere")]

        pub(super) mod book {
            use sea_orm::entity::prelude::*;

            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
            #[sea_orm(table_name = "book")]
            pub struct Model {
                #[sea_orm(primary_key)]
                pub id: i32,
            }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }

        pub(super) mod author {
            use sea_orm::entity::prelude::*;

            #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
            #[sea_orm(schema_name = "people", table_name = "author (dead)")]
            pub struct Model {
                #[sea_orm(primary_key)]
                pub id: i32,
            }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }
    }

    #[test]
    fn an_entity_that_is_not_listed_is_named() {
        let prefix = concat!(module_path!(), "::shelf::");
        let one = Entities::new().add(shelf::book::Entity);
        let forgotten = one.forgotten(prefix);
        assert_eq!(forgotten.len(), 1, "{forgotten:?}");
        assert!(forgotten[0].ends_with("::author (people.author (dead))"), "{forgotten:?}");
        assert_none_forgotten(&one.add(shelf::author::Entity), prefix);
    }
}
