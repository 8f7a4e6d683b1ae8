//! A policy.json, read strictly: what another program would read differently, or not at all, refuses
//! the whole file, and each fault says its line and column.
//!
//! Source: containers-policy.json(5).

use super::codes;
use super::requirement_shape::{MemberCount, MemberKind, ObjectShape, REQUIREMENTS};
use crate::diagnostic::{
    Branch, Fault, LineStarts, MapEntry, NotJson, Origin, Tree, Value, json_tree, suggestion,
};
use crate::oci::{PolicyScopes, ReferenceForm, base64};
use crate::role::Requirement;
use std::collections::BTreeMap;

/// Faults of one file, at most; nobody reads more.
const MAX_FAULTS: usize = 100;
/// The member that says what an object holds.
const TYPE: &str = "type";

/// What a policy.json says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PolicyDocument {
    /// Of all images that no scope is for.
    pub(super) default: Vec<Requirement>,
    /// By transport.
    pub(super) transports: BTreeMap<String, TransportScopes>,
}

/// What a policy.json says of a transport.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TransportScopes {
    /// By scope; the empty one is for all images of the transport.
    Read(BTreeMap<String, Vec<Requirement>>),
    /// Something about a transport whose scopes are not read yet.
    Unread,
}

impl PolicyDocument {
    /// Reads the text of the file at `path`.
    ///
    /// # Errors
    ///
    /// `config::policy-invalid`: all faults at once, at most 100.
    pub(super) fn parse(path: &str, text: &str) -> Result<Self, Vec<Fault>> {
        let (lines, faults) = (LineStarts::new(text), Vec::new());
        let mut reader = Reader { path, text, lines, faults };
        let tree = match json_tree(text) {
            Ok(tree) => tree,
            Err(NotJson { byte, why }) => {
                reader.fault(byte, format!("the trust policy is not JSON: {why}"));
                return Err(reader.faults);
            }
        };
        let document = reader.document(&tree);
        if reader.faults.is_empty() { Ok(document) } else { Err(reader.faults) }
    }
}

