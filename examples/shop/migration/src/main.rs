use sea_orm_kit::entities;

fn main() -> std::process::ExitCode {
    sea_orm_kit::run::<migration::Migrator>(entities![entity::{category, customer, order, order_line, product}])
}
