//! The plan: items with an action and a reason each.

use super::{Expected, Forecast, Listing, Sign, Verdict};
use crate::diagnostic::Fault;
use crate::event::Totals;
use crate::oci::{Descriptor, Digest, Recipe, Reference, ReferenceForm, TransportWords};
use crate::role::Refusal;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// What a run will do. Self-contained: digests are pinned, secrets are not in it.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The items, in a stable order: by sink in the order of the graph, then by destination.
    pub items: Vec<Item>,
    /// Images that did not come through, each with the reason.
    pub skips: Vec<Skip>,
    /// Sources and destinations that could not be looked at, by step.
    pub faults: Vec<(String, Fault)>,
    /// The lists that the images come from.
    pub listings: Vec<Listing>,
    /// How much it moves.
    pub forecast: Forecast,
}

/// One image at one sink.
#[derive(Debug, Clone)]
pub struct Item {
    /// The item's number in this plan, from 1.
    pub id: u64,
    /// The sink.
    pub sink: String,
    /// The source step.
    pub source_step: String,
    /// Where the image is; with the tag it was found under.
    pub source: Reference,
    /// What was found there: the pinned digest, its media type and size.
    pub pinned: Descriptor,
    /// Where it goes; a tag, or a digest where the item has no tag.
    pub destination: Reference,
    /// What is to be done.
    pub action: Action,
    /// Why.
    pub reason: Reason,
    /// What the destination shall have; `None` where that could not be found out.
    pub expected: Option<Expected>,
    /// What the destination's tag points to now.
    pub previous: Option<Digest>,
    /// The digest of the chain of transforms and settings; empty without transforms.
    pub chain: String,
    /// The chain and the signatures, as the ledger remembers what was done.
    pub done_by: String,
    /// The steps that the image passed, source first, sink last.
    pub trace: Vec<String>,
    /// What is written; `None` where nothing is.
    pub copying: Option<Copying>,
    /// The signatures that it shall have at its destination.
    pub signs: Vec<Sign>,
    /// What policies said about it.
    pub verdicts: Vec<Verdict>,
    /// Whether the image is unchanged and new referrers of it are looked for all the same.
    pub follow: bool,
}

/// What an item writes.
#[derive(Debug, Clone)]
pub struct Copying {
    /// The manifest that the destination's tag shall point to.
    pub written: Written,
    /// The children that are copied, where the top is an index.
    pub kept: Kept,
    /// Whether referrers and signature tags are looked for and carried along.
    pub referrers: bool,
}

/// The top manifest at the destination.
#[derive(Debug, Clone)]
pub enum Written {
    /// The source's own bytes; read when the item starts, unless they were read in the survey.
    Same(Option<Bytes>),
    /// Bytes that an edit made in the survey.
    Edited {
        /// What they are.
        descriptor: Descriptor,
        /// The bytes; none where the ledger remembered the result, and the source is read and
        /// edited again if the item turns out to be needed.
        bytes: Bytes,
        /// What was made below it.
        made: Vec<Made>,
    },
    /// What a recipe makes of a draft while the item is copied.
    After {
        /// The draft: what the source's name points to, or what an edit made of it.
        draft: Descriptor,
        /// Its bytes.
        bytes: Bytes,
        /// What was made below it.
        made: Vec<Made>,
        /// The recipe.
        recipe: Recipe,
    },
}

/// A manifest or config that a transform made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// What it is.
    pub descriptor: Descriptor,
    /// Its bytes.
    pub bytes: Bytes,
    /// Whether it is written as a blob: a config.
    pub is_blob: bool,
}

/// Which children of an index are copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// All that the written index names.
    All,
    /// Only these, although the index names more (`index: sparse`).
    Only(Vec<Digest>),
}

/// What is to be done with an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// The destination has nothing under that name: copy.
    Copy,
    /// The destination has something else: copy, and move the tag.
    Move,
    /// The destination has it, and lacks signatures.
    Sign,
    /// Nothing to do.
    Unchanged,
    /// The destination has something else and keeps it (`onConflict: skip`).
    Drift,
    /// It must not be done: a conflict at the destination.
    Conflict,
    /// A policy refuses it.
    Reject,
    /// It could not be planned.
    Fail,
}

/// Why an item has its action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Reason {
    /// The destination has nothing under that name.
    Missing,
    /// The destination has another digest.
    Differs {
        /// What it has.
        has: Digest,
    },
    /// The destination has the digest already.
    Present,
    /// The tag never moves, it was mirrored, and both tag lists still have it.
    ImmutableKnown,
    /// An immutable tag at the destination has another digest.
    ImmutableDiffers {
        /// What it has.
        has: Digest,
    },
    /// The destination has the digest, and not the signatures of these steps.
    Unsigned {
        /// The steps.
        steps: Vec<String>,
    },
    /// A policy refuses it.
    Refused {
        /// The step.
        step: String,
        /// What it may not pass for.
        refusal: Refusal,
        /// Why, in words.
        reasons: Vec<String>,
        /// What went wrong, where it could not be judged.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fault: Option<Fault>,
    },
    /// `onConflict` keeps what is there.
    KeptByRule {
        /// What it has.
        has: Digest,
    },
    /// The destination has this digest; whether it is the result is known only after that is made
    /// again, as nobody remembers it and its media type cannot say it.
    MadeAgain {
        /// What it has.
        has: Digest,
    },
    /// Another item wants the same destination with another digest.
    SameDestination {
        /// The other source.
        other: String,
    },
    /// It could not be looked at, or its edit failed.
    Fault {
        /// Why.
        fault: Fault,
    },
}

/// An image that a step did not let through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Skip {
    /// The step.
    pub step: String,
    /// The image.
    pub image: String,
    /// Why not, such as ``excluded by `-rc` ``.
    pub why: String,
}

impl Plan {
    /// The words that references to its images begin with: the built-in ones, and those of plugins.
    pub fn words(&self) -> TransportWords {
        let mut words = TransportWords::default();
        for reference in self.items.iter().flat_map(|item| [&item.source, &item.destination]) {
            if reference.form != ReferenceForm::BY_ID {
                words.insert(&reference.transport, reference.form);
            }
        }
        words
    }

    /// How many items have which action.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for item in &self.items {
            match item.action {
                Action::Copy => totals.copy += 1,
                Action::Move => totals.moved += 1,
                Action::Unchanged | Action::Drift => totals.unchanged += 1,
                Action::Sign => totals.sign += 1,
                Action::Reject => totals.rejected += 1,
                Action::Conflict => totals.conflict += 1,
                Action::Fail => totals.failed += 1,
            }
        }
        totals
    }
}

impl Item {
    /// Whether there is something to do, or to look for.
    pub fn is_attempted(&self) -> bool {
        self.action.writes() || self.action == Action::Sign || self.follow
    }

    /// What the destination's tag shall point to; `None` where nothing is written, or the digest is
    /// known only after that.
    pub fn wanted(&self) -> Option<&Digest> {
        self.copying.as_ref()?;
        self.expected.as_ref()?.digest()
    }

    /// What is made while the item is copied; `None` where it is written as it is planned.
    pub fn recipe(&self) -> Option<Recipe> {
        match self.copying.as_ref()?.written {
            Written::After { recipe, .. } => Some(recipe),
            Written::Same(_) | Written::Edited { .. } => None,
        }
    }
}

impl Action {
    /// Whether the image itself is written.
    pub fn writes(self) -> bool {
        matches!(self, Self::Copy | Self::Move)
    }
}
