//! The values of an event, each under its name: a statement is built for events of one shape, and each of them binds its own.

use sea_orm::{
    Value,
    sea_query::{Expr, Values},
};

/// A value in which events of one shape may differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parameter {
    CallSid,
    BusinessId,
    ParentCallSid,
    FromNumber,
    ToNumber,
    Direction,
    TwilioDirection,
    /// When the event happened.
    At,
    /// Identifies the delivery among those of its call.
    Line,
    /// The line between two line feeds.
    EnclosedLine,
    Status,
    Duration,
    RecordingSid,
    RecordingUrl,
    AudioDurationSec,
}

impl From<Parameter> for Expr {
    /// A placeholder. No other value of these statements has this type.
    fn from(parameter: Parameter) -> Self {
        Self::Value(Value::BigUnsigned(Some(parameter as u64)))
    }
}

/// The values that one event binds.
#[derive(Clone, Debug, Default)]
pub(super) struct Bindings(Vec<(Parameter, Value)>);

impl Bindings {
    /// Binds a value.
    pub(super) fn bind(&mut self, parameter: Parameter, value: impl Into<Value>) {
        self.0.push((parameter, value.into()));
    }

    /// Binds a value if there is one.
    pub(super) fn bind_some(&mut self, parameter: Parameter, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.bind(parameter, value);
        }
    }

    /// Which parameters are bound.
    pub(super) fn bound(&self) -> Bound {
        Bound(self.0.iter().fold(0, |bound, (parameter, _)| bound | bit(*parameter)))
    }

    /// The values of a statement, with those of this event instead of its placeholders.
    pub(super) fn fill(&self, values: &Values) -> Values {
        let filled = |value: &Value| match value {
            Value::BigUnsigned(Some(placeholder)) => {
                let bound = self.0.iter().find(|(parameter, _)| *parameter as u64 == *placeholder);
                bound.expect("a statement only has placeholders of bound parameters").1.clone()
            }
            constant => constant.clone(),
        };
        Values(values.iter().map(filled).collect())
    }
}

/// The set of parameters that an event binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Bound(u32);

impl Bound {
    pub(super) fn has(self, parameter: Parameter) -> bool {
        self.0 & bit(parameter) != 0
    }
}

fn bit(parameter: Parameter) -> u32 {
    1 << parameter as u32
}
