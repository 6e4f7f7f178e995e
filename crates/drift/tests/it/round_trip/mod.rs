//! Silent when nothing is wrong: what is created from the entities themselves has no difference, and nothing is left
//! unchecked; nor has its copy by the server's own dump program.

mod created;
mod defaults;
mod dumped;
mod extras;
mod keys;
mod names;
mod random;
mod types;

use rstest::rstest;
use sea_orm_drift::Report;

use self::created::Created;
use crate::servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

/// An entity that is never read: only its declarations matter.
macro_rules! entity {
    ($module:ident $(in $schema:literal)?, $table:literal, $($(#[$attribute:meta])* $field:ident: $ty:ty,)*) => {
        mod $module {
            use sea_orm::entity::prelude::*;

            #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
            #[sea_orm($(schema_name = $schema,)? table_name = $table)]
            pub(super) struct Model {
                $($(#[$attribute])* pub $field: $ty,)*
            }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub(super) enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}
        }
    };
}
use entity;

/// What is created together.
#[derive(Clone, Copy, Debug)]
enum Part {
    Types,
    Defaults,
    Keys,
    Names,
    Extras,
}

impl Part {
    async fn create(self, created: &mut Created<'_>, server: Server) {
        match self {
            Self::Types => types::create(created, server).await,
            Self::Defaults => defaults::create(created, server).await,
            Self::Keys => keys::create(created, server).await,
            Self::Names => names::create(created, server).await,
            Self::Extras => extras::create(created, server).await,
        }
    }
}

#[rstest]
#[tokio::test]
async fn what_is_created_is_what_is_declared(
    #[values(Postgres, MySqlOrMariaDb, Sqlite)] server: Server,
    #[values(Part::Types, Part::Defaults, Part::Keys, Part::Names, Part::Extras)] part: Part,
) {
    let Some(database) = server.empty_database().await else { return };
    let db = database.connect().await;
    let mut created = Created::on(&db);
    part.create(&mut created, server).await;
    assert_no_findings(&created.entities.check(&db).await.unwrap());
}

/// Neither a difference nor something unchecked.
fn assert_no_findings(report: &Report) {
    assert!(report.differences.is_empty() && report.unchecked.is_empty(), "{report}");
    assert!(report.compared.columns > 0);
}
