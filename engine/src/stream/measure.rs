//! What a body turned out to be: for content whose digest nobody knows before it was read.

use super::Body;
use crate::oci::{Algorithm, Digest, Hasher};
use futures_util::{StreamExt, stream};
use std::sync::{Arc, Mutex, PoisonError};

/// Digest and size of a body, once its end was read. Cheap to clone; clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Measure(Arc<Mutex<Option<(Digest, u64)>>>);

impl Measure {
    /// The digest and the bytes; `None` as long as the end was not read, and where it broke.
    pub fn taken(&self) -> Option<(Digest, u64)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Body {
    /// The same body; what it turned out to be is left in `measure`.
    #[must_use]
    pub fn measured(self, measure: &Measure) -> Self {
        let size = self.size();
        let state = (self.into_chunks(), Hasher::new(Algorithm::Sha256), 0_u64, measure.clone());
        let chunks = stream::unfold(Some(state), |state| async {
            let (mut chunks, mut hasher, mut bytes, measure) = state?;
            match chunks.next().await {
                Some(Ok(chunk)) => {
                    hasher.update(&chunk);
                    bytes += chunk.len() as u64;
                    Some((Ok(chunk), Some((chunks, hasher, bytes, measure))))
                }
                Some(Err(fault)) => Some((Err(fault), None)),
                None => {
                    let taken = (hasher.finish(), bytes);
                    *measure.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(taken);
                    None
                }
            }
        });
        Self::new(size, chunks)
    }
}
