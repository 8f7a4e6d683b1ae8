//! A plan as JSON, by `specs/plan.schema.json`: what `engine plan --out` keeps and `engine apply`
//! reads again.
//!
//! What is read is not trusted: names are checked as if a person had written them, edited bytes
//! must have the digest that is claimed for them, and `apply` looks at each destination again.
//! Members that say nothing are left out, so that an unchanged item costs less than 1 KiB.

use super::saved_reference::SavedReference;
use super::{
    Action, Copying, Expected, Forecast, Item, Kept, Listing, Made, Plan, Reason, Sign, Skip,
    Verdict, Written,
};
use crate::diagnostic::{Fault, Origin};
use crate::event::Totals;
use crate::oci::{Descriptor, Digest, Recipe};
use crate::plan::codes;
use bytes::Bytes;
use serde::{Deserialize, Serialize, Serializer};

/// The form of a saved plan; another form has another number.
const VERSION: &str = "engine/plan/v1";

/// Writes a plan as JSON, on one line.
pub fn to_json(plan: &Plan) -> Result<String, Fault> {
    let saved = Saving {
        version: VERSION,
        totals: plan.totals(),
        forecast: plan.forecast,
        items: &plan.items,
        skips: &plan.skips,
        listings: &plan.listings,
        faults: plan
            .faults
            .iter()
            .map(|(step, fault)| StepFault { step: step.clone(), fault: fault.clone() })
            .collect(),
    };
    serde_json::to_string(&saved).map_err(|fault| unreadable(&fault))
}

/// Reads a plan from JSON.
///
/// # Errors
///
/// `plan::saved` when the text is not a plan of this form, or says something impossible.
pub fn from_json(text: &str) -> Result<Plan, Fault> {
    let saved: Saved = serde_json::from_str(text).map_err(|fault| unreadable(&fault))?;
    if saved.version != VERSION {
        return Err(wrong(format!("its version is `{}`, not `{VERSION}`", saved.version)));
    }
    let items = saved.items.into_iter().map(Item::try_from).collect::<Result<Vec<_>, _>>()?;
    if !items.iter().zip(1..).all(|(item, id)| item.id == id) {
        return Err(wrong("its items are not numbered from 1"));
    }
    let faults = saved.faults.into_iter().map(|one| (one.step, one.fault)).collect();
    Ok(Plan {
        items,
        skips: saved.skips,
        listings: saved.listings,
        faults,
        forecast: saved.forecast,
    })
}

/// What is written. Items are turned one by one, so that a large plan is not in memory twice.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Saving<'a> {
    version: &'static str,
    totals: Totals,
    forecast: Forecast,
    #[serde(serialize_with = "one_by_one")]
    items: &'a [Item],
    #[serde(skip_serializing_if = "<[Skip]>::is_empty")]
    skips: &'a [Skip],
    #[serde(skip_serializing_if = "<[Listing]>::is_empty")]
    listings: &'a [Listing],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    faults: Vec<StepFault>,
}

fn one_by_one<S: Serializer>(items: &[Item], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(items.iter().map(SavedItem::from))
}

