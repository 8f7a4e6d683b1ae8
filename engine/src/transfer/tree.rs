//! A manifest with all that it needs: children, nested indexes too, and blobs.

use super::error::TransferFault;
use super::recompress::Recompress;
use super::repository_session::RepositorySession;
use crate::diagnostic::Fault;
use crate::oci::{Blob, Descriptor, Digest, Manifest};
use crate::plan::{Kept, Made};
use crate::role::{Manifested, Selector};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// Indexes in indexes. Nobody is known to nest more than twice.
const MAX_DEPTH: usize = 8;
/// Manifests below one top.
const MAX_MANIFESTS: usize = 10_000;
/// Bytes of all manifests below one top, which are held until they are written. A thousand
/// manifests have about 10 MiB.
const MAX_BYTES: usize = 32 << 20;
/// Manifests that are read or written at once for one item.
pub(super) const MANIFESTS_AT_ONCE: usize = 6;

/// Reads the manifests of one source repository, each once.
pub(super) struct Manifests {
    /// Where they are.
    pub(super) source: RepositorySession,
    read: Mutex<BTreeMap<Digest, Arc<OnceCell<Manifested>>>>,
}

impl Manifests {
    /// The manifests of a repository.
    pub(super) fn new(source: RepositorySession) -> Self {
        Self { source, read: Mutex::default() }
    }

    /// Takes manifests that a transform made: they are at no source.
    pub(super) fn give(&self, made: &[Made]) {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        for Made { descriptor, bytes, .. } in made.iter().filter(|made| !made.is_blob) {
            let given = Manifested { descriptor: descriptor.clone(), bytes: bytes.clone() };
            read.insert(descriptor.digest.clone(), Arc::new(OnceCell::new_with(Some(given))));
        }
    }

    /// The manifest with this digest, checked.
    pub(super) async fn get(&self, digest: &Digest) -> Result<Manifested, Fault> {
        let cell = {
            let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(read.entry(digest.clone()).or_default())
        };
        let which = Selector::Digest(digest.clone());
        let get = || async {
            let got = self.source.session.get_manifest(&self.source.repository, &which).await?;
            checked(digest, got.ok_or_else(|| TransferFault::Absent(digest.clone()))?)
        };
        let got = cell.get_or_try_init(get).await.cloned();
        got.map_err(|fault| match fault.place {
            None => fault.at(self.source.name_of(digest)),
            Some(_) => fault,
        })
    }
}

impl Manifests {
    /// The digests of all manifests below one, of which only indexes are read.
    pub(super) async fn below(&self, top: &Digest) -> Result<Vec<Digest>, Fault> {
        let mut all = BTreeSet::new();
        let mut level = vec![top.clone()];
        for _ in 0..MAX_DEPTH {
            let mut next = Vec::new();
            for digest in &level {
                for child in parse(&self.get(digest).await?)?.children() {
                    if all.insert(child.digest.clone()) && child.is_index() {
                        next.push(child.digest.clone());
                    }
                }
            }
            if all.len() > MAX_MANIFESTS {
                break;
            }
            if next.is_empty() {
                return Ok(all.into_iter().collect());
            }
            level = next;
        }
        Err(TransferFault::TooMany(top.clone()).into())
    }
}

/// A manifest whose bytes have the digest that was asked for.
pub(super) fn checked(digest: &Digest, got: Manifested) -> Result<Manifested, Fault> {
    if digest.matches(&got.bytes) {
        return Ok(got);
    }
    let found = Digest::of(&got.bytes);
    Err(TransferFault::Mismatch { expected: digest.clone(), found }.into())
}

/// A manifest with all that it needs.
pub(super) struct Tree {
    /// The manifest itself.
    pub(super) top: Manifested,
    /// What is below it, lowest first: all of one level may be written side by side.
    pub(super) below: Vec<Vec<Manifested>>,
    /// The blobs of all of them, each digest once; without those that stay elsewhere.
    pub(super) blobs: Vec<Blob>,
}

impl Tree {
    /// Reads what `top` needs from where `manifests` are. `kept` restricts its children.
    pub(super) async fn read(
        manifests: &Manifests,
        top: Manifested,
        kept: &Kept,
    ) -> Result<Self, Fault> {
        let mut levels = vec![vec![top.clone()]];
        let mut blobs = Vec::new();
        let (mut seen, mut bytes) = (1, 0);
        while let Some(level) = levels.last() {
            let mut children = BTreeSet::new();
            for manifest in level {
                let parsed = parse(manifest)?;
                blobs.extend(parsed.blobs());
                let of_top = levels.len() == 1;
                let wanted = |child: &&Descriptor| !of_top || is_kept(kept, &child.digest);
                children.extend(parsed.children().filter(wanted).map(|c| c.digest.clone()));
            }
            if children.is_empty() {
                break;
            }
            seen += children.len();
            let too_many = || Fault::from(TransferFault::TooMany(top.descriptor.digest.clone()));
            if levels.len() > MAX_DEPTH || seen > MAX_MANIFESTS {
                return Err(too_many());
            }
            let read = stream::iter(children.into_iter().map(|digest| read_one(manifests, digest)));
            let mut read = read.buffered(MANIFESTS_AT_ONCE);
            let mut level = Vec::new();
            while let Some(manifest) = read.try_next().await? {
                bytes += manifest.bytes.len();
                if bytes > MAX_BYTES {
                    return Err(too_many());
                }
                level.push(manifest);
            }
            drop(read);
            levels.push(level);
        }
        let mut placed = BTreeSet::new();
        let mut below: Vec<Vec<Manifested>> = levels.into_iter().skip(1).rev().collect();
        for level in &mut below {
            // What stands on two levels is written with the lower one.
            level.retain(|manifest| placed.insert(manifest.descriptor.digest.clone()));
        }
        let mut named = BTreeSet::new();
        blobs.retain(|blob| !blob.is_foreign() && named.insert(blob.digest.clone()));
        Ok(Self { top, below, blobs })
    }

    /// All manifests, the top first.
    pub(super) fn all(&self) -> impl Iterator<Item = &Manifested> {
        std::iter::once(&self.top).chain(self.below.iter().flatten())
    }

    /// The manifests below the top: those that keep their bytes, with what refers to them, and those
    /// that change.
    pub(super) fn subjects(
        &self,
        recompress: Option<&Recompress>,
    ) -> Result<(Vec<Digest>, Vec<Digest>), Fault> {
        let (mut kept, mut changed) = (Vec::new(), Vec::new());
        for manifest in self.below.iter().flatten() {
            let changes =
                recompress.map_or(Ok(false), |recompress| recompress.changes(manifest))?;
            let subjects = if changes { &mut changed } else { &mut kept };
            subjects.push(manifest.descriptor.digest.clone());
        }
        Ok((kept, changed))
    }
}

// By value, so that the futures of a level borrow nothing but the manifests.
async fn read_one(manifests: &Manifests, digest: Digest) -> Result<Manifested, Fault> {
    manifests.get(&digest).await
}

fn is_kept(kept: &Kept, digest: &Digest) -> bool {
    match kept {
        Kept::All => true,
        Kept::Only(only) => only.contains(digest),
    }
}

pub(super) fn parse(manifest: &Manifested) -> Result<Manifest, Fault> {
    let Manifested { descriptor, bytes } = manifest;
    Manifest::parse(&descriptor.media_type, bytes).map_err(|cause| {
        TransferFault::Unreadable { digest: descriptor.digest.clone(), cause }.into()
    })
}
