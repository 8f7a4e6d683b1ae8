//! A component in the role of a signer. Its keys stay here; what it makes is checked and bounded.

use super::checked_results::lied;
use super::conversions::plain;
use crate::diagnostic::{Fault, Origin};
use crate::host::bindings::signer::SignerPluginPre;
use crate::host::bindings::signer::exports::engine::plugin::signer as wit;
use crate::host::instance::bound_component::BoundComponent;
use crate::host::instance::guest::Guest;
use crate::host::instance::image_in_hand::Show;
use crate::host::instance::prepared::Prepared;
use crate::host::roles::judged::{evidence_to_guest, subject_to_guest};
use crate::role::{Artifact, ArtifactForm, Evidence, Presence, Signer, Subject};
use async_trait::async_trait;
use bytes::Bytes;

/// Artifacts of one signing. Source: `wit/signer.wit`.
const MAX_ARTIFACTS: usize = 16;
/// Bytes of one. Source: the same.
const MAX_ARTIFACT: usize = 4 << 20;

/// One signer, bound to one step.
pub(in crate::host) struct PluginSigner {
    pub(in crate::host) bound: BoundComponent,
    pub(in crate::host) component: Prepared<SignerPluginPre<Guest>>,
}

#[async_trait]
impl Signer for PluginSigner {
    async fn needs(&self) -> Result<Vec<String>, Fault> {
        let settings = self.bound.settings();
        self.bound
            .once(&self.component, Show::default(), Origin::Plugin, move |store, plugin| {
                Box::pin(
                    async move { plugin.engine_plugin_signer().call_needs(store, &settings).await },
                )
            })
            .await
    }

    async fn present(&self, subject: &Subject, evidence: &[Evidence]) -> Result<Presence, Fault> {
        let (asked, pieces) = (subject_to_guest(subject), evidence_to_guest(evidence));
        let settings = self.bound.settings();
        let presence = self
            .bound
            .once(&self.component, Show::default(), Origin::Plugin, move |store, plugin| {
                Box::pin(async move {
                    let signer = plugin.engine_plugin_signer();
                    signer.call_present(store, &asked, &pieces, &settings).await
                })
            })
            .await?;
        Ok(match presence {
            wit::Presence::Yes => Presence::Yes,
            wit::Presence::No => Presence::No,
            wit::Presence::Fetch => Presence::Fetch,
        })
    }

    async fn sign(&self, subject: &Subject) -> Result<Vec<Artifact>, Fault> {
        let asked = subject_to_guest(subject);
        let settings = self.bound.settings();
        let made = self
            .bound
            .once(&self.component, Show::signing(subject), Origin::Plugin, move |store, plugin| {
                Box::pin(async move {
                    plugin.engine_plugin_signer().call_sign(store, &asked, &settings).await
                })
            })
            .await?;
        if made.len() > MAX_ARTIFACTS {
            return Err(lied(format!("it made more than {MAX_ARTIFACTS} artifacts")));
        }
        made.into_iter().map(artifact).collect()
    }
}

fn artifact(made: wit::Artifact) -> Result<Artifact, Fault> {
    if made.bytes.len() > MAX_ARTIFACT {
        return Err(lied(format!("an artifact has more than {MAX_ARTIFACT} bytes")));
    }
    let form = match made.form.as_str() {
        "attachment" => ArtifactForm::Attachment,
        "referrer" => ArtifactForm::Referrer {
            artifact_type: made.artifact_type,
            annotations: made.manifest_annotations.into_iter().collect(),
        },
        other => return Err(lied(format!("`{}` is no form of an artifact", plain(other)))),
    };
    Ok(Artifact {
        form,
        media_type: plain(&made.media_type),
        bytes: Bytes::from(made.bytes),
        annotations: made.annotations.into_iter().collect(),
    })
}
