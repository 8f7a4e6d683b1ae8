//! Signing: what is signed as what, and whether it is signed already. The survey asks it of what is
//! unchanged, `transfer` of what it wrote.

use crate::plan::codes;

use super::evidence::{evidence, fetch};
use crate::diagnostic::Fault;
use crate::oci::{Descriptor, Digest};
use crate::role::{Edited, Manifested, Presence, Roles, Session, Subject};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// A signature that an item shall have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sign {
    /// The step.
    pub step: String,
    /// The component.
    pub word: String,
    /// What it is signed as.
    pub identity: Option<String>,
    /// Whether the children of an index are signed too.
    pub children: bool,
    /// Names component, settings and keys.
    pub made_of: String,
}

impl Sign {
    /// Names what is signed how, and where.
    fn memory(&self, transport: &str, place: &str, repository: &str) -> String {
        let text = json!({
            "signed": self.made_of, "as": self.identity, "children": self.children,
            "at": [transport, place, repository],
        });
        Digest::of(text.to_string().as_bytes()).to_string()
    }

    /// The row by which the ledger remembers it.
    pub fn row(&self, (transport, place, repository): (&str, &str, &str), top: &Digest) -> Edited {
        let chain = self.memory(transport, place, repository);
        Edited { source: top.clone(), chain, result: Descriptor::new("", top.clone(), 0) }
    }

    /// What a signer is told about a manifest.
    pub fn subject(
        &self,
        transport: &str,
        manifest: &Manifested,
        within: Option<&Digest>,
    ) -> Subject {
        Subject {
            descriptor: manifest.descriptor.clone(),
            bytes: manifest.bytes.clone(),
            reference: self.identity.clone(),
            transport: transport.to_owned(),
            scopes: Vec::new(),
            within: within.cloned(),
        }
    }

    /// Whether a subject is signed already, as far as its place can say.
    pub async fn is_there(
        &self,
        roles: &Roles,
        session: &Arc<dyn Session>,
        repository: &str,
        subject: &Subject,
    ) -> Result<bool, Fault> {
        let signer = roles.signer(&self.step, &self.word)?;
        let forms = signer.needs().await?;
        let digest = &subject.descriptor.digest;
        let mut pieces = match evidence(session, repository, digest, &forms).await {
            Ok(pieces) => pieces,
            // Whatever stands there is no signature; ours is added.
            Err(fault) if fault.is(codes::EVIDENCE) => return Ok(false),
            Err(fault) => return Err(fault),
        };
        if pieces.is_empty() {
            return Ok(false);
        }
        match signer.present(subject, &pieces).await? {
            Presence::Yes => Ok(true),
            Presence::No => Ok(false),
            Presence::Fetch => {
                fetch(session, repository, &mut pieces).await?;
                Ok(signer.present(subject, &pieces).await? == Presence::Yes)
            }
        }
    }
}
