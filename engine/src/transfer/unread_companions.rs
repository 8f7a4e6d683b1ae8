//! Companions that cannot be read. They are no part of the image, so they do not stop its copy:
//! they are left behind, a warning says so, and the ledger marks the item incomplete, so that the next run
//! looks for them again.

use super::{ItemInWork, Transfer, codes};
use crate::diagnostic::{Fault, Kind, Origin, Retry};
use std::sync::{Mutex, PoisonError};

/// What could not be read while the companions of one item were looked for.
pub(super) struct Unread<'a> {
    entry: &'a ItemInWork,
    found: Mutex<(usize, Option<Fault>)>,
}

impl<'a> Unread<'a> {
    /// Nothing yet.
    pub(super) fn of(entry: &'a ItemInWork) -> Self {
        Self { entry, found: Mutex::default() }
    }

    /// The answer, or `None` where it cannot be had and is left behind.
    ///
    /// # Errors
    ///
    /// A fault that may pass, while the item has attempts left; a registry that allows no more requests
    /// now, for which the item waits; and the end of a run that is stopped.
    pub(super) fn or_left<T>(&self, answer: Result<T, Fault>) -> Result<Option<T>, Fault> {
        match answer {
            Ok(answer) => Ok(Some(answer)),
            Err(fault) if self.may_pass(&fault) => Err(fault),
            Err(fault) => {
                let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
                found.0 += 1;
                found.1.get_or_insert(fault);
                Ok(None)
            }
        }
    }

    /// Whether the same question may be answered another time. A refusal is not one of these: users may be
    /// allowed to read images and not to list tags, and a refused login is sent once in a run.
    fn may_pass(&self, fault: &Fault) -> bool {
        let is_refusal = fault.kind == Kind::Unauthorized;
        matches!(fault.kind, Kind::Quota | Kind::Interrupted)
            || (fault.retry != Retry::Never && !is_refusal && !self.entry.is_last_attempt())
    }

    /// Warns of what was left behind, in one warning for the item, and marks the item incomplete.
    pub(super) fn warn(self, transfer: &Transfer) {
        let found = self.found.into_inner().unwrap_or_else(PoisonError::into_inner);
        let (times, Some(first)) = found else { return };
        self.entry.set_incomplete(true);
        let item = &self.entry.item;
        let message = format!(
            "some signatures or referrers of `{}` may be left behind, as {times} answers of the \
             source could not be read: {} [{}]",
            item.source, first.message, first.code
        );
        let fault = Fault::new(codes::COMPANIONS_UNREAD, Origin::Source, message)
            .at(first.place.unwrap_or_else(|| item.source.to_string()))
            .fact("cause", first.code)
            .help(
                "the image itself is whole; the next run with the same state looks for them again",
            );
        transfer.warn(fault);
    }
}
