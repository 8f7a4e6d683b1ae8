//! The calls of a place in memory.

use super::place::{Pace, Place};
use crate::diagnostic::{Code, Fault, Kind, Origin, Retry};
use crate::oci::{Descriptor, Digest, Manifest};
use crate::role::{Manifested, Naming, PlacedSignature, Put, PutBlob, Selector, Session};
use crate::stream::Body;
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream;
use std::time::Duration;

const CHUNK: usize = 256 << 10;

fn fault(message: impl Into<String>) -> Fault {
    Fault::new(Code::new("test: broke", Kind::Other), Origin::Destination, message)
        .retry(Retry::Backoff)
}

/// A fault that shows a broken invariant, in words that tests look for.
fn broken_order(message: String) -> Fault {
    Fault::new(Code::new("test: order", Kind::Other), Origin::Destination, message)
}

#[async_trait]
impl Session for Place {
    async fn list_repositories(&self) -> Result<Vec<String>, Fault> {
        Ok(Vec::new())
    }

    async fn list_tags(&self, repository: &str) -> Result<Vec<String>, Fault> {
        self.call(&format!("list-tags {repository}"))?;
        let held = self.held.lock().unwrap();
        Ok(held.tags.keys().filter(|(r, _)| r == repository).map(|(_, tag)| tag.clone()).collect())
    }

    async fn resolve(
        &self,
        repository: &str,
        which: &Selector,
    ) -> Result<Option<Descriptor>, Fault> {
        Ok(self.get_manifest(repository, which).await?.map(|manifest| manifest.descriptor))
    }

    async fn get_manifest(
        &self,
        repository: &str,
        which: &Selector,
    ) -> Result<Option<Manifested>, Fault> {
        self.call(&format!("get-manifest {repository} {which:?}"))?;
        if matches!(which, Selector::Tag(tag) if tag.as_bytes().ends_with(b".sig")) {
            let mut stale = self.stale.lock().unwrap();
            if *stale > 0 {
                *stale -= 1;
                return Ok(None);
            }
        }
        let digest = match which {
            Selector::Digest(digest) => digest.clone(),
            Selector::Tag(tag) => match self.tag_of(repository, tag) {
                Some(digest) => digest,
                None => return Ok(None),
            },
            Selector::Index(_) | Selector::Id(_) | Selector::Only => return Ok(None),
        };
        let held = self.held.lock().unwrap();
        Ok(held.manifests.get(&(self.shelf(repository), digest)).cloned())
    }

    async fn get_blob(
        &self,
        repository: &str,
        blob: &Descriptor,
        offset: u64,
    ) -> Result<Body, Fault> {
        self.call(&format!("get-blob {repository} {} {offset}", blob.digest.short()))?;
        let held = self.held.lock().unwrap();
        let bytes = held.blobs.get(&(repository.to_owned(), blob.digest.clone())).cloned();
        let mut bytes =
            bytes.ok_or_else(|| fault("no such blob"))?.slice(usize::try_from(offset).unwrap()..);
        if bytes.len() > CHUNK && std::mem::take(&mut *self.flip.lock().unwrap()) {
            let mut wrong = bytes.to_vec();
            wrong[100] ^= 1;
            bytes = wrong.into();
        }
        let mut breaks = self.breaks.lock().unwrap();
        let cut = if breaks.is_empty() { bytes.len() } else { breaks.remove(0).min(bytes.len()) };
        let mut chunks: Vec<Result<Bytes, Fault>> = Vec::new();
        let mut rest = bytes.slice(..cut);
        while !rest.is_empty() {
            chunks.push(Ok(rest.split_to(CHUNK.min(rest.len()))));
        }
        if cut < bytes.len() {
            chunks.push(Err(fault("reset").from_origin(Origin::Source)));
        }
        let chunks = stream::unfold(chunks.into_iter(), |mut chunks| async {
            tokio::task::yield_now().await;
            chunks.next().map(|chunk| (chunk, chunks))
        });
        Ok(Body::new(Some(bytes.len() as u64), chunks))
    }

