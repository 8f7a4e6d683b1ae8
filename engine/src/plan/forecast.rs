//! How much a plan moves, as far as it is known before anything is read for it.

use super::Action;
use super::fact::Sizes;
use crate::oci::{Digest, Reference};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How much a plan moves at most. What the destinations have already is found when an item starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Forecast {
    /// Bytes of configs and layers; a blob counts once for each place that gets it.
    pub bytes: u64,
    /// Images to be written whose manifests were not read for the plan: their bytes are not in.
    pub unknown: u64,
}

impl Forecast {
    /// The most that can move, where that is known of all images.
    pub fn at_most(&self) -> Option<u64> {
        (self.unknown == 0).then_some(self.bytes)
    }
}

/// Adds up what is to be written.
#[derive(Default)]
pub(super) struct Counting {
    forecast: Forecast,
    counted: BTreeSet<(String, String, Digest)>,
}

impl Counting {
    /// Counts an item that was made from a sighting with these sizes.
    pub(super) fn count(&mut self, action: Action, to: &Reference, sizes: Option<Sizes>) {
        match sizes {
            _ if !action.writes() => {}
            None => self.forecast.unknown += 1,
            Some(sizes) => {
                for (digest, size) in sizes {
                    let blob = (to.transport.clone(), to.place.clone(), digest);
                    if self.counted.insert(blob) {
                        self.forecast.bytes = self.forecast.bytes.saturating_add(size);
                    }
                }
            }
        }
    }

    /// What came of it.
    pub(super) fn end(self) -> Forecast {
        self.forecast
    }
}
