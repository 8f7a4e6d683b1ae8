//! Companions that cannot be read. They are no part of the image, so they do not stop its copy:
//! they are left behind, and a warning says so.

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
    /// A fault of the way to the source: of the network, of a login, of a registry that allows no
    /// more requests now; and any other that may pass, while the item has attempts left.
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

    /// Whether the same question may be answered another time. What is left behind is not looked for
    /// again while the image stays unchanged.
    fn may_pass(&self, fault: &Fault) -> bool {
        let of_the_way =
            [Kind::Quota, Kind::Unauthorized, Kind::Unreachable, Kind::Timeout, Kind::Interrupted];
        of_the_way.contains(&fault.kind)
            || (fault.retry != Retry::Never && !self.entry.is_last_attempt())
    }

    /// Warns of what was left behind, in one warning for the item.
    pub(super) fn warn(self, transfer: &Transfer) {
        let found = self.found.into_inner().unwrap_or_else(PoisonError::into_inner);
        let (times, Some(first)) = found else { return };
        let item = &self.entry.item;
        let message = format!(
            "some signatures or referrers of `{}` may be left behind, as {times} answers of the \
             source could not be read: {} [{}]",
            item.source, first.message, first.code
        );
        let fault = Fault::new(codes::COMPANIONS_UNREAD, Origin::Source, message)
            .at(first.place.unwrap_or_else(|| item.source.to_string()))
            .fact("cause", first.code)
            .help("the image itself is whole; run again when the source can be read");
        transfer.warn(fault);
    }
}
