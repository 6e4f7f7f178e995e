//! What a small shop sells, to whom.

pub mod category;
pub mod customer;
pub mod order;
pub mod order_line;
pub mod product;
