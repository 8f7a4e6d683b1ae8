//! Roles and a ledger for tests.

use super::FakeRegistry;
use crate::diagnostic::Fault;
use crate::oci::{Descriptor, Digest};
use crate::role::{Edited, Ledger, Mirrored, Player, Remembered, Roles, Transport};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Roles in which these steps reach these registries, by whichever word.
pub(crate) fn roles(steps: &[(&str, &FakeRegistry)]) -> Arc<Roles> {
    let mut transports = BTreeMap::new();
    for (step, registry) in steps {
        for word in ["docker", "oci", "dir"] {
            let transport: Arc<dyn Transport> = Arc::new(FakeRegistry::clone(registry));
            transports.insert(((*step).to_owned(), word.to_owned()), Player::Transport(transport));
        }
    }
    Arc::new(Roles::new(transports))
}

/// A ledger in memory.
#[derive(Default)]
pub(crate) struct FakeLedger {
    mirrored: Mutex<BTreeMap<String, Mirrored>>,
    edited: Mutex<BTreeMap<(Remembered, Digest, String), Descriptor>>,
}

impl Ledger for FakeLedger {
    fn mirrored(&self, destination: &str) -> Option<Mirrored> {
        self.mirrored.lock().unwrap().get(destination).cloned()
    }

    fn edited(&self, kind: Remembered, source: &Digest, chain: &str) -> Option<Descriptor> {
        self.edited.lock().unwrap().get(&(kind, source.clone(), chain.to_owned())).cloned()
    }

    fn locations(&self, _place: &str, _blob: &Digest) -> Vec<String> {
        Vec::new()
    }

    fn record_mirrored(&self, entry: &Mirrored) -> Result<(), Fault> {
        self.mirrored.lock().unwrap().insert(entry.destination.clone(), entry.clone());
        Ok(())
    }

    fn record_edited(&self, entry: &Edited) -> Result<(), Fault> {
        let key = (entry.kind, entry.source.clone(), entry.chain.clone());
        self.edited.lock().unwrap().insert(key, entry.result.clone());
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
