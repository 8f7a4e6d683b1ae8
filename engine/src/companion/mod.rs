//! What travels with an image: its signatures, attestations and SBOMs, and every manifest that
//! names it as its subject.
//!
//! [`names`] is pure: it knows the tags under which companions stand, and is all that `plan` uses.
//! The rest is given an [`OpenRepository`] and asks it. `survey` reads companions as evidence,
//! `transfer` copies them and writes new ones; both go through here, so that what one of them finds
//! the other finds too.

mod artifact;
mod attachment;
mod codes;
mod companion_fault;
mod evidence;
pub(crate) mod names;
mod open_repository;
mod referrers;
mod shared_tag;
mod signing;
mod tags;

pub(crate) use artifact::Carrier;
pub(crate) use companion_fault::CompanionFault;
pub(crate) use evidence::{evidence, fetch};
pub(crate) use open_repository::OpenRepository;
pub(crate) use referrers::Referrers;
pub(crate) use shared_tag::{SharedTag, TagTurns};
pub(crate) use signing::{is_signed, subject};
pub(crate) use tags::CompanionTags;

#[cfg(test)]
#[path = "companion_tests.rs"]
mod tests;
