//! Looks for what another call left behind, and says so in the log.
//!
//! It is not concurrent: its calls are to come in turn, in one instance, and never two at once.

use engine_plugin_sdk::{Fault, Put, PutBlob};
use guest_stage::{Hostile, Stage};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// Calls that this instance has seen.
static CALLS: AtomicU32 = AtomicU32::new(0);
/// Whether a call is under way.
static BUSY: AtomicBool = AtomicBool::new(false);

/// The guest.
pub struct Racer;

engine_plugin_sdk::export_transport!(Stage<Racer>);

impl Hostile for Racer {
    const CONCURRENT: bool = false;

    fn act(what: &str) -> Result<(), Fault> {
        if BUSY.swap(true, Ordering::SeqCst) {
            return Err(Fault::conflict("two calls at once"));
        }
        let call = CALLS.fetch_add(1, Ordering::SeqCst) + 1;
        if what == "spin" {
            while BUSY.load(Ordering::SeqCst) {
                std::hint::spin_loop();
            }
        }
        BUSY.store(false, Ordering::SeqCst);
        match what {
            "count" => Err(Fault::new("counted", format!("call {call}"))),
            _ => Ok(()),
        }
    }

    fn put(_: &str, put: PutBlob) -> Result<Put, Fault> {
        // A body is read in the middle of it: whoever is let in meanwhile finds it busy.
        if BUSY.swap(true, Ordering::SeqCst) {
            return Err(Fault::conflict("two calls at once"));
        }
        let taken = guest_stage::take(&put.body);
        BUSY.store(false, Ordering::SeqCst);
        taken
    }
}
