//! Settings of the run and of reports.

use std::path::PathBuf;
use std::time::Duration;

/// Settings of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSettings {
    /// Items at once. 16.
    pub concurrency: usize,
    /// Attempts per item, the first included. 3.
    pub attempts: u32,
    /// The pause before the second attempt; it doubles. 1 s.
    pub pause: Duration,
    /// The longest pause. 1 min.
    pub max_pause: Duration,
    /// How long running bodies may go on after the first Ctrl-C. 10 s.
    pub grace: Duration,
    /// The state file; `None`: the default place, made from the spec's real path.
    pub state: Option<PathBuf>,
    /// `false` keeps no state at all (`run.state: none`).
    pub keeps_state: bool,
}

impl Default for RunSettings {
    fn default() -> Self {
        Self {
            concurrency: 16,
            attempts: 3,
            pause: Duration::from_secs(1),
            max_pause: Duration::from_mins(1),
            grace: Duration::from_secs(10),
            state: None,
            keeps_state: true,
        }
    }
}

/// A report to be written at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// In which form.
    pub kind: ReportKind,
    /// Where to.
    pub path: PathBuf,
}

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportKind {
    /// As JSON, by `specs/report.schema.json`.
    Json,
    /// As text, as on the terminal.
    Text,
}
