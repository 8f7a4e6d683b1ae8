//! The bindings of the WIT package, generated when this crate is built. The only file of a plugin
//! in which `unsafe` code stands; nothing here is written by hand.

wit_bindgen::generate!({
    path: "../../wit",
    world: "transport-plugin",
    pub_export_macro: true,
    export_macro_name: "export_bindings",
    default_bindings_module: "engine_plugin_sdk::bindings",
    runtime_path: "engine_plugin_sdk::wit_bindgen::rt",
});
