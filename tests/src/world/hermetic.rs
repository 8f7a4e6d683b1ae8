//! Folders and variables that no other test and no machine has a part in.

use super::{Outcome, Process};
use crate::registry::User;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// What `CONTAINERS_POLICY_JSON` names where a test writes no policy.json: on a machine that has one,
/// it must have no say in the tests.
const POLICY: &str = "policy.json";

/// How long a run may take. A test that hangs should say so before the CI's limit does.
const TIME_LIMIT: Duration = Duration::from_mins(2);

/// A home, a working directory and an environment for the program under test.
///
/// The environment holds nothing of the machine's but `PATH`, so no proxy, no credential, no trust
/// policy and no setting of the developer reaches the program. Everything is removed when it is dropped.
pub struct World {
    folder: TempDir,
    program: PathBuf,
    variables: BTreeMap<String, String>,
}

/// A world for the engine: `world!()`. A macro, as only a test binary knows where it was built.
#[macro_export]
macro_rules! world {
    () => {
        $crate::world::World::of(env!("CARGO_BIN_EXE_engine-under-test"))
    };
}

impl World {
    /// A world for a program.
    pub fn of(program: impl Into<PathBuf>) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the world");
        for name in ["home", "run", "tmp", "here"] {
            fs::create_dir(folder.path().join(name)).expect("a folder in the world");
        }
        let accept = r#"{"default": [{"type": "insecureAcceptAnything"}]}"#;
        fs::write(folder.path().join(POLICY), accept).expect("a policy in the world");
        let path = |name: &str| folder.path().join(name).display().to_string();
        let variables = [
            ("HOME", path("home")),
            ("XDG_RUNTIME_DIR", path("run")),
            ("TMPDIR", path("tmp")),
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("LC_ALL", "C.UTF-8".to_owned()),
            ("TZ", "UTC".to_owned()),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value)).into();
        Self { folder, program: program.into(), variables }
    }

    /// The working directory.
    pub fn here(&self) -> PathBuf {
        self.folder.path().join("here")
    }

    /// The home directory.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// The folder that holds everything.
    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file below the working directory, or below the home for a path that starts with
    /// `~/`, with the folders that lead to it. Used for specs above all.
    pub fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = match path.strip_prefix("~/") {
            Some(path) => self.home().join(path),
            None => self.here().join(path),
        };
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("folders");
        fs::write(&path, text).expect("a file in the world");
        path
    }

    /// Keeps a user's password for a registry where `docker login` would; others stay.
    pub fn login(&self, registry: SocketAddr, user: &User) {
        let path = self.home().join(".docker/config.json");
        let mut config: Value = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).expect("a file that we wrote"),
            Err(_) => json!({"auths": {}}),
        };
        let auth = STANDARD.encode(format!("{}:{}", user.name, user.password));
        config["auths"][registry.to_string()] = json!({"auth": auth});
        self.write("~/.docker/config.json", &config.to_string());
    }

    /// Sets a variable of the environment.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Outcome {
        self.start(arguments).wait(TIME_LIMIT)
    }

    /// Runs the program to its end with a text on its standard input.
    pub fn run_with_input(&self, arguments: &[&str], input: &str) -> Outcome {
        let path = self.root().join("tmp/input");
        fs::write(&path, input).expect("a file in the world");
        let input = fs::File::open(path).expect("a file in the world");
        self.start_with(arguments, input.into()).wait(TIME_LIMIT)
    }

    /// Starts the program, to be signalled or killed.
    pub fn start(&self, arguments: &[&str]) -> Process {
        self.start_with(arguments, Stdio::null())
    }

    /// Starts the program with an input of its own.
    pub fn start_with(&self, arguments: &[&str], input: Stdio) -> Process {
        let mut command = Command::new(&self.program);
        command.args(arguments).current_dir(self.here()).env_clear();
        if !self.home().join(".config/containers/policy.json").exists() {
            command.env("CONTAINERS_POLICY_JSON", self.root().join(POLICY));
        }
        command.envs(&self.variables).stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped());
        Process::start(command, self.root())
    }
}
