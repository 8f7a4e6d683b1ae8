//! What a call may do on the network. The host makes these from the step and the call; no word of
//! a guest gets into them.

use super::{GrantedHost, UncountedTime};
use std::collections::BTreeSet;

/// How far a call may go at a registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// GET and HEAD; token scope `pull`.
    Read,
    /// Also POST, PATCH and PUT below the call's repository; token scope `pull,push`.
    Write,
    /// Also DELETE below the call's repository; token scope `pull,push,delete`.
    Delete,
}

/// What one call may do on the network: for which step, where it may go, and what it may do there.
#[derive(Debug, Clone)]
pub struct CallAccess {
    /// The step, for the log and the report.
    pub step: String,
    /// The registry that the step named, as written there (`docker.io`, `127.0.0.1:5000`), where
    /// this is a call of a registry's transport.
    pub registry: Option<String>,
    /// The repository of the call; empty for a call that has none, such as listing repositories.
    pub repository: String,
    /// Other repositories of the same registry that may be read: the origins of mounts.
    pub also_read: BTreeSet<String>,
    /// How far the call may go.
    pub access: Access,
    /// What else the spec granted, by the methods that `access` allows: any path where no login
    /// goes, else those of `repository` and `also_read`.
    pub granted: Vec<GrantedHost>,
    /// Adds up the waiting that the call is not to blame for.
    pub uncounted: UncountedTime,
}
