//! The numbers of errors.

use sea_orm::DbErr;

/// Whether the server gave the error this number.
pub(super) fn has_number(error: &DbErr, number: &str) -> bool {
    error.to_string().contains(&format!("{number} ("))
}
