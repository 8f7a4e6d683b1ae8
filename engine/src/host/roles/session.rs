//! A session of a plugin: the calls of `role::Session`, each made in a guest and checked.
//!
//! What a guest says about digests and sizes is checked here on the bytes themselves; names that
//! cannot be names are only for people to read; lists have an end.

use super::naming::Names;
use super::place::{Place, guest};
use super::placed_signatures;
use super::transport::PluginTransport;
use crate::diagnostic::{Fault, Origin};
use crate::host::bindings::transport::exports::engine::plugin::transport as wit;
use crate::host::codes;
use crate::host::fault::HostFault;
use crate::host::instance::call::{CallTimeout, Instances, Lease};
use crate::host::roles::checked_results::{checked, lied, pulled, written};
use crate::host::roles::conversions::{
    descriptor_from_guest, descriptor_to_guest, expected_to_guest, selector_to_guest,
};
use crate::host::roles::reading::Reading;
use crate::oci::{Descriptor, Digest};
use crate::role::{
    Access, Manifested, NameList, Naming, PlacedSignature, Put, PutBlob, Selector, Session, Side,
};
use crate::stream::Body;
use async_trait::async_trait;
use std::sync::Arc;

/// Descriptors of one list of referrers. Source: `wit/transport.wit`, `referrers`.
const MAX_REFERRERS: usize = 10_000;

/// One open place of a plugin.
pub(in crate::host) struct PluginSession {
    place: Place,
    names: Names,
}

impl PluginSession {
    pub(in crate::host) fn new(transport: Arc<PluginTransport>, place: &str, side: Side) -> Self {
        let instances = if transport.capabilities.concurrent {
            Instances::side_by_side()
        } else {
            Instances::InTurn(Arc::default())
        };
        let place = Place { transport, at: place.to_owned(), side, instances };
        Self { place, names: Names::default() }
    }

    /// The manifest, if it was read at this source before: who writes it need not ask again for what was
    /// judged. What a destination has is asked for, as it may have lost it.
    fn read_before(&self, repository: &str, which: &Selector) -> Option<Manifested> {
        let Selector::Digest(digest) = which else { return None };
        let Place { transport, at, side, .. } = &self.place;
        (*side == Side::Source).then(|| transport.read_manifests.get(at, repository, digest))?
    }
}

#[async_trait]
impl Session for PluginSession {
    async fn list_repositories(&self) -> Result<Vec<String>, Fault> {
        Ok(self.place.list(None).await?.names)
    }

    async fn list_tags(&self, repository: &str) -> Result<Vec<String>, Fault> {
        Ok(self.place.list(Some(repository)).await?.names)
    }

    async fn name_list(&self, repository: Option<&str>) -> Result<NameList, Fault> {
        self.place.list(repository).await
    }

    async fn resolve(
        &self,
        repository: &str,
        which: &Selector,
    ) -> Result<Option<Descriptor>, Fault> {
        let (of, asked) = (repository.to_owned(), selector_to_guest(which));
        let found = self
            .place
            .read(repository, move |instance| guest!(instance.call_resolve(&of, &asked)))
            .await?;
        let found = found.map(descriptor_from_guest).transpose()?;
        match (&found, which) {
            (Some(found), Selector::Digest(digest)) if found.digest != *digest => {
                Err(lied(format!("asked for `{digest}`, it answered `{}`", found.digest)))
            }
            _ => Ok(found),
        }
    }

    async fn get_manifest(
        &self,
        repository: &str,
        which: &Selector,
    ) -> Result<Option<Manifested>, Fault> {
        if let Some(known) = self.read_before(repository, which) {
            return Ok(Some(known));
        }
        let (of, asked) = (repository.to_owned(), selector_to_guest(which));
        let found = self
            .place
            .read(repository, move |instance| guest!(instance.call_get_manifest(&of, &asked)))
            .await?;
        let checked = found.map(|manifest| checked(manifest, which)).transpose();
        let checked = checked.map_err(|fault| self.place.seen_from(fault))?;
        if let Some(read) = checked.as_ref().filter(|_| self.place.side == Side::Source) {
            self.place.transport.read_manifests.keep(&self.place.at, repository, read);
        }
        Ok(checked)
    }

    async fn get_blob(
        &self,
        repository: &str,
        blob: &Descriptor,
        offset: u64,
    ) -> Result<Body, Fault> {
        let call_access = self.place.call_access(repository, Access::Read);
        let mut lease = self.place.lease().await?;
        let (of, asked) = (repository.to_owned(), descriptor_to_guest(blob));
        let transport = &self.place.transport;
        let content = transport
            .call(&mut lease, call_access, CallTimeout::Total, move |instance| {
                guest!(instance.call_get_blob(&of, &asked, offset))
            })
            .await
            .map_err(|fault| self.place.seen_from(fault))?;
        match (content, lease.instance()) {
            (wit::Content::Source(source), Some(instance)) => {
                let taken = instance.store.data_mut().take_source(source);
                let body = taken.map_err(|_| lied("the handle of its body is gone".to_owned()))?;
                self.place.give_back(lease);
                body.ok_or_else(|| lied("its body was used up".to_owned()))
            }
            (wit::Content::Reader(reader), _) => Ok(pulled(Arc::clone(transport), lease, reader)),
            (_, None) => Err(lied("its instance is gone".to_owned())),
        }
    }

