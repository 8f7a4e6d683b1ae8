//! Components out of a registry into the store, by the transport that images come by.

use super::session::{PlaceToOpen, Purpose, TrustPolicy, session};
use super::{Refused, Request};
use crate::diagnostic::{Fault, Origin};
use crate::graph;
use crate::host::{self, Store};
use crate::oci::{Digest, Name, Reference, ReferenceForm};
use crate::report::FaultStage;
use crate::role::{Component, ComponentSource, RegistrySettings, Selector, Surroundings};
use crate::run::codes;
use crate::spec::{Reading, Spec};
use std::collections::BTreeMap;

/// The step in a fault or a log line.
const NAME: &str = "pull";

/// What is to be pulled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentsToPull {
    /// References: `oci://REGISTRY/REPOSITORY@sha256:…`.
    pub references: Vec<String>,
    /// Whether the request's spec is read: for its registries, and for what its plugins name if
    /// there are no references.
    pub by_spec: bool,
}

/// A component that is in the store now.
#[derive(Debug, Clone, PartialEq)]
pub struct Pulled {
    /// What was asked for.
    pub reference: String,
    /// Whether it was there already.
    pub was_there: bool,
    /// What it says of itself.
    pub component: Component,
}

/// Pulls components.
///
/// # Errors
///
/// The spec is not readable, a reference has no digest, or a component could not be pulled; what
/// was pulled before stays. A component that the machine's policy.json refuses is not pulled:
/// `role::policy-rejects`, `role::policy-unsupported`.
pub async fn pull(request: &Request, pull: ComponentsToPull) -> Result<Vec<Pulled>, Refused> {
    let (registries, named) = if pull.by_spec { of_spec(request)? } else { Default::default() };
    let references = if pull.references.is_empty() { named } else { pull.references };
    let mut all = Vec::new();
    for reference in references {
        let one = one(request, &registries, &reference).await;
        let fault = |fault: Fault| Refused {
            faults: vec![fault],
            file: reference.clone(),
            text: None,
            stage: FaultStage::Call,
        };
        let (was_there, component) = one.map_err(fault)?;
        all.push(Pulled { reference, was_there, component });
    }
    Ok(all)
}

/// What is in the store, and what each says of itself, or why it is refused.
pub fn pulled(surroundings: &Surroundings) -> Vec<(Digest, Result<Component, Fault>)> {
    let Some(store) = super::check::store(surroundings) else { return Vec::new() };
    let described = |digest: Digest| {
        let component = stored(&store, &digest);
        (digest, component)
    };
    store.digests().into_iter().map(described).collect()
}

/// The registries of the request's spec, and the references of its plugins. All that is wrong with
/// its steps may be so because of what is to be pulled: it is not asked for.
fn of_spec(
    request: &Request,
) -> Result<(BTreeMap<String, RegistrySettings>, Vec<String>), Refused> {
    let (reading, text) = super::check::read(request)?;
    let refused = |faults| Refused {
        faults,
        file: request.spec.name(),
        text: text.clone(),
        stage: FaultStage::Start,
    };
    let Reading { spec: Some(spec), faults, filled_in } = reading else {
        return Err(refused(reading.faults));
    };
    if !faults.is_empty() {
        return Err(refused(faults));
    }
    let spec_files = super::check::spec_files(request);
    let registries = graph::registries(&spec, &spec_files)
        .map_err(|faults| refused(filled_in.as_written(faults)))?;
    Ok((registries, remote(&spec)))
}

fn remote(spec: &Spec) -> Vec<String> {
    let remote = spec.components().filter(|(_, from)| from.contains("://"));
    remote.map(|(_, from)| from.to_owned()).collect()
}

async fn one(
    request: &Request,
    registries: &BTreeMap<String, RegistrySettings>,
    reference: &str,
) -> Result<(bool, Component), Fault> {
    let pinned = graph::pinned(reference)?;
    let store = super::check::store(&request.surroundings).ok_or_else(|| {
        let message = "there is no home directory, and so no store of components";
        Fault::new(codes::NO_STORE, Origin::Local, message).help("set HOME, or XDG_DATA_HOME")
    })?;
    if let Ok(component) = stored(&store, &pinned.digest) {
        return Ok((true, component));
    }
    let to_open = PlaceToOpen::registry(NAME, &pinned.registry, registries.clone())?;
    let trust = TrustPolicy::Obey(vec![Reference {
        transport: to_open.word.clone(),
        form: ReferenceForm::REGISTRY,
        place: pinned.registry.clone(),
        name: Name::pinned(pinned.repository.as_str(), pinned.digest.clone()),
    }]);
    let open = session(request, to_open, Purpose::Read, trust).await?;
    let session = open.session();
    let which = Selector::Digest(pinned.digest.clone());
    let found = session.get_manifest(&pinned.repository, &which).await?;
    let manifest = found.ok_or_else(|| {
        let message = format!("`{reference}` is not there");
        Fault::new(codes::NO_COMPONENT, Origin::Source, message)
    })?;
    let layer = host::component_layer(&manifest.bytes)?;
    let body = session.get_blob(&pinned.repository, &layer, 0).await?;
    let component = body.read_all(layer.size).await?;
    store.keep(&pinned.digest, &manifest.bytes, &component)?;
    Ok((false, stored(&store, &pinned.digest)?))
}

/// What a component in the store says of itself.
fn stored(store: &Store, digest: &Digest) -> Result<Component, Fault> {
    let source = ComponentSource::Stored(digest.clone());
    let found = host::catalog_with_store(&[(NAME.to_owned(), source)].into(), Some(store));
    let catalog = found.map_err(|faults| faults.into_iter().next());
    let component = match catalog {
        Ok(mut catalog) => catalog.components.remove(NAME),
        Err(Some(mut fault)) => {
            fault.place = None;
            return Err(fault.from_origin(Origin::Plugin));
        }
        Err(None) => None,
    };
    component.ok_or_else(|| host::HostFault::NotPulled(digest.to_string()).into())
}
