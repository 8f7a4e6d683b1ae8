//! Exit codes, as the process gives them. The table is `report::ExitCode`.

use crate::run::Signal;

pub(super) use crate::report::ExitCode as Exit;

impl Exit {
    /// The code of a run that this signal ended in good order.
    pub(super) fn of_signal(signal: Signal) -> Self {
        match signal {
            Signal::Interrupt => Self::Interrupted,
            Signal::Terminate => Self::Terminated,
        }
    }

    /// The one of two that is given when both apply.
    pub(super) fn or(self, other: Self) -> Self {
        Self::first([self, other])
    }
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_in_the_order_wins_either_way_round() {
        for (first, second, given) in [
            (Exit::Done, Exit::SomeFailed, Exit::SomeFailed),
            (Exit::Conflict, Exit::Interrupted, Exit::Interrupted),
            (Exit::Unauthorized, Exit::Interrupted, Exit::Unauthorized),
            (Exit::InvalidSpec, Exit::UnreadableConfig, Exit::UnreadableConfig),
        ] {
            assert_eq!(first.or(second), given);
            assert_eq!(second.or(first), given);
        }
    }
}
