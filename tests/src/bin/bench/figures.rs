//! What one run of a program cost.

use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How often the memory of a program is looked at. What is read is a high-water mark, so only
/// what it grows by just before its end can be missed.
const LOOK: Duration = Duration::from_millis(4);

/// Runs `$@` and writes its user and system CPU, in seconds, to the file `cost`. The shell's own
/// word, as neither Rust's library nor /proc tells the CPU of a child finer than 10 ms.
const TIMED: &str = r#"TIMEFORMAT='%3U %3S'; { time "$@" >said 2>&1; } 2>cost"#;

/// What one run of a program cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figures {
    /// From its start to its end, in seconds; about 2 ms of it are the shell's.
    pub(crate) wall: f64,
    /// User and system CPU of all its threads, in seconds.
    pub(crate) cpu: f64,
    /// The most memory that was resident, in MiB.
    pub(crate) memory: f64,
}

impl Figures {
    /// Runs a program to its end, in its working directory `folder`. Panics with what it said
    /// when it fails.
    pub(crate) fn of(program: &Command, folder: &Path) -> Self {
        Self::ended_with(program, folder, 0)
    }

    /// The same where another exit code is the right one.
    pub(crate) fn ended_with(program: &Command, folder: &Path, code: i32) -> Self {
        let mut command = Command::new("bash");
        command.args(["-c", TIMED, "bash"]).arg(program.get_program()).args(program.get_args());
        command.current_dir(folder).stdin(Stdio::null()).env_clear();
        for (name, value) in program.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        let started = Instant::now();
        let mut child = command.spawn().unwrap_or_else(|fault| panic!("{command:?}: {fault}"));
        let (status, wall, memory) = watched(&mut child, started);
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert_eq!(status.code(), Some(code), "{program:?}: {status}\n{}", read("said"));
        let cost = read("cost");
        let cpu = cost.split_whitespace().map(|time| time.parse::<f64>().expect("seconds")).sum();
        Self { wall, cpu, memory }
    }
}

fn watched(child: &mut Child, started: Instant) -> (ExitStatus, f64, f64) {
    let shell = child.id();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let looking = scope.spawn(|| {
            let mut most = 0.0_f64;
            while !over.load(Ordering::Relaxed) {
                most = most.max(resident(shell).unwrap_or_default());
                std::thread::sleep(LOOK);
            }
            most
        });
        let status = child.wait().expect("a child of ours");
        let wall = started.elapsed().as_secs_f64();
        over.store(true, Ordering::Relaxed);
        (status, wall, looking.join().expect("a reader of /proc"))
    })
}

/// `VmHWM` of the shell's only child, in MiB; none before its start and after its end.
fn resident(shell: u32) -> Option<f64> {
    let children = std::fs::read_to_string(format!("/proc/{shell}/task/{shell}/children")).ok()?;
    let child = children.split_whitespace().next()?;
    let status = std::fs::read_to_string(format!("/proc/{child}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kibibytes / 1024.0)
}

/// The one in the middle; of an even number the lower of both.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied().unwrap_or(f64::NAN)
}
