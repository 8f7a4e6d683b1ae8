//! Indexes within an index: the images that they hold, and what they become when the index is cut
//! to some platforms.

use super::codes;
use super::content_cache::{ContentCache, parse_manifest};
use super::edited_image::EditedImage;
use super::image::Image;
use crate::diagnostic::{Fault, Origin};
use crate::oci::edit::{self, EditFault, PlatformCut};
use crate::oci::{Descriptor, Digest, Manifest, Platform};
use crate::plan::Made;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use std::collections::BTreeSet;

/// Indexes in indexes. Nobody is known to nest more than twice; `transfer` has the same bound.
const MAX_DEPTH: usize = 8;
/// Indexes below one top that are read.
const MAX_INDEXES: usize = 1_000;

/// The indexes below a top, each once, those of one index before that index.
pub(super) struct NestedIndexes(Vec<NestedIndex>);

struct NestedIndex {
    digest: Digest,
    media_type: String,
    bytes: Bytes,
    children: Vec<Descriptor>,
}

/// What the indexes below a top become.
#[derive(Default)]
pub(super) struct CutIndexes {
    /// Those that hold a wanted image; the others go.
    pub holding: BTreeSet<Digest>,
    /// Those that became others, by their old digests.
    changed: Vec<(Digest, Descriptor)>,
    /// What they became.
    pub made: Vec<Made>,
}

impl NestedIndexes {
    /// Reads the indexes among the children that stay, and below these. An index in which nothing is
    /// nested costs no question.
    ///
    /// # Errors
    ///
    /// What reading fails with: an index that is not there would else be lost without a word.
    /// `survey::too-many`.
    pub(super) async fn read(
        contents: &ContentCache,
        image: &Image,
        edited: &EditedImage,
        top: &Manifest,
    ) -> Result<Self, Fault> {
        let children: Vec<Descriptor> = edited.images(top).into_iter().cloned().collect();
        let mut found = Vec::new();
        NestedReader { contents, image, edited }.read(children, 1, &mut found).await?;
        Ok(Self(found))
    }

    /// The images that they hold, without attestations.
    pub(super) fn images(&self) -> Vec<&Descriptor> {
        let children = self.0.iter().flat_map(|index| &index.children);
        children.filter(|child| !child.is_index() && child.attests().is_none()).collect()
    }

    /// Those that hold an image for a wanted platform.
    pub(super) fn holding(&self, wanted: &[Platform]) -> BTreeSet<Digest> {
        let mut holding = BTreeSet::new();
        for index in &self.0 {
            let cut = PlatformCut { wanted, nested: &holding };
            if edit::kept(&index.children, cut).is_ok() {
                holding.insert(index.digest.clone());
            }
        }
        holding
    }

    /// Cuts each to the wanted platforms.
    ///
    /// # Errors
    ///
    /// [`EditFault`] where one cannot be written anew.
    pub(super) fn cut(&self, wanted: &[Platform]) -> Result<CutIndexes, EditFault> {
        let mut all = CutIndexes::default();
        for index in &self.0 {
            let cut = PlatformCut { wanted, nested: &all.holding };
            let kept = edit::keep_platforms(&index.media_type, &index.bytes, &index.children, cut);
            let bytes = match kept {
                Err(EditFault::NothingLeft { .. }) => continue,
                kept => all.renamed(&index.children, kept?)?,
            };
            all.holding.insert(index.digest.clone());
            if bytes != index.bytes {
                let descriptor = Descriptor::of_manifest(index.media_type.as_str(), &bytes);
                all.changed.push((index.digest.clone(), descriptor.clone()));
                all.made.push(Made { descriptor, bytes: bytes.into(), is_blob: false });
            }
        }
        Ok(all)
    }
}

impl CutIndexes {
    /// An index with these children, which names what they became. One of which no child became
    /// another keeps its bytes.
    pub(super) fn renamed(
        &self,
        children: &[Descriptor],
        bytes: Vec<u8>,
    ) -> Result<Vec<u8>, EditFault> {
        let is_old = |child: &Descriptor| self.changed.iter().any(|(old, _)| *old == child.digest);
        if children.iter().any(is_old) {
            edit::replace_children(&bytes, &self.changed)
        } else {
            Ok(bytes)
        }
    }
}

struct NestedReader<'a> {
    contents: &'a ContentCache,
    image: &'a Image,
    edited: &'a EditedImage,
}

impl NestedReader<'_> {
    fn read<'b>(
        &'b self,
        children: Vec<Descriptor>,
        depth: usize,
        found: &'b mut Vec<NestedIndex>,
    ) -> BoxFuture<'b, Result<(), Fault>> {
        Box::pin(async move {
            for child in children {
                let is_known = found.iter().any(|known| known.digest == child.digest);
                if !child.is_index() || child.attests().is_some() || is_known {
                    continue;
                }
                if depth > MAX_DEPTH || found.len() == MAX_INDEXES {
                    let message =
                        "it has too many indexes within its index, or nests them too deeply";
                    let fault = Fault::new(codes::TOO_MANY, Origin::Source, message);
                    return Err(fault.at(self.image.reference.to_string()));
                }
                let NestedReader { contents, image, edited } = self;
                let bytes = edited.manifest(contents, image, &child.digest).await?;
                let manifest = parse_manifest(&image.reference, &child, &bytes)?;
                let children = manifest.entries().to_vec();
                self.read(children.clone(), depth + 1, found).await?;
                let (digest, media_type) = (child.digest, manifest.media_type);
                found.push(NestedIndex { digest, media_type, bytes, children });
            }
            Ok(())
        })
    }
}
