//! The transport `docker`: registries that speak the distribution-spec 1.1.
//!
//! In: names, digests and answers of a registry. Out: the requests that the protocol wants. It
//! never sees a credential, never builds a URL of an unchecked name or digest, never follows a
//! link to another host for a listing, and never repeats what failed: the engine decides that.

mod address;
mod answer;
mod blobs;
mod link;
mod listing;
mod manifests;
mod referrers;
mod session;
mod upload;

use address::Registry;

engine_plugin_sdk::export_transport!(Registry);
