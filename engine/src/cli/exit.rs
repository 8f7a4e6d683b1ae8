//! Exit codes: one number for the whole run, the first that applies in a fixed order.

use crate::run::Signal;
use std::process::ExitCode;

/// What the process ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exit(pub(super) u8);

impl Exit {
    /// Done; nothing to do is also done.
    pub(super) const DONE: Self = Self(0);
    /// Some items failed, the others are done.
    pub(super) const SOME_FAILED: Self = Self(1);
    /// Changes exist (`plan --detailed-exitcode`).
    pub(super) const CHANGES: Self = Self(2);
    /// A conflict at a destination.
    pub(super) const CONFLICT: Self = Self(4);
    /// The command line makes no sense, or names a file that cannot be written.
    pub(super) const USAGE: Self = Self(64);
    /// All sources are unreachable.
    pub(super) const UNREACHABLE: Self = Self(69);
    /// A fault of the engine itself.
    pub(super) const INTERNAL: Self = Self(70);
    /// A registry refused a credential.
    pub(super) const REFUSED_CREDENTIAL: Self = Self(77);

    /// The codes in the order in which the first that applies is given. Source: the table of
    /// exit codes in `specs/`.
    const ORDER: [u8; 14] = [78, 64, 65, 70, 77, 69, 130, 143, 4, 3, 1, 75, 2, 0];

    /// The code of a run that this signal ended: 128 and its number.
    pub(super) fn of_signal(signal: Signal) -> Self {
        match signal {
            Signal::Interrupt => Self(130),
            Signal::Terminate => Self(143),
        }
    }

    /// The one of two that is given when both apply.
    pub(super) fn or(self, other: Self) -> Self {
        let place = |exit: Self| Self::ORDER.iter().position(|code| *code == exit.0);
        // A code that is not in the table is somebody's mistake, and must not hide.
        if place(other).unwrap_or(0) < place(self).unwrap_or(0) { other } else { self }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_in_the_order_wins_either_way_round() {
        for (first, second, given) in [
            (0, 1, 1),
            (1, 4, 4),
            (4, 130, 130),
            (77, 130, 77),
            (65, 78, 78),
            (2, 75, 75),
            (69, 70, 70),
            (0, 0, 0),
        ] {
            assert_eq!(Exit(first).or(Exit(second)), Exit(given), "{first} or {second}");
            assert_eq!(Exit(second).or(Exit(first)), Exit(given), "{second} or {first}");
        }
    }

    #[test]
    fn signals_end_as_a_shell_expects() {
        assert_eq!(Exit::of_signal(Signal::Interrupt).0, 130);
        assert_eq!(Exit::of_signal(Signal::Terminate).0, 143);
    }
}
