//! The tags of a repository under which companions may stand, read once in a run.

use super::OpenRepository;
use super::names::may_be_companion;
use crate::diagnostic::{Fault, Retry};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::OnceCell;

/// The tags of repositories under which companions may stand. Each list of tags is read once.
#[derive(Default)]
pub(crate) struct CompanionTags(Mutex<HashMap<Key, Arc<OnceCell<List>>>>);

/// Step, place and repository.
type Key = (String, String, String);

type List = Result<Arc<BTreeSet<String>>, Fault>;

impl CompanionTags {
    /// Those of one repository; none where its place lists no tags.
    ///
    /// # Errors
    ///
    /// What the place says. A fault that would be the same again is remembered like a list.
    pub(crate) async fn of(&self, at: &OpenRepository<'_>) -> List {
        if !at.lists_tags {
            return Ok(Arc::default());
        }
        self.once((at.step, at.place, at.name), at.session.list_tags(at.name)).await
    }

    /// The same for whoever reads the list by `read`, which is dropped where the list is known.
    ///
    /// # Errors
    ///
    /// As [`CompanionTags::of`].
    pub(crate) async fn once(
        &self,
        (step, place, repository): (&str, &str, &str),
        read: impl Future<Output = Result<Vec<String>, Fault>>,
    ) -> List {
        let cell = {
            let key = (step.to_owned(), place.to_owned(), repository.to_owned());
            let mut lists = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(lists.entry(key).or_default())
        };
        let read = || async {
            match read.await {
                Ok(mut tags) => {
                    tags.retain(|tag| may_be_companion(tag));
                    Ok(Ok(Arc::new(tags.into_iter().collect())))
                }
                Err(fault) if fault.retry == Retry::Never => Ok(Err(fault)),
                Err(fault) => Err(fault),
            }
        };
        cell.get_or_try_init(read).await?.clone()
    }
}
