//! Filters: which images a step lets through, and why not the others.

use super::content_cache::ContentCache;
use super::filter_content::{ContentFilter, ContentRule};
use super::filter_plugin::by_plugin;
use super::filtered::Filtered;
use super::image::Image;
use super::route::{RoutedImages, StepEffect};
use super::transforms::Transforms;
use crate::diagnostic::Fault;
use crate::graph::{Filter, TagRule};
use crate::plan::Skip;
use crate::role::{Ledger, Roles};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Applies the filters of the graph.
pub(super) struct Filters {
    /// The components.
    pub roles: Arc<Roles>,
    /// What was read.
    pub contents: Arc<ContentCache>,
    /// The transforms that images passed before a filter.
    pub transforms: Arc<Transforms>,
    /// What earlier runs did.
    pub ledger: Option<Arc<dyn Ledger>>,
    /// Images looked at at once.
    pub at_once: usize,
}

/// What a filter made of what arrived.
pub(super) struct FilterOutcome {
    /// Those that pass.
    pub passed: Vec<RoutedImages>,
    /// Those that do not.
    pub skips: Vec<Skip>,
}

impl Filters {
    /// Lets images through the filter `step`. Policies are no filters here: they are asked where
    /// something would be written.
    ///
    /// # Errors
    ///
    /// What is wrong with the rule itself; nothing passes then.
    pub(super) async fn apply(
        &self,
        step: &str,
        filter: &Filter,
        arriving: Vec<RoutedImages>,
    ) -> Result<FilterOutcome, Fault> {
        let filtered = match filter {
            Filter::Tags(rule) => by_tag(rule, &arriving)?,
            Filter::Platforms(wanted) => {
                self.by_content(ContentRule::Platforms(wanted.clone()), &arriving).await
            }
            Filter::Labels(rule) => {
                self.by_content(ContentRule::Labels(rule.clone()), &arriving).await
            }
            Filter::Plugin(cast) => {
                let filter = self.roles.filter(step, &cast.word)?.as_ref();
                by_plugin(filter, &self.contents, self.at_once, &arriving).await?
            }
            Filter::Judge(_) => Vec::new(),
        };
        let mut filtered = filtered.into_iter();
        let mut outcome = FilterOutcome { passed: Vec::new(), skips: Vec::new() };
        for routed in arriving {
            let mut passed = routed.then(step, StepEffect::Nothing);
            for (image, filtered) in
                std::mem::take(&mut passed.images).into_iter().zip(&mut filtered)
            {
                match filtered {
                    Filtered::Passes => passed.images.push(image),
                    Filtered::Failed(fault) => passed.failed.push((image, fault)),
                    Filtered::LeftOut(why) => outcome.skips.push(Skip {
                        step: step.to_owned(),
                        image: image.reference.to_string(),
                        why,
                    }),
                }
            }
            outcome.passed.push(passed);
        }
        Ok(outcome)
    }

    async fn by_content(&self, rule: ContentRule, arriving: &[RoutedImages]) -> Vec<Filtered> {
        let filter = ContentFilter {
            rule,
            contents: Arc::clone(&self.contents),
            transforms: Arc::clone(&self.transforms),
            ledger: self.ledger.clone(),
        };
        filter.apply(arriving, self.at_once).await
    }
}

/// For each image in their order; needs no request. The rule is for all tags of a
/// repository together, whichever way they came.
fn by_tag(rule: &TagRule, arriving: &[RoutedImages]) -> Result<Vec<Filtered>, Fault> {
    let repository = |image: &Arc<Image>| {
        let (reference, name) = (&image.reference, &image.reference.name);
        (reference.transport.clone(), reference.place.clone(), name.repository.clone())
    };
    let mut tags: BTreeMap<_, (Vec<String>, BTreeSet<String>)> = BTreeMap::new();
    for image in arriving.iter().flat_map(|routed| &routed.images) {
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
    let filtered = |image: &Arc<Image>| {
        let Some(tag) = &image.reference.name.tag else {
            return Filtered::LeftOut("it has no tag".to_owned());
        };
        let why = left_out.get(&repository(image)).and_then(|tags| tags.get(tag));
        why.map_or(Filtered::Passes, |why| Filtered::LeftOut(why.clone()))
    };
    Ok(arriving.iter().flat_map(|routed| &routed.images).map(filtered).collect())
}
