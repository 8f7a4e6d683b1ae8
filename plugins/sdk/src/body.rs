//! Bytes on their way. The engine holds them; a plugin has handles. See `wit/body.wit`.

use crate::imports;
use crate::{Descriptor, Digest, Fault};

/// Bytes that can be read once, from the front. Nothing moves before somebody reads.
///
/// ```
/// use engine_plugin_sdk::Source;
///
/// let text = Source::concat(vec![Source::from_bytes(b"one "), Source::from_bytes(b"two, three")]);
/// assert_eq!(text.take(7).read_all(1 << 20)?, b"one two");
/// # Ok::<(), engine_plugin_sdk::Fault>(())
/// ```
pub struct Source(pub(crate) imports::Source);

/// A place for bytes: a new file, say. Nobody sees them before `commit`, and they are gone if the
/// sink is dropped without it.
///
/// ```
/// use engine_plugin_sdk::Source;
/// use engine_plugin_sdk::fs::Directory;
///
/// let sink = Directory::ROOT.create("layer.tar")?;
/// assert_eq!(sink.splice(Source::from_bytes(b"bytes"))?, 5);
/// assert!(Directory::ROOT.stat("layer.tar")?.is_none(), "nobody sees it yet");
/// sink.commit()?;
/// assert_eq!(Directory::ROOT.stat("layer.tar")?.unwrap().size, 5);
/// # Ok::<(), engine_plugin_sdk::Fault>(())
/// ```
pub struct Sink(pub(crate) imports::Sink);

impl Source {
    /// A source of bytes at hand.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(imports::source_from_bytes(bytes))
    }

    /// One source after the other.
    pub fn concat(parts: Vec<Self>) -> Self {
        Self(imports::source_concat(parts.into_iter().map(|part| part.0).collect()))
    }

    /// Only the first `length` bytes.
    #[must_use]
    pub fn take(self, length: u64) -> Self {
        Self(imports::source_take(self.0, length))
    }

    /// The same bytes, with a fault in place of their end if digest or size are wrong. There is
    /// no need to verify blobs that the engine asked for: it does that itself.
    pub fn verify(self, digest: &Digest, size: Option<u64>) -> Result<Self, Fault> {
        imports::source_verify(self.0, digest.as_str(), size).map(Self)
    }

    /// Bytes in all, where the sender said so.
    pub fn size(&self) -> Option<u64> {
        self.0.size()
    }

    /// The next bytes, at least one and at most `max` (1 MiB at most), or none at the end. For
    /// headers, not for layers: pass those on.
    pub fn read(&self, max: u32) -> Result<Option<Vec<u8>>, Fault> {
        imports::source_read(&self.0, max)
    }

    /// All that is left. Fails with `invalid` when that is more than `limit` bytes.
    pub fn read_all(&self, limit: u64) -> Result<Vec<u8>, Fault> {
        imports::source_read_all(&self.0, limit)
    }
}

impl Sink {
    /// Appends bytes.
    pub fn write(&self, bytes: &[u8]) -> Result<(), Fault> {
        imports::sink_write(&self.0, bytes)
    }

    /// Appends all that is left in a source, and says how many bytes that were.
    pub fn splice(&self, from: Source) -> Result<u64, Fault> {
        imports::sink_splice(&self.0, from.0)
    }

    /// Bytes written so far.
    pub fn position(&self) -> u64 {
        self.0.position()
    }

    /// Makes what was written seen, all at once and in place of what was there.
    pub fn commit(self) -> Result<(), Fault> {
        imports::sink_commit(&self.0)
    }
    /// As [`Self::commit`], but under this path of the same directory: for content whose name is known
    /// only when it is written.
    pub fn commit_as(self, path: &str) -> Result<(), Fault> {
        imports::sink_commit_as(&self.0, path)
    }
}

/// What the body that `put_blob` was given turned out to be, once its end was read, by the plugin or
/// by what it was passed on to; none before that, and in any other call.
///
/// ```
/// use engine_plugin_sdk::{Digest, testing, written};
///
/// let body = testing::blob_body(b"ab");
/// assert_eq!(written(), None);
/// body.read_all(10)?;
/// assert_eq!(written().unwrap().digest, Digest::of(b"ab"));
/// # Ok::<(), engine_plugin_sdk::Fault>(())
/// ```
pub fn written() -> Option<Descriptor> {
    imports::written()
}
