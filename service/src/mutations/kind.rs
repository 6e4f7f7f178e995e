//! What an event is about: with the values that it has, this decides its statements.

use entity::enums::RecordingMode;

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Status(StatusRank),
    Recording(RecordingKind),
    Stream(StreamEventKind),
    Unreachable(Unreachable),
}

/// Where a status stands in a call's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum StatusRank {
    /// After so many others.
    InProgress(usize),
    Ended,
}

/// What an event says about a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct RecordingKind {
    pub(super) is_completed: bool,
    pub(super) mode: Option<RecordingMode>,
}

/// What happened to a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StreamEventKind {
    Started,
    Stopped,
    /// It failed or never started.
    Error,
}

/// Twilio could not reach the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Unreachable;

impl From<StatusRank> for Kind {
    fn from(rank: StatusRank) -> Self {
        Self::Status(rank)
    }
}

impl From<RecordingKind> for Kind {
    fn from(recording: RecordingKind) -> Self {
        Self::Recording(recording)
    }
}

impl From<StreamEventKind> for Kind {
    fn from(stream: StreamEventKind) -> Self {
        Self::Stream(stream)
    }
}

impl From<Unreachable> for Kind {
    fn from(unreachable: Unreachable) -> Self {
        Self::Unreachable(unreachable)
    }
}