    async fn has_blob(&self, repository: &str, blob: &Descriptor) -> Result<bool, Fault> {
        self.call(&format!("has-blob {repository} {}", blob.digest.short()))?;
        let key = (self.shelf(repository), blob.digest.clone());
        Ok(self.held.lock().unwrap().blobs.contains_key(&key))
    }

    async fn put_blob(&self, repository: &str, mut put: PutBlob) -> Result<Put, Fault> {
        let expected = put.expected.digest.clone();
        let from = put.mount_from.as_deref().unwrap_or("-");
        let name = expected.as_ref().map_or("unknown", Digest::short);
        let digest = expected.clone().unwrap_or_else(|| Digest::of(b"unknown"));
        self.call(&format!("put-blob {repository} {name} {from}"))?;
        let delay = self.delays.lock().unwrap().get(repository).copied().unwrap_or_default();
        tokio::time::sleep(delay).await;
        let _turn = match &self.turn {
            Some(turn) => Some(turn.lock().await),
            None => None,
        };
        if let Some(from) = put.mount_from.filter(|_| *self.mounts.lock().unwrap()) {
            let mut held = self.held.lock().unwrap();
            if let Some(bytes) = held.blobs.get(&(from, digest.clone())).cloned() {
                held.blobs.insert((self.shelf(repository), digest), bytes);
                return Ok(Put::Mounted);
            }
        }
        let resumed = put.resume.is_some();
        let before = self.held.lock().unwrap().partial.remove(&digest).filter(|_| resumed);
        match self.take(&mut put.body, before.unwrap_or_default()).await? {
            Ok(bytes) => {
                let digest = expected.unwrap_or_else(|| Digest::of(&bytes));
                if !digest.matches(&bytes) && *self.pace.lock().unwrap() != Pace::Lying {
                    return Err(broken_order(format!("wrong bytes for {digest}")));
                }
                let written = Descriptor::new("", digest.clone(), bytes.len() as u64);
                let key = (self.shelf(repository), digest);
                self.held.lock().unwrap().blobs.insert(key, bytes.into());
                Ok(Put::Done(written))
            }
            Err(partial) => {
                let accepted = partial.len() as u64;
                self.held.lock().unwrap().partial.insert(digest, partial);
                let fault = fault("the upload broke");
                Ok(Put::Interrupted { fault, accepted, resume: "token".to_owned() })
            }
        }
    }

    async fn put_manifest(
        &self,
        repository: &str,
        tag: Option<&str>,
        manifest: &Manifested,
    ) -> Result<(), Fault> {
        let digest = &manifest.descriptor.digest;
        let name = tag.unwrap_or("-");
        self.call(&format!("put-manifest {repository} {} {name}", digest.short()))?;
        self.check_complete(repository, manifest)?;
        if self.can.names_in_groups && tag.is_some() {
            return Err(broken_order("a tag with put-manifest".to_owned()));
        }
        let mut held = self.held.lock().unwrap();
        held.manifests.insert((self.shelf(repository), digest.clone()), manifest.clone());
        if let Some(tag) = tag {
            held.tags.insert((repository.to_owned(), tag.to_owned()), digest.clone());
            let mut rivals = self.rivals.lock().unwrap();
            if let Some(at) = rivals.iter().position(|(theirs, _)| theirs == tag) {
                held.tags.insert((repository.to_owned(), tag.to_owned()), rivals.remove(at).1);
            }
        }
        Ok(())
    }

    async fn tag(&self, naming: Naming) -> Result<(), Fault> {
        let Naming { repository, tag, descriptor } = naming;
        let name = tag.as_deref().unwrap_or("-");
        self.call(&format!("tag {repository} {} {name}", descriptor.digest.short()))?;
        let mut held = self.held.lock().unwrap();
        if !held.manifests.contains_key(&(self.shelf(&repository), descriptor.digest.clone())) {
            return Err(broken_order(format!("a name without content: {repository}:{name}")));
        }
        if let Some(tag) = tag {
            held.tags.insert((repository, tag), descriptor.digest);
        }
        Ok(())
    }

    async fn untag(&self, _: &str, _: &str) -> Result<(), Fault> {
        Ok(())
    }

