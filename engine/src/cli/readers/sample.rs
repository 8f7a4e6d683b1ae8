//! Events and a paper to write on, for the tests of readers.

use crate::cli::output_style::Tone;
use crate::cli::standard_error::Speaker;
use crate::diagnostic::{Code, Fault, Kind, Origin};
use crate::event::{Event, Outcome, Presence, Status, Totals};
use crate::oci::Digest;
use crate::role::Clock;
use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What was written; all clones are the same paper.
#[derive(Clone, Default)]
pub(in crate::cli) struct Paper(Arc<Mutex<Vec<u8>>>);

impl Paper {
    pub(in crate::cli) fn speaker(&self, tone: Tone) -> Speaker {
        Speaker::new(tone, Box::new(self.clone()), Arc::new(Hand::default()))
    }

    pub(in crate::cli) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A clock that a test moves; in milliseconds.
#[derive(Clone, Default)]
pub(in crate::cli) struct Hand(pub(in crate::cli) Arc<AtomicU64>);

impl Clock for Hand {
    fn since_epoch(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}

pub(in crate::cli) fn digest(of: &str) -> Digest {
    Digest::of(of.as_bytes())
}

pub(in crate::cli) fn plan_ready(copy: u64, moved: u64, unchanged: u64) -> Event {
    let totals = Totals { copy, moved, unchanged, ..Totals::default() };
    Event::PlanReady { totals, bytes: Some(3_328_599_654) }
}

pub(in crate::cli) fn item_started(item: u64) -> Event {
    Event::ItemStarted {
        item,
        attempt: 1,
        source: "docker.io/library/nginx:1.29".into(),
        destination: "registry.corp/mirror/nginx:1.29".into(),
    }
}

pub(in crate::cli) fn blob_started(item: u64, of: &str, size: Option<u64>) -> Event {
    Event::BlobStarted { item, digest: digest(of), size }
}

pub(in crate::cli) fn blob_finished(item: u64, of: &str, presence: Presence) -> Event {
    Event::BlobFinished { item, digest: digest(of), size: Some(10), written: None, presence }
}

pub(in crate::cli) fn finished(status: Status) -> Outcome {
    Outcome {
        status,
        attempts: 1,
        bytes_copied: 12_897_485,
        bytes_mounted: 0,
        bytes_reused: 0,
        reopened: 0,
        digest: None,
        referrers: 1,
        incomplete: false,
        fault: None,
        millis: 1_250,
    }
}

pub(in crate::cli) fn unwritable_fault() -> Fault {
    let message = "the registry answered 507";
    Fault::new(Code::new("registry::refused", Kind::Other), Origin::Destination, message)
        .help("make room")
}
