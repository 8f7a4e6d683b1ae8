//! A session of a plugin: the calls of `role::Session`, each made in a guest and checked.
//!
//! What a guest says about digests and sizes is checked here on the bytes themselves; names that
//! cannot be names are left out; lists have an end.

use super::naming::Names;
use super::once::Called;
use super::transport::PluginTransport;
use crate::diagnostic::{Fault, Origin};
use crate::host::bindings::engine::plugin::types::Fault as WitFault;
use crate::host::bindings::transport::exports::engine::plugin::transport as wit;
use crate::host::codes;
use crate::host::fault::HostFault;
use crate::host::instance::call::{Bound, Hold, Live, Stage};
use crate::host::roles::answer::{checked, lied, pulled, written};
use crate::host::roles::reading::Reading;
use crate::host::roles::words::{
    descriptor_from_guest, descriptor_to_guest, expected_to_guest, from_guest, selector_to_guest,
};
use crate::oci::{Descriptor, Digest, Name};
use crate::role::{Access, Manifested, Naming, Put, PutBlob, Selector, Session, Side};
use crate::stream::Body;
use async_trait::async_trait;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// Pages of one list; a registry that pages by 100 has 1,000,000 names then.
const MAX_PAGES: usize = 10_000;
/// Names of one page. Source: `wit/transport.wit`, `page`.
const MAX_PAGE: usize = 10_000;
/// Bytes of what leads to the next page: a registry's own query.
const MAX_NEXT_BYTES: usize = 16 << 10;
/// Names of one list.
const MAX_NAMES: usize = 1_000_000;
/// How long a list may take, all its pages and pauses included. Each page is in time by itself, so
/// that one name in each would keep a run for days.
const LONGEST_LIST: Duration = Duration::from_hours(1);
/// Descriptors of one list of referrers. Source: `wit/transport.wit`, `referrers`.
const MAX_REFERRERS: usize = 10_000;

/// One open place of a plugin.
pub(in crate::host) struct PluginSession {
    place: Place,
    names: Names,
}

/// The place, and how instances for it are come by.
pub(in crate::host) struct Place {
    transport: Arc<PluginTransport>,
    at: String,
    side: Side,
    stage: Stage,
}

impl PluginSession {
    pub(in crate::host) fn new(transport: Arc<PluginTransport>, place: &str, side: Side) -> Self {
        let stage = if transport.capabilities.concurrent {
            Stage::PerCall
        } else {
            Stage::InTurn(Arc::default())
        };
        let place = Place { transport, at: place.to_owned(), side, stage };
        Self { place, names: Names::default() }
    }
}

/// One call of the session's guest: `$live` is the instance, `$function` the generated call.
macro_rules! guest {
    ($live:ident . $function:ident ( $($argument:expr),* )) => {
        Box::pin(async move {
            let session = $live.session;
            let sessions = $live.plugin.engine_plugin_transport().session();
            sessions.$function(&mut $live.store, session, $($argument),*).await
        })
    };
}

impl Place {
    async fn hold(&self) -> Result<Hold, Fault> {
        self.transport.hold(&self.stage, &self.at, self.side).await
    }

