//! What came of a run with a fault in it.

use engine::event::Status;
use engine::report::{ItemReport, Report};
use std::collections::BTreeSet;

/// What came of a run.
pub(super) struct Outcome {
    /// In the words of the table: `copied`, `warned CODE` where it was copied without what belongs
    /// to it, or the codes of what kept `team/app` or `team/twin` from being copied.
    pub(super) words: String,
    app: bool,
    twin: bool,
    warned: bool,
}

impl Outcome {
    pub(super) fn of(report: &Report) -> Self {
        let mut words = BTreeSet::new();
        for item in report.items.iter().filter(|item| !is_copied(item)) {
            words.insert(match &item.fault {
                Some(fault) => fault.code.to_string(),
                None => format!("{:?}", item.status),
            });
        }
        words.extend(report.faults.iter().map(|step| step.fault.code.to_string()));
        words.extend(report.warnings.iter().map(|fault| format!("warned {}", fault.code)));
        let words: Vec<String> = words.into_iter().collect();
        let copied = |repository: &str| {
            let mut items = report.items.iter();
            items.any(|item| item.source.reference.contains(repository) && is_copied(item))
        };
        Self {
            words: if words.is_empty() { "copied".to_owned() } else { words.join(" + ") },
            app: copied("team/app"),
            twin: copied("team/twin"),
            warned: !report.warnings.is_empty(),
        }
    }

    /// Whether the report says that `team/app` and `team/twin` were copied.
    pub(super) fn copied(&self) -> [bool; 2] {
        [self.app, self.twin]
    }

    /// Whether the report says that everything is as it should be.
    pub(super) fn is_whole(&self) -> bool {
        self.app && self.twin && !self.warned
    }
}

fn is_copied(item: &ItemReport) -> bool {
    matches!(item.status, Status::Copied | Status::Moved | Status::Unchanged)
}
