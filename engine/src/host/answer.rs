//! Answers of a guest, checked before they become ours.

use super::bindings::transport::exports::engine::plugin::transport as wit;
use super::call::{Bound, Hold};
use super::fault::HostFault;
use super::transport::PluginTransport;
use super::words::descriptor_from_guest;
use crate::diagnostic::{Fault, Origin};
use crate::oci::{Digest, MAX_MANIFEST_BYTES, Manifest};
use crate::role::{Manifested, Selector};
use crate::stream::Body;
use bytes::Bytes;
use std::sync::Arc;

/// Bytes pulled from a guest's own reader at a time.
const READER_BYTES: u32 = 256 << 10;

/// A guest's answer cannot be true.
pub(super) fn lied(what: String) -> Fault {
    HostFault::Lied(what).into()
}

/// The bytes of a manifest as the host sees them; the guest's word for digest and size must fit.
pub(super) fn checked(manifest: wit::Manifest, which: &Selector) -> Result<Manifested, Fault> {
    let bytes = Bytes::from(manifest.bytes);
    if bytes.len() as u64 > MAX_MANIFEST_BYTES {
        return Err(lied(format!("a manifest has more than {MAX_MANIFEST_BYTES} bytes")));
    }
    let mut descriptor = descriptor_from_guest(manifest.descriptor)?;
    let wanted = match which {
        Selector::Digest(digest) => digest,
        Selector::Tag(_) | Selector::Only => &descriptor.digest,
    };
    if !wanted.matches(&bytes) {
        let found = Digest::of(&bytes);
        let message = format!("the manifest `{wanted}` has the digest `{found}`");
        return Err(Fault::new("stream::digest-mismatch", Origin::Source, message)
            .retry(crate::diagnostic::Retry::Backoff)
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

/// A piece has a byte at least, so that a body of nothing has an end.
fn fits(piece: &[u8]) -> bool {
    !piece.is_empty() && piece.len() <= READER_BYTES as usize
}

/// Pulls the bytes that a guest makes itself. The instance lives as long as its body.
pub(super) fn pulled(
    transport: Arc<PluginTransport>,
    hold: Hold,
    reader: wasmtime::component::ResourceAny,
) -> Body {
    let state = (transport, hold, false);
    let chunks =
        futures_util::stream::unfold(state, move |(transport, mut hold, ended)| async move {
            if ended {
                return None;
            }
            let errand = hold.live()?.store.data().errand.clone();
            let read = transport
                .call(&mut hold, errand, Bound::Time, move |live| {
                    Box::pin(async move {
                        let readers = live.plugin.engine_plugin_transport().reader();
                        readers.call_read(&mut live.store, reader, READER_BYTES).await
                    })
                })
                .await;
            match read {
                Ok(Some(bytes)) if !fits(&bytes) => {
                    let what = "a piece of its body is empty, or larger than was asked for";
                    Some((Err(lied(what.to_owned())), (transport, hold, true)))
                }
                Ok(Some(bytes)) => Some((Ok(Bytes::from(bytes)), (transport, hold, false))),
                Ok(None) => None,
                Err(fault) => Some((Err(fault), (transport, hold, true))),
            }
        });
    Body::new(None, chunks)
}
