//! The transport `oci`: an OCI image layout in a directory.
//!
//! In: the directory `root` with `oci-layout`, `index.json` and `blobs/`. Out: the same, with
//! names set for whole groups in one write. It never follows a path that a digest did not make,
//! never writes into a directory that is something else, and never sets a name before its content.

mod index_json;
mod layout;
mod name;
mod session;

use layout::Layout;

engine_plugin_sdk::export_transport!(Layout);
