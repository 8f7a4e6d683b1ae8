//! Compresses the layers of one item anew: finds them, checks what they unpack to, and makes the
//! manifests when all layers are at the destination.

use super::content::Content;
use super::error::TransferFault;
use super::recompressed::RecompressedLayers;
use super::tree::{MANIFESTS_AT_ONCE, Manifests, Tree, parse};
use crate::diagnostic::Fault;
use crate::oci::{
    Algorithm, Blob, Descriptor, Digest, MAX_MANIFEST_BYTES, Manifest, Recipe, Recompression,
    Shape, edit, media_type, read_config, rebuild,
};
use crate::plan::{Item, Made, SourceAnnotations};
use crate::role::Manifested;
use bytes::Bytes;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of the largest config that is read. Configs have no bound of their own; this is the one of
/// manifests.
const MAX_CONFIG_BYTES: u64 = MAX_MANIFEST_BYTES;

/// What an item compresses anew.
pub(super) struct Recompress {
    recipe: Recipe,
    /// The layers, each once.
    pub(super) layers: Vec<(Blob, Recompression)>,
    /// What configs say that they unpack to.
    unpacks_to: Vec<(Content, Digest)>,
}

/// A blob that is at its destination, and what it is there.
pub(super) struct Arrived {
    /// What was read for it, and what was done to that.
    pub(super) content: Content,
    /// What was written.
    pub(super) written: Descriptor,
}

/// A manifest that names layers to be compressed anew.
struct Changing {
    config: Descriptor,
    /// Its layers in their order; `None`: it is kept.
    layers: Vec<(Descriptor, Option<Recompression>)>,
}

impl Recompress {
    /// Finds the layers that a recipe changes, takes them out of the tree's blobs, and reads from the
    /// configs what they must unpack to.
    pub(super) async fn find(
        recipe: Recipe,
        manifests: &Manifests,
        tree: &mut Tree,
        made: &[Made],
    ) -> Result<Self, Fault> {
        let mut changing = Vec::new();
        let mut kept = BTreeSet::new();
        let mut layers = BTreeMap::new();
        for manifest in tree.all() {
            let parsed = parse(manifest)?;
            let recompressions = recompressions(recipe, manifest, &parsed)?;
            let Shape::Image { config, layers: named } = parsed.shape else {
                kept.extend(parsed.blobs().into_iter().map(|blob| blob.digest));
                continue;
            };
            kept.insert(config.digest.clone());
            let all: Vec<_> = named.into_iter().zip(recompressions).collect();
            for (layer, recompression) in &all {
                match recompression {
                    None => {
                        kept.insert(layer.digest.clone());
                    }
                    Some(recompression) => {
                        let content = Content::made(&layer.digest, *recompression);
                        layers.insert(content, (Blob::from(layer), *recompression));
                    }
                }
            }
            if all.iter().any(|(_, recompression)| recompression.is_some()) {
                changing.push(Changing { config, layers: all });
            }
        }
        tree.blobs.retain(|blob| kept.contains(&blob.digest));
        let read = changing.into_iter().map(|changing| unpacks_to(manifests, made, changing));
        let read = stream::iter(read).buffered(MANIFESTS_AT_ONCE);
        let unpacks_to: Vec<Vec<_>> = read.try_collect().await?;
        let unpacks_to = unpacks_to.into_iter().flatten().collect();
        Ok(Self { recipe, layers: layers.into_values().collect(), unpacks_to })
    }

    /// Whether a manifest is an index, or an image with a layer that is compressed anew. Referrers of
    /// such a manifest describe the source's bytes, not the new ones.
    pub(super) fn changes(&self, manifest: &Manifested) -> Result<bool, Fault> {
        let parsed = parse(manifest)?;
        let of_layers = recompressions(self.recipe, manifest, &parsed)?;
        Ok(parsed.is_index() || of_layers.iter().any(Option::is_some))
    }

    /// The tree of manifests over the layers that were written.
    ///
    /// # Errors
    ///
    /// `transfer::layer-content` where a layer does not unpack to what its config says.
    pub(super) fn rebuilt(
        &self,
        item: &Item,
        tree: Tree,
        memory: &RecompressedLayers,
        arrived: &[Arrived],
    ) -> Result<Tree, Fault> {
        self.check(memory)?;
        let written: BTreeMap<&Content, &Descriptor> =
            arrived.iter().map(|one| (&one.content, &one.written)).collect();
        let mut replaced: Vec<(Descriptor, Descriptor)> = Vec::new();
        let Tree { top, mut below, mut blobs } = tree;
        for manifest in below.iter_mut().flatten() {
            let old = manifest.descriptor.clone();
            if let Some(bytes) = self.rebuild(manifest, &written, &replaced)? {
                *manifest = Manifested::of(&old.media_type, bytes);
                replaced.push((old, manifest.descriptor.clone()));
            }
        }
        let top = match self.rebuild(&top, &written, &replaced)? {
            Some(bytes) => annotated(item, &top.descriptor.media_type, bytes)?,
            None => top,
        };
        blobs.extend(self.layers.iter().filter_map(|(blob, recompression)| {
            let written = written.get(&Content::made(&blob.digest, *recompression))?;
            Some(Blob::from(*written))
        }));
        Ok(Tree { top, below, blobs })
    }

