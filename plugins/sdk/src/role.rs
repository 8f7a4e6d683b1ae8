//! One macro per role: it makes a component of the crate that calls it.

/// Makes a transport component of the crate: `export_transport!(MyTransport);`, once, at the top.
///
/// Does nothing where the crate is built for a machine other than `wasm32`, as its tests are.
#[macro_export]
macro_rules! export_transport {
    ($plugin:ty) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            type Played = $crate::export_transport::Exported<$plugin>;
            $crate::bindings::transport::export_bindings!(Played with_types_in $crate::bindings::transport);
        };
        // Elsewhere nothing is exported; the type is still held to the trait.
        #[cfg(not(target_family = "wasm"))]
        const _: fn() -> $crate::Capabilities = <$plugin as $crate::Transport>::describe;
    };
}

/// Makes a signer component of the crate: `export_signer!(MySigner);`, once, at the top.
///
/// Does nothing where the crate is built for a machine other than `wasm32`, as its tests are.
#[macro_export]
macro_rules! export_signer {
    ($plugin:ty) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            type Played = $crate::export_judging::ExportedSigner<$plugin>;
            $crate::bindings::signer::export_bindings!(Played with_types_in $crate::bindings::signer);
        };
        // Elsewhere nothing is exported; the type is still held to the trait.
        #[cfg(not(target_family = "wasm"))]
        const _: fn(&str) -> Result<Vec<String>, $crate::Fault> =
            <$plugin as $crate::Signer>::needs;
    };
}

/// Makes a filter component of the crate: `export_filter!(MyFilter);`, once, at the top.
///
/// Does nothing where the crate is built for a machine other than `wasm32`, as its tests are.
#[macro_export]
macro_rules! export_filter {
    ($plugin:ty) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            type Played = $crate::export_choosing::ExportedFilter<$plugin>;
            $crate::bindings::filter::export_bindings!(Played with_types_in $crate::bindings::filter);
        };
        // Elsewhere nothing is exported; the type is still held to the trait.
        #[cfg(not(target_family = "wasm"))]
        const _: fn(&str) -> Result<Vec<String>, $crate::Fault> =
            <$plugin as $crate::Filter>::needs;
    };
}

/// Makes a transform component of the crate: `export_transform!(MyTransform);`, once, at the top.
///
/// Does nothing where the crate is built for a machine other than `wasm32`, as its tests are.
#[macro_export]
macro_rules! export_transform {
    ($plugin:ty) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            type Played = $crate::export_choosing::ExportedTransform<$plugin>;
            $crate::bindings::transform::export_bindings!(Played with_types_in $crate::bindings::transform);
        };
        // Elsewhere nothing is exported; the type is still held to the trait.
        #[cfg(not(target_family = "wasm"))]
        const _: fn(&str) -> Result<Vec<String>, $crate::Fault> =
            <$plugin as $crate::Transform>::needs;
    };
}

/// Makes a policy component of the crate: `export_policy!(MyPolicy);`, once, at the top.
///
/// Does nothing where the crate is built for a machine other than `wasm32`, as its tests are.
#[macro_export]
macro_rules! export_policy {
    ($plugin:ty) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            type Played = $crate::export_judging::ExportedPolicy<$plugin>;
            $crate::bindings::policy::export_bindings!(Played with_types_in $crate::bindings::policy);
        };
        // Elsewhere nothing is exported; the type is still held to the trait.
        #[cfg(not(target_family = "wasm"))]
        const _: fn(&$crate::Subject, &str) -> Result<Vec<String>, $crate::Fault> =
            <$plugin as $crate::Policy>::needs;
    };
}
