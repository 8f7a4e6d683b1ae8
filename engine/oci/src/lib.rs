//! The words that the engine and its plugins share: digests, descriptors, platforms, references
//! and manifests, the edits that a manifest can take, how layers are compressed anew and manifests
//! made of them, what signatures sign, globs over names, and base64.
//!
//! Everything here is pure and builds for the host and for `wasm32-unknown-unknown`. Nothing here
//! trusts its input: every text is checked before it becomes a value, so that a [`Digest`] can be
//! put into a URL or a path without another look.

pub mod base64;
mod codec;
mod descriptor;
mod digest;
pub mod edit;
mod glob;
mod manifest;
pub mod media_type;
mod name;
mod new_manifest;
mod one_reading;
mod platform;
mod rebuild;
mod recipe;
mod reference;
mod reference_form;
mod signed_form;
pub mod simple_signing;
mod strict;

pub use codec::Codec;
pub use descriptor::{Blob, Descriptor};
pub use digest::{Algorithm, Digest, DigestFault, Hasher};
pub use glob::{Glob, GlobFault};
pub use manifest::{Manifest, ManifestFault, Shape};
pub use name::Name;
pub use new_manifest::{NewManifest, NewManifestFault, attachment_config};
pub use one_reading::read_config;
pub use platform::{Platform, PlatformFault};
pub use rebuild::rebuild;
pub use recipe::{Recipe, Recompression};
pub use reference::{Reference, ReferenceFault};
pub use reference_form::{
    LegalNames, PlaceKind, PolicyScopes, ReferenceForm, ReferenceShape, TransportWords,
};
pub use signed_form::{SignedForm, SignedFormFault};

/// Bytes of the largest manifest or index that is read.
///
/// Source: distribution-spec 1.1, "Pushing manifests": registries should accept at least 4
/// megabytes; clients that take more than registries do would copy what cannot be pushed.
pub const MAX_MANIFEST_BYTES: u64 = 4 * 1024 * 1024;
