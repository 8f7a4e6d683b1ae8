//! Filters that are components: they choose among the images of one repository at a time.

use super::crowd::each;
use super::edit::Content;
use super::sieve::Verdict;
use super::walk::Surveyor;
use crate::diagnostic::Fault;
use crate::graph::Cast;
use crate::oci::Descriptor;
use crate::plan::Kept;
use crate::role::{Candidate, MAX_CANDIDATES};
use crate::survey::image::{Flow, Image};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// For each image in the order of the flows.
///
/// # Errors
///
/// What the component fails with: nothing passes then.
pub(super) async fn by_plugin(
    surveyor: &Arc<Surveyor>,
    step: &str,
    cast: &Cast,
    arriving: &[Flow],
) -> Result<Vec<Verdict>, Fault> {
    let filter = surveyor.roles.filter(step, &cast.word)?;
    let needs: BTreeSet<String> = filter.needs().await?.into_iter().collect();
    let images: Vec<Arc<Image>> = arriving.iter().flat_map(|flow| &flow.images).cloned().collect();
    let needs = Arc::new(needs);
    let asked = each(images.clone(), surveyor.at_once, |image| {
        let (surveyor, needs) = (Arc::clone(surveyor), Arc::clone(&needs));
        async move { candidate(&surveyor, &needs, &image).await }
    });
    let mut verdicts: Vec<Option<Verdict>> = Vec::new();
    let mut groups: BTreeMap<String, Vec<(usize, Candidate)>> = BTreeMap::new();
    for (index, candidate) in asked.await.into_iter().enumerate() {
        match candidate {
            Ok(candidate) => {
                let group = groups.entry(candidate.repository.clone()).or_default();
                group.push((index, candidate));
                verdicts.push(None);
            }
            Err(fault) => verdicts.push(Some(Verdict::Broken(fault))),
        }
    }
    for group in groups.into_values() {
        for batch in group.chunks(MAX_CANDIDATES) {
            let candidates: Vec<Candidate> =
                batch.iter().map(|(_, candidate)| candidate.clone()).collect();
            let choices = filter.select(&candidates).await?;
            for ((index, _), choice) in batch.iter().zip(choices) {
                if let Some(verdict) = verdicts.get_mut(*index) {
                    *verdict = Some(choice.map_or(Verdict::Passes, Verdict::LeftOut));
                }
            }
        }
    }
    // Each image got a verdict above; one without would not pass.
    let verdict = |verdict: Option<Verdict>| {
        verdict.unwrap_or_else(|| Verdict::LeftOut("the filter did not choose".to_owned()))
    };
    Ok(verdicts.into_iter().map(verdict).collect())
}

/// What a filter is told about an image.
async fn candidate(
    surveyor: &Surveyor,
    needs: &BTreeSet<String>,
    image: &Image,
) -> Result<Candidate, Fault> {
    let reference = &image.reference;
    let mut repository = reference.as_ref().clone();
    repository.name.tag = None;
    repository.name.digest = None;
    let mut candidate = Candidate {
        repository: repository.to_string(),
        tag: reference.name.tag.clone(),
        descriptor: None,
        facts: Vec::new(),
    };
    if needs.is_empty() {
        return Ok(candidate);
    }
    let pinned = image.pin().await?;
    if ["platforms", "labels", "created"].iter().any(|fact| needs.contains(*fact)) {
        candidate.facts = facts(surveyor, needs, image, &pinned).await?;
    }
    candidate.descriptor = Some(pinned);
    Ok(candidate)
}

async fn facts(
    surveyor: &Surveyor,
    needs: &BTreeSet<String>,
    image: &Image,
    pinned: &Descriptor,
) -> Result<Vec<(String, String)>, Fault> {
    let contents = &surveyor.contents;
    let bytes = contents.manifest(image, &pinned.digest).await?;
    let (descriptor, made) = (pinned.clone(), Vec::new());
    let content = Content { descriptor, bytes, kept: Kept::All, made };
    let mut facts = BTreeSet::new();
    for config in content.configs(contents, image).await? {
        if needs.contains("platforms") {
            facts.extend(config.platform.map(|is| ("platform".to_owned(), is.to_string())));
        }
        if needs.contains("labels") {
            let label = |(key, value)| ("label".to_owned(), format!("{key}={value}"));
            facts.extend(config.labels.into_iter().map(label));
        }
        if needs.contains("created") {
            facts.extend(config.created.map(|created| ("created".to_owned(), created)));
        }
    }
    Ok(facts.into_iter().collect())
}
