//! Items are done here: blobs, manifests, referrers, and the tag, last.
//!
//! In: items of a plan that have the same source image, as [`ItemInWork`]s, and the roles of the run.
//! Out: for each, what its destination has now or a fault. Nothing here decides *whether* an item
//! is done, or tries twice: that is `drive`'s.
//!
//! The rules that hold at every moment, so that a killed run leaves content without names and
//! never a name without content, stand in `write` (children, index, referrers, tag) and in
//! `attempt` (no manifest before its blobs).

mod attempt;
mod codes;
mod companions;
mod content;
mod copy_blob;
mod error;
mod item_in_work;
mod missing_parts;
mod mount_or_send;
mod pieces;
mod placed_signatures;
mod places;
mod recompress;
mod recompressed;
mod repository_session;
mod settings;
mod sign;
#[expect(clippy::module_inception, reason = "files are named after their noun")]
mod transfer;
mod tree;
mod unread_companions;
mod write;

#[cfg(test)]
mod content_tests;
#[cfg(test)]
mod placed_signatures_tests;
#[cfg(test)]
mod recompress_tests;
#[cfg(test)]
mod shared_tag_tests;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod transfer_tests;

pub use attempt::Ended;
pub use item_in_work::{ItemInWork, Tally};
pub use settings::Settings;
pub use transfer::Transfer;
