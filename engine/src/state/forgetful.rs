//! No state: nothing is known at the start, and nothing is kept.

use crate::diagnostic::Fault;
use crate::oci::{Descriptor, Digest};
use crate::role::{Edited, Ledger, Mirrored, Remembered};
use std::time::Duration;

/// A ledger that forgets everything. Within a run, `transfer` itself remembers what it did.
#[derive(Debug, Clone, Copy, Default)]
pub struct Forgetful;

/// The ledger of a run with `run.state: none`.
pub fn none() -> Forgetful {
    Forgetful
}

impl Ledger for Forgetful {
    fn mirrored(&self, _: &str) -> Option<Mirrored> {
        None
    }

    fn edited(&self, _: Remembered, _: &Digest, _: &str) -> Option<Descriptor> {
        None
    }

    fn locations(&self, _: &str, _: &Digest) -> Vec<String> {
        Vec::new()
    }

    fn record_mirrored(&self, _: &Mirrored) -> Result<(), Fault> {
        Ok(())
    }

    fn record_edited(&self, _: &Edited) -> Result<(), Fault> {
        Ok(())
    }

    fn record_location(&self, _: &str, _: &str, _: &Digest) -> Result<(), Fault> {
        Ok(())
    }

    fn forget_location(&self, _: &str, _: &str, _: &Digest) -> Result<(), Fault> {
        Ok(())
    }

    fn record_seen(&self, _: &str, _: &Digest) -> Result<(), Fault> {
        Ok(())
    }

    fn first_seen(&self, _: &str, _: &Digest) -> Option<Duration> {
        None
    }

    fn record_made(&self, _: &str, _: &Digest) -> Result<(), Fault> {
        Ok(())
    }

    fn made(&self, _: &str) -> Option<Digest> {
        None
    }

    fn close(&self) -> Result<(), Fault> {
        Ok(())
    }
}
