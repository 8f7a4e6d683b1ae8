//! Lists of tags at destinations.

use super::concurrency::concurrently;
use super::lookup::SinkRepository;
use super::open_place::OpenPlace;
use crate::diagnostic::{Fault, Retry};
use crate::oci::Reference;
use crate::role::Session;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Repositories whose tags are to be read, with the place that is asked.
pub(super) type Unlisted = BTreeMap<SinkRepository, Arc<OpenPlace>>;

/// Lists of tags at destinations, each read once.
#[derive(Default)]
pub(super) struct TagLists {
    known: BTreeMap<SinkRepository, BTreeSet<String>>,
    /// Repositories that may be written, and whose tags may not be listed.
    refused: BTreeSet<SinkRepository>,
}

impl TagLists {
    /// Reads the lists that are not known yet. A list that cannot be read is not added; gives the
    /// faults, by step. That a list is refused is none: its tags can be asked for one by one.
    pub(super) async fn read(
        &mut self,
        mut unlisted: Unlisted,
        at_once: usize,
    ) -> Vec<(String, Fault)> {
        unlisted.retain(|repository, _| {
            !self.known.contains_key(repository) && !self.refused.contains(repository)
        });
        let read = |(repository, place): (SinkRepository, Arc<OpenPlace>)| async move {
            let name = &repository.1.name.repository;
            let ask = |session: Arc<dyn Session>| async move { session.list_tags(name).await };
            let tags = place.ask(name, ask).await;
            (repository, place, tags)
        };
        let mut faults = Vec::new();
        let unlisted = unlisted.into_iter().collect();
        for (repository, place, tags) in concurrently(unlisted, at_once, read).await {
            match tags {
                Ok(tags) => {
                    self.known.insert(repository, tags.into_iter().collect());
                }
                Err(fault) if fault.retry == Retry::Never => {
                    self.refused.insert(repository);
                }
                Err(fault) => faults.push((place.step.clone(), fault)),
            }
        }
        faults
    }

    /// The tags of a repository; `None` where they were not read.
    pub(super) fn of(&self, repository: &SinkRepository) -> Option<&BTreeSet<String>> {
        self.known.get(repository)
    }

    /// Whether a tag may be missing there: its list does not have it, or may not be read.
    pub(super) fn may_lack(&self, repository: &SinkRepository, tag: &str) -> bool {
        let is_refused = || self.refused.contains(repository);
        self.of(repository).map_or_else(is_refused, |tags| !tags.contains(tag))
    }

    /// Those of these repositories that have no tag at all.
    pub(super) fn empty(&self, repositories: BTreeSet<SinkRepository>) -> BTreeSet<Reference> {
        let is_empty =
            |repository: &SinkRepository| self.of(repository).is_some_and(BTreeSet::is_empty);
        repositories.into_iter().filter(is_empty).map(|(_, repository)| repository).collect()
    }
}
