//! The sandbox: components, what they may use, and how their answers become ours.
//!
//! In go components and what a step grants them; out come the traits of `role`. A guest decides
//! (which URL, which file, what an answer means); bytes flow from host to host. The promises of
//! the sandbox stand in `SECURITY.md`.

mod bindings;
pub(crate) mod codes;
mod config;
mod fault;
mod imports;
mod instance;
mod load;
mod roles;
mod store;

pub use fault::HostFault;
pub use instance::SharedMachine;
pub use load::{Floor, load};
pub use store::{
    ComponentFiles, MAX_COMPONENT_BYTES, Store, allows, catalog, catalog_with_store,
    component_layer, other_version,
};
