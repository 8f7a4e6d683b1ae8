//! The bindings of the WIT package, generated when this crate is built: the interfaces once, and
//! each role's world on top of them. The only file of a plugin in which `unsafe` code stands; nothing
//! here is written by hand.

wit_bindgen::generate!({
    path: "../../wit",
    inline: "
        package engine:sdk;

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
    generate_all,
    runtime_path: "engine_plugin_sdk::wit_bindgen::rt",
});

/// A world on top of the interfaces above.
macro_rules! role {
    ($name:ident, $world:literal, { $($interface:literal: $module:ident),* $(,)? }) => {
        pub mod $name {
            wit_bindgen::generate!({
                path: "../../wit",
                world: $world,
                with: { $($interface: crate::bindings::engine::plugin::$module),* },
                pub_export_macro: true,
                export_macro_name: "export_bindings",
                default_bindings_module: "engine_plugin_sdk::bindings",
                runtime_path: "engine_plugin_sdk::wit_bindgen::rt",
            });
        }
    };
}

role!(transport, "transport-plugin", {
    "engine:plugin/types@0.2.0": types,
    "engine:plugin/body@0.2.0": body,
    "engine:plugin/http@0.2.0": http,
    "engine:plugin/fs@0.2.0": fs,
    "engine:plugin/notes@0.2.0": notes,
    "engine:plugin/log@0.2.0": log,
    "engine:plugin/clock@0.2.0": clock,
    "engine:plugin/random@0.2.0": random,
});

role!(signer, "signer-plugin", {
    "engine:plugin/types@0.2.0": types,
    "engine:plugin/body@0.2.0": body,
    "engine:plugin/http@0.2.0": http,
    "engine:plugin/log@0.2.0": log,
    "engine:plugin/clock@0.2.0": clock,
    "engine:plugin/random@0.2.0": random,
    "engine:plugin/judgement@0.2.0": judgement,
    "engine:plugin/keys@0.2.0": keys,
    "engine:plugin/material@0.2.0": material,
});

role!(policy, "policy-plugin", {
    "engine:plugin/types@0.2.0": types,
    "engine:plugin/log@0.2.0": log,
    "engine:plugin/clock@0.2.0": clock,
    "engine:plugin/judgement@0.2.0": judgement,
    "engine:plugin/keys@0.2.0": keys,
    "engine:plugin/image@0.2.0": image,
    "engine:plugin/material@0.2.0": material,
});

role!(filter, "filter-plugin", {
    "engine:plugin/types@0.2.0": types,
    "engine:plugin/log@0.2.0": log,
    "engine:plugin/clock@0.2.0": clock,
});

role!(transform, "transform-plugin", {
    "engine:plugin/types@0.2.0": types,
    "engine:plugin/log@0.2.0": log,
    "engine:plugin/material@0.2.0": material,
});
