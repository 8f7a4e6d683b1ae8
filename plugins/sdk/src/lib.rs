#![cfg_attr(doctest, doc = include_str!("../README.md"))]
//! What plugin authors build on: one type that implements the trait of its role ([`Transport`],
//! [`Signer`], [`Policy`], [`Filter`], [`Transform`]), and one line, such as [`export_transport!`], that
//! makes a component of it.
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
mod capabilities;
#[cfg(target_family = "wasm")]
#[doc(hidden)]
pub mod export_choosing;
#[cfg(target_family = "wasm")]
#[doc(hidden)]
pub mod export_judging;
#[cfg(target_family = "wasm")]
#[doc(hidden)]
pub mod export_transport;
mod fault;
pub mod filter;
pub mod fs;
pub mod http;
pub mod image;
#[cfg_attr(target_family = "wasm", path = "imports_engine.rs")]
#[cfg_attr(not(target_family = "wasm"), path = "imports_memory.rs")]
mod imports;
mod judgement;
pub mod keys;
mod outside;
pub mod policy;
#[cfg(target_family = "wasm")]
mod raise;
mod role;
pub mod signer;
#[cfg(not(target_family = "wasm"))]
pub mod testing;
pub mod transform;
mod transport;

pub use body::{Sink, Source, written};
pub use capabilities::Capabilities;
pub use engine_oci as oci;
pub use engine_oci::{Descriptor, Digest};
pub use fault::Fault;
pub use filter::Filter;
pub use judgement::{Claim, Evidence, Subject};
pub use outside::{Level, log, material, note, noted, now_millis, random};
pub use policy::Policy;
pub use signer::Signer;
pub use transform::Transform;
pub use transport::{
    Content, Expected, Manifest, Naming, Page, Put, PutBlob, Reader, Selector, Side, Signature,
    Transport,
};
#[cfg(target_family = "wasm")]
#[doc(hidden)]
pub use wit_bindgen;
