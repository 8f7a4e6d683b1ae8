//! What the machine's policy.json asks of images, as a contract: `config` reads the file, and whoever
//! would move an image obeys it.

use super::{Refusal, codes};
use crate::diagnostic::{Fault, Origin};
use crate::oci::Reference;
use std::fmt;

/// One requirement of a policy.json. Source: containers-policy.json(5), "Policy Requirements".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirement {
    /// `insecureAcceptAnything`.
    AcceptAnything,
    /// `reject`.
    Reject,
    /// `signedBy`: a `GnuPG` signature.
    SignedBy,
    /// `sigstoreSigned`: a signature as cosign makes them.
    SigstoreSigned,
    /// `signedBaseLayer`, which no program can check.
    SignedBaseLayer,
    /// Whatever stands there: scopes of this transport are not read yet.
    Unread,
}

/// The scope of a policy.json that is for an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MatchedScope {
    /// `default`.
    Default,
    /// A scope of a transport; the empty one is for all its images.
    Scope {
        /// The transport.
        transport: String,
        /// The scope.
        scope: String,
    },
}

/// What a policy.json asks of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeRequirements {
    /// The file.
    pub file: String,
    /// The scope that is for the image.
    pub scope: MatchedScope,
    /// What it asks for: all of it. It asks for something.
    pub requirements: Vec<Requirement>,
}

/// The trust policy of the machine.
pub trait MachinePolicy: Send + Sync {
    /// What it asks of an image: by the narrowest scope that is for it, and by no other.
    fn requirements(&self, image: &Reference) -> ScopeRequirements;
}

impl Requirement {
    /// Its word in a policy.json.
    pub const fn word(self) -> &'static str {
        match self {
            Self::AcceptAnything => "insecureAcceptAnything",
            Self::Reject => "reject",
            Self::SignedBy => "signedBy",
            Self::SigstoreSigned => "sigstoreSigned",
            Self::SignedBaseLayer => "signedBaseLayer",
            Self::Unread => "something",
        }
    }
}

impl ScopeRequirements {
    /// Why the image may not pass, with a sentence for people; `None`: it may. A requirement that
    /// cannot be checked yet means no: what the file keeps out must not get in meanwhile.
    pub fn refusal(&self) -> Option<(Refusal, String)> {
        let Self { file, scope, requirements } = self;
        if requirements.contains(&Requirement::Reject) {
            return Some((Refusal::Violation, format!("`{file}` rejects it, by {scope}")));
        }
        let unchecked = requirements.iter().find(|one| **one != Requirement::AcceptAnything);
        let why = match (unchecked, requirements.is_empty()) {
            (Some(Requirement::Unread), _) => {
                format!("`{file}` has {scope}, and scopes of this transport are not read yet")
            }
            (Some(other), _) => {
                format!(
                    "`{file}` asks for `{}`, by {scope}, which is not supported yet",
                    other.word()
                )
            }
            (None, true) => format!("`{file}` does not say what it asks for, by {scope}"),
            (None, false) => return None,
        };
        Some((Refusal::Error, why))
    }

    /// The same as a fault.
    pub fn fault(&self, image: &Reference) -> Option<Fault> {
        let (refusal, why) = self.refusal()?;
        let code = match refusal {
            Refusal::Violation => codes::POLICY_REJECTS,
            Refusal::Missing | Refusal::Error => codes::POLICY_UNSUPPORTED,
        };
        let fault = Fault::new(code, Origin::Policy, format!("`{image}` may not pass: {why}"));
        Some(match refusal {
            Refusal::Violation => fault,
            Refusal::Missing | Refusal::Error => fault.help(
                "if that policy is not meant for the engine, let CONTAINERS_POLICY_JSON name another one",
            ),
        })
    }
}

impl fmt::Display for MatchedScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("its `default`"),
            Self::Scope { transport, scope } if scope.is_empty() => {
                write!(f, "its scope `\"\"` of `{transport}`")
            }
            Self::Scope { transport, scope } => write!(f, "its scope `{scope}` of `{transport}`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(requirements: &[Requirement]) -> ScopeRequirements {
        let scope =
            MatchedScope::Scope { transport: "docker".to_owned(), scope: "quay.io".to_owned() };
        ScopeRequirements { file: "/p".to_owned(), scope, requirements: requirements.to_vec() }
    }

    #[test]
    fn all_requirements_must_hold_and_a_rejection_is_certain() {
        use Requirement::{AcceptAnything, Reject, SignedBy, Unread};
        let refused = |all: &[Requirement]| asks(all).refusal();
        assert_eq!(refused(&[AcceptAnything, AcceptAnything]), None);
        let rejects = "`/p` rejects it, by its scope `quay.io` of `docker`".to_owned();
        assert_eq!(refused(&[SignedBy, Reject]), Some((Refusal::Violation, rejects)));
        let unsupported = "`/p` asks for `signedBy`, by its scope `quay.io` of `docker`, which is not supported yet";
        let (refusal, why) = refused(&[AcceptAnything, SignedBy]).unwrap();
        assert_eq!((refusal, why.as_str()), (Refusal::Error, unsupported));
        for no in [&[Unread][..], &[]] {
            assert_eq!(refused(no).unwrap().0, Refusal::Error, "{no:?}");
        }
    }

    #[test]
    fn a_fault_names_image_file_scope_and_requirement() {
        let image: Reference = "quay.io/a/b:1".parse().unwrap();
        let fault = |one: Requirement| asks(&[one]).fault(&image);
        assert_eq!(fault(Requirement::AcceptAnything), None);
        assert_eq!(fault(Requirement::Reject).unwrap().code, "role::policy-rejects");
        let unsupported = fault(Requirement::SigstoreSigned).unwrap();
        assert_eq!(unsupported.code, "role::policy-unsupported");
        for part in ["`quay.io/a/b:1`", "`/p`", "`quay.io` of `docker`", "`sigstoreSigned`"] {
            assert!(unsupported.message.contains(part), "{part}: {unsupported}");
        }
    }
}