    /// A call that reads.
    async fn read<R>(
        &self,
        repository: &str,
        work: impl for<'a> FnOnce(&'a mut Live) -> BoxFuture<'a, Called<R>> + Send,
    ) -> Result<R, Fault> {
        let errand = self.transport.seat.errand(&self.at, repository, Access::Read);
        let mut hold = self.hold().await?;
        let done = self.transport.call(&mut hold, errand, Bound::Time, work).await;
        done.map_err(|fault| self.seen_from(fault))
    }

    /// A call that writes, which only a destination may.
    async fn write<R>(
        &self,
        repository: &str,
        access: Access,
        work: impl for<'a> FnOnce(&'a mut Live) -> BoxFuture<'a, Called<R>> + Send,
    ) -> Result<R, Fault> {
        self.refuse_source()?;
        let errand = self.transport.seat.errand(&self.at, repository, access);
        let mut hold = self.hold().await?;
        hold.writes();
        self.transport.call(&mut hold, errand, Bound::Time, work).await
    }

    fn time_limit(&self) -> Duration {
        Duration::from_millis(self.transport.seat.binding.limits.time_millis)
    }

    fn refuse_source(&self) -> Result<(), Fault> {
        if self.side == Side::Destination && self.transport.seat.binding.grants.writes {
            return Ok(());
        }
        let message = format!("step `{}` only reads", self.transport.seat.binding.step);
        Err(Fault::new(codes::READ_ONLY, Origin::Local, message))
    }

    /// A read at a destination that fails is the destination's fault.
    fn seen_from(&self, fault: Fault) -> Fault {
        match (self.side, fault.origin) {
            (Side::Destination, Origin::Source) => fault.from_origin(Origin::Destination),
            _ => fault,
        }
    }

    /// All pages of a list, in time.
    async fn list(&self, repository: &str, tags: bool) -> Result<Vec<String>, Fault> {
        let pages = timeout(LONGEST_LIST, self.pages(repository, tags)).await;
        pages.unwrap_or_else(|_| {
            let hours = LONGEST_LIST.as_secs() / 3600;
            Err(lied(format!("a list did not come to its end within {hours} h")))
        })
    }

    async fn pages(&self, repository: &str, tags: bool) -> Result<Vec<String>, Fault> {
        let mut names: Vec<String> = Vec::new();
        let (mut bytes, most) = (0, self.transport.seat.binding.limits.memory_bytes);
        let mut after: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let (asked, of) = (after.clone(), repository.to_owned());
            let page = if tags {
                self.read(repository, move |live| {
                    guest!(live.call_list_tags(&of, asked.as_deref()))
                })
                .await?
            } else {
                self.read(repository, move |live| {
                    guest!(live.call_list_repositories(asked.as_deref()))
                })
                .await?
            };
            if page.names.len() > MAX_PAGE {
                return Err(lied(format!("a page has more than {MAX_PAGE} names")));
            }
            if page.next.as_ref().is_some_and(|next| next.len() > MAX_NEXT_BYTES) {
                return Err(lied(format!("`next` has more than {MAX_NEXT_BYTES} bytes")));
            }
            // A place that has just one repository calls it by the empty name.
            let repository = |name: &str| name.is_empty() || Name::is_repository(name);
            let is_name = |name: &String| if tags { Name::is_tag(name) } else { repository(name) };
            let found: Vec<String> = page.names.into_iter().filter(is_name).collect();
            // Kept here, but the guest's all the same.
            bytes +=
                found.iter().map(|name| (size_of::<String>() + name.len()) as u64).sum::<u64>();
            if bytes > most {
                return Err(lied(format!("a list has more than {most} bytes of names")));
            }
            names.extend(found);
            if names.len() > MAX_NAMES {
                return Err(lied(format!("a list has more than {MAX_NAMES} names")));
            }
            match page.next {
                None => return Ok(names),
                next if next == after => return Err(lied("a list does not go on".to_owned())),
                next => after = next,
            }
        }
        Err(lied(format!("a list has more than {MAX_PAGES} pages")))
    }

    /// Sets several names with one call.
    pub(in crate::host) async fn tag_group(&self, namings: Vec<Naming>) -> Vec<Result<(), Fault>> {
        let count = namings.len();
        let asked: Vec<wit::Naming> = namings
            .into_iter()
            .map(|naming| wit::Naming {
                repository: naming.repository,
                tag: naming.tag,
                descriptor: descriptor_to_guest(&naming.descriptor),
            })
            .collect();
        let done = self
            .write("", Access::Write, move |live| {
                Box::pin(async move {
                    let session = live.session;
                    let sessions = live.plugin.engine_plugin_transport().session();
                    let results = sessions.call_tag(&mut live.store, session, &asked).await?;
                    let given = &live.store.data().given;
                    let ours = |fault: WitFault| from_guest(&fault, given, Origin::Destination);
                    Ok(Ok(results.into_iter().map(|one| one.map_err(ours)).collect::<Vec<_>>()))
                })
            })
            .await;
        match done {
            Ok(results) if results.len() == count => results,
            Ok(_) => vec![Err(lied("it answered for other names".to_owned())); count],
            Err(fault) => vec![Err(fault); count],
        }
    }
}

#[async_trait]
impl Session for PluginSession {
    async fn list_repositories(&self) -> Result<Vec<String>, Fault> {
        self.place.list("", false).await
    }

    async fn list_tags(&self, repository: &str) -> Result<Vec<String>, Fault> {
        self.place.list(repository, true).await
    }

    async fn resolve(
        &self,
        repository: &str,
        which: &Selector,
    ) -> Result<Option<Descriptor>, Fault> {
        let (of, asked) = (repository.to_owned(), selector_to_guest(which));
        let found =
            self.place.read(repository, move |live| guest!(live.call_resolve(&of, &asked))).await?;
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
        let (of, asked) = (repository.to_owned(), selector_to_guest(which));
        let found = self
            .place
            .read(repository, move |live| guest!(live.call_get_manifest(&of, &asked)))
            .await?;
        let checked = found.map(|manifest| checked(manifest, which)).transpose();
        checked.map_err(|fault| self.place.seen_from(fault))
    }

