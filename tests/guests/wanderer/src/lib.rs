//! Asks where it was not sent. An act is `METHOD URL`, with `header NAME` behind it if it is to
//! set a header that belongs to the engine.

use engine_plugin_sdk::Fault;
use engine_plugin_sdk::http::Request;
use guest_stage::{Hostile, Stage};

/// The guest.
pub struct Wanderer;

engine_plugin_sdk::export_transport!(Stage<Wanderer>);

impl Hostile for Wanderer {
    fn act(what: &str) -> Result<(), Fault> {
        let mut words = what.split(' ');
        let method = match words.next() {
            Some("POST") => "POST",
            Some("PUT") => "PUT",
            Some("DELETE") => "DELETE",
            _ => "GET",
        };
        let mut request = Request::new(method, words.next().unwrap_or_default());
        if let Some(name) = words.next() {
            request = request.header(name, "hostile");
        }
        let answer = request.send()?;
        // It got through: whoever waits for a refusal sees another code.
        Err(Fault::new("got-through", format!("status {}", answer.status)))
    }
}
