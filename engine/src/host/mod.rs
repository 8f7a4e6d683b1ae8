//! The sandbox: components, what they may use, and how their answers become ours.
//!
//! In go components and what a step grants them; out come the traits of `role`. A guest decides
//! (which URL, which file, what an answer means); bytes flow from host to host. The promises of
//! the sandbox stand in `SECURITY.md`.

mod answer;
mod artifact;
mod bindings;
mod call;
mod catalog;
mod compiled;
mod component;
mod config;
mod directory;
mod fault;
mod filter;
mod guest;
mod handle;
mod import_body;
mod import_fs;
mod import_http;
mod import_image;
mod import_keys;
mod import_small;
mod judged;
mod lacking;
mod leftover;
mod load;
mod machine;
mod memory;
mod naming;
mod once;
mod policy;
mod pool;
mod prepared;
mod sandbox;
mod seat;
mod session;
mod show;
mod signer;
mod store;
mod ticker;
mod transform;
mod transport;
mod words;

pub use artifact::component_layer;
pub use catalog::{catalog, catalog_with_store};
pub use component::{MAX_COMPONENT_BYTES, allows};
pub use fault::HostFault;
pub use load::{Floor, load};
pub use machine::Machine;
pub use store::Store;
