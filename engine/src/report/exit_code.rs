//! Exit codes: one table, one sentence each. `specs/exit-codes.md` says the same for people.

use crate::diagnostic::{Kind, Origin};

/// How the program ends. In the order of importance: when several apply, the first is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExitCode {
    /// 78: a file that says what to do cannot be read, or is not in its format.
    UnreadableConfig,
    /// 64: the command line is wrong.
    Usage,
    /// 65: the spec is invalid.
    InvalidSpec,
    /// 70: the engine itself failed; please report it.
    Engine,
    /// 77: a registry refused a credential; the others went on.
    Unauthorized,
    /// 69: all sources, or all sinks, could not be reached.
    Unreachable,
    /// 74: a report or other output could not be written after all was done.
    Unwritten,
    /// 130: stopped by SIGINT (Ctrl-C), in good order.
    Interrupted,
    /// 143: stopped by SIGTERM, in good order.
    Terminated,
    /// 4: a conflict or a guard kept something from being done.
    Conflict,
    /// 3: a policy refused something.
    Refused,
    /// 1: some items failed, the others are done.
    SomeFailed,
    /// 75: incomplete by design; a later run goes on.
    Incomplete,
    /// 2: changes exist (`plan --detailed-exitcode`).
    Changes,
    /// 0: done.
    Done,
}

/// Where in a run a fault ended something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultStage {
    /// Before the first question to a registry: files, the spec, its graph, the state.
    Start,
    /// A command that asks one place one thing, such as `plugin call` and `plugin pull`.
    Call,
    /// A source or a destination could not be surveyed, or an item failed.
    Item,
    /// A policy refused an item, or could not judge it.
    Judged,
    /// An item waits for a later run.
    Deferred,
}

impl ExitCode {
    /// The number that the shell sees.
    pub fn number(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::SomeFailed => 1,
            Self::Changes => 2,
            Self::Refused => 3,
            Self::Conflict => 4,
            Self::Usage => 64,
            Self::InvalidSpec => 65,
            Self::Unreachable => 69,
            Self::Engine => 70,
            Self::Unwritten => 74,
            Self::Incomplete => 75,
            Self::Unauthorized => 77,
            Self::UnreadableConfig => 78,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// The most important of several; `Done` if there is none.
    pub fn first(codes: impl IntoIterator<Item = Self>) -> Self {
        codes.into_iter().min().unwrap_or(Self::Done)
    }

    /// The code for one fault, by what it is, whose it is, and what it ended.
    ///
    /// That nothing at all could be reached (69), and that the run was stopped (130, 143), is no
    /// matter of one fault: [`Report::exit_code`](super::Report::exit_code) adds these.
    pub fn of(kind: Kind, origin: Origin, stage: FaultStage) -> Self {
        use FaultStage as At;
        match (stage, kind, origin) {
            (_, Kind::Crashed, Origin::Local) => Self::Engine,
            (_, Kind::Unauthorized, Origin::Source | Origin::Destination) => Self::Unauthorized,
            (At::Start, Kind::Held, Origin::Local) | (At::Deferred, ..) => Self::Incomplete,
            (At::Start, Kind::Corrupt, Origin::Spec)
            | (At::Start, Kind::Unreadable | Kind::Corrupt | Kind::Unsupported, Origin::Local)
            | (At::Start | At::Call, Kind::Unreadable | Kind::Corrupt, Origin::Policy) => {
                Self::UnreadableConfig
            }
            (At::Call, Kind::Refused | Kind::Unsupported, Origin::Policy)
            | (At::Item, Kind::Refused, Origin::Policy)
            | (At::Judged, ..) => Self::Refused,
            (At::Start | At::Call, _, Origin::Spec | Origin::Policy) => Self::InvalidSpec,
            (
                At::Start | At::Call,
                Kind::Unreachable | Kind::Timeout,
                Origin::Source | Origin::Destination,
            ) => Self::Unreachable,
            (At::Item, Kind::Conflict, Origin::Policy) => Self::Conflict,
            (At::Start | At::Call | At::Item, ..) => Self::SomeFailed,
        }
    }
}

#[cfg(test)]
#[path = "exit_code_tests.rs"]
mod tests;
