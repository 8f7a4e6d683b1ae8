//! How events get from where they happen to who reads them.

use super::Event;
use std::sync::Arc;

/// Reads events as they happen. Called from any task, so it must be quick and never block.
pub trait Reader: Send + Sync {
    /// Takes note of one event.
    fn read(&self, event: &Event);
}

/// Hands events to all readers. Cheap to clone.
#[derive(Clone, Default)]
pub struct Events(Arc<Vec<Arc<dyn Reader>>>);

impl Events {
    /// Events for these readers.
    pub fn new(readers: Vec<Arc<dyn Reader>>) -> Self {
        Self(Arc::new(readers))
    }

    /// The same readers and one more.
    #[must_use]
    pub fn with(&self, reader: Arc<dyn Reader>) -> Self {
        Self(Arc::new(self.0.iter().cloned().chain([reader]).collect()))
    }

    /// Says that something happened.
    pub fn say(&self, event: &Event) {
        for reader in self.0.iter() {
            reader.read(event);
        }
    }
}
