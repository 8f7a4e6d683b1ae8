//! What a run says, kept.

use engine::event::{Event, Reader};
use std::sync::Mutex;

/// What a run says.
#[derive(Default)]
pub struct Heard(Mutex<Vec<Event>>);

impl Reader for Heard {
    fn read(&self, event: &Event) {
        self.0.lock().unwrap().push(event.clone());
    }
}

impl Heard {
    /// How many events are of a kind.
    pub fn count(&self, kind: impl Fn(&Event) -> bool) -> usize {
        self.0.lock().unwrap().iter().filter(|event| kind(event)).count()
    }
}
