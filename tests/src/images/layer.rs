//! Layers: real archives, so that other tools can unpack them.

use super::Seed;
use bytes::Bytes;
use engine_oci::Digest;
use flate2::{Compression, GzBuilder};
use std::io::Write;

/// Bytes of a block of a tar archive.
const BLOCK_BYTES: usize = 512;

/// A layer: a tar archive in gzip, half of it random and half of it text.
#[derive(Debug, Clone)]
pub struct Layer {
    /// The compressed bytes, as they travel.
    pub bytes: Bytes,
    /// The digest of the compressed bytes.
    pub digest: Digest,
    /// The digest of the archive without compression.
    pub diff_id: Digest,
}

impl Layer {
    /// A layer with `size` bytes of files in it; it travels as about two thirds of that.
    pub fn new(seed: &mut Seed, size: usize) -> Self {
        Self::made(seed, size, Compression::new(1))
    }

    /// The same, but gzip only wraps it: for large layers that must be made fast.
    pub fn stored(seed: &mut Seed, size: usize) -> Self {
        Self::made(seed, size, Compression::none())
    }

    fn made(seed: &mut Seed, size: usize, compression: Compression) -> Self {
        let name = format!("seeded-{:016x}", seed.number());
        let mut archive = Vec::with_capacity(size + 8 * BLOCK_BYTES);
        add_file(&mut archive, &format!("{name}/random"), &seed.bytes(size / 2));
        add_file(&mut archive, &format!("{name}/text"), &seed.text(size - size / 2));
        archive.resize(archive.len() + 2 * BLOCK_BYTES, 0);

        let mut gzip = GzBuilder::new().mtime(0).write(Vec::new(), compression);
        gzip.write_all(&archive).expect("memory takes everything");
        let bytes = Bytes::from(gzip.finish().expect("memory takes everything"));
        Self { digest: Digest::of(&bytes), diff_id: Digest::of(&archive), bytes }
    }
}

/// Adds a file to a tar archive. Source: POSIX.1-2001, pax, "ustar Interchange Format".
fn add_file(archive: &mut Vec<u8>, name: &str, content: &[u8]) {
    let mut header = [0_u8; BLOCK_BYTES];
    let mut put = |at: usize, text: &str| {
        header[at..at + text.len()].copy_from_slice(text.as_bytes());
    };
    put(0, name);
    put(100, "0000644\0");
    put(108, "0000000\0");
    put(116, "0000000\0");
    put(124, &format!("{:011o}\0", content.len()));
    put(136, "00000000000\0");
    put(148, "        ");
    put(156, "0");
    put(257, "ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    archive.extend_from_slice(&header);
    archive.extend_from_slice(content);
    archive.resize(archive.len().next_multiple_of(BLOCK_BYTES), 0);
}
