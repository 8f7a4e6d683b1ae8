//! The registry: repositories with tags, manifests and blobs.

use crate::diagnostic::{Code, Fault, Kind, Origin};
use crate::oci::{Descriptor, Digest, media_type};
use crate::role::{
    Capabilities, Manifested, Naming, PlacedSignature, Put, PutBlob, Selector, Session, Side,
    Transport,
};
use crate::stream::Body;
use async_trait::async_trait;
use bytes::Bytes;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// A kind of call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Call {
    Repositories,
    Tags,
    Resolve,
    Manifest,
    Blob,
    Referrers,
    Write,
}

/// A place that keeps everything in memory. Cheap to clone; clones share what they keep.
#[derive(Clone, Default)]
pub(crate) struct FakeRegistry(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    tags: BTreeMap<String, BTreeMap<String, Descriptor>>,
    manifests: BTreeMap<(String, Digest), Manifested>,
    blobs: BTreeMap<Digest, Bytes>,
    calls: BTreeMap<Call, usize>,
    fault: Option<Fault>,
    failures: usize,
    referrers: BTreeMap<Digest, Vec<Descriptor>>,
    lacks_referrers: bool,
}

impl FakeRegistry {
    /// Keeps a manifest; its tag, if any, points to it.
    pub(crate) fn put(
        &self,
        repository: &str,
        tag: Option<&str>,
        kind: &str,
        bytes: &[u8],
    ) -> Descriptor {
        let mut kept = self.0.lock().unwrap();
        let descriptor = Descriptor::of_manifest(kind, bytes);
        let manifested =
            Manifested { descriptor: descriptor.clone(), bytes: Bytes::copy_from_slice(bytes) };
        kept.manifests.insert((repository.to_owned(), descriptor.digest.clone()), manifested);
        if let Some(tag) = tag {
            let tags = kept.tags.entry(repository.to_owned()).or_default();
            tags.insert(tag.to_owned(), descriptor.clone());
        }
        descriptor
    }

    /// Keeps an image without layers whose config is for `platform` (`linux/amd64`) and has these
    /// labels.
    pub(crate) fn image(
        &self,
        repository: &str,
        tag: Option<&str>,
        platform: &str,
        labels: &[(&str, &str)],
    ) -> Descriptor {
        let (os, architecture) = platform.split_once('/').unwrap();
        let labels: BTreeMap<_, _> = labels.iter().copied().collect();
        let config = json!({"os": os, "architecture": architecture, "x-of": tag,
            "config": {"Labels": labels}});
        let config = Bytes::from(config.to_string());
        let digest = Digest::of(&config);
        let blob = Descriptor::new(media_type::OCI_CONFIG, digest.clone(), config.len() as u64);
        self.0.lock().unwrap().blobs.insert(digest, config);
        let manifest = json!({"schemaVersion": 2, "mediaType": media_type::OCI_MANIFEST,
            "config": blob, "layers": []});
        self.put(repository, tag, media_type::OCI_MANIFEST, manifest.to_string().as_bytes())
    }

    /// Keeps an index with an image for each platform.
    pub(crate) fn index(&self, repository: &str, tag: &str, platforms: &[&str]) -> Descriptor {
        let child = |platform: &&str| {
            let mut child = self.image(repository, None, platform, &[]);
            child.platform = Some(platform.parse().unwrap());
            child
        };
        let children: Vec<_> = platforms.iter().map(child).collect();
        let index = json!({"schemaVersion": 2, "mediaType": media_type::OCI_INDEX,
            "x-of": tag, "manifests": children});
        self.put(repository, Some(tag), media_type::OCI_INDEX, index.to_string().as_bytes())
    }

    /// Takes over what another registry has under a tag.
    pub(crate) fn mirror(&self, from: &Self, repository: &str, tag: &str, to: &str) {
        let taken = {
            let kept = from.0.lock().unwrap();
            let descriptor = &kept.tags[repository][tag];
            kept.manifests[&(repository.to_owned(), descriptor.digest.clone())].clone()
        };
        self.put(to, Some(tag), &taken.descriptor.media_type, &taken.bytes);
    }

    /// Lists a manifest among the referrers of another.
    pub(crate) fn refer(&self, subject: &Digest, referrer: &Descriptor) {
        let mut kept = self.0.lock().unwrap();
        kept.referrers.entry(subject.clone()).or_default().push(referrer.clone());
    }

    /// Has no API for referrers from now on.
    pub(crate) fn without_referrers(&self) {
        self.0.lock().unwrap().lacks_referrers = true;
    }

    /// Answers everything with this fault from now on.
    pub(crate) fn fail(&self, fault: Fault) {
        self.fail_times(usize::MAX, fault);
    }

    /// Answers the next calls with this fault.
    pub(crate) fn fail_times(&self, failures: usize, fault: Fault) {
        let mut kept = self.0.lock().unwrap();
        (kept.fault, kept.failures) = (Some(fault), failures);
    }

    /// How many calls of a kind were made.
    pub(crate) fn calls(&self, call: Call) -> usize {
        self.0.lock().unwrap().calls.get(&call).copied().unwrap_or_default()
    }

    /// How many calls were made in all.
    pub(crate) fn all_calls(&self) -> usize {
        self.0.lock().unwrap().calls.values().sum()
    }

    /// Starts counting anew.
    pub(crate) fn forget_calls(&self) {
        self.0.lock().unwrap().calls.clear();
    }

    fn ask<T>(&self, call: Call, answer: impl FnOnce(&Kept) -> T) -> Result<T, Fault> {
        let mut kept = self.0.lock().unwrap();
        *kept.calls.entry(call).or_default() += 1;
        if kept.failures == 0 {
            return Ok(answer(&kept));
        }
        kept.failures -= 1;
        kept.fault.clone().map_or_else(|| Ok(answer(&kept)), Err)
    }
}

