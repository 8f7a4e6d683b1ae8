//! Faults, collected.

use crate::diagnostic::{Code, Fault, Origin, Place};

/// Faults on their way, each with a place.
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) all: Vec<Fault>,
}

impl Faults {
    pub(super) fn push(&mut self, at: &Place, code: Code, message: impl Into<String>) {
        self.add(at, fault(code, message));
    }

    /// Keeps a fault that has no place yet.
    pub(super) fn add(&mut self, at: &Place, fault: Fault) {
        self.all.push(fault.at(at.to_string()));
    }

    /// The value, or nothing and a fault kept.
    pub(super) fn ok<T>(&mut self, at: &Place, result: Result<T, Fault>) -> Option<T> {
        result.map_err(|fault| self.add(at, fault)).ok()
    }
}

/// A fault of the spec.
pub(super) fn fault(code: Code, message: impl Into<String>) -> Fault {
    Fault::new(code, Origin::Spec, message)
}
