//! Filters that are components: they choose among the images of one repository at a time.

use super::concurrency::concurrently;
use super::content_cache::ContentCache;
use super::edited_image::EditedImage;
use super::filtered::Filtered;
use super::image::Image;
use super::nested_indexes::NestedIndexes;
use super::route::RoutedImages;
use crate::diagnostic::Fault;
use crate::oci::Descriptor;
use crate::role::{Candidate, Filter, MAX_CANDIDATES};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// For each image in their order.
///
/// # Errors
///
/// What the component fails with: nothing passes then.
pub(super) async fn by_plugin(
    filter: &dyn Filter,
    contents: &Arc<ContentCache>,
    at_once: usize,
    arriving: &[RoutedImages],
) -> Result<Vec<Filtered>, Fault> {
    let needs: BTreeSet<String> = filter.needs().await?.into_iter().collect();
    let images: Vec<Arc<Image>> =
        arriving.iter().flat_map(|routed| &routed.images).cloned().collect();
    let needs = Arc::new(needs);
    let asked = concurrently(images, at_once, |image| {
        let (contents, needs) = (Arc::clone(contents), Arc::clone(&needs));
        async move { candidate(&contents, &needs, &image).await }
    });
    let mut all: Vec<Option<Filtered>> = Vec::new();
    let mut groups: BTreeMap<String, Vec<(usize, Candidate)>> = BTreeMap::new();
    for (index, candidate) in asked.await.into_iter().enumerate() {
        match candidate {
            Ok(candidate) => {
                let group = groups.entry(candidate.repository.clone()).or_default();
                group.push((index, candidate));
                all.push(None);
            }
            Err(fault) => all.push(Some(Filtered::Failed(fault))),
        }
    }
    for group in groups.into_values() {
        for batch in group.chunks(MAX_CANDIDATES) {
            let candidates: Vec<Candidate> =
                batch.iter().map(|(_, candidate)| candidate.clone()).collect();
            let choices = filter.select(&candidates).await?;
            for ((index, _), choice) in batch.iter().zip(choices) {
                if let Some(filtered) = all.get_mut(*index) {
                    *filtered = Some(choice.map_or(Filtered::Passes, Filtered::LeftOut));
                }
            }
        }
    }
    // Each image was chosen or not above; one that was forgotten would not pass.
    let chosen = |filtered: Option<Filtered>| {
        filtered.unwrap_or_else(|| Filtered::LeftOut("the filter did not choose".to_owned()))
    };
    Ok(all.into_iter().map(chosen).collect())
}

/// What a filter is told about an image.
async fn candidate(
    contents: &ContentCache,
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
        candidate.facts = facts(contents, needs, image, &pinned).await?;
    }
    candidate.descriptor = Some(pinned);
    Ok(candidate)
}

async fn facts(
    contents: &ContentCache,
    needs: &BTreeSet<String>,
    image: &Image,
    pinned: &Descriptor,
) -> Result<Vec<(String, String)>, Fault> {
    let unedited = EditedImage::read(contents, image, pinned).await?;
    let manifest = unedited.parse(image)?;
    let nested = NestedIndexes::read(contents, image, &unedited, &manifest).await?;
    let mut facts = BTreeSet::new();
    for config in unedited.configs(contents, image, &manifest, &nested.images()).await? {
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
