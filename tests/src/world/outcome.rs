//! What a run of the program came to.

use regex::{Captures, Regex};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

/// What a run of the program came to.
#[derive(Debug)]
#[must_use = "a run whose outcome nobody looks at proves nothing"]
pub struct Outcome {
    /// The exit code; 128 and the signal when a signal ended it, as a shell counts.
    pub code: i32,
    /// What it wrote to stdout.
    pub stdout: String,
    /// What it wrote to stderr.
    pub stderr: String,
    /// How long it took.
    pub took: Duration,
    root: PathBuf,
}

impl Outcome {
    pub(super) fn new(
        status: ExitStatus,
        stdout: String,
        stderr: String,
        took: Duration,
        root: PathBuf,
    ) -> Self {
        let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
        Self { code, stdout, stderr, took, root }
    }

    /// Panics with everything it said unless it ended with this exit code.
    #[track_caller]
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "the exit code is another one\n{}", self.whole());
        self
    }

    /// Panics with everything it said unless it ended with 0.
    #[track_caller]
    pub fn expect_success(self) -> Self {
        self.expect_code(0)
    }

    /// Exit code, stdout and stderr as one text for a snapshot. Ports, durations and the paths
    /// of this world are filtered; digests never are, as images come from a seed.
    pub fn snapshot(&self) -> String {
        filtered(&self.whole(), &self.root.display().to_string())
    }

    fn whole(&self) -> String {
        let Self { code, stdout, stderr, .. } = self;
        format!("exit code: {code}\n----- stdout -----\n{stdout}\n----- stderr -----\n{stderr}")
    }
}

/// Two ports stay two ports: they are numbered in the order in which they appear.
fn filtered(text: &str, root: &str) -> String {
    let text = text.replace(root, "[world]");
    let ports = Regex::new(r"(127\.0\.0\.1|localhost):(\d+)").expect("a pattern of ours");
    let mut seen: Vec<String> = Vec::new();
    let text = ports.replace_all(&text, |found: &Captures| {
        let port = found[2].to_owned();
        let at = seen.iter().position(|one| *one == port).unwrap_or_else(|| {
            seen.push(port);
            seen.len() - 1
        });
        format!("{}:[port {}]", &found[1], at + 1)
    });
    let durations = Regex::new(r"\b\d+(\.\d+)?\s?(ns|µs|ms|s)\b").expect("a pattern of ours");
    durations.replace_all(&text, "[time]").into_owned()
}

#[cfg(test)]
mod tests {
    use super::filtered;

    #[test]
    fn only_what_differs_between_runs_is_filtered() {
        let text = "/t/w1/here/a.yaml: 127.0.0.1:4001 to 127.0.0.1:4002, then 127.0.0.1:4001 \
            took 1.5s and 20 ms; sha256:0123ab 3 tags";
        assert_eq!(
            filtered(text, "/t/w1"),
            "[world]/here/a.yaml: 127.0.0.1:[port 1] to 127.0.0.1:[port 2], then \
            127.0.0.1:[port 1] took [time] and [time]; sha256:0123ab 3 tags"
        );
    }
}
