//! How the references of a transport look: the shape of what follows its word, how its policy scopes
//! nest, which names are legal, and what a place is.
//!
//! The lists are closed: a transport chooses from them in its `plugin.toml`, and a stranger's word is
//! read by the same code as `docker` and `oci`.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The shape of the rest of a reference, after the transport's word and a colon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ReferenceShape {
    /// `//host[:port]/repository[:tag][@digest]`.
    #[serde(rename = "registry")]
    Registry,
    /// `PATH`, where there is one image without a name.
    #[serde(rename = "path")]
    Path,
    /// `PATH[:[repository:]tag][@digest]`, or `PATH:@N` for the image at a position.
    #[serde(rename = "path:name-or-@n")]
    PathName,
    /// `PATH[:docker-reference]`, or `PATH:@N`.
    #[serde(rename = "path:docker-ref-or-@n")]
    PathDockerReference,
    /// A docker reference, or `ALGORITHM:HEX` for the image with this id. The place has no name.
    #[serde(rename = "daemon-name")]
    DaemonName,
    /// `[[STORE]]docker-reference[@ID]` or `[[STORE]]@ID`.
    #[serde(rename = "storage")]
    Storage,
}

/// How the scopes nest by which a trust policy looks an image up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyScopes {
    /// The name, its repository and each path above it, the registry, and the domains above that.
    Registry,
    /// The path, and those above it.
    Path,
    /// The name in its store, its repository there, the store.
    Storage,
    /// None: only what the policy says of the whole transport.
    None,
}

/// Which names are legal at the places of a transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LegalNames {
    /// Repositories and tags of the distribution-spec.
    Oci,
    /// The same, and a repository may begin with a registry's host and port.
    Docker,
    /// Any text without control characters, at most 255 characters.
    Free,
}

/// What a place on disk is.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum PlaceKind {
    /// A directory.
    #[default]
    Directory,
    /// One file, such as an archive.
    File,
}

/// How the references of a transport look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferenceForm {
    /// The shape of what follows the word.
    pub shape: ReferenceShape,
    /// How its policy scopes nest.
    pub scopes: PolicyScopes,
    /// Which names are legal.
    pub names: LegalNames,
    /// What a place is, where it is a path.
    #[serde(default)]
    pub place: PlaceKind,
}

/// The words that a reference may begin with, each with its form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransportWords(BTreeMap<String, ReferenceForm>);

impl ReferenceShape {
    /// Whether a place is a path.
    pub fn is_path(self) -> bool {
        matches!(self, Self::Path | Self::PathName | Self::PathDockerReference)
    }

    /// Whether there is one image at a place, which has no name there.
    pub fn is_nameless(self) -> bool {
        self == Self::Path
    }
}

impl ReferenceForm {
    /// Registries.
    pub const REGISTRY: Self = Self {
        shape: ReferenceShape::Registry,
        scopes: PolicyScopes::Registry,
        names: LegalNames::Oci,
        place: PlaceKind::Directory,
    };
    /// OCI layouts. Other tools write names there as people say them, with the registry in front.
    pub const LAYOUT: Self = Self {
        shape: ReferenceShape::PathName,
        scopes: PolicyScopes::Path,
        names: LegalNames::Docker,
        place: PlaceKind::Directory,
    };
    /// Directories with one image.
    pub const DIRECTORY: Self =
        Self { shape: ReferenceShape::Path, names: LegalNames::Oci, ..Self::LAYOUT };
    /// A plugin that is named by its id: its settings say where it is, and it is granted no place.
    pub const BY_ID: Self =
        Self { scopes: PolicyScopes::None, names: LegalNames::Oci, ..Self::LAYOUT };

    /// The form of a word that this program brings.
    pub fn built_in(word: &str) -> Option<Self> {
        match word {
            "docker" => Some(Self::REGISTRY),
            "oci" => Some(Self::LAYOUT),
            "dir" => Some(Self::DIRECTORY),
            _ => None,
        }
    }
}

impl TransportWords {
    /// These words, and no others.
    pub fn new(words: BTreeMap<String, ReferenceForm>) -> Self {
        Self(words)
    }

    /// The same words, and one more.
    pub fn insert(&mut self, word: &str, form: ReferenceForm) {
        self.0.insert(word.to_owned(), form);
    }

    /// The form of a word; `None` where it is no transport's.
    pub fn form(&self, word: &str) -> Option<ReferenceForm> {
        self.0.get(word).copied()
    }

    /// The words.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl Default for TransportWords {
    /// The words that this program brings.
    fn default() -> Self {
        let words = ["docker", "oci", "dir"];
        let forms = words.iter().filter_map(|word| {
            ReferenceForm::built_in(word).map(|form| ((*word).to_owned(), form))
        });
        Self(forms.collect())
    }
}

impl LegalNames {
    /// Whether a repository may be called so.
    pub fn is_repository(self, text: &str) -> bool {
        match self {
            Self::Oci => crate::Name::is_repository(text),
            Self::Docker => {
                let below = match text.split_once('/') {
                    Some((host, below)) if is_host(host) => below,
                    _ => text,
                };
                crate::Name::is_repository(below)
            }
            Self::Free => is_free(text),
        }
    }

    /// Whether a tag may be called so.
    pub fn is_tag(self, text: &str) -> bool {
        match self {
            Self::Oci | Self::Docker => crate::Name::is_tag(text),
            Self::Free => is_free(text),
        }
    }
}

/// Not `..`: where a name becomes part of a path, that would lead out of its folder.
fn is_host(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[')
        && !text.contains("..")
        && text.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c))
}

/// Without a colon or an `@`, which stand between the parts of a name.
fn is_free(text: &str) -> bool {
    let fine = |c: char| !c.is_control() && c != ':' && c != '@';
    !text.is_empty() && text.chars().count() <= 255 && text.chars().all(fine)
}
