//! An open place of a plugin: the instances that its calls are made in, and its lists.

use super::single_call::Called;
use super::transport::PluginTransport;
use crate::diagnostic::{Fault, Origin};
use crate::host::bindings::engine::plugin::types::Fault as WitFault;
use crate::host::bindings::transport::exports::engine::plugin::transport as wit;
use crate::host::codes;
use crate::host::instance::call::{CallTimeout, Instances, Lease, OpenInstance};
use crate::host::roles::checked_results::lied;
use crate::host::roles::conversions::{descriptor_to_guest, from_guest, plain};
use crate::oci::LegalNames;
use crate::role::{Access, CallAccess, NameList, Naming, Side};
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
/// Names of one list that cannot be names and are reported, each by itself.
const MAX_ILLEGAL: usize = 100;
/// How long a list may take, all its pages and pauses included. The limit of a call is for each page
/// alone: a list with one name in each page would hold a run for days.
const LONGEST_LIST: Duration = Duration::from_hours(1);

/// The place, and how instances for it are come by.
pub(in crate::host) struct Place {
    pub(super) transport: Arc<PluginTransport>,
    pub(super) at: String,
    pub(super) side: Side,
    pub(super) instances: Instances,
}
/// One call of the session's guest: `$instance` is where it is, `$function` the generated call.
macro_rules! guest {
    ($instance:ident . $function:ident ( $($argument:expr),* )) => {
        Box::pin(async move {
            let session = $instance.session;
            let sessions = $instance.plugin.engine_plugin_transport().session();
            sessions.$function(&mut $instance.store, session, $($argument),*).await
        })
    };
}
pub(super) use guest;

impl Place {
    /// What a call at this place may do on the network.
    pub(super) fn call_access(&self, repository: &str, access: Access) -> CallAccess {
        self.transport.bound.call_access(&self.at, repository, access)
    }

    pub(super) async fn lease(&self) -> Result<Lease, Fault> {
        self.transport.lease(&self.instances, &self.at, self.side).await
    }

    /// After a call that ended well. An instance that had a fault to tell is dropped, as nobody knows its
    /// state.
    pub(super) fn give_back(&self, lease: Lease) {
        self.transport.give_back(&self.instances, lease);
    }

