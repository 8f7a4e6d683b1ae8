//! Compressing and unpacking, as adapters of a body.

use super::gzip::{Gunzip, Gzip};
use super::off_thread::off_thread;
use super::unpacking::Unpacking;
use super::zstd::{Unzstd, Zstd};
use super::{Body, UnpackBounds};
use crate::oci::Codec;

impl Body {
    /// The same content, compressed. The same content gives the same bytes, whatever its chunks are.
    ///
    /// Fails with `stream::codec-failed` where the level is none of the codec's.
    #[must_use]
    pub fn compressed(self, codec: Codec, level: u32) -> Self {
        match codec {
            Codec::Gzip => off_thread(self, codec, Gzip::new(level)),
            Codec::Zstd => off_thread(self, codec, Zstd::new(level)),
        }
    }

    /// What was compressed. Several members or frames in a row are one content.
    ///
    /// Fails with `stream::compression-corrupt` or `-truncated` where it is not of that codec,
    /// `stream::compression-trailing` where something else follows it, `stream::unpacks-too-large`
    /// beyond `bounds`; and with what the compressed body itself fails with, in any case.
    #[must_use]
    pub fn decompressed(self, codec: Codec, bounds: UnpackBounds) -> Self {
        match codec {
            Codec::Gzip => off_thread(self, codec, Ok(Unpacking::new(Gunzip::default(), bounds))),
            Codec::Zstd => {
                off_thread(self, codec, Unzstd::new().map(|reader| Unpacking::new(reader, bounds)))
            }
        }
    }
}

#[cfg(test)]
#[path = "compress_tests.rs"]
mod tests;
