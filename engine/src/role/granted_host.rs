//! A host that the spec grants to a plugin.

/// A host that a plugin may ask, and whose login goes there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GrantedHost {
    /// `scheme://host[:port]`; a leading `*.` covers subdomains.
    pub url: String,
    /// The registry whose login goes to this origin, by its name in the spec, and for the
    /// repositories of the step only; `None`: requests are anonymous.
    pub login: Option<String>,
}

impl GrantedHost {
    /// A host that gets no login.
    pub fn anonymous(url: impl Into<String>) -> Self {
        Self { url: url.into(), login: None }
    }

    /// A host that gets the login of a registry.
    pub fn with_login(url: impl Into<String>, registry: impl Into<String>) -> Self {
        Self { url: url.into(), login: Some(registry.into()) }
    }
}
