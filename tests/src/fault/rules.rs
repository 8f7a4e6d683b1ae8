//! The rules of a running proxy, and what they remember.

use super::rule::path_of;
use super::{Fault, Rule};
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard};

/// The rules of a running proxy, and what they remember.
#[derive(Debug, Default)]
pub(super) struct Rules(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    rules: Vec<(Rule, usize)>,
    seen: Vec<String>,
    struck: Vec<String>,
    lost: BTreeSet<String>,
    last: Option<Kept>,
}

/// An answer that was passed on, kept for [`Fault::Duplicate`].
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) head: super::head::Head,
    pub(super) body: Vec<u8>,
}

impl Rules {
    pub(super) fn new(rules: Vec<Rule>) -> Self {
        let rules = rules.into_iter().map(|rule| (rule, 0)).collect();
        Self(Mutex::new(Memory { rules, ..Memory::default() }))
    }

    /// The fault that strikes this request: that of the first rule that has its turn.
    pub(super) fn strike(&self, method: &str, uri: &str) -> Option<Fault> {
        let path = path_of(uri);
        let mut memory = self.memory();
        memory.seen.push(format!("{method} {path}"));
        if memory.lost.contains(path) {
            return Some(Fault::LostUpload);
        }
        let mut fault = None;
        for (rule, count) in &mut memory.rules {
            if rule.matches(method, uri) {
                *count += 1;
                if rule.strikes(*count) {
                    fault = fault.or_else(|| Some(rule.fault.clone()));
                }
            }
        }
        if let Some(fault) = &fault {
            memory.struck.push(format!("{} {method} {path}", fault.name()));
            if *fault == Fault::LostUpload {
                memory.lost.insert(path.to_owned());
            }
        }
        fault
    }

    /// Whether answers must be kept.
    pub(super) fn keeps(&self) -> bool {
        self.memory().rules.iter().any(|(rule, _)| rule.fault == Fault::Duplicate)
    }

    pub(super) fn keep(&self, kept: Kept) {
        self.memory().last = Some(kept);
    }

    pub(super) fn last(&self) -> Option<Kept> {
        self.memory().last.clone()
    }

    pub(super) fn add(&self, rule: Rule) {
        self.memory().rules.push((rule, 0));
    }

    pub(super) fn clear(&self) {
        *self.memory() = Memory::default();
    }

    pub(super) fn seen(&self) -> Vec<String> {
        self.memory().seen.clone()
    }

    pub(super) fn struck(&self) -> Vec<String> {
        self.memory().struck.clone()
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().expect("no test panics while it holds the rules")
    }
}
