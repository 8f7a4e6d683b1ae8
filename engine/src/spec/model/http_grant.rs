//! A host of `grants.http`.

use crate::diagnostic::Place;
use crate::spec::Text;
use crate::spec::fill::{Fill, Filling, fills};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// A host that a component may ask: its URL, or a map that also names a login.
#[derive(Debug, Clone, PartialEq)]
pub enum HttpGrant {
    /// Its URL; it gets no login.
    Url(Text),
    /// Its URL and the login that goes there.
    WithLogin(HttpLogin),
}

/// A host, and the registry whose login goes there.
#[derive(Debug, Clone, PartialEq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HttpLogin {
    /// `scheme://host[:port]`: the origin of the registry.
    pub url: Text,
    /// The registry whose login goes there, as `registries` names it; without it, none goes there.
    #[serde(default)]
    pub auth: Option<Text>,
}

fills!(HttpLogin { url: "url", auth: "auth" });

impl HttpGrant {
    /// The URL, with its place in the file.
    pub fn url(&self, at: &Place) -> (Place, &str) {
        match self {
            Self::Url(url) => (at.clone(), url.text()),
            Self::WithLogin(login) => (at.key("url"), login.url.text()),
        }
    }

    /// The registry whose login goes there.
    pub fn auth(&self) -> Option<&str> {
        match self {
            Self::Url(_) => None,
            Self::WithLogin(login) => login.auth.as_ref().map(Text::text),
        }
    }
}

impl Fill for HttpGrant {
    fn fill(&mut self, at: &Place, filling: &mut Filling<'_>) {
        match self {
            Self::Url(url) => url.fill(at, filling),
            Self::WithLogin(login) => login.fill(at, filling),
        }
    }
}

impl<'de> Deserialize<'de> for HttpGrant {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct UrlOrMap;

        impl<'de> Visitor<'de> for UrlOrMap {
            type Value = HttpGrant;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a URL, or a map with `url` and `auth`")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<HttpGrant, E> {
                Ok(HttpGrant::Url(Text::from_written(text)))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<HttpGrant, A::Error> {
                HttpLogin::deserialize(MapAccessDeserializer::new(map)).map(HttpGrant::WithLogin)
            }
        }

        from.deserialize_any(UrlOrMap)
    }
}

impl JsonSchema for HttpGrant {
    fn schema_name() -> Cow<'static, str> {
        "httpGrant".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let login = generator.subschema_for::<HttpLogin>();
        json_schema!({
            "description": "a URL, or a map with `url` and `auth`",
            "type": ["string", "object"],
            "if": {"type": "object"},
            "then": login,
        })
    }
}
