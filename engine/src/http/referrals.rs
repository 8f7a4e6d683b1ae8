//! The hosts and paths that a registry's protocol refers to: where its tokens, redirected blobs and
//! uploads are. They are what a request may reach beyond the registry itself.

use super::fault;
use super::net::origin::{host_port, origin};
use crate::diagnostic::Fault;
use std::collections::{BTreeSet, VecDeque};
use url::Url;

/// Hosts that one registry may refer to. A registry has a token server and a few blob stores.
const MAX_HOSTS: usize = 256;

/// Upload locations that are remembered; more uploads than this are not open at once.
const MAX_LOCATIONS: usize = 4096;

/// What one registry has referred to in this run.
#[derive(Default)]
pub(super) struct Referrals {
    reported: BTreeSet<String>,
    /// `scheme://host:port` of redirects.
    redirects: BTreeSet<String>,
    /// `scheme://host:port/path` of uploads.
    locations: BTreeSet<String>,
    /// The same, the oldest first.
    in_order: VecDeque<String>,
}

impl Referrals {
    /// `registry` refers to the host of `url`. Returns whether that is to be reported.
    ///
    /// # Errors
    ///
    /// `http::not-granted`: these are too many hosts.
    pub(super) fn add_host(&mut self, registry: &str, url: &Url) -> Result<bool, Fault> {
        if !self.has_room_for(url) {
            let message = format!("`{registry}` leads to more than {MAX_HOSTS} hosts");
            return Err(fault::not_granted(&message).at(registry));
        }
        Ok(self.reported.insert(host_port(url)))
    }

    /// GET and HEAD may go to the host of `url` from now on.
    pub(super) fn add_redirect(&mut self, url: &Url) {
        self.redirects.insert(origin(url));
    }

    /// An upload goes on at `location`. Returns whether that is news.
    pub(super) fn add_location(&mut self, location: String) -> bool {
        if !self.locations.insert(location.clone()) {
            return false;
        }
        self.in_order.push_back(location);
        if self.in_order.len() > MAX_LOCATIONS
            && let Some(oldest) = self.in_order.pop_front()
        {
            self.locations.remove(&oldest);
        }
        true
    }

    /// Whether the registry may lead to the host of `url`: it did, or there are not too many yet.
    pub(super) fn has_room_for(&self, url: &Url) -> bool {
        self.reported.len() < MAX_HOSTS || self.reported.contains(&host_port(url))
    }

    /// Notes that the registry leads to the host of an upload. Returns whether that is to be reported.
    pub(super) fn report_location(&mut self, url: &Url) -> bool {
        self.reported.insert(host_port(url))
    }

    /// Whether a redirect led to the host of `url`.
    pub(super) fn has_redirect(&self, url: &Url) -> bool {
        self.redirects.contains(&origin(url))
    }

    /// Whether an upload goes on at `location`.
    pub(super) fn has_location(&self, location: &str) -> bool {
        self.locations.contains(location)
    }
}
