//! The sums of a report. Every key is always there.

use crate::event::{Event, RequestKind, Status};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The sums of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Summary {
    /// Items of the plan.
    pub items: u64,
    /// Tags that are new, or that have new referrers.
    pub copied: u64,
    /// Tags that point to something else now.
    pub moved: u64,
    /// Nothing was to do.
    pub unchanged: u64,
    /// Tags that are gone.
    pub deleted: u64,
    /// A policy refused them.
    pub rejected: u64,
    /// A later run does them.
    pub deferred: u64,
    /// The destination differs and stays so.
    pub drifted: u64,
    /// They did not work.
    pub failed: u64,
    /// Of those that are at their destination: signatures or referrers may have been left behind.
    #[serde(default)]
    pub incomplete: u64,
    /// Bytes of blobs.
    pub bytes: ByteTotals,
    /// Requests, by host and port.
    pub requests: BTreeMap<String, Requests>,
}

/// Bytes of blobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ByteTotals {
    /// Sent to a destination.
    pub copied: u64,
    /// Taken by a destination from another repository of its own.
    pub mounted: u64,
    /// There already.
    pub reused: u64,
}

/// Requests to one host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Requests {
    /// GETs of manifests, which registries count as pulls.
    pub manifest_get: u64,
    /// HEADs of manifests.
    pub manifest_head: u64,
    /// Other GETs.
    pub get: u64,
    /// Other HEADs.
    pub head: u64,
    /// POST, PUT, PATCH and DELETE.
    pub write: u64,
    /// For tokens.
    pub token: u64,
    /// Answers that asked for patience (429).
    pub http429: u64,
    /// Milliseconds that the host asked to wait.
    pub wait_millis: u64,
    /// Manifests that the host allows us to read yet, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pulls_left: Option<u64>,
}

impl Summary {
    /// Counts an item.
    pub(super) fn count(&mut self, status: Status) {
        self.items += 1;
        let sum = match status {
            Status::Copied => &mut self.copied,
            Status::Moved => &mut self.moved,
            Status::Unchanged => &mut self.unchanged,
            Status::Deleted => &mut self.deleted,
            Status::Rejected => &mut self.rejected,
            Status::Deferred => &mut self.deferred,
            Status::Drifted => &mut self.drifted,
            Status::Failed => &mut self.failed,
        };
        *sum += 1;
    }
}

impl Requests {
    /// All of them.
    pub fn all(&self) -> u64 {
        let Self { manifest_get, manifest_head, get, head, write, token, .. } = self;
        manifest_get + manifest_head + get + head + write + token
    }

    fn count(&mut self, kind: RequestKind, status: Option<u16>) {
        let sum = match kind {
            RequestKind::ManifestGet => &mut self.manifest_get,
            RequestKind::ManifestHead => &mut self.manifest_head,
            RequestKind::Get => &mut self.get,
            RequestKind::Head => &mut self.head,
            RequestKind::Write => &mut self.write,
            RequestKind::Token => &mut self.token,
        };
        *sum += 1;
        self.http429 += u64::from(status == Some(429));
    }
}

/// Counts an event that is about a host.
pub(super) fn count_request(hosts: &mut BTreeMap<String, Requests>, event: &Event) {
    match event {
        Event::Requested { host, kind, status } => match hosts.get_mut(host) {
            Some(requests) => requests.count(*kind, *status),
            None => hosts.entry(host.clone()).or_default().count(*kind, *status),
        },
        Event::Waiting { host, millis, .. } => {
            hosts.entry(host.clone()).or_default().wait_millis += millis;
        }
        Event::QuotaTold { host, remaining } => {
            hosts.entry(host.clone()).or_default().pulls_left = Some(*remaining);
        }
        _ => {}
    }
}
