//! Settings of the driving.

use std::collections::BTreeSet;
use std::time::Duration;

/// How many items at once, how often each is tried, and how long a stop may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DriveSettings {
    /// Items at once.
    pub concurrency: usize,
    /// Attempts for each item, the first included.
    pub attempts: u32,
    /// The pause before the second attempt; it doubles.
    pub pause: Duration,
    /// The longest pause. A host that asks for more patience gets its items deferred.
    pub max_pause: Duration,
    /// How long running items may go on after a stop was asked for.
    pub grace: Duration,
    /// Sinks whose place is finished even where images of it failed, or the run was stopped.
    pub partial: BTreeSet<String>,
}

impl Default for DriveSettings {
    fn default() -> Self {
        Self {
            concurrency: 16,
            attempts: 3,
            pause: Duration::from_secs(1),
            max_pause: Duration::from_mins(1),
            grace: Duration::from_secs(10),
            partial: BTreeSet::new(),
        }
    }
}
