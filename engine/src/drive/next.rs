//! What to do about a failed attempt.

use super::DriveSettings;
use crate::diagnostic::{Backoff, Fault, Kind};
use std::time::Duration;

/// What to do about a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Try again after this long.
    Again(Duration),
    /// Leave it to a later run: a host asked for more patience than this run has, or gives no more now.
    Later,
    /// Trying again does not help, or was done often enough.
    Never,
}

/// What to do after `attempt` failed with `fault`. `item` spreads items that failed together.
pub(super) fn after(fault: &Fault, attempt: u32, item: u64, settings: &DriveSettings) -> Next {
    // A wrong password stays wrong, and registries lock accounts out: whatever the fault says.
    if fault.kind == Kind::Unauthorized {
        return Next::Never;
    }
    let backoff = Backoff { first: settings.pause, longest: settings.max_pause };
    match Backoff::at_least(fault, backoff.spread(attempt, item)) {
        None => Next::Never,
        Some(pause) if pause > settings.max_pause => Next::Later,
        // Nothing is wrong with the image: many images may have shared one short window of a quota.
        Some(_) if attempt >= settings.attempts && fault.kind == Kind::Quota => Next::Later,
        Some(_) if attempt >= settings.attempts => Next::Never,
        Some(pause) => Next::Again(pause),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Code, Origin, Retry};

    const BROKE: Code = Code::new("x::y", Kind::Other);
    const PASSWORD: Code = Code::new("x::login", Kind::Unauthorized);

    fn fault(code: Code, retry: Retry) -> Fault {
        Fault::new(code, Origin::Source, "broke").retry(retry)
    }

    #[test]
    fn pauses_grow_and_end() {
        let settings = DriveSettings { attempts: 9, ..DriveSettings::default() };
        let broke = fault(BROKE, Retry::Backoff);
        let pauses: Vec<_> = (1..9).map(|attempt| after(&broke, attempt, 7, &settings)).collect();
        let mut longest = Duration::from_secs(1);
        for pause in pauses {
            let Next::Again(pause) = pause else { panic!("{pause:?}") };
            assert!(pause <= longest && pause >= longest * 3 / 4, "{pause:?} of {longest:?}");
            longest = (longest * 2).min(settings.max_pause);
        }
        assert_eq!(after(&broke, 9, 7, &settings), Next::Never);
    }

    #[test]
    fn what_the_fault_says_is_obeyed() {
        let settings = DriveSettings::default();
        let millis = |millis| fault(BROKE, Retry::AfterMillis(millis));
        assert_eq!(after(&millis(30_000), 1, 1, &settings), Next::Again(Duration::from_secs(30)));
        assert_eq!(after(&millis(3_600_000), 1, 1, &settings), Next::Later);
        assert_eq!(after(&fault(BROKE, Retry::Never), 1, 1, &settings), Next::Never);
        let password = fault(PASSWORD, Retry::Backoff);
        assert_eq!(after(&password, 1, 1, &settings), Next::Never);
    }

    #[test]
    fn a_quota_that_is_still_used_up_defers() {
        let settings = DriveSettings::default();
        let used_up = |retry| fault(Code::new("x::quota", Kind::Quota), retry);
        let second = used_up(Retry::AfterMillis(1000));
        assert!(matches!(after(&second, 2, 1, &settings), Next::Again(_)));
        assert_eq!(after(&second, 3, 1, &settings), Next::Later);
        assert_eq!(after(&used_up(Retry::Backoff), 3, 1, &settings), Next::Later);
        assert_eq!(after(&used_up(Retry::Never), 1, 1, &settings), Next::Never);
    }
}
