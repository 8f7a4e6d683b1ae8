//! The steps: sources, filters, transforms and sinks.

use super::{Cast, Judge, Signing};
use crate::oci::{Name, Platform, Recipe, Reference, ReferenceForm, TransportWords};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

/// One step of the graph.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The id that the user gave it.
    pub id: String,
    /// The steps that feed it; empty for a source.
    pub inputs: Vec<String>,
    /// What it does.
    pub kind: StepKind,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq)]
pub enum StepKind {
    /// Offers images.
    Source(Source),
    /// Lets some pass.
    Filter(Filter),
    /// Changes them.
    Transform(Transform),
    /// Puts them somewhere.
    Sink(Sink),
}

/// Offers images.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Where they are.
    pub origins: Vec<Origin>,
    /// Which tags, where an origin is a repository.
    pub tags: Option<TagRule>,
    /// Globs of tags that may come to point elsewhere; `None`: all may.
    pub mutable_tags: Option<Vec<String>>,
    /// Whether referrers are asked for when nothing else changed.
    pub referrers: Referrers,
}

/// Where a source's images are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// One image: a tag, a digest, or a place that holds just one.
    Image(Endpoint),
    /// All tags of a repository.
    Repository(Endpoint),
    /// All tags of the repositories of a place that match a glob (`*` is one path segment, `**`
    /// more); an empty glob matches all.
    Repositories {
        /// The transport word or plugin id.
        transport: String,
        /// How its references look.
        form: ReferenceForm,
        /// The place.
        place: String,
        /// The glob.
        glob: String,
    },
}

/// An image or repository at a place, as a transport word or plugin id reaches it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Transport, place and name. For a path the place is absolute.
    pub reference: Reference,
    /// As the user wrote it, for people.
    pub written: String,
}

/// When referrers of an unchanged image are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Referrers {
    /// With each image that is copied.
    #[default]
    WithCopies,
    /// In each run, for each image.
    Always,
}

/// Lets some images pass.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// By tag, per repository.
    Tags(TagRule),
    /// Those that have all of these platforms.
    Platforms(Vec<Platform>),
    /// By the labels of their configs.
    Labels(LabelRule),
    /// By a component that chooses among the images of a repository.
    Plugin(Cast),
    /// By a component that judges, asked only where something would be written.
    Judge(Judge),
}

/// Selects tags: include, exclude, key, semver, sort, latest, in this order, per repository;
/// `always` passes whatever the rest says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TagRule {
    /// Regular expressions, one of which must be found in the tag; empty: all tags.
    pub include: Vec<String>,
    /// Regular expressions, none of which may be found in the tag.
    pub exclude: Vec<String>,
    /// A regular expression whose capture (the group `v`, else the first, else the whole match)
    /// is what `semver` and `sort` look at; tags without a match are left out.
    pub key: Option<String>,
    /// A range in npm's grammar.
    pub semver: Option<String>,
    /// The order of which `latest` takes the end.
    pub sort: Option<TagSort>,
    /// How many of the highest.
    pub latest: Option<u32>,
    /// Tags that pass in any case, if they exist.
    pub always: Vec<String>,
}

/// The order of tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagSort {
    /// As versions.
    Semver,
    /// As text.
    Alphabetical,
    /// As numbers.
    Numerical,
}

/// Selects by labels; for an index every child must match.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LabelRule {
    /// Labels that must be there and match.
    pub include: BTreeMap<String, String>,
    /// Labels that must not be there and match.
    pub exclude: BTreeMap<String, String>,
}

/// Changes images.
#[derive(Debug, Clone, PartialEq)]
pub enum Transform {
    /// Cuts an index to some platforms.
    Platforms {
        /// Those that stay.
        keep: Vec<Platform>,
        /// What becomes of the index.
        index: IndexMode,
    },
    /// Sets and removes annotations of the top manifest.
    Annotate(Annotate),
    /// Compresses layers anew. What comes of it is known only after it is done.
    Compress(Recipe),
    /// By a component that changes manifests and configs.
    Plugin(Cast),
    /// By a component that signs them at their destinations.
    Sign(Signing),
}

/// What becomes of an index when platforms are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IndexMode {
    /// A new index with the children that stay.
    #[default]
    Rewrite,
    /// The index keeps its bytes; only the children that stay are copied.
    Sparse,
    /// All is copied; the platforms must be there.
    Keep,
}

/// Annotations to set and to remove.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Annotate {
    /// To set, by key.
    pub set: BTreeMap<String, Template>,
    /// To remove.
    pub remove: BTreeSet<String>,
}

/// Puts images somewhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Sink {
    /// Where to; filled in per item.
    pub to: Template,
    /// The words that `to` may begin with.
    pub words: Arc<TransportWords>,
    /// The folder that relative paths in `to` start at.
    pub base: PathBuf,
    /// The id of the plugin that writes; `None` where `to` names a transport.
    pub plugin: Option<String>,
    /// What to do when the destination has something else.
    pub on_conflict: OnConflict,
    /// Whether a place that must be finished is finished although an image of it failed, or the run
    /// was stopped.
    pub partial: bool,
    /// Whether images go there without the signatures that their source keeps beside them.
    pub remove_signatures: bool,
}

/// What to do when a tag at the destination points to something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnConflict {
    /// Move mutable tags; others are a conflict.
    #[default]
    OverwriteMutable,
    /// Move it.
    Overwrite,
    /// Leave it, and say so.
    Skip,
    /// A conflict.
    Fail,
}

/// A text with places to be filled in per item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The parts, in order.
    pub parts: Vec<Part>,
}

/// A part of a template: text, or what to put there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// This text.
    Text(String),
    /// `item.tag`
    Tag,
    /// `item.digest`
    Digest,
    /// `item.source.ref`
    SourceRef,
    /// `item.source.registry`
    SourceRegistry,
    /// `item.source.repo`
    SourceRepo,
    /// `run.date`, as `2026-11-23`
    RunDate,
    /// `run.id`
    RunId,
}

/// What a template is filled in with.
#[derive(Debug, Clone, Copy)]
pub struct Filling<'a> {
    /// The source image.
    pub source: &'a Reference,
    /// Its tag, or none.
    pub tag: Option<&'a str>,
    /// Its pinned digest, as text.
    pub digest: &'a str,
    /// The day the run began, as `2026-11-23`.
    pub date: &'a str,
    /// The run.
    pub run: &'a str,
}

impl Template {
    /// Fills in. A part that the item does not have (the tag of an image without one) is left
    /// empty.
    pub fn fill(&self, with: &Filling<'_>) -> String {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Tag => text.push_str(with.tag.unwrap_or_default()),
                Part::Digest => text.push_str(with.digest),
                Part::SourceRef => {
                    let name = Name { digest: None, ..with.source.name.clone() };
                    text.push_str(&with.source.with_name(name).to_string());
                }
                Part::SourceRegistry => text.push_str(&with.source.place),
                Part::SourceRepo => text.push_str(&with.source.name.repository),
                Part::RunDate => text.push_str(with.date),
                Part::RunId => text.push_str(with.run),
            }
        }
        text
    }
}
