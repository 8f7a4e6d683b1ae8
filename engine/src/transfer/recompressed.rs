//! What came of layers that were compressed anew: this run's memory of it, and the ledger's.

use super::content::Content;
use crate::diagnostic::Fault;
use crate::oci::{Codec, Descriptor, Digest, Recompression};
use crate::role::{Edited, Ledger, Remembered};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A layer that was made of another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Recompressed {
    /// The digest of its bytes.
    pub(super) digest: Digest,
    /// Its bytes.
    pub(super) size: u64,
    /// The digest of the archive without compression, where this run unpacked it.
    pub(super) plain: Option<Digest>,
}

/// What came of each layer, as far as it is known.
pub(super) struct RecompressedLayers {
    ledger: Arc<dyn Ledger>,
    known: Mutex<HashMap<Content, Option<Recompressed>>>,
}

impl RecompressedLayers {
    pub(super) fn new(ledger: Arc<dyn Ledger>) -> Self {
        Self { ledger, known: Mutex::default() }
    }

    /// What came of it in this run or, as the ledger remembers it, in an earlier one.
    pub(super) fn of(&self, content: &Content) -> Option<Recompressed> {
        let recompression = content.recompression?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let remembered = || {
            let result = |kind, chain: &str| self.ledger.edited(kind, &content.read, chain);
            let Descriptor { digest, size, .. } =
                result(Remembered::Recompressed, &chain(recompression))?;
            let plain = result(Remembered::Unpacked, "").map(|plain| plain.digest);
            Some(Recompressed { digest, size, plain })
        };
        known.entry(content.clone()).or_insert_with(remembered).clone()
    }

    /// Remembers what came of it.
    pub(super) fn keep(&self, content: &Content, recompressed: &Recompressed) -> Result<(), Fault> {
        let Some(recompression) = content.recompression else { return Ok(()) };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known.insert(content.clone(), Some(recompressed.clone()));
        drop(known);
        if before.flatten().as_ref() == Some(recompressed) {
            return Ok(());
        }
        let row = |kind, chain: String, digest: &Digest, size: u64| {
            let (source, result) =
                (content.read.clone(), Descriptor::new("", digest.clone(), size));
            self.ledger.record_edited(&Edited { kind, source, chain, result })
        };
        if let Some(plain) = &recompressed.plain {
            row(Remembered::Unpacked, String::new(), plain, 0)?;
        }
        let Recompressed { digest, size, .. } = recompressed;
        row(Remembered::Recompressed, chain(recompression), digest, *size)
    }

    /// Believes nothing of it any more: something else came of it.
    pub(super) fn forget(&self, content: &Content) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(content.clone(), None);
    }
}

/// How it is made, in its row: codecs of another version of the engine may make other bytes.
fn chain(recompression: Recompression) -> String {
    let Recompression { from, to, level } = recompression;
    let from = from.map_or("plain", Codec::name);
    format!("{from} to {to} -{level}, engine {}", env!("CARGO_PKG_VERSION"))
}
