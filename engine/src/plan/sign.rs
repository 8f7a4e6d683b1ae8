//! A signature that an item shall have.

use crate::oci::{Descriptor, Digest};
use crate::role::{Edited, Remembered};
use serde::{Deserialize, Serialize};
use serde_json::json;

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
        Edited {
            kind: Remembered::Signature,
            source: top.clone(),
            chain,
            result: Descriptor::new("", top.clone(), 0),
        }
    }
}
