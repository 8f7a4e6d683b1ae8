//! The machine's policy.json: found, read, and looked up for an image.
//!
//! Source: containers-policy.json(5).

use super::codes;
use super::policy_document::{PolicyDocument, TransportScopes};
use crate::diagnostic::{Code, Fault, Origin};
use crate::oci::Reference;
use crate::role::{MachinePolicy, MatchedScope, Requirement, ScopeRequirements, Surroundings};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// Bytes of the largest file that is read. Distributions ship a few hundred.
const MAX_BYTES: u64 = 1 << 20;
/// Names the file, where it is not where it is looked for.
const VARIABLE: &str = "CONTAINERS_POLICY_JSON";

/// A policy.json that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyFile {
    path: String,
    document: PolicyDocument,
}

/// A policy.json that cannot be obeyed, as it cannot be read or understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRefused {
    /// The file.
    pub path: String,
    /// Its text, where it could be read.
    pub text: Option<String>,
    /// All that is wrong with it. With the text, each has a `byte` in it.
    pub faults: Vec<Fault>,
}

/// Finds and reads the policy.json of the machine: the file that `CONTAINERS_POLICY_JSON` names; else
/// the first of those in the user's settings, `/etc` and `/usr/share`. `None`: there is none.
///
/// # Errors
///
/// `config::policy-unreadable`, also where the variable names a file that is not there;
/// `config::policy-invalid`.
pub fn find_policy(surroundings: &Surroundings) -> Result<Option<PolicyFile>, PolicyRefused> {
    if let Some(named) = surroundings.variable(VARIABLE) {
        let path = surroundings.directory.join(named);
        return match read(&path)? {
            Some(file) => Ok(Some(file)),
            None => Err(unreadable(&path, &format!("it is not there, and {VARIABLE} names it"))),
        };
    }
    let own = surroundings.config().map(|config| config.join("containers/policy.json"));
    let shared = ["/etc", "/usr/share"].map(|root| Path::new(root).join("containers/policy.json"));
    for path in own.into_iter().chain(shared) {
        if let Some(file) = read(&path)? {
            return Ok(Some(file));
        }
    }
    Ok(None)
}

/// Reads a file; `None` where it is not there.
fn read(path: &Path) -> Result<Option<PolicyFile>, PolicyRefused> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(unreadable(path, &error.to_string())),
    };
    let mut bytes = Vec::new();
    let taken = file.take(MAX_BYTES + 1).read_to_end(&mut bytes);
    taken.map_err(|error| unreadable(path, &error.to_string()))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(unreadable(path, &format!("it has more than {MAX_BYTES} bytes")));
    }
    let text = String::from_utf8(bytes)
        .map_err(|_| refused(path, codes::POLICY_INVALID, "it is not UTF-8 text"))?;
    let shown = path.display().to_string();
    match PolicyDocument::parse(&shown, &text) {
        Ok(document) => Ok(Some(PolicyFile { path: shown, document })),
        Err(faults) => Err(PolicyRefused { path: shown, text: Some(text), faults }),
    }
}

fn unreadable(path: &Path, why: &str) -> PolicyRefused {
    refused(path, codes::POLICY_UNREADABLE, why)
}

fn refused(path: &Path, code: Code, why: &str) -> PolicyRefused {
    let path = path.display().to_string();
    let message = format!("the trust policy `{path}` could not be read: {why}");
    let faults = vec![Fault::new(code, Origin::Policy, message).at(path.as_str())];
    PolicyRefused { path, text: None, faults }
}

impl PolicyRefused {
    /// The first fault, for who shows no text: its place says file, line and column.
    pub fn into_first(self) -> Fault {
        let first = self.faults.into_iter().next().map(|mut fault| {
            fault.facts.retain(|(key, _)| key != "byte" && key != "first-byte");
            fault
        });
        first.unwrap_or_else(|| {
            let message = format!("the trust policy `{}` could not be read", self.path);
            Fault::new(codes::POLICY_UNREADABLE, Origin::Policy, message)
        })
    }
}

impl MachinePolicy for PolicyFile {
    fn requirements(&self, image: &Reference) -> ScopeRequirements {
        let transport = image.transport.clone();
        let (scope, requirements) = match self.document.transports.get(&transport) {
            Some(TransportScopes::Unread) => {
                let scope = MatchedScope::Scope { transport, scope: String::new() };
                (scope, vec![Requirement::Unread])
            }
            Some(TransportScopes::Read(scopes)) => {
                let mut names = resolved(image).scopes().into_iter().chain([String::new()]);
                match names.find_map(|scope| scopes.get_key_value(&scope)) {
                    Some((scope, requirements)) => {
                        let scope = MatchedScope::Scope { transport, scope: scope.clone() };
                        (scope, requirements.clone())
                    }
                    None => (MatchedScope::Default, self.document.default.clone()),
                }
            }
            None => (MatchedScope::Default, self.document.default.clone()),
        };
        ScopeRequirements { file: self.path.clone(), scope, requirements }
    }
}

/// The image by the path that links lead to, as scopes name it. What is not there is not copied either.
fn resolved(image: &Reference) -> Reference {
    let mut image = image.clone();
    if image.form.shape.is_path()
        && let Ok(path) = Path::new(&image.place).canonicalize()
    {
        image.place = path.to_string_lossy().into_owned();
    }
    image
}

#[cfg(test)]
#[path = "policy_file_tests.rs"]
mod tests;
