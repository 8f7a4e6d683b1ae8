//! The transport `dir`: one image as plain files in a directory, as Skopeo writes it.
//!
//! In: the directory `root`. Out: `version` first, then content under its digests, `manifest.json`
//! last and all at once, so a write can be begun again and an old image stays whole until the new
//! one is. It never writes into a directory that is something else, and never removes a file whose
//! name it would not have given.

mod folder;
mod names;
mod session;
mod signatures;

use folder::Folder;

engine_plugin_sdk::export_transport!(Folder);