/// Reads a document, and keeps what is wrong with it.
struct Reader<'a> {
    path: &'a str,
    text: &'a str,
    lines: LineStarts,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn document(&mut self, tree: &Tree) -> PolicyDocument {
        for (_, first, later) in tree.duplicates() {
            let what = format!("`{}` stands twice", later.key);
            let first = first.bytes.start.to_string();
            self.add(later.bytes.start, what, |fault| fault.fact("first-byte", first));
        }
        let mut document = PolicyDocument { default: Vec::new(), transports: BTreeMap::new() };
        let members = self.object(&tree.root, "the trust policy");
        self.refuse_unknown(members, &["default", "transports"]);
        match member(members, "default") {
            Some(entry) => document.default = self.requirements(&entry.value),
            None if matches!(tree.root.value, Value::Map(_)) => {
                self.fault(tree.root.bytes.start, "`default` is missing");
            }
            None => {}
        }
        let transports = member(members, "transports");
        let transports = transports.map(|entry| self.object(&entry.value, "`transports`"));
        for entry in transports.unwrap_or_default() {
            let scopes = self.scopes(entry);
            document.transports.insert(entry.key.clone(), scopes);
        }
        document
    }

    /// The scopes of a transport. Those of transports that are not there yet are kept unread: the
    /// format of their scopes is known only together with the transport.
    fn scopes(&mut self, transport: &MapEntry) -> TransportScopes {
        let Some(form) = ReferenceForm::built_in(&transport.key) else {
            return TransportScopes::Unread;
        };
        let mut read = BTreeMap::new();
        for scope in self.object(&transport.value, &format!("`{}`", transport.key)) {
            let is_path = form.scopes == PolicyScopes::Path;
            if is_path && !scope.key.is_empty() && !is_clean_path(&scope.key) {
                let help = "write an absolute path without `.`, `..`, doubled slashes or one at its end; \
                            for all images of the transport, write `\"\"`";
                let what = format!("`{}` is no scope of `{}`", scope.key, transport.key);
                self.add(scope.bytes.start, what, |fault| fault.help(help));
            }
            read.insert(scope.key.clone(), self.requirements(&scope.value));
        }
        TransportScopes::Read(read)
    }

    /// A list of requirements, all of which must hold.
    fn requirements(&mut self, branch: &Branch) -> Vec<Requirement> {
        let Value::List(values) = &branch.value else {
            self.fault(branch.bytes.start, "requirements are a list");
            return Vec::new();
        };
        if values.is_empty() {
            self.fault(branch.bytes.start, "the list of requirements is empty");
        }
        values.iter().filter_map(|value| self.requirement(value)).collect()
    }

    fn requirement(&mut self, branch: &Branch) -> Option<Requirement> {
        let members = self.object(branch, "a requirement");
        let words = REQUIREMENTS.map(|(word, ..)| word);
        let word = self.type_of(branch, members, &words)?;
        let (_, requirement, shape) = REQUIREMENTS.into_iter().find(|(one, ..)| *one == word)?;
        self.shaped(branch, members, (shape, &[TYPE]));
        Some(requirement)
    }

    /// The type of an object, where it is one of these words.
    fn type_of<'w>(
        &mut self,
        branch: &Branch,
        members: &[MapEntry],
        words: &[&'w str],
    ) -> Option<&'w str> {
        let Value::Map(_) = &branch.value else { return None };
        let Some(entry) = member(members, TYPE) else {
            self.fault(branch.bytes.start, "`type` is missing");
            return None;
        };
        self.word(&entry.value, words)
    }

    fn word<'w>(&mut self, branch: &Branch, words: &[&'w str]) -> Option<&'w str> {
        let text = self.text(branch)?;
        let known = words.iter().copied().find(|word| *word == text);
        if known.is_none() {
            let help = suggestion(text, words.iter().copied());
            let what = format!("`{text}` is not a word that is known here");
            self.add(branch.bytes.start, what, |fault| Fault { help, ..fault });
        }
        known
    }

    /// Holds an object to its shape; `more` are members that were looked at before.
    fn shaped(
        &mut self,
        branch: &Branch,
        members: &[MapEntry],
        (shape, more): (&ObjectShape, &[&str]),
    ) {
        let known: Vec<&str> =
            shape.members.iter().map(|(name, _)| *name).chain(more.iter().copied()).collect();
        self.refuse_unknown(members, &known);
        for (name, kind) in shape.members {
            if let Some(entry) = member(members, name) {
                self.holds(&entry.value, *kind);
            }
        }
        if matches!(branch.value, Value::Map(_)) {
            for (count, names) in shape.counts {
                if let Some(what) = miscounted(members, *count, names) {
                    self.fault(branch.bytes.start, what);
                }
            }
        }
    }

    fn holds(&mut self, branch: &Branch, kind: MemberKind) {
        match kind {
            MemberKind::Text => drop(self.text(branch)),
            MemberKind::Base64 => self.base64(branch),
            MemberKind::Texts | MemberKind::Base64s => {
                let is_text = matches!(kind, MemberKind::Texts);
                let each = if is_text { MemberKind::Text } else { MemberKind::Base64 };
                let Value::List(values) = &branch.value else {
                    return self.fault(branch.bytes.start, "a list is expected");
                };
                for value in values {
                    self.holds(value, each);
                }
            }
            MemberKind::Word(words) => drop(self.word(branch, words)),
            MemberKind::Object(shape) => {
                let members = self.object(branch, "the value");
                self.shaped(branch, members, (shape, &[]));
            }
            MemberKind::Typed(types) => {
                let members = self.object(branch, "the value");
                let words: Vec<&str> = types.iter().map(|(word, _)| *word).collect();
                let Some(word) = self.type_of(branch, members, &words) else { return };
                if let Some((_, shape)) = types.iter().find(|(one, _)| *one == word) {
                    self.shaped(branch, members, (*shape, &[TYPE]));
                }
            }
        }
    }

    /// A text that is not empty.
    fn text<'t>(&mut self, branch: &'t Branch) -> Option<&'t str> {
        match &branch.value {
            Value::Scalar { text, plain: false } if !text.is_empty() => return Some(text),
            Value::Scalar { plain: false, .. } => {
                self.fault(branch.bytes.start, "the text is empty");
            }
            _ => self.fault(branch.bytes.start, "a text is expected"),
        }
        None
    }

    fn base64(&mut self, branch: &Branch) {
        let Some(text) = self.text(branch) else { return };
        if base64::decode(text).is_none() {
            self.fault(branch.bytes.start, "the text is not base64");
        }
    }

    /// The members of an object; none where it is something else, which is a fault.
    fn object<'t>(&mut self, branch: &'t Branch, what: &str) -> &'t [MapEntry] {
        let Value::Map(entries) = &branch.value else {
            self.fault(branch.bytes.start, format!("{what} is not an object"));
            return &[];
        };
        entries
    }

    fn refuse_unknown(&mut self, members: &[MapEntry], known: &[&str]) {
        for entry in members.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            let help = suggestion(&entry.key, known.iter().copied());
            let what = format!("unknown member `{}`", entry.key);
            self.add(entry.bytes.start, what, |fault| Fault { help, ..fault });
        }
    }

    fn fault(&mut self, byte: usize, what: impl Into<String>) {
        self.add(byte, what.into(), |fault| fault);
    }

    fn add(&mut self, byte: usize, what: String, more: impl FnOnce(Fault) -> Fault) {
        if self.faults.len() == MAX_FAULTS {
            return;
        }
        let (line, column) = self.lines.line_and_column(self.text, byte);
        let fault = Fault::new(codes::POLICY_INVALID, Origin::Policy, what)
            .at(format!("{}:{line}:{column}", self.path))
            .fact("byte", byte.to_string());
        self.faults.push(more(fault));
    }
}

