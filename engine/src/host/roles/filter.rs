//! A component in the role of a filter.

use super::checked_results::lied;
use crate::diagnostic::{Fault, Origin};
use crate::host::bindings::filter::FilterPluginPre;
use crate::host::bindings::filter::exports::engine::plugin::filter as wit;
use crate::host::instance::bound_component::BoundComponent;
use crate::host::instance::guest::Guest;
use crate::host::instance::image_in_hand::Show;
use crate::host::instance::prepared::Prepared;
use crate::host::roles::conversions::{descriptor_to_guest, plain};
use crate::role::{Candidate, Filter};
use async_trait::async_trait;

/// One filter, bound to one step.
pub(in crate::host) struct PluginFilter {
    pub(in crate::host) bound: BoundComponent,
    pub(in crate::host) component: Prepared<FilterPluginPre<Guest>>,
}

#[async_trait]
impl Filter for PluginFilter {
    async fn needs(&self) -> Result<Vec<String>, Fault> {
        let settings = self.bound.settings();
        self.bound
            .once(&self.component, Show::default(), Origin::Plugin, move |store, plugin| {
                Box::pin(
                    async move { plugin.engine_plugin_filter().call_needs(store, &settings).await },
                )
            })
            .await
    }

    async fn select(&self, candidates: &[Candidate]) -> Result<Vec<Option<String>>, Fault> {
        let count = candidates.len();
        let asked: Vec<wit::Candidate> = candidates.iter().map(candidate).collect();
        let settings = self.bound.settings();
        let choices = self
            .bound
            .once(&self.component, Show::default(), Origin::Plugin, move |store, plugin| {
                Box::pin(async move {
                    plugin.engine_plugin_filter().call_select(store, &asked, &settings).await
                })
            })
            .await?;
        if choices.len() != count {
            let found = choices.len();
            return Err(lied(format!("it made {found} choices for {count} candidates")));
        }
        let reason = |choice: wit::Choice| (!choice.keep).then(|| plain(&choice.reason));
        Ok(choices.into_iter().map(reason).collect())
    }
}

fn candidate(candidate: &Candidate) -> wit::Candidate {
    wit::Candidate {
        repository: candidate.repository.clone(),
        tag: candidate.tag.clone(),
        descriptor: candidate.descriptor.as_ref().map(descriptor_to_guest),
        facts: candidate.facts.clone(),
    }
}
