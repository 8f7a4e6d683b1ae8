//! Tools that a machine may or may not have.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Tests that were skipped in this process.
static SKIPPED: AtomicUsize = AtomicUsize::new(0);

/// A tool that a machine may or may not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// Debian's `docker-registry`.
    DockerRegistry,
    /// `htpasswd`, from Debian's `apache2-utils`.
    Htpasswd,
    /// `skopeo`.
    Skopeo,
    /// `umoci`.
    Umoci,
    /// `openssl`.
    OpenSsl,
    /// `cosign`.
    Cosign,
    /// `componentize-js`, which `.ci/authors` gets.
    ComponentizeJs,
    /// `componentize-py`, which `.ci/authors` gets.
    ComponentizePy,
    /// A `skopeo` that knows signatures of cosign: Debian 12 builds its own without them.
    SkopeoSigstore,
}

impl Tool {
    /// The name of the program.
    pub fn name(self) -> &'static str {
        match self {
            Self::DockerRegistry => "docker-registry",
            Self::Htpasswd => "htpasswd",
            Self::Skopeo => "skopeo",
            Self::Umoci => "umoci",
            Self::OpenSsl => "openssl",
            Self::Cosign => "cosign",
            Self::SkopeoSigstore => "skopeo-sigstore",
            Self::ComponentizeJs => "componentize-js",
            Self::ComponentizePy => "componentize-py",
        }
    }

    /// The folder of a tool that `.ci/authors` gets.
    pub fn folder(self) -> Option<PathBuf> {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
        let tools = tests.parent().unwrap_or(tests).join("target/tools");
        match self {
            Self::ComponentizeJs => Some(tools.join("javascript")),
            Self::ComponentizePy => Some(tools.join("python")),
            _ => None,
        }
    }

    /// Where the program is.
    pub fn find(self) -> Option<PathBuf> {
        if let Some(folder) = self.folder() {
            let mut paths = ["node_modules/.bin", "bin"].into_iter();
            return paths.find_map(|place| {
                Some(folder.join(place).join(self.name())).filter(|path| path.is_file())
            });
        }
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).map(|folder| folder.join(self.name())).find(|p| p.is_file())
    }

    /// Whether a test that needs these tools can run. When not, it says so and counts: on a
    /// developer's machine the test is skipped; where `CI` is set, it fails.
    ///
    /// Begin such a test with `if !Tool::all_here("my test", &[…]) { return; }`.
    pub fn all_here(test: &str, tools: &[Self]) -> bool {
        let missing: Vec<&str> =
            tools.iter().filter(|tool| tool.find().is_none()).map(|tool| tool.name()).collect();
        let Some(refusal) = refusal(test, &missing, is_ci()) else { return true };
        let count = SKIPPED.fetch_add(1, Ordering::Relaxed) + 1;
        // Past the test harness, which would keep the words of a test that passes to itself.
        writeln!(std::io::stderr(), "{refusal} ({count} skipped so far)").expect("stderr");
        false
    }

    /// How many tests were skipped in this process.
    pub fn skipped() -> usize {
        SKIPPED.load(Ordering::Relaxed)
    }

    /// Runs it and gives its stdout; panics with its stderr when it fails.
    #[track_caller]
    pub fn run(self, arguments: &[&str]) -> String {
        let output = self.output(arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{} {arguments:?}: {stderr}", self.name());
        String::from_utf8(output.stdout).expect("it speaks UTF-8")
    }

    /// Runs it and gives everything that it said, however it ended.
    pub fn output(self, arguments: &[&str]) -> Output {
        let program = self.find().unwrap_or_else(|| panic!("{} is not here", self.name()));
        let output = Command::new(program).args(arguments).output();
        output.unwrap_or_else(|fault| panic!("{}: {fault}", self.name()))
    }
}

/// Why a test cannot run, if it cannot; panics where nothing may be skipped.
fn refusal(test: &str, missing: &[&str], is_ci: bool) -> Option<String> {
    let missing = (!missing.is_empty()).then(|| missing.join(", "))?;
    assert!(!is_ci, "{test} needs {missing}, and in CI nothing is skipped");
    Some(format!("SKIPPED {test}: no {missing}"))
}

/// `CI=`, `CI=0` and `CI=false` are how people say that it is none.
fn is_ci() -> bool {
    let value = std::env::var("CI").unwrap_or_default();
    !matches!(value.as_str(), "" | "0" | "false")
}

#[cfg(test)]
mod tests {
    use super::refusal;

    #[test]
    fn a_missing_tool_is_named() {
        assert_eq!(refusal("whatever", &[], true), None);
        let said = refusal("whatever", &["imaginary", "other"], false);
        assert_eq!(said.unwrap(), "SKIPPED whatever: no imaginary, other");
    }

    #[test]
    #[should_panic(expected = "in CI nothing is skipped")]
    fn a_missing_tool_fails_in_ci() {
        drop(refusal("whatever", &["imaginary"], true));
    }
}
