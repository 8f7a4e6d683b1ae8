//! Who is asked, as seen from a registry.

/// Who is asked, as seen from a registry. Each has connections of its own, so one that was opened
/// under one rule is never used under another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum Peer {
    /// The registry itself, or a host that the spec grants.
    Registry,
    /// A host that the registry's protocol names: it cannot be closer to us than the registry is.
    Referred,
    /// A host that the registry's protocol names, and that `leadsTo` of the spec allows.
    Allowed,
}
