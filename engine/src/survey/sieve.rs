//! Filters: which images a step lets through, and why not the others.

use super::crowd::each;
use super::edit::{self};
use super::select::by_plugin;
use super::walk::Surveyor;
use crate::diagnostic::Fault;
use crate::graph::{Filling, Filter, LabelRule, Step, TagRule};
use crate::oci::{Digest, Platform, Shape};
use crate::plan::Skip;
use crate::role::Edited;
use crate::survey::edit::Passed;
use crate::survey::image::{Flow, Image, Pass};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a filter made of what arrived.
pub(super) struct Sieved {
    /// Those that pass.
    pub passed: Vec<Flow>,
    /// Those that do not.
    pub skips: Vec<Skip>,
    /// What is wrong with the rule itself; nothing passes then.
    pub fault: Option<Fault>,
}

/// What becomes of an image at a filter.
pub(super) enum Verdict {
    Passes,
    LeftOut(String),
    /// It could not be looked at. It must not pass as if it had been, and must not be lost: it
    /// fails at its sinks, where it is named.
    Broken(Fault),
}

/// Lets images through.
pub(super) async fn sieve(surveyor: &Arc<Surveyor>, step: usize, arriving: &[Flow]) -> Sieved {
    let mut sieved = Sieved::nothing();
    let (Some(filter), Some(Step { id, .. })) = (surveyor.filter(step), surveyor.steps.get(step))
    else {
        return sieved;
    };
    let verdicts = match filter {
        Filter::Tags(rule) => match by_tag(rule, arriving) {
            Ok(verdicts) => verdicts,
            Err(fault) => {
                sieved.fault = Some(fault);
                return sieved;
            }
        },
        Filter::Platforms(_) | Filter::Labels(_) => by_content(surveyor, step, arriving).await,
        Filter::Plugin(cast) => match by_plugin(surveyor, id, cast, arriving).await {
            Ok(verdicts) => verdicts,
            Err(fault) => {
                sieved.fault = Some(fault);
                return sieved;
            }
        },
        // Policies are asked where something would be written.
        Filter::Judge(_) => return sieved,
    };
    let mut verdicts = verdicts.into_iter();
    for flow in arriving {
        let mut passed = flow.then(id, Pass::Through);
        for (image, verdict) in flow.images.iter().zip(verdicts.by_ref()) {
            match verdict {
                Verdict::Passes => passed.images.push(Arc::clone(image)),
                Verdict::Broken(fault) => passed.broken.push((Arc::clone(image), fault)),
                Verdict::LeftOut(why) => sieved.skips.push(Skip {
                    step: id.clone(),
                    image: image.reference.to_string(),
                    why,
                }),
            }
        }
        sieved.passed.push(passed);
    }
    sieved
}

impl Sieved {
    fn nothing() -> Self {
        Self { passed: Vec::new(), skips: Vec::new(), fault: None }
    }
}

/// For each image in the order of the flows; needs no request. The rule is for all tags of a
/// repository together, whichever way they came.
fn by_tag(rule: &TagRule, arriving: &[Flow]) -> Result<Vec<Verdict>, Fault> {
    let repository = |image: &Arc<Image>| {
        let (reference, name) = (&image.reference, &image.reference.name);
        (reference.transport.clone(), reference.place.clone(), name.repository.clone())
    };
    let mut tags: BTreeMap<_, (Vec<String>, BTreeSet<String>)> = BTreeMap::new();
    for image in arriving.iter().flat_map(|flow| &flow.images) {
        if let Some(tag) = &image.reference.name.tag {
            let (list, seen) = tags.entry(repository(image)).or_default();
            if seen.insert(tag.clone()) {
                list.push(tag.clone());
            }
        }
    }
    let mut left_out = BTreeMap::new();
    for (repository, (list, _)) in tags {
        let selected = rule.select(&list)?;
        left_out.insert(repository, selected.left_out.into_iter().collect::<BTreeMap<_, _>>());
    }
    let verdict = |image: &Arc<Image>| {
        let Some(tag) = &image.reference.name.tag else {
            return Verdict::LeftOut("it has no tag".to_owned());
        };
        let why = left_out.get(&repository(image)).and_then(|tags| tags.get(tag));
        why.map_or(Verdict::Passes, |why| Verdict::LeftOut(why.clone()))
    };
    Ok(arriving.iter().flat_map(|flow| &flow.images).map(verdict).collect())
}

