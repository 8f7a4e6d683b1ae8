//! Components at rest: their files, their manifests, their compiled code, and the catalog of a run.

pub(in crate::host) mod artifact;
pub(in crate::host) mod catalog;
pub(in crate::host) mod compiled;
pub(in crate::host) mod component;
mod files;
#[allow(clippy::module_inception, reason = "the folder holds more than the store of pulled ones")]
pub(in crate::host) mod store;

pub use artifact::component_layer;
pub use catalog::{catalog, catalog_with_store};
pub use component::{MAX_COMPONENT_BYTES, allows, other_version};
pub use files::ComponentFiles;
pub use store::Store;