fn member<'t>(members: &'t [MapEntry], name: &str) -> Option<&'t MapEntry> {
    members.iter().find(|entry| entry.key == name)
}

/// What is wrong with how many of some members there are.
fn miscounted(members: &[MapEntry], count: MemberCount, names: &[&str]) -> Option<String> {
    let there = names.iter().filter(|name| member(members, name).is_some()).count();
    let (first, others) = names.split_first()?;
    let is_first = member(members, first).is_some();
    let listed = |names: &[&str]| -> String {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        names.join(", ")
    };
    match count {
        MemberCount::One if there == 0 && others.is_empty() => {
            Some(format!("{} is missing", listed(names)))
        }
        MemberCount::One if there != 1 => Some(format!("needs exactly one of {}", listed(names))),
        MemberCount::AtMostOne if there > 1 => Some(format!("has several of {}", listed(names))),
        MemberCount::AtLeastOne if there == 0 => Some(format!("needs one of {}", listed(names))),
        MemberCount::BesideTheFirst if is_first && there == 1 => {
            Some(format!("needs one of {} beside `{first}`", listed(others)))
        }
        MemberCount::NotBesideTheFirst if is_first && there > 1 => {
            Some(format!("has one of {} beside `{first}`", listed(others)))
        }
        _ => None,
    }
}

/// Whether a path is absolute and says nothing twice. The root is none: `""` says it.
fn is_clean_path(path: &str) -> bool {
    let parts = path.strip_prefix('/').map(|below| below.split('/'));
    let is_name = |part: &str| !matches!(part, "" | "." | "..");
    parts.is_some_and(|mut parts| parts.all(is_name))
}

#[cfg(test)]
#[path = "policy_document_tests.rs"]
mod tests;
