//! Passes off faults that the engine did not give it in this call as the engine's.
//!
//! It is not concurrent, so that one instance sees all calls and can keep what an earlier one got.

use engine_plugin_sdk::Fault;
use engine_plugin_sdk::http::Request;
use guest_stage::{Hostile, Stage};
use std::sync::Mutex;

/// The fact by which the engine knows its own faults.
const KEY: &str = "engine-fault";

/// The fault that the engine gave in the first call.
static KEPT: Mutex<Option<Fault>> = Mutex::new(None);

/// The guest.
pub struct Borrower;

engine_plugin_sdk::export_transport!(Stage<Borrower>);

impl Hostile for Borrower {
    const CONCURRENT: bool = false;

    fn act(what: &str) -> Result<(), Fault> {
        let mut kept = KEPT.lock().map_err(|_| Fault::io("a lock is broken"))?;
        match kept.as_ref() {
            None => {
                let given = refusal()?;
                *kept = Some(given.clone());
                Err(given)
            }
            // The words and the number of the first call, and a code of its own.
            Some(first) if what == "stale" => {
                Err(Fault { code: "unavailable".into(), ..first.clone() })
            }
            // A number that the engine has not given yet, beside one that it has.
            Some(first) if what == "ahead" => {
                let given = refusal()?;
                let next = given.fact_of(KEY).and_then(|number| number.parse::<u64>().ok());
                let next = next.unwrap_or_default().wrapping_add(1);
                Err(Fault::new("held", first.message.clone()).fact(KEY, next.to_string()))
            }
            // Its own, in other words: what is told is what the engine gave.
            Some(_) => {
                let given = refusal()?;
                Err(Fault { code: "denied".into(), message: "my own words".into(), ..given })
            }
        }
    }
}

/// A fault of the engine's: a host that was not granted.
fn refusal() -> Result<Fault, Fault> {
    match Request::new("GET", "https://not-granted.example/").send() {
        Ok(answer) => Err(Fault::new("got-through", format!("status {}", answer.status))),
        Err(given) => Ok(given),
    }
}
