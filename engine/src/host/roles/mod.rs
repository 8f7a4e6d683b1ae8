//! The roles that a component exports, as the traits of `role`: what a guest gives is checked here.

pub(in crate::host) mod checked_results;
pub(in crate::host) mod conversions;
pub(in crate::host) mod filter;
pub(in crate::host) mod judged;
pub(in crate::host) mod naming;
pub(in crate::host) mod place;
mod placed_signatures;
pub(in crate::host) mod policy;
mod read_manifests;
pub(in crate::host) mod reading;
pub(in crate::host) mod session;
pub(in crate::host) mod signer;
pub(in crate::host) mod single_call;
pub(in crate::host) mod transform;
pub(in crate::host) mod transport;
