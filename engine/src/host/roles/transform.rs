//! A component in the role of a transform.

use super::checked_results::lied;
use super::conversions::descriptor_to_guest;
use crate::diagnostic::{Fault, Origin};
use crate::host::bindings::transform::TransformPluginPre;
use crate::host::bindings::transform::exports::engine::plugin::transform as wit;
use crate::host::instance::bound_component::BoundComponent;
use crate::host::instance::guest::Guest;
use crate::host::instance::image_in_hand::Show;
use crate::host::instance::prepared::Prepared;
use crate::oci::MAX_MANIFEST_BYTES;
use crate::role::{Document, Rewritten, Transform};
use async_trait::async_trait;
use bytes::Bytes;

/// One transform, bound to one step.
pub(in crate::host) struct PluginTransform {
    pub(in crate::host) bound: BoundComponent,
    pub(in crate::host) component: Prepared<TransformPluginPre<Guest>>,
}

#[async_trait]
impl Transform for PluginTransform {
    async fn needs(&self) -> Result<Vec<String>, Fault> {
        let settings = self.bound.settings();
        self.bound
            .once(&self.component, Show::default(), Origin::Plugin, move |store, plugin| {
                Box::pin(async move {
                    plugin.engine_plugin_transform().call_needs(store, &settings).await
                })
            })
            .await
    }

    async fn rewrite(&self, document: &Document) -> Result<Option<Rewritten>, Fault> {
        let asked = wit::Document {
            descriptor: descriptor_to_guest(&document.descriptor),
            bytes: document.bytes.to_vec(),
            config: document.config.as_ref().map(|config| config.to_vec()),
            changed: document
                .changed
                .iter()
                .map(|(old, new)| (old.to_string(), descriptor_to_guest(new)))
                .collect(),
            extra: vec![("reference".to_owned(), document.reference.clone())],
        };
        let settings = self.bound.settings();
        let edit = self
            .bound
            .once(&self.component, Show::default(), Origin::Plugin, move |store, plugin| {
                Box::pin(async move {
                    plugin.engine_plugin_transform().call_rewrite(store, &asked, &settings).await
                })
            })
            .await?;
        let Some(wit::Edit { bytes, config, .. }) = edit else { return Ok(None) };
        let too_large = |bytes: &Vec<u8>| bytes.len() as u64 > MAX_MANIFEST_BYTES;
        if too_large(&bytes) || config.as_ref().is_some_and(too_large) {
            let what = format!("it made a document of more than {MAX_MANIFEST_BYTES} bytes");
            return Err(lied(what));
        }
        Ok(Some(Rewritten { bytes: Bytes::from(bytes), config: config.map(Bytes::from) }))
    }
}
