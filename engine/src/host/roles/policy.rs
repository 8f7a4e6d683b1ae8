//! A component in the role of a policy. Whatever goes wrong means no.

use super::checked_results::lied;
use super::conversions::plain;
use crate::diagnostic::{Fault, Origin};
use crate::host::bindings::engine::plugin::judgement::Claim as WitClaim;
use crate::host::bindings::policy::PolicyPluginPre;
use crate::host::bindings::policy::exports::engine::plugin::policy as wit;
use crate::host::instance::bound_component::BoundComponent;
use crate::host::instance::guest::Guest;
use crate::host::instance::image_in_hand::Show;
use crate::host::instance::prepared::Prepared;
use crate::host::roles::judged::{evidence_to_guest, subject_to_guest};
use crate::role::{Claim, Decision, Evidence, Exhibit, Policy, Refusal, Subject};
use async_trait::async_trait;
use std::sync::Arc;

/// Claims, and reasons, of one verdict; forms of evidence that are asked for. Source:
/// `wit/policy.wit`.
const MAX_LIST: usize = 64;

/// One policy, bound to one step.
pub(in crate::host) struct PluginPolicy {
    pub(in crate::host) bound: BoundComponent,
    pub(in crate::host) component: Prepared<PolicyPluginPre<Guest>>,
}

#[async_trait]
impl Policy for PluginPolicy {
    async fn needs(&self, subject: &Subject) -> Result<Vec<String>, Fault> {
        let (asked, settings) = (subject_to_guest(subject), self.bound.settings());
        let mut forms = self
            .bound
            .once(&self.component, Show::default(), Origin::Policy, move |store, plugin| {
                Box::pin(async move {
                    plugin.engine_plugin_policy().call_needs(store, &asked, &settings).await
                })
            })
            .await?;
        forms.truncate(MAX_LIST);
        Ok(forms)
    }

    async fn decide(
        &self,
        subject: &Subject,
        evidence: &[Evidence],
        exhibit: Arc<dyn Exhibit>,
    ) -> Result<Decision, Fault> {
        let (asked, pieces) = (subject_to_guest(subject), evidence_to_guest(evidence));
        let settings = self.bound.settings();
        let made = self
            .bound
            .once(
                &self.component,
                Show::judging(subject, exhibit),
                Origin::Policy,
                move |store, plugin| {
                    Box::pin(async move {
                        let policy = plugin.engine_plugin_policy();
                        policy.call_decide(store, &asked, &pieces, &settings).await
                    })
                },
            )
            .await?;
        decision(made)
    }
}

fn decision(made: wit::Decision) -> Result<Decision, Fault> {
    let wit::Decision { allowed, kind, claims, reasons, .. } = made;
    let refusal = match (allowed, kind.as_str()) {
        (true, _) => None,
        (false, "missing") => Some(Refusal::Missing),
        (false, _) => Some(Refusal::Violation),
    };
    if refusal.is_some() && reasons.is_empty() {
        return Err(lied("it refuses an image without a reason".to_owned()));
    }
    let claim = |claim: WitClaim| Claim {
        evidence: claim.evidence,
        by: plain(&claim.by),
        says: plain(&claim.says),
    };
    Ok(Decision {
        refusal,
        claims: claims.into_iter().take(MAX_LIST).map(claim).collect(),
        reasons: reasons.iter().take(MAX_LIST).map(|reason| plain(reason)).collect(),
    })
}
