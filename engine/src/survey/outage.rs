//! Whether a place is worth asking: ten thousand questions to one that is down, or that refuses a
//! login, would take hours or lock an account.

use crate::diagnostic::{Fault, Kind, Retry};
use std::collections::BTreeMap;

/// Questions that fail one after the other, each as often as it is asked, before no more are.
/// One may be bad luck; any answer in between starts the count anew.
const FAILURES_UNTIL_OUT: u32 = 3;

/// What is known of a place's health.
#[derive(Debug, Default)]
pub(super) struct Outage {
    /// Failures that may pass: the place is down, overloaded, or cut off.
    place: Streak,
    /// Failures that stay: the repository is refused. Others of the place may not be.
    repositories: BTreeMap<String, Streak>,
    answered: bool,
    first: Option<Fault>,
}

#[derive(Debug, Default)]
struct Streak {
    failures: u32,
    out: Option<Fault>,
}

impl Outage {
    /// Why a repository is not asked anything more.
    pub(super) fn of(&self, repository: &str) -> Option<Fault> {
        let refused = || self.repositories.get(repository)?.out.clone();
        self.place.out.clone().or_else(refused)
    }

    /// What is wrong with the place as a whole: what put it out, or that it never answered.
    pub(super) fn trouble(&self) -> Option<Fault> {
        let silent = || self.first.clone().filter(|_| !self.answered);
        self.place.out.clone().or_else(silent)
    }

    /// A question was answered.
    pub(super) fn answered(&mut self, repository: &str) {
        self.answered = true;
        self.place.failures = 0;
        if let Some(streak) = self.repositories.get_mut(repository) {
            streak.failures = 0;
        }
    }

    /// A question was not answered, however often it was asked.
    pub(super) fn failed(&mut self, repository: &str, fault: &Fault) {
        // Something is wrong with one name, such as two images that have it: that says nothing of the
        // others.
        if fault.kind == Kind::Conflict {
            self.answered(repository);
            return;
        }
        self.first.get_or_insert_with(|| fault.clone());
        let streak = match fault.retry {
            Retry::Never => self.repositories.entry(repository.to_owned()).or_default(),
            Retry::Backoff | Retry::AfterMillis(_) => &mut self.place,
        };
        streak.failures += 1;
        if streak.failures >= FAILURES_UNTIL_OUT {
            streak.out.get_or_insert_with(|| fault.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Origin;
    use crate::diagnostic::{Code, Kind};

    #[test]
    fn failures_in_a_row_put_a_place_out() {
        let silent = Fault::new(Code::new("x::silent", Kind::Other), Origin::Source, "no answer")
            .retry(Retry::Backoff);
        let mut outage = Outage::default();
        outage.failed("a", &silent);
        assert_eq!(outage.trouble(), Some(silent.clone()), "it never answered");
        outage.failed("b", &silent);
        outage.answered("a");
        assert_eq!(outage.trouble(), None);
        for _ in 0..FAILURES_UNTIL_OUT {
            assert_eq!(outage.of("c"), None);
            outage.failed("c", &silent);
        }
        assert_eq!((outage.of("a"), outage.trouble()), (Some(silent.clone()), Some(silent)));
    }

    #[test]
    fn a_conflict_about_one_name_leaves_the_others() {
        let conflict = Fault::new(Code::new("x::two", Kind::Conflict), Origin::Source, "two");
        let mut outage = Outage::default();
        for _ in 0..=FAILURES_UNTIL_OUT {
            outage.failed("a", &conflict);
        }
        assert_eq!((outage.of("a"), outage.trouble()), (None, None));
    }

    #[test]
    fn a_refused_repository_leaves_the_others() {
        let refused = Fault::new(Code::new("x::refused", Kind::Other), Origin::Source, "no");
        let mut outage = Outage::default();
        outage.answered("b");
        for _ in 0..FAILURES_UNTIL_OUT {
            outage.failed("a", &refused);
        }
        assert_eq!((outage.of("a"), outage.of("b")), (Some(refused), None));
        assert_eq!(outage.trouble(), None);
    }
}
