//! - Creates the table `category`.
//! - Creates the table `customer`.
//! - Creates the table `order`.
//! - Creates the table `product`.
//! - Creates the table `order_line`.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table(Category::Table)
                    .col(pk_auto(Category::Id))
                    .col(string_uniq(Category::Name))
                    .col(integer_null(Category::ParentId))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk-category-parent_id")
                            .from(Category::Table, Category::ParentId)
                            .to(Category::Table, Category::Id)
                            .on_delete(ForeignKeyAction::SetNull),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(Customer::Table)
                    .col(big_pk_auto(Customer::Id))
                    .col(string_len_uniq(Customer::Email, 254))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(Order::Table)
                    .col(big_pk_auto(Order::Id))
                    .col(big_integer(Order::CustomerId))
                    .col(string_len(Order::State, 16).default("open"))
                    .col(timestamp_with_time_zone(Order::PlacedAt))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk-order-customer_id")
                            .from(Order::Table, Order::CustomerId)
                            .to(Customer::Table, Customer::Id),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(Product::Table)
                    .col(uuid(Product::Id).primary_key())
                    .col(integer(Product::CategoryId))
                    .col(string_len(Product::Name, 200))
                    .col(decimal_len(Product::Price, 12, 2))
                    .col(json(Product::Properties))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk-product-category_id")
                            .from(Product::Table, Product::CategoryId)
                            .to(Category::Table, Category::Id),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("idx-product-category_id")
                    .col(Product::CategoryId)
                    .table(Product::Table)
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table(OrderLine::Table)
                    .col(big_integer(OrderLine::OrderId))
                    .col(uuid(OrderLine::ProductId))
                    .col(integer(OrderLine::Quantity))
                    .primary_key(
                        Index::create()
                            .col(OrderLine::OrderId)
                            .col(OrderLine::ProductId),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk-order_line-order_id")
                            .from(OrderLine::Table, OrderLine::OrderId)
                            .to(Order::Table, Order::Id)
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk-order_line-product_id")
                            .from(OrderLine::Table, OrderLine::ProductId)
                            .to(Product::Table, Product::Id),
                    )
                    .to_owned(),
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(OrderLine::Table).to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table(Product::Table).to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table(Order::Table).to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table(Customer::Table).to_owned())
            .await?;
        manager
            .drop_table(Table::drop().table(Category::Table).to_owned())
            .await?;
        Ok(())
    }
}

#[derive(DeriveIden)]
enum Category {
    Table,
    Id,
    Name,
    ParentId,
}

#[derive(DeriveIden)]
enum Customer {
    Table,
    Id,
    Email,
}

#[derive(DeriveIden)]
enum Order {
    Table,
    Id,
    CustomerId,
    State,
    PlacedAt,
}

#[derive(DeriveIden)]
enum Product {
    Table,
    Id,
    CategoryId,
    Name,
    Price,
    Properties,
}

#[derive(DeriveIden)]
enum OrderLine {
    Table,
    OrderId,
    ProductId,
    Quantity,
}
