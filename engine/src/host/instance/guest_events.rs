//! The one door for what a plugin makes the engine say: refusals, uses of keys, log lines.
//!
//! The attack: a guest asks for a key that it was not granted a hundred thousand times in a call, or
//! writes log lines in each of a thousand calls, and the files of `--events` and `--audit` fill the disk.
//! The bounds of a call do not help, as calls have no number. So what a guest can cause is counted here
//! for its step and run. A use of a key is always said, and is bounded by the requests of a call.

use crate::event::{Event, Events};
use crate::oci::Digest;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// Refusals that are said in a run for one step, each once.
const MAX_REFUSALS: usize = 64;
/// Bytes of log lines that are said in a run for one step.
const MAX_LOG_BYTES: u64 = 16 << 20;

/// What is said instead of refusals beyond the bound.
const MORE_REFUSALS: &str = "more than is told here";
/// What is said instead of log lines beyond the bound.
const MORE_LINES: &str =
    "(further log lines of this step are dropped: the limit of a run is reached)";

/// What the guests of one step in a run may make the engine say.
#[derive(Clone)]
pub(in crate::host) struct GuestEvents {
    events: Events,
    step: String,
    said: Arc<Mutex<Said>>,
}

#[derive(Default)]
struct Said {
    refusals: BTreeSet<String>,
    log_bytes: u64,
}

impl GuestEvents {
    /// The door for guests of this step.
    pub(in crate::host) fn new(events: Events, step: &str) -> Self {
        Self { events, step: step.to_owned(), said: Arc::default() }
    }

    /// The guest asked for what it was not granted.
    pub(in crate::host) fn refused(&self, wanted: &str) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = match said.refusals.len() {
            ..MAX_REFUSALS => wanted,
            MAX_REFUSALS => MORE_REFUSALS,
            _ => return,
        };
        if said.refusals.insert(wanted.to_owned()) {
            let (step, wanted) = (self.step.clone(), wanted.to_owned());
            self.events.say(&Event::GrantRefused { step, wanted });
        }
    }

    /// The guest had something signed for the image of this digest.
    pub(in crate::host) fn key_used(&self, key: &str, digest: Digest) {
        let (step, key) = (self.step.clone(), key.to_owned());
        self.events.say(&Event::KeyUsed { step, key, digest });
    }

    /// The guest wrote a line.
    pub(in crate::host) fn log(&self, level: &str, line: String) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.log_bytes > MAX_LOG_BYTES {
            return;
        }
        said.log_bytes += line.len() as u64 + 1;
        let line = if said.log_bytes > MAX_LOG_BYTES { MORE_LINES.to_owned() } else { line };
        let (step, level) = (self.step.clone(), level.to_owned());
        self.events.say(&Event::PluginLog { step, level, line });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Reader;

    #[derive(Default)]
    struct Heard(Mutex<Vec<Event>>);

    impl Reader for Heard {
        fn read(&self, event: &Event) {
            self.0.lock().unwrap().push(event.clone());
        }
    }

    fn door() -> (GuestEvents, Arc<Heard>) {
        let heard = Arc::new(Heard::default());
        let events = Events::new(vec![Arc::clone(&heard) as Arc<dyn Reader>]);
        (GuestEvents::new(events, "step"), heard)
    }

    #[test]
    fn a_refusal_is_said_once_and_not_without_end() {
        let (door, heard) = door();
        for number in 0..1_000 {
            for _ in 0..3 {
                // Another instance of the same plugin has the same door.
                door.clone().refused(&format!("the key `{number}`"));
            }
        }
        let heard = heard.0.lock().unwrap();
        assert_eq!(heard.len(), MAX_REFUSALS + 1);
        assert!(matches!(&heard[1], Event::GrantRefused { wanted, .. } if wanted == "the key `1`"));
        let last = heard.last();
        assert!(
            matches!(last, Some(Event::GrantRefused { wanted, .. }) if wanted == MORE_REFUSALS)
        );
    }

    #[test]
    fn log_lines_of_all_calls_have_an_end() {
        let (door, heard) = door();
        for _ in 0..MAX_LOG_BYTES / 1000 * 2 {
            door.log("info", "x".repeat(1000));
        }
        let heard = heard.0.lock().unwrap();
        let bytes: usize = heard
            .iter()
            .map(|event| match event {
                Event::PluginLog { line, .. } => line.len(),
                _ => 0,
            })
            .sum();
        assert!(bytes as u64 <= MAX_LOG_BYTES + MORE_LINES.len() as u64, "{bytes}");
        assert!(matches!(heard.last(), Some(Event::PluginLog { line, .. }) if line == MORE_LINES));
    }
}
