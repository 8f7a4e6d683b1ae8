//! A spec in a folder of its own, to be walked as often as a test likes.

use engine::diagnostic::Backoff;
use engine::event::{Events, Reader};
use engine::http::Timeouts;
use engine::report::Report;
use engine::role::{Nobody, Surroundings};
use engine::run::{Bounds, Refused, Request, SharedMachine, SpecSource, StateChoice, Stop};
use engine::spec::Spec;
use engine::stream::Reopen;
use engine::transfer;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// How long a run may take. Nothing here takes a tenth of it; what takes longer hangs.
const TIME_LIMIT: Duration = Duration::from_mins(3);

/// A spec in a folder of its own, with nothing of the machine around it.
///
/// Its runs go through the same walk as those of the program, but wait for tens of milliseconds
/// where the program waits for a minute.
pub struct Walk {
    folder: TempDir,
    readers: Vec<Arc<dyn Reader>>,
    /// Where the spec comes from.
    pub spec: SpecSource,
    /// What the runs wait for.
    pub bounds: Bounds,
    /// What the runs use to run components.
    pub machine: SharedMachine,
}

impl Walk {
    /// A spec. Relative paths in it start at [`Walk::folder`].
    pub fn new(spec: &str) -> Self {
        let walk = Self::of(SpecSource::File(PathBuf::from("sync.yaml")));
        walk.write("sync.yaml", spec);
        walk
    }

    /// A spec that the test built. Relative paths in it start at [`Walk::folder`] too.
    pub fn built(spec: Spec) -> Self {
        Self::of(SpecSource::Memory(Arc::new(spec)))
    }

    fn of(spec: SpecSource) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the walk");
        let (readers, machine) = (Vec::new(), SharedMachine::default());
        let walk = Self { folder, readers, spec, bounds: bounds(), machine };
        walk.write("policy.json", r#"{"default": [{"type": "insecureAcceptAnything"}]}"#);
        walk
    }

    /// Tells `reader` all that happens.
    #[must_use]
    pub fn heard_by(mut self, reader: Arc<dyn Reader>) -> Self {
        self.readers.push(reader);
        self
    }

    /// Where everything is.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file, such as a password or another spec.
    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder().join(name), text).expect("a file of the walk");
    }

    /// Runs the spec to its end.
    pub fn run(&self) -> Report {
        let ran = self.try_run();
        ran.unwrap_or_else(|refused| panic!("the run was refused: {:?}", refused.faults))
    }

    /// Runs the spec to its end, or says why it was refused.
    pub fn try_run(&self) -> Result<Report, Refused> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime for the run");
        let request = self.request();
        let run = async {
            let run = engine::run::run(&request);
            tokio::time::timeout(TIME_LIMIT, run).await.expect("the run hangs")
        };
        runtime.block_on(run).map(|finished| finished.report)
    }

    /// What is asked of the library.
    pub fn request(&self) -> Request {
        let policy = self.folder().join("policy.json").display().to_string();
        Request {
            spec: self.spec.clone(),
            vars: BTreeMap::new(),
            surroundings: Arc::new(Surroundings {
                variables: BTreeMap::from([("CONTAINERS_POLICY_JSON".to_owned(), policy)]),
                home: Some(self.folder().join("home")),
                directory: self.folder().to_owned(),
                terminal: false,
            }),
            events: Events::new(self.readers.clone()),
            ask: Arc::new(Nobody),
            stop: Stop::default(),
            state: StateChoice::AsTheSpecSays,
            bounds: self.bounds.clone(),
            machine: self.machine.clone(),
        }
    }
}

/// Short timeouts, but longer than a busy machine with two cores needs for an honest answer.
fn bounds() -> Bounds {
    Bounds {
        requests: Timeouts {
            connect: Duration::from_millis(1500),
            head: Duration::from_millis(1500),
            idle: Duration::from_millis(1500),
            commit: Duration::from_millis(1500),
            backoff: Backoff { first: Duration::from_millis(5), longest: Duration::from_secs(3) },
            pauses: 2,
        },
        copies: transfer::Settings {
            leg_idle: Duration::from_millis(800),
            reopen: Reopen {
                breaks: 2,
                backoff: Backoff { first: Duration::from_millis(5), ..Reopen::default().backoff },
                ..Reopen::default()
            },
            ..transfer::Settings::default()
        },
    }
}
