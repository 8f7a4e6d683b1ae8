#![cfg_attr(doctest, doc = include_str!("../README.md"))]
//! What plugin authors build on: a transport is one type that implements [`Transport`], and one
//! line, [`export_transport!`], that makes a component of it.
//!
//! Built for `wasm32-unknown-unknown`, calls go to the engine. Built for any other machine, they
//! go to an outside made of memory, see [`testing`], so that a plugin's unit tests run with a
//! plain `cargo test`, sandbox, network and disk left out.
//!
//! The contract itself is the WIT package in `wit/`; every call is described there.

#[cfg(target_family = "wasm")]
extern crate self as engine_plugin_sdk;

#[cfg(target_family = "wasm")]
#[doc(hidden)]
pub mod bindings;
mod body;
#[cfg(target_family = "wasm")]
#[doc(hidden)]
pub mod export;
mod fault;
pub mod fs;
pub mod http;
#[cfg_attr(target_family = "wasm", path = "imports_engine.rs")]
#[cfg_attr(not(target_family = "wasm"), path = "imports_memory.rs")]
mod imports;
mod outside;
#[cfg(not(target_family = "wasm"))]
pub mod testing;
mod transport;

pub use body::{Sink, Source};
pub use engine_oci as oci;
pub use engine_oci::{Descriptor, Digest};
pub use fault::Fault;
pub use outside::{Level, log, now_millis, random};
pub use transport::{
    Capabilities, Content, Manifest, Naming, Page, Put, PutBlob, Reader, Selector, Side, Transport,
};
#[cfg(target_family = "wasm")]
#[doc(hidden)]
pub use wit_bindgen;

/// Makes a transport component of the crate: `export_transport!(MyTransport);`, once, at the top.
///
/// Does nothing where the crate is built for a machine other than `wasm32`, as its tests are.
///
/// ```
/// # use engine_plugin_sdk::*;
/// # struct Shelf;
/// # impl Transport for Shelf {
/// #     fn describe() -> Capabilities { Capabilities::default() }
/// #     fn open(_: &str, _: Side, _: &str) -> Result<Self, Fault> { Ok(Self) }
/// #     fn resolve(&self, _: &str, _: &Selector) -> Result<Option<Descriptor>, Fault> { Ok(None) }
/// #     fn get_manifest(&self, _: &str, _: &Selector) -> Result<Option<Manifest>, Fault> { Ok(None) }
/// #     fn get_blob(&self, _: &str, _: &Descriptor, _: u64) -> Result<Content, Fault> { todo!() }
/// #     fn has_blob(&self, _: &str, _: &Descriptor) -> Result<bool, Fault> { Ok(false) }
/// # }
/// engine_plugin_sdk::export_transport!(Shelf);
/// ```
#[macro_export]
macro_rules! export_transport {
    ($transport:ty) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            type Played = $crate::export::Exported<$transport>;
    $crate::bindings::export_bindings!(Played with_types_in $crate::bindings);
        };
        // Elsewhere nothing is exported; the type is still held to the trait.
        #[cfg(not(target_family = "wasm"))]
        const _: fn() -> $crate::Capabilities = <$transport as $crate::Transport>::describe;
    };
}
