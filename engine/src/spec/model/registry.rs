//! The block `registries`.

use crate::diagnostic::Place;
use crate::spec::fill::{Fill, Filling, fills};
use crate::spec::{Text, Written};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// Settings of one registry.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Registry {
    /// Where it really is: `https://host:port` or `http://host:port`.
    pub endpoint: Option<Text>,
    /// How its certificate is checked.
    pub tls: Tls,
    /// How to log in; without it: auth.json and credential helpers.
    pub auth: Option<Auth>,
    /// How much is asked of it.
    pub limits: RegistryLimits,
    /// Hosts with ports that it may lead to although its address says otherwise.
    pub leads_to: Vec<Text>,
}

/// How a registry's certificate is checked.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Tls {
    /// `false`: HTTPS without checking, then plain HTTP.
    pub verify: Option<Written<bool>>,
    /// A PEM file of further authorities.
    pub ca: Option<TlsFile>,
    /// A PEM file with a client's certificate.
    pub cert: Option<TlsFile>,
    /// A PEM file with the client's key.
    pub key: Option<TlsFile>,
}

/// A PEM file.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TlsFile {
    /// Its path.
    pub file: Text,
}

/// How to log in: `username` and `password`, or `helper`, or `anonymous: true`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(extend("oneOf" = [
    {"required": ["username", "password"]},
    {"required": ["helper"]},
    {"required": ["anonymous"]},
]))]
pub struct Auth {
    /// The user.
    pub username: Option<Username>,
    /// Where the password is; never the password itself.
    pub password: Option<SecretFrom>,
    /// `NAME` of `docker-credential-NAME`.
    pub helper: Option<Text>,
    /// `true`: without logging in, whatever auth.json says.
    pub anonymous: Option<Written<bool>>,
}

/// Where a secret is: `env`, `file` or `exec`.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(extend("oneOf" = [
    {"required": ["env"]},
    {"required": ["file"]},
    {"required": ["exec"]},
]))]
pub struct SecretFrom {
    /// An environment variable.
    pub env: Option<Text>,
    /// A file.
    pub file: Option<Text>,
    /// A command, word by word, that prints it.
    #[schemars(length(min = 1))]
    pub exec: Option<Vec<Text>>,
}

/// A user's name: as it is, or where it is.
#[derive(Debug, Clone, PartialEq)]
pub enum Username {
    /// As it is.
    Plain(Text),
    /// Where it is.
    From(SecretFrom),
}

/// How much is asked of a registry.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct RegistryLimits {
    /// Requests in flight. 12.
    pub concurrent: Option<Written<u32>>,
    /// Requests in a second; without it no bound.
    pub requests_per_second: Option<Written<u32>>,
    /// Pulls that are left to others, where the registry says how many it allows. 0.
    pub reserve: Option<Written<u32>>,
}

fills!(Registry {
    endpoint: "endpoint",
    tls: "tls",
    auth: "auth",
    limits: "limits",
    leads_to: "leadsTo",
});
fills!(Tls { verify: "verify", ca: "ca", cert: "cert", key: "key" });
fills!(TlsFile { file: "file" });
fills!(Auth {
    username: "username",
    password: "password",
    helper: "helper",
    anonymous: "anonymous",
});
fills!(SecretFrom { env: "env", file: "file", exec: "exec" });
fills!(RegistryLimits {
    concurrent: "concurrent",
    requests_per_second: "requestsPerSecond",
    reserve: "reserve",
});

impl Fill for Username {
    fn fill(&mut self, at: &Place, filling: &mut Filling<'_>) {
        match self {
            Self::Plain(text) => text.fill(at, filling),
            Self::From(from) => from.fill(at, filling),
        }
    }
}

impl<'de> Deserialize<'de> for Username {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct TextOrMap;

        impl<'de> Visitor<'de> for TextOrMap {
            type Value = Username;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or a map with `env`, `file` or `exec`")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Username, E> {
                Ok(Username::Plain(Text::from_written(text)))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Username, A::Error> {
                SecretFrom::deserialize(MapAccessDeserializer::new(map)).map(Username::From)
            }
        }

        from.deserialize_any(TextOrMap)
    }
}

impl JsonSchema for Username {
    fn schema_name() -> Cow<'static, str> {
        "username".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let from = generator.subschema_for::<SecretFrom>();
        json_schema!({
            "description": "a text, or a map with `env`, `file` or `exec`",
            "type": ["string", "object"],
            "if": {"type": "object"},
            "then": from,
        })
    }
}