    async fn get_blob(
        &self,
        repository: &str,
        blob: &Descriptor,
        offset: u64,
    ) -> Result<Body, Fault> {
        let errand = self.place.transport.seat.errand(&self.place.at, repository, Access::Read);
        let mut hold = self.place.hold().await?;
        let (of, asked) = (repository.to_owned(), descriptor_to_guest(blob));
        let transport = &self.place.transport;
        let content = transport
            .call(&mut hold, errand, Bound::Time, move |live| {
                guest!(live.call_get_blob(&of, &asked, offset))
            })
            .await
            .map_err(|fault| self.place.seen_from(fault))?;
        match (content, hold.live()) {
            (wit::Content::Source(source), Some(live)) => {
                let taken = live.store.data_mut().take_source(source);
                let body = taken.map_err(|_| lied("the handle of its body is gone".to_owned()))?;
                body.ok_or_else(|| lied("its body was used up".to_owned()))
            }
            (wit::Content::Reader(reader), _) => Ok(pulled(Arc::clone(transport), hold, reader)),
            (_, None) => Err(lied("its instance is gone".to_owned())),
        }
    }

    async fn has_blob(&self, repository: &str, blob: &Descriptor) -> Result<bool, Fault> {
        let (of, asked) = (repository.to_owned(), descriptor_to_guest(blob));
        self.place.read(repository, move |live| guest!(live.call_has_blob(&of, &asked))).await
    }

    async fn put_blob(&self, repository: &str, put: PutBlob) -> Result<Put, Fault> {
        self.place.refuse_source()?;
        let transport = &self.place.transport;
        let mut errand = transport.seat.errand(&self.place.at, repository, Access::Write);
        let PutBlob { expected, body, mount_from, resume } = put;
        // Where nobody knows the digest, there is nothing to mount and nothing to go on with.
        let known = |text: Option<String>| text.filter(|_| expected.digest.is_some());
        let (mount_from, resume) = (known(mount_from), known(resume));
        errand.also_read.extend(mount_from.clone());
        let mut hold = self.place.hold().await?;
        hold.writes();
        let of = repository.to_owned();
        let (body, reading) = Reading::of(body, &expected);
        let watched = reading.clone();
        let done = transport
            .call(&mut hold, errand, Bound::Idle, move |live| {
                Box::pin(async move {
                    live.store.data_mut().reading = Some(watched);
                    let body = live.store.data_mut().push_source(body)?;
                    let asked = expected_to_guest(&expected);
                    let (from, on) = (mount_from.as_deref(), resume.as_deref());
                    let session = live.session;
                    let sessions = live.plugin.engine_plugin_transport().session();
                    let store = &mut live.store;
                    sessions.call_put_blob(store, session, &of, &asked, body, from, on).await
                })
            })
            .await?;
        let given = hold.live().map(|live| live.store.data().given.clone());
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
            .write(repository, Access::Write, move |live| {
                guest!(live.call_put_manifest(&of, tag.as_deref(), &asked))
            })
            .await
    }

    async fn tag(&self, naming: Naming) -> Result<(), Fault> {
        self.names.set(&self.place, naming).await
    }

    async fn untag(&self, repository: &str, tag: &str) -> Result<(), Fault> {
        let (of, tag) = (repository.to_owned(), tag.to_owned());
        self.place
            .write(repository, Access::Delete, move |live| guest!(live.call_untag(&of, &tag)))
            .await
    }

    async fn delete(&self, repository: &str, digest: &Digest) -> Result<(), Fault> {
        let (of, digest) = (repository.to_owned(), digest.to_string());
        self.place
            .write(repository, Access::Delete, move |live| guest!(live.call_delete(&of, &digest)))
            .await
    }

    async fn referrers(&self, repository: &str, digest: &Digest) -> Result<Vec<Descriptor>, Fault> {
        let (of, digest) = (repository.to_owned(), digest.to_string());
        let found = self
            .place
            .read(repository, move |live| guest!(live.call_referrers(&of, &digest)))
            .await?;
        if found.len() > MAX_REFERRERS {
            return Err(lied(format!("it named more than {MAX_REFERRERS} referrers")));
        }
        Ok(found.into_iter().map(descriptor_from_guest).collect::<Result<_, HostFault>>()?)
    }

    async fn finish(&self) -> Result<(), Fault> {
        self.place.refuse_source()?;
        let errand = self.place.transport.seat.errand(&self.place.at, "", Access::Write);
        let mut hold = self.place.hold().await?;
        let transport = &self.place.transport;
        let done =
            transport.call(&mut hold, errand, Bound::Idle, |live| guest!(live.call_finish())).await;
        let over = match &done {
            Ok(()) => finished(),
            Err(fault) => fault.clone(),
        };
        hold.end(self.place.time_limit(), over).await;
        done
    }

    async fn abandon(&self) -> Option<Fault> {
        let Stage::InTurn(turn) = &self.place.stage else { return None };
        let mut turn = Arc::clone(turn).lock_owned().await;
        let over = turn.over().cloned();
        let given_up = HostFault::SessionLost("the place was not finished".to_owned());
        Hold::Turn(turn).end(self.place.time_limit(), given_up.into()).await;
        over
    }
}

/// Nobody should write to a place that is finished.
fn finished() -> Fault {
    Fault::new(codes::FINISHED, Origin::Local, "the place is finished")
}
