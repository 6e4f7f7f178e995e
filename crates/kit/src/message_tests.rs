//! Every message of this crate; see `docs/messages.md`.

use sea_orm_connect::in_memory;
use sea_orm_migration::sea_orm::{self, DbErr, entity::prelude::*};
use test_messages::{assert_section, prose, samples};

use crate::{
    Entities,
    project::{SchemaError, SchemaErrorDiscriminants},
};

mod call_log {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "call_log")]
    pub(super) struct Model {
        #[sea_orm(primary_key)]
        pub(super) id: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[test]
fn the_errors_are_documented() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let report = runtime.block_on(async {
        let db = in_memory().await.unwrap();
        Entities::new().add(call_log::Entity).check(&db).await.unwrap()
    });
    let errors = [
        SchemaError::Breaks(Box::new(report)),
        SchemaError::NotCompared(sea_orm_drift::Error::NoEntities),
        SchemaError::Replay(DbErr::Custom("no such table: call_log".to_owned())),
        SchemaError::NoMigrations,
    ];
    let text = samples::<_, SchemaErrorDiscriminants>(&errors, ToString::to_string);
    assert_section(
        "checking: errors of a project",
        "Why a program does not start, or nothing could be compared.",
        &text,
    );
}

#[test]
fn the_sentences_of_the_sources_are_documented() {
    let about = "What the command line adds to the others. `{...}` is a value.";
    assert_section("command line: other sentences", about, &prose("crates/kit/src"));
}
