//! Answers of a guest, checked before they become ours.

use super::conversions::descriptor_from_guest;
use super::reading::Reading;
use super::transport::PluginTransport;
use crate::diagnostic::{Fault, Origin, Retry};
use crate::host::bindings::transport::exports::engine::plugin::transport as wit;
use crate::host::fault::HostFault;
use crate::host::instance::call::{CallTimeout, Lease};
use crate::host::instance::known_faults::Given;
use crate::oci::{Digest, MAX_MANIFEST_BYTES, Manifest};
use crate::role::{Manifested, Put, Selector};
use crate::stream::{Body, codes};
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;

/// Bytes pulled from a guest's own reader at a time.
const READER_BYTES: u32 = 256 << 10;

/// Bytes that a guest may want back when a write goes on. Source: `wit/transport.wit`,
/// `interruption`.
const MAX_RESUME_BYTES: usize = 8 << 10;

/// A guest's answer cannot be true.
pub(in crate::host) fn lied(what: String) -> Fault {
    HostFault::Lied(what).into()
}

/// The bytes of a manifest as the host sees them; the guest's word for digest and size must fit.
pub(in crate::host) fn checked(
    manifest: wit::Manifest,
    which: &Selector,
) -> Result<Manifested, Fault> {
    let bytes = Bytes::from(manifest.bytes);
    if bytes.len() as u64 > MAX_MANIFEST_BYTES {
        return Err(lied(format!("a manifest has more than {MAX_MANIFEST_BYTES} bytes")));
    }
    let mut descriptor = descriptor_from_guest(manifest.descriptor)?;
    let wanted = match which {
        Selector::Digest(digest) => digest,
        Selector::Tag(_) | Selector::Index(_) | Selector::Id(_) | Selector::Only => {
            &descriptor.digest
        }
    };
    if !wanted.matches(&bytes) {
        let found = Digest::of(&bytes);
        let message = format!("the manifest `{wanted}` has the digest `{found}`");
        return Err(Fault::new(codes::DIGEST_MISMATCH, Origin::Source, message)
            .retry(Retry::Backoff)
            .fact("expected", wanted.as_str())
            .fact("found", found.as_str()));
    }
    descriptor.digest = wanted.clone();
    descriptor.size = bytes.len() as u64;
    if let Ok(parsed) = Manifest::parse(&descriptor.media_type, &bytes) {
        descriptor.media_type = parsed.media_type;
        descriptor.artifact_type = parsed.artifact_type;
    }
    Ok(Manifested { descriptor, bytes })
}

/// What became of a body that a guest was to write. What it did not read, it did not write: it is
/// not believed, but asked again, since a place may have had the blob all the time.
pub(in crate::host) fn written(
    done: wit::Put,
    reading: &Reading,
    given: &Given,
) -> Result<Put, Fault> {
    match done {
        wit::Put::Done => {
            let what = "a blob is said to be written, and was not read to its end";
            let unread = || lied(what.to_owned()).retry(Retry::Backoff);
            reading.written().map(Put::Done).ok_or_else(unread)
        }
        wit::Put::Mounted if !reading.knows_digest() => {
            let what = "a blob is said to be there whose digest nobody knows yet";
            Err(lied(what.to_owned()))
        }
        wit::Put::Mounted => Ok(Put::Mounted),
        wit::Put::Interrupted(broken) => {
            let wit::Interruption { fault, accepted, resume } = broken;
            if resume.len() > MAX_RESUME_BYTES {
                let what = format!("`resume` has more than {MAX_RESUME_BYTES} bytes");
                return Err(lied(what));
            }
            let fault = super::conversions::from_guest(&fault, given, Origin::Destination);
            Ok(Put::Interrupted { fault, accepted, resume })
        }
    }
}

/// A piece has a byte at least, so that a body of nothing has an end.
fn fits(piece: &[u8]) -> bool {
    !piece.is_empty() && piece.len() <= READER_BYTES as usize
}

/// Bytes that a guest makes in a second of computing at least, once the computing of one call is used up.
/// Decompressing is a thousand times faster.
const LEAST_PACE: u64 = 64 << 10;

