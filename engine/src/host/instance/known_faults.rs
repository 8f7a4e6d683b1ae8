//! Faults that the host gave to a guest, and finds again when the guest passes one on.

use crate::diagnostic::Fault;
use std::collections::VecDeque;

/// Faults of one call that are kept; of more, the last ones.
const KEPT: usize = 16;

/// Faults that imports gave to an instance in the call that runs, each under a number. The guest
/// sees the number as a fact of the fault, and passes it on with it: the true fault is reported
/// then. A number of an earlier call, or of another instance, means nothing, so that no guest can
/// borrow the kind of a fault that was not its own.
#[derive(Debug, Clone, Default)]
pub(in crate::host) struct Given {
    faults: VecDeque<(u64, Fault)>,
    next: u64,
}

impl Given {
    /// The fact that holds the number.
    pub(in crate::host) const KEY: &'static str = "engine-fault";

    /// Forgets the faults of the last call. The numbers go on.
    pub(in crate::host) fn begin(&mut self) {
        self.faults.clear();
    }

    /// Keeps a fault, and says under which number.
    pub(in crate::host) fn keep(&mut self, fault: Fault) -> u64 {
        let number = self.next;
        self.next += 1;
        self.faults.push_back((number, fault));
        if self.faults.len() > KEPT {
            self.faults.pop_front();
        }
        number
    }

    /// The fault that a guest's facts name, if it was given in this call.
    pub(in crate::host) fn find(&self, facts: &[(String, String)]) -> Option<&Fault> {
        let (_, number) = facts.iter().find(|(key, _)| key == Self::KEY)?;
        let number: u64 = number.parse().ok()?;
        self.faults.iter().find(|(own, _)| *own == number).map(|(_, fault)| fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Code, Kind, Origin};

    fn fault(message: &str) -> Fault {
        Fault::new(Code::new("x::y", Kind::Other), Origin::Local, message)
    }

    fn naming(number: u64) -> Vec<(String, String)> {
        vec![("status".to_owned(), "1".to_owned()), (Given::KEY.to_owned(), number.to_string())]
    }

    #[test]
    fn a_number_is_good_in_its_call_only() {
        let mut given = Given::default();
        let first = given.keep(fault("first"));
        assert_eq!(given.find(&naming(first)).unwrap().message, "first");
        assert!(given.find(&naming(first + 1)).is_none());
        assert!(given.find(&[(Given::KEY.to_owned(), "x".to_owned())]).is_none());
        assert!(given.find(&[]).is_none());
        given.begin();
        assert!(given.find(&naming(first)).is_none(), "of an earlier call");
        let second = given.keep(fault("second"));
        assert_ne!(first, second, "or a stale number would name another fault");
    }

    #[test]
    fn the_last_ones_are_kept() {
        let mut given = Given::default();
        let numbers: Vec<u64> = (0..40).map(|_| given.keep(fault("x"))).collect();
        let known = |number: &&u64| given.find(&naming(**number)).is_some();
        assert_eq!(numbers.iter().filter(known).count(), KEPT);
        assert!(known(&numbers.last().unwrap()));
    }
}