    /// A call that reads.
    pub(super) async fn read<R>(
        &self,
        repository: &str,
        work: impl for<'a> FnOnce(&'a mut OpenInstance) -> BoxFuture<'a, Called<R>> + Send,
    ) -> Result<R, Fault> {
        let call_access = self.call_access(repository, Access::Read);
        let mut lease = self.lease().await?;
        let done = self.transport.call(&mut lease, call_access, CallTimeout::Total, work).await;
        let answer = done.map_err(|fault| self.seen_from(fault))?;
        self.give_back(lease);
        Ok(answer)
    }

    /// A call that writes, which only a destination may.
    pub(super) async fn write<R>(
        &self,
        repository: &str,
        access: Access,
        work: impl for<'a> FnOnce(&'a mut OpenInstance) -> BoxFuture<'a, Called<R>> + Send,
    ) -> Result<R, Fault> {
        self.require_write_grant()?;
        let call_access = self.call_access(repository, access);
        let mut lease = self.lease().await?;
        lease.writes();
        let done = self.transport.call(&mut lease, call_access, CallTimeout::Total, work).await?;
        self.give_back(lease);
        Ok(done)
    }

    pub(super) fn time_limit(&self) -> Duration {
        Duration::from_millis(self.transport.bound.binding.limits.time_millis)
    }

    pub(super) fn require_write_grant(&self) -> Result<(), Fault> {
        if self.side == Side::Destination && self.transport.bound.binding.grants.writes {
            return Ok(());
        }
        let message = format!("step `{}` only reads", self.transport.bound.binding.step);
        Err(Fault::new(codes::READ_ONLY, Origin::Local, message))
    }

    /// A read at a destination that fails is the destination's fault.
    pub(super) fn seen_from(&self, fault: Fault) -> Fault {
        match (self.side, fault.origin) {
            (Side::Destination, Origin::Source) => fault.from_origin(Origin::Destination),
            _ => fault,
        }
    }

    /// All pages of a list, in time: of the tags of a repository, or of the repositories.
    pub(super) async fn list(&self, repository: Option<&str>) -> Result<NameList, Fault> {
        let pages = timeout(LONGEST_LIST, self.pages(repository)).await;
        pages.unwrap_or_else(|_| {
            let hours = LONGEST_LIST.as_secs() / 3600;
            Err(lied(format!("a list did not end within {hours} h")))
        })
    }

    async fn pages(&self, repository: Option<&str>) -> Result<NameList, Fault> {
        let mut list = NameList::default();
        let (mut bytes, most) = (0, self.transport.bound.binding.limits.memory_bytes);
        let mut after: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let page = self.page(repository, after.clone()).await?;
            if page.names.len() > MAX_PAGE {
                return Err(lied(format!("a page has more than {MAX_PAGE} names")));
            }
            if page.next.as_ref().is_some_and(|next| next.len() > MAX_NEXT_BYTES) {
                return Err(lied(format!("`next` has more than {MAX_NEXT_BYTES} bytes")));
            }
            let (found, illegal): (Vec<String>, Vec<String>) =
                page.names.into_iter().partition(|name| self.is_name(name, repository.is_some()));
            keep_illegal(&mut list, &illegal);
            // The host holds these names, but they count as the guest's memory.
            bytes +=
                found.iter().map(|name| (size_of::<String>() + name.len()) as u64).sum::<u64>();
            if bytes > most {
                return Err(lied(format!("a list has more than {most} bytes of names")));
            }
            list.names.extend(found);
            if list.names.len() > MAX_NAMES {
                return Err(lied(format!("a list has more than {MAX_NAMES} names")));
            }
            match page.next {
                None => return Ok(list),
                next if next == after => {
                    return Err(lied("a page repeats the `next` of the page before".to_owned()));
                }
                next => after = next,
            }
        }
        Err(lied(format!("a list has more than {MAX_PAGES} pages")))
    }

    /// One page of a list.
    async fn page(
        &self,
        repository: Option<&str>,
        after: Option<String>,
    ) -> Result<wit::Page, Fault> {
        let Some(repository) = repository else {
            let page = self.read("", move |instance| {
                guest!(instance.call_list_repositories(after.as_deref()))
            });
            return page.await;
        };
        let of = repository.to_owned();
        self.read(repository, move |instance| {
            guest!(instance.call_list_tags(&of, after.as_deref()))
        })
        .await
    }

    /// Whether a listed name can be one.
    fn is_name(&self, name: &str, is_tag: bool) -> bool {
        let form = self.transport.bound.binding.component.reference;
        let legal = form.map_or(LegalNames::Oci, |form| form.names);
        if is_tag {
            return legal.is_tag(name);
        }
        // A place that has just one repository calls it by the empty name.
        name.is_empty() || legal.is_repository(name)
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
            .write("", Access::Write, move |instance| {
                Box::pin(async move {
                    let session = instance.session;
                    let sessions = instance.plugin.engine_plugin_transport().session();
                    let results = sessions.call_tag(&mut instance.store, session, &asked).await?;
                    let given = &instance.store.data().given;
                    let ours = |fault: WitFault| from_guest(&fault, given, Origin::Destination);
                    Ok(Ok(results.into_iter().map(|one| one.map_err(ours)).collect::<Vec<_>>()))
                })
            })
            .await;
        match done {
            Ok(results) if results.len() == count => results,
            Ok(_) => {
                vec![Err(lied(format!("it has not {count} results for {count} names"))); count]
            }
            Err(fault) => vec![Err(fault); count],
        }
    }
}

/// Keeps the first of those names that cannot be names, and counts them. An empty tag says nothing.
fn keep_illegal(list: &mut NameList, names: &[String]) {
    for name in names.iter().filter(|name| !name.is_empty()) {
        list.illegal_count += 1;
        if list.illegal.len() < MAX_ILLEGAL {
            list.illegal.push(plain(name));
        }
    }
}
