//! Everything that a registry was asked.

use super::{Asked, Kind};
use hyper::Method;
use std::sync::{Arc, Mutex, MutexGuard};

/// Everything that a registry was asked, in order of arrival. Clones share one journal.
#[derive(Debug, Clone, Default)]
pub struct Journal(Arc<Mutex<Pages>>);

#[derive(Debug, Default)]
struct Pages {
    asked: Vec<Asked>,
    now: usize,
    most: usize,
}

impl Journal {
    /// Every request so far.
    pub fn all(&self) -> Vec<Asked> {
        self.pages().asked.clone()
    }

    /// How many requests match.
    pub fn count(&self, matches: impl Fn(&Asked) -> bool) -> usize {
        self.pages().asked.iter().filter(|asked| matches(asked)).count()
    }

    /// How many requests had this method and asked for this kind of thing.
    pub fn count_of(&self, method: &Method, kind: Kind) -> usize {
        self.count(|asked| asked.method == *method && asked.kind == kind)
    }

    /// How many requests could change content.
    pub fn writes(&self) -> usize {
        self.count(Asked::is_write)
    }

    /// The largest number of requests that were on their way at once, answers being sent included.
    pub fn most_at_once(&self) -> usize {
        self.pages().most
    }

    /// Forgets everything, so that a second run can be counted alone.
    pub fn clear(&self) {
        let mut pages = self.pages();
        pages.asked.clear();
        pages.most = pages.now;
    }

    /// One line for each request, for the message of a failed assertion.
    pub fn lines(&self) -> String {
        let lines = self.all().into_iter().map(|asked| {
            let mark = if asked.query.is_empty() { "" } else { "?" };
            format!("{} {} {}{mark}{}\n", asked.status, asked.method, asked.path, asked.query)
        });
        lines.collect()
    }

    /// Notes a request that arrives.
    pub(super) fn arrive(&self, asked: Asked) -> Entry {
        let mut pages = self.pages();
        pages.asked.push(asked);
        pages.now += 1;
        pages.most = pages.most.max(pages.now);
        Entry { journal: self.clone(), at: pages.asked.len() - 1 }
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().expect("no test panics while it holds the journal")
    }
}

/// A request on its way. Dropped when its answer is sent.
pub(super) struct Entry {
    journal: Journal,
    at: usize,
}

impl Entry {
    /// Notes bytes of the request's body that arrived.
    pub(super) fn received(&self, bytes: usize) {
        self.write(|asked| asked.body_bytes += bytes as u64);
    }

    /// Notes the answer.
    pub(super) fn answered(&self, status: u16) {
        self.write(|asked| asked.status = status);
    }

    /// The line may be gone: a test may clear the journal while a request is on its way.
    fn write(&self, change: impl FnOnce(&mut Asked)) {
        if let Some(asked) = self.journal.pages().asked.get_mut(self.at) {
            change(asked);
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.journal.pages().now -= 1;
    }
}
