//! Filters by what an image holds: its platforms, or the labels of its configs.

use super::concurrency::concurrently;
use super::content_cache::ContentCache;
use super::edited_image::EditedImage;
use super::filtered::Filtered;
use super::image::Image;
use super::left_out::{LeftOut, NotPassed};
use super::nested_indexes::NestedIndexes;
use super::platforms::{SCHEMA1, exact, lacking};
use super::route::{Route, RoutedImages};
use super::transforms::Transforms;
use crate::diagnostic::Fault;
use crate::graph::LabelRule;
use crate::oci::{Descriptor, Digest, Platform, Shape};
use crate::role::{Edited, Ledger, Remembered};
use serde_json::json;
use std::sync::Arc;

/// Why what has no platform is left out.
const NO_IMAGE: &str = "it is no image for a platform";

/// A filter that reads manifests and configs.
pub(super) struct ContentFilter {
    /// What it lets through.
    pub rule: ContentRule,
    /// What was read.
    pub contents: Arc<ContentCache>,
    /// The transforms that images passed before.
    pub transforms: Arc<Transforms>,
    /// What earlier runs did.
    pub ledger: Option<Arc<dyn Ledger>>,
}

/// What a filter by content lets through.
pub(super) enum ContentRule {
    /// Images that have all of these platforms.
    Platforms(Vec<Platform>),
    /// Images whose labels pass.
    Labels(LabelRule),
}

impl ContentFilter {
    /// For each image in their order.
    pub(super) async fn apply(self, arriving: &[RoutedImages], at_once: usize) -> Vec<Filtered> {
        let mut all = Vec::new();
        for routed in arriving {
            let images = routed.images.iter();
            all.extend(images.map(|image| (Arc::clone(&routed.route), Arc::clone(image))));
        }
        let filter = Arc::new(self);
        let look = |(route, image): (Arc<Route>, Arc<Image>)| {
            let filter = Arc::clone(&filter);
            async move {
                match filter.look(&route.edits, &image).await {
                    Ok(None) => Filtered::Passes,
                    Ok(Some(why)) => Filtered::LeftOut(why),
                    Err(fault) => Filtered::Failed(fault),
                }
            }
        };
        concurrently(all, at_once, look).await
    }

    /// Why an image does not pass; `None` where it does.
    async fn look(&self, edits: &[usize], image: &Image) -> Result<Option<String>, Fault> {
        let pinned = image.pin().await?;
        let rule = self.name(edits, image, &pinned);
        let ledger = self.ledger.as_ref();
        if ledger.is_some_and(|ledger| {
            ledger.edited(Remembered::Choice, &pinned.digest, &rule).is_some()
        }) {
            return Ok(None);
        }
        let edited = match self.transforms.apply(edits, image, &pinned).await {
            Ok(edited) => edited,
            Err(NotPassed::LeftOut(LeftOut { step, why })) => {
                return Ok(Some(format!("{why} at `{step}`")));
            }
            Err(NotPassed::Failed(fault)) => return Err(fault),
        };
        let why = match &self.rule {
            ContentRule::Platforms(wanted) => self.lacks(image, &edited, wanted).await?,
            ContentRule::Labels(rule) => self.breaks(image, &edited, rule).await?,
        };
        if let (None, Some(ledger)) = (&why, ledger) {
            let (source, chain, result) = (pinned.digest.clone(), rule, pinned);
            // Only a hint for the next run: that it could not be kept is no fault of the image.
            ledger.record_edited(&Edited { kind: Remembered::Choice, source, chain, result }).ok();
        }
        Ok(why)
    }

    /// Names the rule with all that its answer about a digest depends on, so that the ledger can
    /// remember which images passed, as it remembers edits: by digest and chain. Those that did not
    /// pass are looked at again, since the ledger has no place for reasons.
    fn name(&self, edits: &[usize], image: &Image, pinned: &Descriptor) -> String {
        let rule = match &self.rule {
            ContentRule::Platforms(wanted) => {
                json!({"platforms": wanted.iter().map(exact).collect::<Vec<_>>()})
            }
            ContentRule::Labels(rule) => json!({"include": rule.include, "exclude": rule.exclude}),
        };
        let chain = self.transforms.chain(edits, &image.reference, &pinned.digest);
        let engine = env!("CARGO_PKG_VERSION");
        let text = json!({"filter": rule, "engine": engine, "after": chain}).to_string();
        Digest::of(text.as_bytes()).to_string()
    }

    async fn lacks(
        &self,
        image: &Image,
        edited: &EditedImage,
        wanted: &[Platform],
    ) -> Result<Option<String>, Fault> {
        let manifest = edited.parse(image)?;
        let config = match &manifest.shape {
            Shape::Image { config, .. } => config,
            Shape::Index(_) => {
                let nested = NestedIndexes::read(&self.contents, image, edited, &manifest).await?;
                let images = [edited.images(&manifest), nested.images()].concat();
                return Ok(lacking(&images, wanted));
            }
            Shape::Artifact(_) => return Ok(Some(NO_IMAGE.to_owned())),
            Shape::Schema1(_) => return Ok(Some(SCHEMA1.to_owned())),
        };
        let Some(has) = edited.config(&self.contents, image, config).await?.platform else {
            return Ok(Some(NO_IMAGE.to_owned()));
        };
        let lacking = wanted.iter().find(|wanted| !wanted.covers(&has));
        Ok(lacking.map(|lacking| format!("it has no {lacking}")))
    }

    async fn breaks(
        &self,
        image: &Image,
        edited: &EditedImage,
        rule: &LabelRule,
    ) -> Result<Option<String>, Fault> {
        let manifest = edited.parse(image)?;
        if let Shape::Schema1(_) = manifest.shape {
            return Ok(Some("a schema 1 manifest has no labels".to_owned()));
        }
        let nested = NestedIndexes::read(&self.contents, image, edited, &manifest).await?;
        let nested = nested.images();
        let configs = edited.configs(&self.contents, image, &manifest, &nested);
        for config in configs.await? {
            if let Err(why) = rule.passes(&config.labels)? {
                return Ok(Some(why));
            }
        }
        Ok(None)
    }
}
