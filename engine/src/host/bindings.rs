//! The generated host side of `wit/`. Nothing is written by hand here.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::pedantic,
    clippy::allow_attributes_without_reason,
    reason = "generated from wit/, where the documents stand"
)]

wasmtime::component::bindgen!({
    path: "../wit",
    world: "transport-plugin",
    imports: { default: async | trappable },
    exports: { default: async },
    with: {
        "engine:plugin/body.source": crate::host::handle::Source,
        "engine:plugin/body.sink": crate::host::handle::Sink,
        "engine:plugin/fs.guard": crate::host::handle::Guard,
    },
});
