//! Signature tags: names that others write as well, while we do.
//!
//! A registry takes the last manifest that is put under a tag, whoever has put another there in
//! between. So a tag is read before it is written, what others added is kept, and it is read again
//! afterwards; what got lost is written again. In this process one at a time writes a tag.

use super::Transfer;
use super::end::End;
use super::error::TransferFault;
use super::write::named;
use crate::diagnostic::{Fault, Origin};
use crate::oci::attachment::{Merged, merge};
use crate::oci::{Descriptor, Digest, media_type};
use crate::role::{Manifested, Put, PutBlob, Selector};
use crate::stream::Body;
use crate::transfer::codes;
use bytes::Bytes;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How often a tag is written before we give way to others.
const MAX_WRITES: usize = 3;

/// The turns of those who write a tag.
#[derive(Default)]
pub(super) struct Turns(Mutex<HashMap<Name, Turn>>);

/// Place, repository and tag.
type Name = (Arc<str>, Arc<str>, String);

type Turn = Arc<tokio::sync::Mutex<()>>;

impl Turns {
    pub(super) fn of(&self, end: &End, tag: &str) -> Turn {
        let key = (Arc::clone(&end.place), Arc::clone(&end.repository), tag.to_owned());
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(key).or_default())
    }
}

/// What a tag must come to point to.
enum Next {
    /// It points there, or to more.
    Nothing,
    /// Ours as it is: nothing is there, or `replaced`, which holds no entries that could be kept.
    Ours { replaced: Option<Digest> },
    /// The entries of both.
    Both(Merged),
}

/// Whether a destination has all that the manifest `ours` says, under its tag.
pub(super) async fn is_there(to: &End, ours: &Manifested, tag: &str) -> Result<bool, Fault> {
    Ok(matches!(look(to, ours, tag).await?, Next::Nothing))
}

/// Writes the manifest `ours`, whose blobs are there, under its tag, and keeps the entries of
/// others that are there.
///
/// # Errors
///
/// What the destination says; `transfer::signatures-lost` when others write the tag as well, and
/// what we wrote did not stay.
pub(super) async fn write(
    transfer: &Transfer,
    to: &End,
    ours: &Manifested,
    tag: &str,
) -> Result<(), Fault> {
    let turn = transfer.turns.of(to, tag);
    let _held = turn.lock().await;
    let mut ours = ours.clone();
    for _ in 0..MAX_WRITES {
        match look(to, &ours, tag).await? {
            Next::Nothing => return Ok(()),
            Next::Ours { replaced } => {
                if let Some(old) = replaced {
                    transfer.warn(lost(to, tag, &old));
                }
            }
            // What others had is ours to keep from now on.
            Next::Both(Merged { manifest, config }) => {
                put_bytes(to, media_type::OCI_CONFIG, config.into()).await?;
                let descriptor = Descriptor::of_manifest(media_type::OCI_MANIFEST, &manifest);
                ours = Manifested { descriptor, bytes: manifest.into() };
            }
        }
        named(transfer, to, &ours, Some(tag)).await?;
    }
    match look(to, &ours, tag).await? {
        Next::Nothing => Ok(()),
        _ => Err(TransferFault::SignaturesLost(tag.to_owned(), MAX_WRITES).into()),
    }
}

async fn look(to: &End, ours: &Manifested, tag: &str) -> Result<Next, Fault> {
    let which = Selector::Tag(tag.to_owned());
    let Some(there) = to.session.resolve(&to.repository, &which).await? else {
        return Ok(Next::Ours { replaced: None });
    };
    if there.digest == ours.descriptor.digest {
        return Ok(Next::Nothing);
    }
    let replaced = Next::Ours { replaced: Some(there.digest) };
    if !matches!(tag.rsplit_once('.'), Some((_, "sig" | "att"))) {
        return Ok(replaced);
    }
    let Some(there) = to.session.get_manifest(&to.repository, &which).await? else {
        return Ok(Next::Ours { replaced: None });
    };
    Ok(match merge(&there.bytes, &ours.bytes) {
        Ok(None) => Next::Nothing,
        Ok(Some(both)) => Next::Both(both),
        Err(_) => replaced,
    })
}

/// Writes a small blob that was made here.
pub(super) async fn put_bytes(
    to: &End,
    media_type: &str,
    bytes: Bytes,
) -> Result<Descriptor, Fault> {
    let descriptor = Descriptor::new(media_type, Digest::of(&bytes), bytes.len() as u64);
    let body = Body::from_bytes(bytes);
    let put = PutBlob { descriptor: descriptor.clone(), body, mount_from: None, resume: None };
    match to.session.put_blob(&to.repository, put).await? {
        Put::Done | Put::Mounted => Ok(descriptor),
        Put::Interrupted { fault, .. } => Err(fault),
    }
}

fn lost(to: &End, tag: &str, old: &Digest) -> Fault {
    let message = format!("what stood under the tag `{tag}` is replaced by the source's");
    Fault::new(codes::SIGNATURES_REPLACED, Origin::Destination, message)
        .at(to.name_of(old))
        .help("what was there stays under that digest")
}

#[cfg(test)]
#[path = "shared_tests.rs"]
mod tests;