/// How fast a guest makes a body.
///
/// The attack: a reader that computes for 3 s and gives a byte, again and again. Each piece is a call
/// with bounds of its own, and none of them is broken.
#[derive(Default)]
struct Pace {
    bytes: u64,
    computed: Duration,
}

impl Pace {
    /// Counts a piece, and gives the body up when it is too slow.
    fn keep(&mut self, bytes: usize, took: Duration, cpu_millis: u64) -> Result<(), HostFault> {
        self.bytes = self.bytes.saturating_add(bytes as u64);
        self.computed = self.computed.saturating_add(took);
        let millis = u64::try_from(self.computed.as_millis()).unwrap_or(u64::MAX);
        let granted = cpu_millis.saturating_add(self.bytes.saturating_mul(1000) / LEAST_PACE);
        if millis > granted {
            Err(HostFault::Dripping { millis, bytes: self.bytes })
        } else {
            Ok(())
        }
    }
}

/// Pulls the bytes that a guest makes itself. The instance lives as long as its body.
pub(in crate::host) fn pulled(
    transport: Arc<PluginTransport>,
    lease: Lease,
    reader: wasmtime::component::ResourceAny,
) -> Body {
    let state = (transport, lease, Some(Pace::default()));
    let chunks =
        futures_util::stream::unfold(state, move |(transport, mut lease, pace)| async move {
            let mut pace = pace?;
            let call_access = lease.instance()?.store.data().call_access.clone();
            let read = transport
                .call(&mut lease, call_access, CallTimeout::Total, move |instance| {
                    Box::pin(async move {
                        let readers = instance.plugin.engine_plugin_transport().reader();
                        readers.call_read(&mut instance.store, reader, READER_BYTES).await
                    })
                })
                .await;
            match read {
                Ok(Some(bytes)) if !fits(&bytes) => {
                    let what = "a piece of its body is empty, or larger than was asked for";
                    Some((Err(lied(what.to_owned())), (transport, lease, None)))
                }
                Ok(Some(bytes)) => {
                    let guest = lease.instance()?.store.data();
                    match pace.keep(bytes.len(), guest.computed(), guest.limits.cpu_millis) {
                        Ok(()) => Some((Ok(Bytes::from(bytes)), (transport, lease, Some(pace)))),
                        Err(fault) => Some((Err(fault.into()), (transport, lease, None))),
                    }
                }
                Ok(None) => None,
                Err(fault) => Some((Err(fault), (transport, lease, None))),
            }
        });
    Body::new(None, chunks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::role::ExpectedBlob;

    #[test]
    fn a_body_that_drips_is_given_up_and_a_slow_one_is_not() {
        let second = Duration::from_secs(1);
        let pieces = |bytes| {
            let mut pace = Pace::default();
            (0..1000).take_while(|_| pace.keep(bytes, second, 5000).is_ok()).count()
        };
        assert_eq!(pieces(1), 5);
        assert_eq!(pieces(32 << 10), 10, "half of the pace: twice the time");
        assert_eq!(pieces(64 << 10), 1000);
    }

    #[tokio::test]
    async fn what_was_not_read_is_not_written() {
        let expected =
            |digest| ExpectedBlob { media_type: "x/y".to_owned(), digest, size: Some(3) };
        let known = expected(Some(Digest::of(b"abc")));
        let (body, reading) = Reading::of(Body::from_bytes("abc"), &known);
        assert_eq!(
            written(wit::Put::Done, &reading, &Given::default()).err().unwrap().code,
            "host::lied"
        );
        assert!(matches!(
            written(wit::Put::Mounted, &reading, &Given::default()),
            Ok(Put::Mounted)
        ));
        body.read_all(3).await.unwrap();
        assert!(matches!(written(wit::Put::Done, &reading, &Given::default()), Ok(Put::Done(_))));
        let (_body, reading) = Reading::of(Body::from_bytes("abc"), &expected(None));
        assert_eq!(
            written(wit::Put::Mounted, &reading, &Given::default()).err().unwrap().code,
            "host::lied"
        );
    }
}