    /// Checks that the layers unpack to what their configs say. The ledger knows it of layers that an
    /// earlier run unpacked; a layer of which nobody knows it is passed over.
    fn check(&self, memory: &RecompressedLayers) -> Result<(), Fault> {
        for (content, expected) in &self.unpacks_to {
            let found = memory.of(content).and_then(|known| known.plain);
            let found = found.filter(|_| expected.algorithm() == Algorithm::Sha256);
            if let Some(found) = found.filter(|found| found != expected) {
                let (layer, expected) = (content.read.clone(), expected.clone());
                return Err(TransferFault::LayerContent { layer, expected, found }.into());
            }
        }
        Ok(())
    }

    /// The bytes of a manifest over what was written; `None` where nothing changes.
    fn rebuild(
        &self,
        manifest: &Manifested,
        written: &BTreeMap<&Content, &Descriptor>,
        children: &[(Descriptor, Descriptor)],
    ) -> Result<Option<Vec<u8>>, Fault> {
        let parsed = parse(manifest)?;
        let mut pairs = children.to_vec();
        let of_layers = recompressions(self.recipe, manifest, &parsed)?;
        if let Shape::Image { layers, .. } = parsed.shape {
            for (layer, recompression) in layers.into_iter().zip(of_layers) {
                let Some(recompression) = recompression else { continue };
                let content = Content::made(&layer.digest, recompression);
                let written = written.get(&content).ok_or(TransferFault::Crashed)?;
                let kind = recompression.media_type(&parsed.media_type);
                let new = Descriptor::new(kind, written.digest.clone(), written.size);
                pairs.push((layer, new));
            }
        }
        let bytes = rebuild(&manifest.bytes, &pairs).map_err(|cause| odd(manifest, cause))?;
        Ok((bytes != manifest.bytes).then_some(bytes))
    }
}

fn recompressions(
    recipe: Recipe,
    manifest: &Manifested,
    parsed: &Manifest,
) -> Result<Vec<Option<Recompression>>, Fault> {
    recipe.of(parsed).map_err(|cause| odd(manifest, cause))
}

fn odd(manifest: &Manifested, cause: edit::EditFault) -> Fault {
    TransferFault::NotRebuilt { digest: manifest.descriptor.digest.clone(), cause }.into()
}

/// The top manifest with the source annotations, by which a run without a ledger recognizes it. A
/// Docker manifest has no annotations and stays as it is.
fn annotated(item: &Item, kind: &str, bytes: Vec<u8>) -> Result<Manifested, Fault> {
    let draft = Manifested::of(kind, bytes);
    if media_type::is_docker(kind) {
        return Ok(draft);
    }
    let made = SourceAnnotations { source: item.pinned.digest.clone(), chain: item.chain.clone() };
    let bytes = edit::annotate(kind, &draft.bytes, &made.to_annotations(), &BTreeSet::new())
        .map_err(|cause| odd(&draft, cause))?;
    Ok(Manifested::of(kind, bytes))
}

/// What the config of a manifest says of the layers that change.
async fn unpacks_to(
    manifests: &Manifests,
    made: &[Made],
    changing: Changing,
) -> Result<Vec<(Content, Digest)>, Fault> {
    let Changing { config, layers } = changing;
    let made = made.iter().find(|made| made.descriptor.digest == config.digest);
    let bytes = match made {
        Some(made) => made.bytes.clone(),
        None => read(manifests, &config).await?,
    };
    let diff_ids = diff_ids(&bytes);
    if diff_ids.len() != layers.len() {
        return Ok(Vec::new());
    }
    let pairs = layers.into_iter().zip(diff_ids);
    let of_layer = |((layer, recompression), diff_id): ((Descriptor, _), Digest)| {
        Some((Content::made(&layer.digest, recompression?), diff_id))
    };
    Ok(pairs.filter_map(of_layer).collect())
}

async fn read(manifests: &Manifests, config: &Descriptor) -> Result<Bytes, Fault> {
    let source = &manifests.source;
    let body = source.session.get_blob(&source.repository, config, 0).await?;
    body.verified(&config.digest, Some(config.size)).read_all(MAX_CONFIG_BYTES).await
}

/// The digests of the layers without compression; none where the config does not say them.
///
/// Source: image-spec 1.1, "Image Configuration", `rootfs.diff_ids`.
fn diff_ids(config: &[u8]) -> Vec<Digest> {
    #[derive(Deserialize)]
    struct Config {
        rootfs: RootFs,
    }
    #[derive(Deserialize)]
    struct RootFs {
        diff_ids: Vec<Digest>,
    }
    let config: Result<Config, _> = read_config(config);
    config.map(|config| config.rootfs.diff_ids).unwrap_or_default()
}
