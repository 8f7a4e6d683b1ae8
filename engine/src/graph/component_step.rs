//! Steps that a component carries out: who it is, and what its answers mean for the run.

use super::Template;

/// The component that a step uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cast {
    /// The component's name, or the id of the plugin, by which `role::Roles` knows it.
    pub word: String,
    /// Names the component by digest, and its settings: what it decides or makes depends on nothing
    /// else. A digest.
    pub made_of: String,
}

/// A component that judges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judge {
    /// The component.
    pub cast: Cast,
    /// What becomes of an image that a rule forbids.
    pub violation: OnRefusal,
    /// What becomes of an image that nothing speaks for.
    pub missing: OnRefusal,
    /// Whether an image that could not be judged fails, instead of being refused.
    pub error_fails: bool,
    /// Whether images are judged also where the destination has them already.
    pub always: bool,
}

/// What becomes of an image that is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnRefusal {
    /// It is refused.
    #[default]
    Reject,
    /// It is left out.
    Skip,
    /// It passes, with a warning.
    Warn,
}

/// A component that signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signing {
    /// The component.
    pub cast: Cast,
    /// What an image is signed as; `None`: as its destination.
    pub identity: Option<Template>,
    /// Whether the children of an index are signed too.
    pub children: bool,
}
