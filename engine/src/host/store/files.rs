//! Where the bytes of components come from, and where compiled code is kept.

use super::compiled::Cache;
use super::store::Store;
use crate::role::Surroundings;
use std::path::PathBuf;

/// Where the bytes of components come from, and where compiled code is kept: what a user has of
/// them on this machine.
pub struct ComponentFiles {
    pub(in crate::host) cache: Cache,
    pub(in crate::host) pulled: Option<Store>,
}

impl ComponentFiles {
    /// The cache and the store of a user.
    pub fn of(surroundings: &Surroundings) -> Self {
        let pulled = surroundings.data().map(|data| Store::new(&data));
        Self { cache: Cache::new(surroundings.cache()), pulled }
    }

    /// A cache directory alone; without one, components that are not built in are compiled for
    /// each machine.
    pub fn cached_in(cache: Option<PathBuf>) -> Self {
        Self { cache: Cache::new(cache), pulled: None }
    }
}
