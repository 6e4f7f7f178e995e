//! Two values of one fact.

use serde::Serialize;

/// What the entity says and what the database has, where the two are not the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sides<T> {
    /// What the entity says.
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
