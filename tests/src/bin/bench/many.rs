//! Memory and time with very many tags, against registries in memory in processes of their own.

use crate::bench::{Bench, beside, folder, line};
use crate::figures::Figures;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// Tags that are planned and found unchanged.
const PLANNED: usize = 20_000;
/// Images of three platforms that are mirrored for the first time.
const MIRRORED: usize = 10_000;

/// Plans many unchanged tags, and mirrors many small images.
pub(crate) fn measure(bench: &Bench) {
    let tags = PLANNED.to_string();
    // The same seed, so the destination has what the source has.
    let (source, mirror) =
        (InMemory::start(&["--tags", &tags]), InMemory::start(&["--tags", &tags]));
    let figures = run(bench, "plan", &source, &mirror);
    line(&format!("plan of {PLANNED} unchanged tags: wall"), figures.wall, 15.0, "s");
    line(&format!("plan of {PLANNED} unchanged tags: memory"), figures.memory, 256.0, "MiB");
    drop((source, mirror));

    let source = InMemory::start(&["--tags", &MIRRORED.to_string(), "--platforms", "3"]);
    let mirror = InMemory::start(&[]);
    let figures = run(bench, "run", &source, &mirror);
    let name = format!("first mirror of {MIRRORED} images of 3 platforms: memory");
    line(&name, figures.memory, 256.0, "MiB");
    println!("    wall {:.1} s, CPU {:.1} s", figures.wall, figures.cpu);
}

fn run(bench: &Bench, verb: &str, source: &InMemory, mirror: &InMemory) -> Figures {
    let home = folder();
    let (from, to) = (&source.address, &mirror.address);
    let text = format!(
        "apiVersion: engine/v1\nregistries:\n  \"{from}\": {{tls: {{verify: false}}}}\n  \
         \"{to}\": {{tls: {{verify: false}}}}\nsources: {{all: {{from: \"{from}/team/app-0\"}}}}\n\
         sinks:\n  mirror: {{inputs: [all], to: \"{to}/team/app-0:{{{{ item.tag }}}}\"}}\n"
    );
    fs::write(home.path().join("sync.yaml"), text).expect("a spec");
    Figures::of(&bench.engine(home.path(), &[verb, "sync.yaml"]), home.path())
}

/// The in-memory registry as a process; it ends when its stdin does.
struct InMemory {
    child: Child,
    address: String,
}

impl InMemory {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(beside("registry"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the registry, which is built with this program");
        let mut address = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        BufReader::new(stdout).read_line(&mut address).expect("the registry's address");
        Self { child, address: address.trim().to_owned() }
    }
}

impl Drop for InMemory {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        drop(self.child.wait());
    }
}