    async fn delete(&self, _: &str, _: &Digest) -> Result<(), Fault> {
        Ok(())
    }

    async fn referrers(&self, repository: &str, digest: &Digest) -> Result<Vec<Descriptor>, Fault> {
        self.call(&format!("referrers {repository} {}", digest.short()))?;
        let held = self.held.lock().unwrap();
        let here = held.manifests.iter().filter(|((r, _), _)| *r == self.shelf(repository));
        let about = here.filter(|(_, manifest)| {
            let parsed = Manifest::parse("", &manifest.bytes).unwrap();
            parsed.subject.is_some_and(|subject| subject.digest == *digest)
        });
        Ok(about.map(|(_, manifest)| manifest.descriptor.clone()).collect())
    }

    async fn signatures(
        &self,
        repository: &str,
        digest: &Digest,
    ) -> Result<Vec<PlacedSignature>, Fault> {
        self.call(&format!("signatures {repository} {}", digest.short()))?;
        Ok(self.held.lock().unwrap().signatures.get(digest).cloned().unwrap_or_default())
    }

    async fn put_signatures(
        &self,
        repository: &str,
        digest: &Digest,
        signatures: &[PlacedSignature],
    ) -> Result<(), Fault> {
        self.call(&format!("put-signatures {repository} {}", digest.short()))?;
        let mut held = self.held.lock().unwrap();
        if !held.manifests.contains_key(&(self.shelf(repository), digest.clone())) {
            return Err(broken_order("a signature before its manifest".to_owned()));
        }
        held.signatures.insert(digest.clone(), signatures.to_vec());
        Ok(())
    }

    async fn finish(&self) -> Result<(), Fault> {
        self.call("finish")?;
        let takes = *self.finishing.lock().unwrap();
        tokio::time::sleep(takes).await;
        Ok(())
    }

    async fn abandon(&self) -> Option<Fault> {
        self.log.lock().unwrap().push(format!("{} abandon", self.name));
        self.lost.lock().unwrap().clone()
    }
}

impl Place {
    /// Takes a body at the place's pace; the inner error is what an interrupted upload left.
    async fn take(
        &self,
        body: &mut Body,
        mut all: Vec<u8>,
    ) -> Result<Result<Vec<u8>, Vec<u8>>, Fault> {
        let pace = *self.pace.lock().unwrap();
        if pace == Pace::Deaf {
            tokio::time::sleep(Duration::from_secs(1)).await;
            return Err(fault("deaf"));
        }
        let stop = self.interrupt.lock().unwrap().take();
        while let Some(chunk) = body.next().await {
            // As a guest sees it: the true cause stays in the host.
            match chunk {
                Ok(chunk) => all.extend_from_slice(&chunk),
                Err(_) if pace == Pace::Lying => return Ok(Ok(all)),
                Err(_) => return Err(fault("the body broke")),
            }
            if let Some(stop) = stop.filter(|stop| all.len() > *stop) {
                all.truncate(stop);
                return Ok(Err(all));
            }
            match pace {
                Pace::Slow(pause) => tokio::time::sleep(pause).await,
                Pace::Stalled => {
                    *self.pace.lock().unwrap() = Pace::Fast;
                    tokio::time::sleep(Duration::from_mins(10)).await;
                }
                Pace::Fast | Pace::Deaf | Pace::Lying => {}
            }
        }
        Ok(Ok(all))
    }

    /// Whether everything that a manifest needs is there before it.
    fn check_complete(&self, repository: &str, manifest: &Manifested) -> Result<(), Fault> {
        let parsed = Manifest::parse("", &manifest.bytes).unwrap();
        let held = self.held.lock().unwrap();
        let key = |digest: &Digest| (self.shelf(repository), digest.clone());
        for blob in parsed.blobs().iter().filter(|blob| !blob.is_foreign()) {
            if !held.blobs.contains_key(&key(&blob.digest)) {
                return Err(broken_order(format!("a manifest before its blob {}", blob.digest)));
            }
        }
        for child in parsed.children() {
            if !held.manifests.contains_key(&key(&child.digest)) {
                return Err(broken_order(format!("an index before its child {}", child.digest)));
            }
        }
        Ok(())
    }
}
