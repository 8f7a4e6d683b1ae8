//! Puts one request into another, or into the words around it. An act is JSON: `method`, `url`, and
//! `header` with `value`; each may hold what it should not.

use engine_plugin_sdk::Fault;
use engine_plugin_sdk::http::Request;
use guest_stage::{Hostile, Stage};
use serde_json::Value;

/// The guest.
pub struct Smuggler;

engine_plugin_sdk::export_transport!(Stage<Smuggler>);

impl Hostile for Smuggler {
    fn act(what: &str) -> Result<(), Fault> {
        let act: Value = serde_json::from_str(what).map_err(|_| Fault::settings("no JSON"))?;
        let word = |key: &str| act.get(key).and_then(Value::as_str).map(str::to_owned);
        let method = word("method").map_or("GET", |method| method.leak());
        let mut request = Request::new(method, word("url").unwrap_or_default());
        if let Some(name) = word("header") {
            request = request.header(&name, word("value").unwrap_or_default());
        }
        let answer = request.send()?;
        // It got through: whoever waits for a refusal sees another code.
        Err(Fault::new("got-through", format!("status {}", answer.status)))
    }
}
