//! (stand-in of the cli branch; the real floor replaces it)
#![expect(missing_docs, reason = "a stand-in")]

use crate::diagnostic::{Fault, Origin};
use crate::event::Events;
use crate::graph::Graph;
use crate::plan::Plan;
use crate::role::{Catalog, Surroundings};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::watch;

pub struct Request {
    pub spec: PathBuf,
    pub vars: BTreeMap<String, String>,
    pub surroundings: Arc<Surroundings>,
    pub events: Events,
    pub stop: Stop,
    pub state: StateChoice,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum StateChoice {
    #[default]
    AsTheSpecSays,
    Nowhere,
    At(PathBuf),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    Interrupt,
    Terminate,
}

#[derive(Clone)]
pub struct Stop(Arc<watch::Sender<Option<Signal>>>);

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(watch::channel(None).0))
    }
}

impl Stop {
    pub fn request(&self, signal: Signal) {
        self.0.send_replace(Some(signal));
    }
    pub fn requested(&self) -> Option<Signal> {
        *self.0.borrow()
    }
}

pub struct Checked {
    pub graph: Graph,
    pub text: String,
}
pub struct Planned {
    pub graph: Graph,
    pub plan: Plan,
}
pub struct Report;
impl Report {
    pub fn exit_code(&self) -> u8 {
        0
    }
}
pub struct Finished {
    pub report: Report,
}
pub struct Refused {
    pub faults: Vec<Fault>,
    pub file: String,
    pub text: Option<String>,
}

fn unbuilt(request: &Request) -> Refused {
    let fault = Fault::new("run::unbuilt", Origin::Local, "walk: this part is not built yet");
    Refused { faults: vec![fault], file: request.spec.display().to_string(), text: None }
}

pub fn check(request: &Request) -> Result<Checked, Refused> {
    Err(unbuilt(request))
}
#[expect(clippy::unused_async, reason = "a stand-in")]
pub async fn plan(request: &Request) -> Result<Planned, Refused> {
    Err(unbuilt(request))
}
#[expect(clippy::unused_async, reason = "a stand-in")]
pub async fn run(request: &Request) -> Result<Finished, Refused> {
    Err(unbuilt(request))
}
pub fn catalog() -> Catalog {
    Catalog::default()
}
