//! Bounds of what a compressed body may unpack to.

use super::codes;
use crate::diagnostic::{Fault, Origin};

/// How much a compressed body may unpack to. Without a bound, some kilobytes of a hostile source
/// would keep a run busy for hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnpackBounds {
    /// Unpacked bytes that no ratio is asked for. 1 GiB: layers with large empty files are common.
    pub free_bytes: u64,
    /// Unpacked bytes for each compressed byte, beyond the free ones. 500.
    pub ratio: u64,
    /// Unpacked bytes in all. 64 GiB.
    pub total_bytes: u64,
}

impl Default for UnpackBounds {
    fn default() -> Self {
        Self { free_bytes: 1 << 30, ratio: 500, total_bytes: 64 << 30 }
    }
}

impl UnpackBounds {
    /// Checks that `compressed` bytes may have become `plain` bytes.
    pub(super) fn check(&self, compressed: u64, plain: u64) -> Result<(), Fault> {
        let message = if plain > self.total_bytes {
            format!("the layer unpacks to more than {} bytes", self.total_bytes)
        } else if plain > self.free_bytes.max(compressed.saturating_mul(self.ratio)) {
            format!(
                "the layer unpacks to more than {} times its size, which no archive of files does",
                self.ratio
            )
        } else {
            return Ok(());
        };
        let fault = Fault::new(codes::UNPACKS_TOO_LARGE, Origin::Source, message);
        Err(fault.help("leave it as it is: copy it without `compress`"))
    }
}
