//! The generated host side of `wit/`. Nothing is written by hand here: the interfaces once, and each
//! role's world on top of them.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::pedantic,
    clippy::allow_attributes_without_reason,
    reason = "generated from wit/, where the documents stand"
)]

wasmtime::component::bindgen!({
    path: "../wit",
    inline: "
        package engine:host;

        /// All that any role may import.
        world everything {
            import engine:plugin/types@0.2.0;
            import engine:plugin/body@0.2.0;
            import engine:plugin/http@0.2.0;
            import engine:plugin/fs@0.2.0;
            import engine:plugin/notes@0.2.0;
            import engine:plugin/log@0.2.0;
            import engine:plugin/clock@0.2.0;
            import engine:plugin/random@0.2.0;
            import engine:plugin/judgement@0.2.0;
            import engine:plugin/keys@0.2.0;
            import engine:plugin/image@0.2.0;
            import engine:plugin/material@0.2.0;
        }
    ",
    world: "everything",
    imports: { default: async | trappable },
    with: {
        "engine:plugin/body.source": crate::host::imports::handle::Source,
        "engine:plugin/body.sink": crate::host::imports::handle::Sink,
        "engine:plugin/fs.guard": crate::host::imports::handle::Guard,
        "engine:plugin/keys.key": crate::host::imports::handle::GrantedKey,
    },
});

pub mod transport {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "transport-plugin",
        exports: { default: async },
        with: { "engine:plugin": crate::host::bindings::engine::plugin },
    });
}

pub mod signer {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "signer-plugin",
        exports: { default: async },
        with: { "engine:plugin": crate::host::bindings::engine::plugin },
    });
}

pub mod policy {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "policy-plugin",
        exports: { default: async },
        with: { "engine:plugin": crate::host::bindings::engine::plugin },
    });
}

pub mod filter {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "filter-plugin",
        exports: { default: async },
        with: { "engine:plugin": crate::host::bindings::engine::plugin },
    });
}

pub mod transform {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "transform-plugin",
        exports: { default: async },
        with: { "engine:plugin": crate::host::bindings::engine::plugin },
    });
}
