//! What filters that judge have in common, and the settings of the built-in components.

use crate::spec::Settings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use std::borrow::Cow;

/// What becomes of an image that a policy does not allow.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct On {
    /// A rule forbids it, or what speaks for it is wrong. reject.
    pub violation: Option<OnRefusal>,
    /// What must speak for it is not there. reject.
    pub missing: Option<OnRefusal>,
    /// It could not be judged: a fault, a trap, a timeout. reject.
    pub error: Option<OnError>,
}

/// What becomes of an image that is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnRefusal {
    /// It is refused: exit code 3.
    Reject,
    /// It is left out, as by any filter.
    Skip,
    /// It passes, with a warning.
    Warn,
}

/// What becomes of an image that could not be judged. It never passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnError {
    /// It is refused: exit code 3.
    Reject,
    /// It fails, as on any fault: exit code 1.
    Fail,
}

/// Settings of a built-in component, whose own schema stands in for them.
macro_rules! built_in {
    ($(#[$doc:meta])* $name:ident, $title:literal, $file:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Default, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Settings);

        impl crate::spec::fill::Fill for $name {
            fn fill(
                &mut self,
                at: &crate::diagnostic::Place,
                filling: &mut crate::spec::fill::Filling<'_>,
            ) {
                self.0.fill(at, filling);
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                $title.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let text = include_str!(concat!("../../../../plugins/", $file, "/settings.schema.json"));
                serde_json::from_str(text).unwrap_or_default()
            }
        }
    };
}

built_in!(
    /// Signatures that an image must have.
    Verify, "verify", "policy-sigstore"
);
built_in!(
    /// Rules that an image must keep.
    Rules, "rules", "policy-rules"
);
built_in!(
    /// How an image is signed.
    Sign, "sign", "signer-sigstore"
);