/// For each image in the order of the flows; reads manifests and configs.
async fn by_content(surveyor: &Arc<Surveyor>, step: usize, arriving: &[Flow]) -> Vec<Verdict> {
    let mut all = Vec::new();
    for flow in arriving {
        all.extend(flow.images.iter().map(|image| (Arc::clone(&flow.path), Arc::clone(image))));
    }
    each(all, surveyor.at_once, |(path, image)| {
        let surveyor = Arc::clone(surveyor);
        async move {
            match look(&surveyor, step, &path.edits, &image).await {
                Ok(Ok(())) => Verdict::Passes,
                Ok(Err(why)) => Verdict::LeftOut(why),
                Err(fault) => Verdict::Broken(fault),
            }
        }
    })
    .await
}

async fn look(
    surveyor: &Surveyor,
    step: usize,
    edits: &[usize],
    image: &Image,
) -> Result<Result<(), String>, Fault> {
    let pinned = image.pin().await?;
    let filling = surveyor.filling(&image.reference, pinned.digest.as_str());
    let rule = rule_name(surveyor, step, edits, &filling);
    let ledger = surveyor.ledger.as_ref();
    if ledger.is_some_and(|ledger| ledger.edited(&pinned.digest, &rule).is_some()) {
        return Ok(Ok(()));
    }
    let content: Passed<_> = edit::apply(surveyor, image, &pinned, edits, &filling).await?;
    let content = match content {
        Ok(content) => content,
        Err(left_out) => return Ok(Err(format!("{} at `{}`", left_out.why, left_out.step))),
    };
    let verdict = match surveyor.filter(step) {
        Some(Filter::Platforms(wanted)) => has_platforms(surveyor, image, &content, wanted).await?,
        Some(Filter::Labels(rule)) => has_labels(surveyor, image, &content, rule).await?,
        _ => Ok(()),
    };
    if let (Ok(()), Some(ledger)) = (&verdict, ledger) {
        let (source, chain, result) = (pinned.digest.clone(), rule, pinned);
        // Only a hint for the next run: that it could not be kept is no fault of the image.
        drop(ledger.record_edited(&Edited { source, chain, result }));
    }
    Ok(verdict)
}

/// Names a rule with all that its verdict on a digest depends on, so that the ledger can remember
/// who passed, as it remembers edits: by digest and chain. Who did not pass is looked at again,
/// since the ledger has no place for reasons.
fn rule_name(surveyor: &Surveyor, step: usize, edits: &[usize], filling: &Filling<'_>) -> String {
    let rule = match surveyor.filter(step) {
        Some(Filter::Platforms(wanted)) => {
            json!({"platforms": wanted.iter().map(edit::exact).collect::<Vec<_>>()})
        }
        Some(Filter::Labels(rule)) => json!({"include": rule.include, "exclude": rule.exclude}),
        _ => json!(null),
    };
    let chain = edit::chain(&surveyor.steps, edits, filling);
    let engine = env!("CARGO_PKG_VERSION");
    let text = json!({"filter": rule, "engine": engine, "after": chain}).to_string();
    Digest::of(text.as_bytes()).to_string()
}

async fn has_platforms(
    surveyor: &Surveyor,
    image: &Image,
    content: &edit::Content,
    wanted: &[Platform],
) -> Result<Result<(), String>, Fault> {
    let manifest = content.parse(image)?;
    let config = match &manifest.shape {
        Shape::Image { config, .. } => config,
        Shape::Index(_) => {
            let missing = edit::missing(&content.images(&manifest), wanted);
            return Ok(missing.map_or(Ok(()), Err));
        }
        Shape::Schema1(_) => {
            return Ok(Err("a schema 1 manifest does not say for which platform it is".to_owned()));
        }
    };
    let Some(has) = content.config(&surveyor.contents, image, config).await?.platform else {
        return Ok(Err("it is no image for a platform".to_owned()));
    };
    let lacking = wanted.iter().find(|wanted| !wanted.covers(&has));
    Ok(lacking.map_or(Ok(()), |lacking| Err(format!("it has no {lacking}"))))
}

async fn has_labels(
    surveyor: &Surveyor,
    image: &Image,
    content: &edit::Content,
    rule: &LabelRule,
) -> Result<Result<(), String>, Fault> {
    if let Shape::Schema1(_) = content.parse(image)?.shape {
        return Ok(Err("a schema 1 manifest has no labels".to_owned()));
    }
    for config in content.configs(&surveyor.contents, image).await? {
        if let Err(why) = rule.passes(&config.labels)? {
            return Ok(Err(why));
        }
    }
    Ok(Ok(()))
}