impl Kept {
    fn find(&self, repository: &str, which: &Selector) -> Option<Manifested> {
        let digest = match which {
            Selector::Tag(tag) => self.tags.get(repository)?.get(tag)?.digest.clone(),
            Selector::Digest(digest) => digest.clone(),
            Selector::Index(_) | Selector::Id(_) => return None,
            Selector::Only => {
                let mut manifests = self.manifests.keys().filter(|(r, _)| r == repository);
                manifests.next()?.1.clone()
            }
        };
        self.manifests.get(&(repository.to_owned(), digest)).cloned()
    }
}

#[async_trait]
impl Transport for FakeRegistry {
    fn capabilities(&self) -> &Capabilities {
        static CAN: Capabilities = Capabilities {
            concurrent: true,
            lists_repositories: true,
            lists_tags: true,
            writes: true,
            deletes: false,
            referrers: false,
            names_in_groups: false,
            shared_blobs: false,
            extra: BTreeMap::new(),
        };
        &CAN
    }

    fn settings(&self) -> String {
        String::new()
    }

    async fn open(&self, _place: &str, _side: Side) -> Result<Arc<dyn Session>, Fault> {
        Ok(Arc::new(self.clone()))
    }
}

#[async_trait]
impl Session for FakeRegistry {
    async fn list_repositories(&self) -> Result<Vec<String>, Fault> {
        self.ask(Call::Repositories, |kept| kept.tags.keys().cloned().collect())
    }

    async fn list_tags(&self, repository: &str) -> Result<Vec<String>, Fault> {
        self.ask(Call::Tags, |kept| {
            kept.tags.get(repository).map(|tags| tags.keys().cloned().collect()).unwrap_or_default()
        })
    }

    async fn resolve(
        &self,
        repository: &str,
        which: &Selector,
    ) -> Result<Option<Descriptor>, Fault> {
        tokio::task::yield_now().await;
        self.ask(Call::Resolve, |kept| kept.find(repository, which).map(|found| found.descriptor))
    }

    async fn get_manifest(
        &self,
        repository: &str,
        which: &Selector,
    ) -> Result<Option<Manifested>, Fault> {
        tokio::task::yield_now().await;
        self.ask(Call::Manifest, |kept| kept.find(repository, which))
    }

    async fn get_blob(
        &self,
        _repository: &str,
        blob: &Descriptor,
        offset: u64,
    ) -> Result<Body, Fault> {
        let found = self.ask(Call::Blob, |kept| kept.blobs.get(&blob.digest).cloned())?;
        let absent =
            || Fault::new(Code::new("fake::absent", Kind::Other), Origin::Source, "no such blob");
        let offset = usize::try_from(offset).unwrap();
        Ok(Body::from_bytes(found.ok_or_else(absent)?.slice(offset..)))
    }

    async fn has_blob(&self, _repository: &str, blob: &Descriptor) -> Result<bool, Fault> {
        self.ask(Call::Blob, |kept| kept.blobs.contains_key(&blob.digest))
    }

    async fn put_blob(&self, _repository: &str, put: PutBlob) -> Result<Put, Fault> {
        let bytes = put.body.read_all(u64::MAX).await?;
        self.ask(Call::Write, |_| ())?;
        let digest = put.expected.digest.expect("a digest");
        let written = Descriptor::new("", digest.clone(), bytes.len() as u64);
        self.0.lock().unwrap().blobs.insert(digest, bytes);
        Ok(Put::Done(written))
    }

    async fn put_manifest(
        &self,
        repository: &str,
        tag: Option<&str>,
        manifest: &Manifested,
    ) -> Result<(), Fault> {
        self.ask(Call::Write, |_| ())?;
        self.put(repository, tag, &manifest.descriptor.media_type, &manifest.bytes);
        Ok(())
    }

    async fn tag(&self, naming: Naming) -> Result<(), Fault> {
        self.ask(Call::Write, |_| ())?;
        let mut kept = self.0.lock().unwrap();
        let tags = kept.tags.entry(naming.repository).or_default();
        tags.extend(naming.tag.map(|tag| (tag, naming.descriptor)));
        Ok(())
    }

    async fn untag(&self, _repository: &str, _tag: &str) -> Result<(), Fault> {
        self.ask(Call::Write, |_| ())
    }

    async fn delete(&self, _repository: &str, _digest: &Digest) -> Result<(), Fault> {
        self.ask(Call::Write, |_| ())
    }

    async fn referrers(&self, _: &str, subject: &Digest) -> Result<Vec<Descriptor>, Fault> {
        let listed = self.ask(Call::Referrers, |kept| {
            (!kept.lacks_referrers)
                .then(|| kept.referrers.get(subject).cloned().unwrap_or_default())
        })?;
        let no_api = || {
            Fault::new(
                Code::new("transport::unsupported", Kind::Unsupported),
                Origin::Source,
                "no referrers",
            )
        };
        listed.ok_or_else(no_api)
    }

    async fn signatures(
        &self,
        _repository: &str,
        _digest: &Digest,
    ) -> Result<Vec<PlacedSignature>, Fault> {
        self.ask(Call::Resolve, |_| Vec::new())
    }

    async fn put_signatures(
        &self,
        _repository: &str,
        _digest: &Digest,
        _signatures: &[PlacedSignature],
    ) -> Result<(), Fault> {
        self.ask(Call::Write, |_| ())
    }

    async fn finish(&self) -> Result<(), Fault> {
        self.ask(Call::Write, |_| ())
    }

    async fn abandon(&self) -> Option<Fault> {
        None
    }
}
