//! How long to wait before something is tried again.

use super::{Fault, Retry};
use std::time::Duration;

/// Pauses between the tries of one thing. Each is twice as long as the one before, up to the longest.
///
/// Everybody who repeats something has one: the table "What is repeated" in `specs/architecture.md`
/// says who that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The pause after the first failure.
    pub first: Duration,
    /// The longest pause that is made. Where the other side asks for more, nobody waits here.
    pub longest: Duration,
}

impl Backoff {
    /// The pause after so many failures in a row, at least one.
    pub fn after(self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(31);
        self.first.saturating_mul(1 << doublings).min(self.longest)
    }

    /// The same, shortened by up to a quarter: by `seed`, so that those that failed together do not
    /// all come back at once, and so that a run can be repeated, as by entropy it could not.
    pub fn spread(self, failures: u32, seed: u64) -> Duration {
        let pause = self.after(failures);
        let mixed = (seed ^ u64::from(failures) << 32).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56;
        let part = u32::try_from(mixed).unwrap_or_default();
        pause.saturating_sub(pause / 4 * part / 256)
    }

    /// The pause after a fault, the last of so many in a row: `None` where trying again does not
    /// help. It is longer than `longest` only where the other side asks for that.
    pub fn pause(self, fault: &Fault, failures: u32) -> Option<Duration> {
        Self::at_least(fault, self.after(failures))
    }

    /// What a fault makes of a pause: none, the pause, or what the other side asks for.
    pub fn at_least(fault: &Fault, pause: Duration) -> Option<Duration> {
        match fault.retry {
            Retry::Never => None,
            Retry::Backoff => Some(pause),
            Retry::AfterMillis(millis) => Some(Duration::from_millis(millis).max(pause)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Code, Kind, Origin};

    const BACKOFF: Backoff =
        Backoff { first: Duration::from_secs(1), longest: Duration::from_mins(1) };

    #[test]
    fn pauses_double_up_to_the_longest() {
        let seconds: Vec<u64> = (0..9).map(|failures| BACKOFF.after(failures).as_secs()).collect();
        assert_eq!(seconds, [1, 1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(BACKOFF.after(u32::MAX), BACKOFF.longest);
        let none = Backoff { first: Duration::ZERO, longest: Duration::ZERO };
        assert_eq!(none.after(9), Duration::ZERO);
    }

    #[test]
    fn a_pause_is_spread_over_its_last_quarter() {
        let pauses: Vec<Duration> = (0..200).map(|seed| BACKOFF.spread(4, seed)).collect();
        let longest = Duration::from_secs(8);
        assert!(pauses.iter().all(|pause| *pause <= longest && *pause >= longest * 3 / 4));
        let mut different = pauses.clone();
        different.sort_unstable();
        different.dedup();
        assert!(different.len() > 50, "{} of 200", different.len());
        assert_eq!(BACKOFF.spread(4, 7), BACKOFF.spread(4, 7), "a run can be repeated");
    }

    #[test]
    fn what_the_fault_says_is_obeyed() {
        let fault = |retry| {
            Fault::new(Code::new("x::y", Kind::Other), Origin::Source, "broke").retry(retry)
        };
        let pause = |retry| BACKOFF.pause(&fault(retry), 2);
        assert_eq!(pause(Retry::Never), None);
        assert_eq!(pause(Retry::Backoff), Some(Duration::from_secs(2)));
        assert_eq!(pause(Retry::AfterMillis(10)), Some(Duration::from_secs(2)));
        assert_eq!(pause(Retry::AfterMillis(3_600_000)), Some(Duration::from_hours(1)));
    }
}
