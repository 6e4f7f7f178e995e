//! Names that only quotes keep together, and the longest that there can be.

use super::{created::Created, entity};
use crate::servers::Server::{self, MySqlOrMariaDb, Postgres, Sqlite};

entity! {
    odd, "Select \u{5d0}",
    #[sea_orm(primary_key, column_name = "Order")] id: i32,
    #[sea_orm(column_name = "group")] group: i32,
    #[sea_orm(column_name = "two words", indexed)] words: Option<i32>,
    #[sea_orm(column_name = "שם")] name: Option<i32>,
    #[sea_orm(column_name = "MixedCase", unique)] mixed_case: i32,
    #[sea_orm(column_name = "Ünïcôde", default_value = 1)] accents: i32,
    #[sea_orm(column_name = "1st")] digit: Option<i32>,
    #[sea_orm(column_name = "a.b")] dot: Option<i32>,
    #[sea_orm(column_name = "say \"hi\"")] double_quotes: Option<i32>,
    #[sea_orm(column_name = "it's")] quote: Option<i32>,
    #[sea_orm(column_name = "tick`s")] backtick: Option<i32>,
    #[sea_orm(column_name = "(a, b)")] parentheses: Option<i32>,
    #[sea_orm(column_name = "back\\slash")] backslash: Option<i32>,
    #[sea_orm(column_name = "$1?")] parameter: Option<i32>,
    #[sea_orm(column_name = "a_name_of_sixty_three_bytes_which_is_all_that_postgres_can_take")] long: Option<i32>,
}

entity! {
    quotes, "it's a \"table\"",
    #[sea_orm(primary_key, column_name = "the \"key\"")] id: i32,
    #[sea_orm(column_name = "CHECK", extra = "CHECK (\"CHECK\" > 0)")] check: i32,
}

entity! {
    backticks, "a `table`",
    #[sea_orm(primary_key, column_name = "the `key`")] id: i32,
    #[sea_orm(column_name = "CHECK", extra = "CHECK (`CHECK` > 0)")] check: i32,
}

entity! {
    longest_of_postgres, "שם_שאורכו_שישים_ושלושה_בתים_במדויק",
    #[sea_orm(primary_key)] id: i32,
    #[sea_orm(column_name = "another_name_of_sixty_three_bytes_with_which_postgres_is_full__")] long: i32,
}

entity! {
    longest_of_mariadb, "a_table_with_a_name_of_sixty_four_characters_which_is_the_limit_",
    #[sea_orm(primary_key)] id: i32,
    #[sea_orm(column_name = "שם_באורך_שישים_וארבע_אותיות_שהוא_הארוך_ביותר_שאפשר_אאאאאאאאאאאאא")] long: i32,
}

pub(super) async fn create(created: &mut Created<'_>, server: Server) {
    created.add(odd::Entity).await;
    match server {
        Postgres => {
            created.add(quotes::Entity).await;
            created.add(longest_of_postgres::Entity).await;
        }
        MySqlOrMariaDb => {
            created.add(backticks::Entity).await;
            created.add(longest_of_mariadb::Entity).await;
        }
        Sqlite => {
            created.add(quotes::Entity).await;
            created.add(backticks::Entity).await;
            created.add(longest_of_postgres::Entity).await;
            created.add(longest_of_mariadb::Entity).await;
        }
    }
}
