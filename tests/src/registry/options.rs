//! What kind of registry it is.

use std::time::Duration;

/// What kind of registry it is; the default is open, complete and strict.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a property that registries differ in")]
pub struct Options {
    /// Who may do what.
    pub access: Access,
    /// Entries of the largest page of a listing, whatever the client asks for; at least 1.
    pub page: usize,
    /// Takes manifests whose blobs or children it does not have.
    pub checks_nothing: bool,
    /// Has the referrers API; without it clients keep fallback tags.
    pub referrers: bool,
    /// Lists a referrer that is no descriptor among the others.
    pub unreadable_referrers: bool,
    /// Mounts blobs of other repositories; without it every mount becomes an upload.
    pub mounts: bool,
    /// Who refuses that blobs are mounted, as the user may not read the other repository.
    pub refuses_mounts: Option<MountRefusal>,
    /// Answers strangers with this status and without a challenge; only `/v2/` asks for a login.
    pub hides: Option<u16>,
    /// Says that a mount is done without looking whether anybody has the blob.
    pub trusts_mounts: bool,
    /// Takes a whole blob in one POST; without it such a POST begins an upload, as the
    /// specification allows.
    pub single_post: bool,
    /// Allows DELETE.
    pub deletes: bool,
    /// Sends every GET of a blob to a blob store on another port.
    pub blobs_elsewhere: bool,
    /// Counts reads of manifests, as Docker Hub does.
    pub rate_limit: Option<RateLimit>,
    /// How long it thinks about each request, so that requests that are sent at once are there at once.
    pub pause: Duration,
    /// Speaks TLS with a certificate made for it; tokens and blob store too.
    pub tls: bool,
}

/// Who may do what at a registry.
#[derive(Debug, Clone)]
pub enum Access {
    /// Anybody anything.
    Open,
    /// Whoever sends this user's password with each request.
    Basic(User),
    /// Whoever has a token, which a server on another port gives.
    Bearer {
        /// Who gets a token for everything.
        user: User,
        /// Whether a stranger gets a token for reading.
        anonymous: bool,
        /// Requests that one token is good for; `None` for ever.
        requests_per_token: Option<u32>,
    },
}

/// A user of a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The user's name.
    pub name: String,
    /// The user's password; a token server takes it as identity token too.
    pub password: String,
}

impl User {
    /// A user with a password.
    pub fn new(name: &str, password: &str) -> Self {
        Self { name: name.to_owned(), password: password.to_owned() }
    }
}

/// Who refuses a mount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MountRefusal {
    /// The registry, with 401.
    Registry,
    /// The token server, which gives no token for two repositories.
    TokenServer,
}

/// How many manifests may be read.
#[derive(Debug, Clone, Copy)]
pub struct RateLimit {
    /// Reads in one window.
    pub limit: u32,
    /// The length of the window; what was read is not forgotten at its end.
    pub window: Duration,
    /// Answers all the same: it means the requests of a moment, and tells only what is left of them.
    pub answers_all: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            access: Access::Open,
            page: 1000,
            checks_nothing: false,
            referrers: true,
            unreadable_referrers: false,
            mounts: true,
            refuses_mounts: None,
            hides: None,
            trusts_mounts: false,
            single_post: true,
            deletes: true,
            blobs_elsewhere: false,
            rate_limit: None,
            pause: Duration::ZERO,
            tls: false,
        }
    }
}
