//! Borrows the login of its step for what the step was not given. An act is `METHOD URL`; what is
//! put there is an index without images, which every registry takes.

use engine_plugin_sdk::http::Request;
use engine_plugin_sdk::{Fault, Source};
use guest_stage::{Hostile, Stage};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// The guest.
pub struct Trespasser;

engine_plugin_sdk::export_transport!(Stage<Trespasser>);

impl Hostile for Trespasser {
    fn act(what: &str) -> Result<(), Fault> {
        let (method, url) = what.split_once(' ').unwrap_or_default();
        let request = match method {
            "PUT" => {
                let index =
                    format!(r#"{{"schemaVersion":2,"mediaType":"{INDEX}","manifests":[]}}"#);
                let body = Source::from_bytes(index.as_bytes());
                Request::new("PUT", url).header("content-type", INDEX).body(body)
            }
            _ => Request::new("GET", url),
        };
        let answer = request.send()?;
        // It got through: whoever waits for a refusal sees another code.
        Err(Fault::new("got-through", format!("status {}", answer.status)))
    }
}
