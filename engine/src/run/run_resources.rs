//! The machine room of a run, opened: sandbox, client, ledger, components.

use super::load::{ToLoad, load};
use super::{Checked, Request, StateChoice};
use crate::diagnostic::Fault;
use crate::event::Events;
use crate::graph::Graph;
use crate::oci::Digest;
use crate::role::{Ledger, MachinePolicy, Roles};
use crate::state;
use std::path::PathBuf;
use std::sync::Arc;

/// What a run works with.
pub(super) struct Opened {
    pub(super) graph: Graph,
    pub(super) roles: Arc<Roles>,
    pub(super) ledger: Arc<dyn Ledger>,
    /// What the machine's policy.json asks of images, where there is one.
    pub(super) machine_policy: Option<Arc<dyn MachinePolicy>>,
    pub(super) events: Events,
}

impl Opened {
    /// Opens everything that the graph needs. A component that cannot be loaded is no fault here:
    /// only its own steps fail.
    pub(super) async fn open(
        request: &Request,
        (checked, machine_policy): (Checked, Option<Arc<dyn MachinePolicy>>),
        events: Events,
    ) -> Result<Self, Fault> {
        let graph = checked.graph;
        let ledger = ledger(request, &graph)?;
        let to_load =
            ToLoad { bindings: &graph.bindings, registries: &graph.registries, keys: &graph.keys };
        let roles = load(request, &events, to_load).await?;
        Ok(Self { graph, roles: Arc::new(roles), ledger, machine_policy, events })
    }
}

/// The state of the pipeline: held until the run ends, so that a second run is told to wait.
fn ledger(request: &Request, graph: &Graph) -> Result<Arc<dyn Ledger>, Fault> {
    Ok(match place(request, graph) {
        Some(path) => Arc::new(state::open(&path)?),
        None => Arc::new(state::none()),
    })
}

fn place(request: &Request, graph: &Graph) -> Option<PathBuf> {
    match &request.state {
        StateChoice::Nowhere => None,
        StateChoice::At(path) => Some(request.surroundings.directory.join(path)),
        StateChoice::AsTheSpecSays if !graph.run.keeps_state => None,
        StateChoice::AsTheSpecSays => graph.run.state.clone().or_else(|| {
            let spec = request.spec.file(&request.surroundings.directory)?;
            let name = Digest::of(spec.to_string_lossy().as_bytes());
            let short = name.hex().get(..16).unwrap_or_default().to_owned();
            Some(request.surroundings.state()?.join(format!("{short}.sqlite")))
        }),
    }
}
