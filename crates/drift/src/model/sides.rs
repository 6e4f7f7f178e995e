//! The two sides of a comparison.

use serde::Serialize;

/// What the entity declares and what the database has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sides<T> {
    /// What the entity declares.
    pub declared: T,
    /// What the database has.
    pub live: T,
}

impl<T: PartialEq + Clone> Sides<T> {
    /// Both sides, unless they are equal.
    pub fn differing(declared: &T, live: &T) -> Option<Self> {
        (declared != live).then(|| Self { declared: declared.clone(), live: live.clone() })
    }
}
