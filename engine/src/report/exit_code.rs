//! Exit codes: one table, one sentence each. `specs/exit-codes.md` says the same for people.

use super::Report;
use crate::diagnostic::{Fault, Kind, Origin};
use crate::event::Status;

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

    /// The code for a fault that ended the run before its first item.
    pub fn of_fault(fault: &Fault) -> Self {
        match (fault.kind, fault.origin) {
            (Kind::Held, Origin::Local) => Self::Incomplete,
            (Kind::Unreadable | Kind::Corrupt | Kind::Unsupported, Origin::Local)
            | (Kind::Corrupt, Origin::Spec) => Self::UnreadableConfig,
            (_, Origin::Spec | Origin::Policy) => Self::InvalidSpec,
            (Kind::Crashed, Origin::Local) => Self::Engine,
            (Kind::Unauthorized, _) => Self::Unauthorized,
            (kind, _) if kind.is_unreachable() => Self::Unreachable,
            _ => Self::SomeFailed,
        }
    }
}

impl Report {
    /// The exit code of the run.
    pub fn exit_code(&self) -> ExitCode {
        let faults = || {
            let items = self.items.iter().filter_map(|item| item.fault.as_ref());
            items.chain(self.faults.iter().map(|step| &step.fault))
        };
        let crashed =
            faults().any(|fault| (fault.kind, fault.origin) == (Kind::Crashed, Origin::Local));
        let unauthorized = faults().any(|fault| fault.kind == Kind::Unauthorized);
        let summary = &self.summary;
        let conflicts = self.items.iter().any(super::ItemReport::is_conflict);
        let failed =
            |item: &super::ItemReport| item.status == Status::Failed && !item.is_conflict();
        let some_failed = self.items.iter().any(failed) || !self.faults.is_empty();
        let codes = [
            crashed.then_some(ExitCode::Engine),
            unauthorized.then_some(ExitCode::Unauthorized),
            self.nothing_was_reached().then_some(ExitCode::Unreachable),
            self.run.stopped_by.as_deref().map(|signal| match signal {
                "SIGTERM" => ExitCode::Terminated,
                _ => ExitCode::Interrupted,
            }),
            conflicts.then_some(ExitCode::Conflict),
            (summary.rejected > 0).then_some(ExitCode::Refused),
            some_failed.then_some(ExitCode::SomeFailed),
            (summary.deferred > 0).then_some(ExitCode::Incomplete),
        ];
        ExitCode::first(codes.into_iter().flatten())
    }

    /// Whether all sources could not be looked at, or all items failed for want of an answer.
    fn nothing_was_reached(&self) -> bool {
        let unreached = |item: &super::ItemReport| {
            item.fault.as_ref().is_some_and(|fault| fault.kind.is_unreachable())
        };
        self.all_sources_failed || !self.items.is_empty() && self.items.iter().all(unreached)
    }
}

#[cfg(test)]
mod tests {
    use super::ExitCode as E;
    use super::*;
    use crate::diagnostic::Code;

    const PAGE: &str = include_str!("../../../specs/exit-codes.md");

    #[test]
    fn the_order_is_that_of_the_design() {
        let order = [78, 64, 65, 70, 77, 69, 130, 143, 4, 3, 1, 75, 2, 0];
        let mut rows: Vec<u8> = Vec::new();
        for line in PAGE.lines().filter_map(|line| line.strip_prefix("| ")) {
            rows.extend(line.split(" |").next().and_then(|number| number.parse::<u8>().ok()));
        }
        assert_eq!(rows, order, "the page has the same rows in the same order");
        let codes = [
            E::UnreadableConfig,
            E::Usage,
            E::InvalidSpec,
            E::Engine,
            E::Unauthorized,
            E::Unreachable,
            E::Interrupted,
            E::Terminated,
            E::Conflict,
            E::Refused,
            E::SomeFailed,
            E::Incomplete,
            E::Changes,
            E::Done,
        ];
        assert_eq!(codes.map(E::number), order);
        assert!(codes.is_sorted());
        assert_eq!(E::first([E::Incomplete, E::Conflict, E::SomeFailed]), E::Conflict);
        assert_eq!(E::first([]), E::Done);
    }

    #[test]
    fn early_faults_have_codes() {
        let of = |kind, origin| {
            ExitCode::of_fault(&Fault::new(Code::new("x::y", kind), origin, "x")).number()
        };
        assert_eq!(of(Kind::Held, Origin::Local), 75);
        assert_eq!(of(Kind::Corrupt, Origin::Local), 78);
        assert_eq!(of(Kind::Invalid, Origin::Spec), 65);
        assert_eq!(of(Kind::Unauthorized, Origin::Source), 77);
        assert_eq!(of(Kind::Crashed, Origin::Plugin), 1);
        assert_eq!(of(Kind::Unsupported, Origin::Policy), 65);
    }
}
