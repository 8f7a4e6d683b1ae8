//! The program under test, while it runs.

use super::Outcome;
use rustix::process::{Pid, Signal, kill_process};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often it is asked whether the program has ended.
const POLL: Duration = Duration::from_millis(2);

/// The program under test, while it runs. Killed when it is dropped.
#[must_use = "a process that nobody waits for proves nothing"]
pub struct Process {
    child: Child,
    stdout: Option<JoinHandle<String>>,
    stderr: Option<JoinHandle<String>>,
    started: Instant,
    root: PathBuf,
    what: String,
}

impl Process {
    pub(super) fn start(mut command: Command, root: &Path) -> Self {
        let what = format!("{command:?}");
        let started = Instant::now();
        let mut child = command.spawn().unwrap_or_else(|fault| panic!("{what}: {fault}"));
        let stdout = child.stdout.take().map(read);
        let stderr = child.stderr.take().map(read);
        Self { child, stdout, stderr, started, root: root.to_owned(), what }
    }

    /// Ends it at once, as a crash of the machine would.
    pub fn kill(mut self) -> Outcome {
        self.child.kill().expect("a child of ours");
        self.wait(Duration::from_secs(10))
    }

    /// Asks it to stop, as Ctrl-C does.
    pub fn interrupt(&self) {
        self.signal(Signal::INT);
    }

    /// Asks it to stop, as a service manager does.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("a child of ours");
    }

    /// The most bytes of memory that it had so far; none once it has ended.
    pub fn peak_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kibibytes * 1024)
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.status().is_some()
    }

    /// Waits for its end; panics with what it said when that takes longer than `limit`.
    pub fn wait(mut self, limit: Duration) -> Outcome {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(status) = self.status() {
                let took = self.started.elapsed();
                let (stdout, stderr) = self.said();
                return Outcome::new(status, stdout, stderr, took, self.root.clone());
            }
            if Instant::now() > deadline {
                self.child.kill().expect("a child of ours");
                let (stdout, stderr) = self.said();
                panic!("{} ran longer than {limit:?}\n{stdout}\n{stderr}", self.what);
            }
            std::thread::sleep(POLL);
        }
    }

    fn status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child of ours")
    }

    fn said(&mut self) -> (String, String) {
        let text = |reader: &mut Option<JoinHandle<String>>| {
            reader.take().map(|reader| reader.join().expect("a reader")).unwrap_or_default()
        };
        (text(&mut self.stdout), text(&mut self.stderr))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.status().is_none() {
            drop(self.child.kill());
            drop(self.child.wait());
        }
    }
}

fn read(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).expect("a pipe of ours");
        String::from_utf8(bytes).expect("the program speaks UTF-8")
    })
}
