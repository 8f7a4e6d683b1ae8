//! A tag that others write too, as `sha256-<hex>.sig`.
//!
//! A registry keeps the manifest that was put last under a tag, whoever put another there in
//! between. So the tag is read before it is written, the entries of others are kept, and it is read
//! again afterwards; an entry of ours that got lost is written again. A registry may show the old one for
//! a moment: what is not there yet is looked at again after a pause. In this process one at a time writes
//! a tag.

use super::attachment::{Merged, merge};
use super::{OpenRepository, codes};
use crate::diagnostic::{Backoff, Fault, Origin, Retry};
use crate::event::{Event, Events};
use crate::oci::{Digest, media_type};
use crate::role::{Manifested, Selector};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How often a tag is written before we give way to others.
const MAX_WRITES: u32 = 3;

/// The pauses before a tag that was written is looked at once more. 1 s, then 2 s.
const PAUSES: Backoff = Backoff { first: Duration::from_secs(1), longest: Duration::from_secs(2) };

/// The locks of those who write the same thing in this process.
#[derive(Default)]
pub(crate) struct TagTurns(Mutex<HashMap<Key, Turn>>);

/// Place, repository, and the tag or whatever else is written.
type Key = (String, String, String);

type Turn = Arc<tokio::sync::Mutex<()>>;

impl TagTurns {
    /// The lock of those who write `what` in a repository.
    pub(crate) fn of(&self, at: &OpenRepository<'_>, what: &str) -> Turn {
        let key = (at.place.to_owned(), at.name.to_owned(), what.to_owned());
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(key).or_default())
    }
}

/// A tag that others write too.
#[derive(Clone, Copy)]
pub(crate) struct SharedTag<'a> {
    /// The repository.
    pub at: OpenRepository<'a>,
    /// The tag.
    pub tag: &'a str,
}

/// What a tag must come to point to.
enum Next {
    /// It points there, or to more.
    Nothing,
    /// Ours as it is: nothing is there, or `replaced`, which holds no entries that could be kept.
    Ours { replaced: Option<Digest> },
    /// The entries of both.
    Both(Merged),
}

impl SharedTag<'_> {
    /// Whether the tag has all entries of the manifest `ours`.
    ///
    /// # Errors
    ///
    /// What the place says.
    pub(crate) async fn has(&self, ours: &Manifested) -> Result<bool, Fault> {
        Ok(matches!(self.next(ours).await?, Next::Nothing))
    }

    /// Writes the manifest `ours`, whose blobs are there, under the tag by `put`, and keeps the
    /// entries of others that are there. A manifest whose entries cannot be kept is replaced, with
    /// a warning.
    ///
    /// # Errors
    ///
    /// What the place says, and of which tag; `companion::signatures-lost` when others write the tag at
    /// the same time, and our entries did not stay.
    pub(crate) async fn write<F>(
        &self,
        turns: &TagTurns,
        events: &Events,
        ours: &Manifested,
        put: impl Fn(Manifested) -> F,
    ) -> Result<(), Fault>
    where
        F: Future<Output = Result<(), Fault>>,
    {
        let turn = turns.of(&self.at, self.tag);
        let _held = turn.lock().await;
        let mut ours = ours.clone();
        let mut next = self.next(&ours).await?;
        for written in 1..=MAX_WRITES {
            match next {
                Next::Nothing => return Ok(()),
                Next::Ours { replaced } => {
                    if let Some(old) = replaced {
                        events.say(&Event::Warned { fault: self.replaces(&old) });
                    }
                }
                // What others had is ours to keep from now on.
                Next::Both(Merged { manifest, config }) => {
                    self.at.put_small(media_type::OCI_CONFIG, config.into()).await?;
                    ours = Manifested::of(media_type::OCI_MANIFEST, manifest);
                }
            }
            if let Err(fault) = put(ours.clone()).await {
                // Where tags never move, somebody else may have written the same meanwhile.
                let is_there =
                    fault.retry == Retry::Never && self.has(&ours).await.unwrap_or(false);
                return if is_there { Ok(()) } else { Err(self.refused(fault)) };
            }
            next = self.read_back(&ours, written).await?;
        }
        match next {
            Next::Nothing => Ok(()),
            _ => Err(self.lost()),
        }
    }

    /// What the tag lacks after it was written so many times.
    async fn read_back(&self, ours: &Manifested, written: u32) -> Result<Next, Fault> {
        let next = self.next(ours).await?;
        if matches!(next, Next::Nothing) {
            return Ok(next);
        }
        tokio::time::sleep(PAUSES.after(written)).await;
        self.next(ours).await
    }

    async fn next(&self, ours: &Manifested) -> Result<Next, Fault> {
        let OpenRepository { session, name, .. } = self.at;
        let which = Selector::Tag(self.tag.to_owned());
        let Some(there) = session.resolve(name, &which).await? else {
            return Ok(Next::Ours { replaced: None });
        };
        if there.digest == ours.descriptor.digest {
            return Ok(Next::Nothing);
        }
        let replaced = Next::Ours { replaced: Some(there.digest) };
        if !matches!(self.tag.rsplit_once('.'), Some((_, "sig" | "att"))) {
            return Ok(replaced);
        }
        let Some(there) = session.get_manifest(name, &which).await? else {
            return Ok(Next::Ours { replaced: None });
        };
        Ok(match merge(&there.bytes, &ours.bytes) {
            Ok(None) => Next::Nothing,
            Ok(Some(both)) => Next::Both(both),
            Err(_) => replaced,
        })
    }

    fn replaces(&self, old: &Digest) -> Fault {
        let tag = self.tag;
        let message = format!("what stood under the tag `{tag}` is replaced by the source's");
        Fault::new(codes::SIGNATURES_REPLACED, Origin::Destination, message)
            .at(self.at.name_of(old))
            .help("what was there stays under that digest")
    }

    /// Says that it is not the image's own tag that was refused.
    fn refused(&self, fault: Fault) -> Fault {
        let what = match self.tag.rsplit_once('.') {
            Some((_, "sig")) => "signatures",
            Some((_, "att")) => "attestations",
            _ => "what belongs to the image",
        };
        let message = format!("{what} under the tag `{}`: {}", self.tag, fault.message);
        let place = format!("{}:{}", self.at.full_name(), self.tag);
        Fault { message, place: Some(place), ..fault }
    }

    fn lost(&self) -> Fault {
        let tag = self.tag;
        let message = format!(
            "the tag `{tag}` was written {MAX_WRITES} times, and each time something of it got lost"
        );
        Fault::new(codes::SIGNATURES_LOST, Origin::Destination, message)
            .retry(Retry::Backoff)
            .help("somebody else writes that tag at the same time")
    }
}
