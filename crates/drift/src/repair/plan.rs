//! A repair before it is written.

use super::operation::Operation;

/// Steps, and what to know before.
pub(super) struct Plan {
    pub(super) operations: Vec<Operation>,
    pub(super) remarks: Vec<String>,
}

impl From<Operation> for Plan {
    fn from(step: Operation) -> Self {
        Self { operations: vec![step], remarks: Vec::new() }
    }
}

impl Plan {
    pub(super) fn raw(statements: impl IntoIterator<Item = String>) -> Self {
        Self { operations: statements.into_iter().map(Operation::Raw).collect(), remarks: Vec::new() }
    }

    pub(super) fn with(mut self, remark: impl Into<String>) -> Self {
        self.remarks.push(remark.into());
        self
    }
}