    async fn has_blob(&self, repository: &str, blob: &Descriptor) -> Result<bool, Fault> {
        let (of, asked) = (repository.to_owned(), descriptor_to_guest(blob));
        self.place
            .read(repository, move |instance| guest!(instance.call_has_blob(&of, &asked)))
            .await
    }

    async fn put_blob(&self, repository: &str, put: PutBlob) -> Result<Put, Fault> {
        self.place.require_write_grant()?;
        let transport = &self.place.transport;
        let mut call_access = self.place.call_access(repository, Access::Write);
        let PutBlob { expected, body, mount_from, resume } = put;
        // Where nobody knows the digest, there is nothing to mount and nothing to go on with.
        let known = |text: Option<String>| text.filter(|_| expected.digest.is_some());
        let (mount_from, resume) = (known(mount_from), known(resume));
        call_access.also_read.extend(mount_from.clone());
        let mut lease = self.place.lease().await?;
        lease.writes();
        let of = repository.to_owned();
        let (body, reading) = Reading::of(body, &expected);
        let watched = reading.clone();
        let done = transport
            .call(&mut lease, call_access, CallTimeout::Idle, move |instance| {
                Box::pin(async move {
                    instance.store.data_mut().reading = Some(watched);
                    let body = instance.store.data_mut().push_source(body)?;
                    let asked = expected_to_guest(&expected);
                    let (from, on) = (mount_from.as_deref(), resume.as_deref());
                    let session = instance.session;
                    let sessions = instance.plugin.engine_plugin_transport().session();
                    let store = &mut instance.store;
                    sessions.call_put_blob(store, session, &of, &asked, body, from, on).await
                })
            })
            .await?;
        let given = lease.instance().map(|instance| instance.store.data().given.clone());
        self.place.give_back(lease);
        written(done, &reading, &given.unwrap_or_default())
    }

    async fn put_manifest(
        &self,
        repository: &str,
        tag: Option<&str>,
        manifest: &Manifested,
    ) -> Result<(), Fault> {
        let (of, tag) = (repository.to_owned(), tag.map(str::to_owned));
        let asked = wit::Manifest {
            descriptor: descriptor_to_guest(&manifest.descriptor),
            bytes: manifest.bytes.to_vec(),
        };
        self.place
            .write(repository, Access::Write, move |instance| {
                guest!(instance.call_put_manifest(&of, tag.as_deref(), &asked))
            })
            .await
    }

    async fn tag(&self, naming: Naming) -> Result<(), Fault> {
        self.names.set(&self.place, naming).await
    }

    async fn untag(&self, repository: &str, tag: &str) -> Result<(), Fault> {
        let (of, tag) = (repository.to_owned(), tag.to_owned());
        self.place
            .write(repository, Access::Delete, move |instance| {
                guest!(instance.call_untag(&of, &tag))
            })
            .await
    }

    async fn delete(&self, repository: &str, digest: &Digest) -> Result<(), Fault> {
        let (of, digest) = (repository.to_owned(), digest.to_string());
        self.place
            .write(repository, Access::Delete, move |instance| {
                guest!(instance.call_delete(&of, &digest))
            })
            .await
    }

    async fn referrers(&self, repository: &str, digest: &Digest) -> Result<Vec<Descriptor>, Fault> {
        let (of, digest) = (repository.to_owned(), digest.to_string());
        let found = self
            .place
            .read(repository, move |instance| guest!(instance.call_referrers(&of, &digest)))
            .await?;
        if found.len() > MAX_REFERRERS {
            return Err(lied(format!("it named more than {MAX_REFERRERS} referrers")));
        }
        Ok(found.into_iter().map(descriptor_from_guest).collect::<Result<_, HostFault>>()?)
    }

    async fn signatures(
        &self,
        repository: &str,
        digest: &Digest,
    ) -> Result<Vec<PlacedSignature>, Fault> {
        let (of, digest) = (repository.to_owned(), digest.to_string());
        let found = self
            .place
            .read(repository, move |instance| guest!(instance.call_signatures(&of, &digest)))
            .await?;
        placed_signatures::from_guest(found)
    }

    async fn put_signatures(
        &self,
        repository: &str,
        digest: &Digest,
        signatures: &[PlacedSignature],
    ) -> Result<(), Fault> {
        let (of, digest) = (repository.to_owned(), digest.to_string());
        let asked = placed_signatures::to_guest(signatures);
        self.place
            .write(repository, Access::Write, move |instance| {
                guest!(instance.call_put_signatures(&of, &digest, &asked))
            })
            .await
    }

    async fn finish(&self) -> Result<(), Fault> {
        self.place.require_write_grant()?;
        let call_access = self.place.call_access("", Access::Write);
        let mut lease = self.place.lease().await?;
        let transport = &self.place.transport;
        let done = transport
            .call(&mut lease, call_access, CallTimeout::Idle, |instance| {
                guest!(instance.call_finish())
            })
            .await;
        let over = match &done {
            Ok(()) => finished(),
            Err(fault) => fault.clone(),
        };
        lease.end(self.place.time_limit(), over).await;
        done
    }

    async fn abandon(&self) -> Option<Fault> {
        let Instances::InTurn(turn) = &self.place.instances else { return None };
        let mut turn = Arc::clone(turn).lock_owned().await;
        let over = turn.over().cloned();
        let given_up = HostFault::SessionLost("the place was not finished".to_owned());
        Lease::Turn(turn).end(self.place.time_limit(), given_up.into()).await;
        over
    }
}

/// Nobody should write to a place that is finished.
fn finished() -> Fault {
    Fault::new(codes::FINISHED, Origin::Local, "the place is finished")
}
