//! What all measurements share: the programs, the options, and how a line is printed.

use crate::figures::{Figures, median};
use engine_tests::real::{DockerRegistry, Tool, Wanted};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// The programs and options of one call.
pub(crate) struct Bench {
    engine: PathBuf,
    skopeo: Option<PathBuf>,
    docker_registry: Option<PathBuf>,
    only: Option<String>,
    /// Pairs of runs of each comparison.
    pub(crate) rounds: usize,
}

impl Bench {
    /// Reads `--engine`, `--skopeo`, `--docker-registry` (paths; the last two else from `PATH`),
    /// `--only WORD` and `--rounds N`. An empty value is no value.
    pub(crate) fn of(mut words: impl Iterator<Item = String>) -> Self {
        let mut bench = Self {
            engine: beside("engine-under-test"),
            skopeo: Tool::Skopeo.find(),
            docker_registry: Tool::DockerRegistry.find(),
            only: None,
            rounds: 5,
        };
        while let Some(flag) = words.next() {
            let value = words.next().unwrap_or_else(|| panic!("{flag} takes a value"));
            if value.is_empty() {
                continue;
            }
            match flag.as_str() {
                "--engine" => bench.engine = value.into(),
                "--skopeo" => bench.skopeo = Some(value.into()),
                "--docker-registry" => bench.docker_registry = Some(value.into()),
                "--only" => bench.only = Some(value),
                "--rounds" => bench.rounds = value.parse().expect("--rounds takes a number"),
                _ => panic!("unknown flag {flag}"),
            }
        }
        bench
    }

    /// Whether a measurement is asked for.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| name.contains(only.as_str()))
    }

    /// Whether the real tools are here; says which is missing.
    pub(crate) fn has_tools(&self, what: &str) -> bool {
        let missing = match (&self.skopeo, &self.docker_registry) {
            (Some(_), Some(_)) => return true,
            (None, _) => "skopeo",
            (_, None) => "docker-registry",
        };
        println!("{what}: not measured, no {missing} (see SKOPEO= and DOCKER_REGISTRY=)");
        false
    }

    /// A docker-registry of its own, empty.
    pub(crate) fn registry(&self) -> DockerRegistry {
        DockerRegistry::start(&Wanted {
            program: self.docker_registry.clone(),
            ..Wanted::default()
        })
    }

    /// The versions of all that is measured.
    pub(crate) fn versions(&self) -> String {
        let registry = self.docker_registry.as_deref().map(version);
        let skopeo = self.skopeo.as_deref().map(version);
        let of = |version: Option<String>| version.unwrap_or_else(|| "none".to_owned());
        format!("{}; {}; {}", version(&self.engine), of(skopeo), of(registry))
    }

    /// The engine in a clean environment, with its home in `folder`.
    pub(crate) fn engine(&self, folder: &Path, arguments: &[&str]) -> Command {
        clean(&self.engine, folder, arguments)
    }

    /// Skopeo in a clean environment, with its caches in `folder`.
    pub(crate) fn skopeo(&self, folder: &Path, arguments: &[&str]) -> Command {
        let program = self.skopeo.as_ref().expect("somebody asked whether it is here");
        let mut command = clean(program, folder, &["--insecure-policy"]);
        // Else root's blob cache would stand in /var and outlive the run.
        command.env("_CONTAINERS_ROOTLESS_UID", "1000").env("XDG_DATA_HOME", folder);
        command.args(arguments);
        command
    }
}

/// A program of ours, which cargo puts beside this one.
pub(crate) fn beside(name: &str) -> PathBuf {
    let own = std::env::current_exe().expect("the path of this program");
    own.with_file_name(name)
}

/// A folder that is removed when it is dropped; on the tmpfs that `TMPDIR` names.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// A program with nothing of the machine's environment but `PATH`.
pub(crate) fn clean(program: &Path, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).env_clear();
    command.env("HOME", folder).env("TMPDIR", folder).env("XDG_RUNTIME_DIR", folder);
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// Prints one target: what it came to, what it should, and whether it did.
pub(crate) fn line(name: &str, figure: f64, target: f64, unit: &str) {
    let verdict = if figure <= target { "met" } else { "NOT MET" };
    println!("{name:<58} {figure:>9.3} {unit:<9} target {target:>8} {verdict}");
}

/// Prints ratios of one comparison against their targets, with the medians behind them.
pub(crate) fn ratios(name: &str, pairs: &[(Figures, Figures)], targets: &[(&str, f64)]) {
    for (what, target) in targets {
        let of = |figures: &Figures| if *what == "wall" { figures.wall } else { figures.cpu };
        let ratio = median(pairs.iter().map(|(ours, other)| of(ours) / of(other)));
        line(&format!("{name}: {what}"), ratio, *target, "x");
    }
    let all = |of: fn(&(Figures, Figures)) -> f64| median(pairs.iter().map(of));
    println!(
        "    wall {:.3} / {:.3} s, CPU {:.3} / {:.3} s, memory {:.1} / {:.1} MiB",
        all(|pair| pair.0.wall),
        all(|pair| pair.1.wall),
        all(|pair| pair.0.cpu),
        all(|pair| pair.1.cpu),
        all(|pair| pair.0.memory),
        all(|pair| pair.1.memory),
    );
}

fn version(program: &Path) -> String {
    let output = Command::new(program).arg("--version").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    text.ok().and_then(|text| Some(text.lines().next()?.to_owned())).unwrap_or_default()
}