/// What is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Saved {
    version: String,
    /// Counted again from the items.
    #[serde(rename = "totals")]
    _totals: Totals,
    #[serde(default)]
    forecast: Forecast,
    items: Vec<SavedItem>,
    #[serde(default)]
    skips: Vec<Skip>,
    #[serde(default)]
    listings: Vec<Listing>,
    #[serde(default)]
    faults: Vec<StepFault>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct StepFault {
    step: String,
    fault: Fault,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SavedItem {
    id: u64,
    sink: String,
    source: SavedReference,
    /// None where the source could not be looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pinned: Option<Descriptor>,
    destination: SavedReference,
    action: Action,
    reason: Reason,
    /// None where the image is unchanged and it is simply what the destination has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expected: Option<Expected>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<Digest>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    chain: String,
    trace: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    copying: Option<SavedCopying>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    follow: bool,
    /// None where it is `chain`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    done_by: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    signs: Vec<Sign>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    verdicts: Vec<Verdict>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SavedCopying {
    /// What an edit made; none where the source's own bytes are written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    edited: Option<SavedEdit>,
    /// The only children that are copied; none where all are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    children: Option<Vec<Digest>>,
    referrers: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SavedEdit {
    descriptor: Descriptor,
    /// The manifest's exact bytes; edits write JSON, so they are text.
    manifest: String,
    /// What was made below it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    made: Vec<SavedMade>,
    /// What is made of it while the item is copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recipe: Option<Recipe>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SavedMade {
    descriptor: Descriptor,
    text: String,
    is_blob: bool,
}

impl From<&Item> for SavedItem {
    fn from(item: &Item) -> Self {
        Self {
            id: item.id,
            sink: item.sink.clone(),
            source: SavedReference::from(&item.source),
            pinned: (item.action != Action::Fail).then(|| item.pinned.clone()),
            destination: SavedReference::from(&item.destination),
            action: item.action,
            reason: item.reason.clone(),
            expected: item.expected.clone().filter(|expected| !is_present(item, expected)),
            previous: item.previous.clone(),
            chain: item.chain.clone(),
            trace: item.trace.clone(),
            copying: item.copying.as_ref().map(SavedCopying::from),
            follow: item.follow,
            done_by: (item.done_by != item.chain).then(|| item.done_by.clone()),
            signs: item.signs.clone(),
            verdicts: item.verdicts.clone(),
        }
    }
}

impl TryFrom<SavedItem> for Item {
    type Error = Fault;

    fn try_from(saved: SavedItem) -> Result<Self, Fault> {
        let copying = saved.copying.map(Copying::try_from).transpose()?;
        let pinned = match saved.pinned {
            Some(pinned) => pinned,
            None if saved.action == Action::Fail => super::make::unknown(),
            None => return Err(wrong(format!("item {} has no `pinned`", saved.id))),
        };
        if saved.action.writes() != copying.is_some() {
            return Err(wrong(format!("item {} has the wrong `copying`", saved.id)));
        }
        if let Some(copying) = &copying {
            let fits = copying.written.fits(&pinned, saved.expected.as_ref());
            fits.then_some(())
                .ok_or_else(|| wrong(format!("item {} has the wrong `expected`", saved.id)))?;
        }
        if saved.follow && saved.action != Action::Unchanged {
            return Err(wrong(format!("item {} has the wrong `follow`", saved.id)));
        }
        Ok(Self {
            id: saved.id,
            sink: saved.sink,
            source_step: saved.trace.first().cloned().unwrap_or_default(),
            source: saved.source.try_into()?,
            pinned,
            destination: saved.destination.try_into()?,
            action: saved.action,
            reason: saved.reason,
            expected: saved.expected.or_else(|| present(saved.action, saved.previous.as_ref())),
            previous: saved.previous,
            done_by: saved.done_by.unwrap_or_else(|| saved.chain.clone()),
            chain: saved.chain,
            trace: saved.trace,
            copying,
            follow: saved.follow,
            signs: saved.signs,
            verdicts: saved.verdicts,
        })
    }
}

/// Whether an unchanged item's destination has what it shall have, and that is what was read.
fn is_present(item: &Item, expected: &Expected) -> bool {
    present(item.action, item.previous.as_ref()).as_ref() == Some(expected)
}

fn present(action: Action, previous: Option<&Digest>) -> Option<Expected> {
    let previous = previous.filter(|_| action == Action::Unchanged);
    previous.map(|previous| Expected::Exact(previous.clone()))
}

impl From<&Copying> for SavedCopying {
    fn from(copying: &Copying) -> Self {
        let edited = match &copying.written {
            Written::Same(_) => None,
            Written::Edited { descriptor, bytes, made } => {
                Some(SavedEdit::of(descriptor, bytes, made, None))
            }
            Written::After { draft, bytes, made, recipe } => {
                Some(SavedEdit::of(draft, bytes, made, Some(*recipe)))
            }
        };
        let children = match &copying.kept {
            Kept::All => None,
            Kept::Only(children) => Some(children.clone()),
        };
        Self { edited, children, referrers: copying.referrers }
    }
}

impl SavedEdit {
    fn of(descriptor: &Descriptor, bytes: &Bytes, made: &[Made], recipe: Option<Recipe>) -> Self {
        Self {
            descriptor: descriptor.clone(),
            manifest: String::from_utf8_lossy(bytes).into_owned(),
            made: made.iter().map(SavedMade::from).collect(),
            recipe,
        }
    }
}

impl Written {
    /// Whether what is written can be what is expected.
    fn fits(&self, pinned: &Descriptor, expected: Option<&Expected>) -> bool {
        match (self, expected) {
            (Self::Same(_), Some(Expected::Exact(digest))) => *digest == pinned.digest,
            (Self::Edited { descriptor, .. }, Some(Expected::Exact(digest))) => {
                *digest == descriptor.digest
            }
            (Self::After { recipe, .. }, Some(Expected::After(expected))) => recipe == expected,
            (Self::After { .. }, Some(Expected::Remembered(_))) => true,
            _ => false,
        }
    }
}

impl TryFrom<SavedCopying> for Copying {
    type Error = Fault;

    fn try_from(saved: SavedCopying) -> Result<Self, Fault> {
        let written = match saved.edited {
            None => Written::Same(None),
            Some(SavedEdit { descriptor, manifest, made, recipe }) => {
                if !descriptor.digest.matches(manifest.as_bytes()) {
                    let message =
                        format!("an edited manifest does not have `{}`", descriptor.digest);
                    return Err(wrong(message));
                }
                let made = made.into_iter().map(Made::try_from).collect::<Result<_, _>>()?;
                let bytes = Bytes::from(manifest);
                match recipe {
                    None => Written::Edited { descriptor, bytes, made },
                    Some(recipe) => Written::After { draft: descriptor, bytes, made, recipe },
                }
            }
        };
        let kept = saved.children.map_or(Kept::All, Kept::Only);
        Ok(Self { written, kept, referrers: saved.referrers })
    }
}

impl From<&Made> for SavedMade {
    fn from(made: &Made) -> Self {
        Self {
            descriptor: made.descriptor.clone(),
            text: String::from_utf8_lossy(&made.bytes).into_owned(),
            is_blob: made.is_blob,
        }
    }
}

impl TryFrom<SavedMade> for Made {
    type Error = Fault;

    fn try_from(saved: SavedMade) -> Result<Self, Fault> {
        let SavedMade { descriptor, text, is_blob } = saved;
        if !descriptor.digest.matches(text.as_bytes()) {
            return Err(wrong(format!("what was made does not have `{}`", descriptor.digest)));
        }
        Ok(Self { descriptor, bytes: Bytes::from(text), is_blob })
    }
}

fn unreadable(fault: &serde_json::Error) -> Fault {
    wrong(fault.to_string())
}

pub(super) fn wrong(why: impl std::fmt::Display) -> Fault {
    Fault::new(codes::SAVED, Origin::Local, format!("the saved plan is not usable: {why}"))
        .help("make it again with `engine plan`")
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
