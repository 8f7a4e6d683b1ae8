//! What a transport says that it can do.

/// What a transport can do. The engine does not ask for what it cannot.
///
/// ```
/// use engine_plugin_sdk::Capabilities;
///
/// // A place that is only read, and lists its tags.
/// let can = Capabilities { concurrent: true, lists_tags: true, ..Capabilities::default() };
/// assert!(!can.writes);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent abilities, as the WIT has them")]
pub struct Capabilities {
    /// Calls may run side by side.
    pub concurrent: bool,
    /// `list_repositories` works.
    pub lists_repositories: bool,
    /// `list_tags` works.
    pub lists_tags: bool,
    /// A place can be a destination.
    pub writes: bool,
    /// `untag` and `delete` work.
    pub deletes: bool,
    /// `referrers` works, and finds what was written with a subject.
    pub referrers: bool,
    /// Names are set by `tag`, several in one call, and never with `put_manifest`.
    pub names_in_groups: bool,
    /// All repositories of a place share their blobs, so nothing needs to be mounted.
    pub shared_blobs: bool,
    /// `signatures` and `put_signatures` work.
    pub signatures: bool,
    /// A destination takes no index.
    pub refuses_indexes: bool,
}
