//! One place, opened without a walk: for one call of a plugin, and to pull components.
//!
//! The place is opened by the same code that opens it for a step of a graph: one binding, its
//! grants, its limits, the login of its registry. So what a step could not reach, a session cannot
//! reach either.

use super::load::{ToLoad, load};
use super::{Request, codes, policy};
use crate::diagnostic::{Fault, Origin};
use crate::oci::Reference;
use crate::role::{
    Binding, Capabilities, Component, Grants, RegistrySettings, Session, Side, Transport,
};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The transport of registries.
const REGISTRY: &str = "docker";

/// What a place is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To read it: every call that would write is refused.
    Read,
    /// To write it, and to read what is there.
    Write,
}

/// Whether policy.json, the machine's trust policy, is obeyed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrustPolicy {
    /// Not read: the caller must not hand out content of the place.
    None,
    /// Obeyed: no place is opened where policy.json refuses one of these images. They are those that
    /// the caller may hand out content of, by each name that a scope may have for them.
    Obey(Vec<Reference>),
}

/// A place to be opened, and the component that opens it.
#[derive(Debug, Clone)]
pub struct PlaceToOpen {
    /// What stands for the step in faults and log lines: the name of the command.
    pub step: String,
    /// The transport word, or what stands for it.
    pub word: String,
    /// The component.
    pub component: Component,
    /// The place: a registry's name, or a path.
    pub place: String,
    /// What the component is given. Whether it may write is decided by the purpose.
    pub grants: Grants,
    /// The component's settings.
    pub settings: Value,
    /// The settings of registries.
    pub registries: BTreeMap<String, RegistrySettings>,
}

impl PlaceToOpen {
    /// A registry, opened by the built-in transport, which is granted that registry alone.
    ///
    /// # Errors
    ///
    /// `run::no-component`: this program was built without that transport.
    pub fn registry(
        step: &str,
        name: &str,
        registries: BTreeMap<String, RegistrySettings>,
    ) -> Result<Self, Fault> {
        let component = super::catalog().components.remove(REGISTRY).ok_or_else(|| {
            let message = "the transport of registries is missing";
            Fault::new(codes::NO_COMPONENT, Origin::Local, message)
        })?;
        Ok(Self {
            step: step.to_owned(),
            word: REGISTRY.to_owned(),
            component,
            place: name.to_owned(),
            grants: Grants { registries: vec![name.to_owned()], ..Grants::default() },
            settings: serde_json::json!({}),
            registries,
        })
    }
}

/// A place that was opened without a walk.
pub struct SinglePlace {
    transport: Arc<dyn Transport>,
    session: Arc<dyn Session>,
}

impl SinglePlace {
    /// What the transport can do.
    pub fn capabilities(&self) -> &Capabilities {
        self.transport.capabilities()
    }

    /// The calls that can be made.
    pub fn session(&self) -> &dyn Session {
        self.session.as_ref()
    }
}

/// Opens one place. The network is touched by the calls that follow, not by this one.
///
/// # Errors
///
/// Where a trust policy is to be obeyed, `role::policy-rejects`, `role::policy-unsupported`,
/// `config::policy-unreadable` and `config::policy-invalid`; what loading the component fails with.
pub async fn session(
    request: &Request,
    to_open: PlaceToOpen,
    purpose: Purpose,
    trust: TrustPolicy,
) -> Result<SinglePlace, Fault> {
    if let TrustPolicy::Obey(images) = trust {
        policy::admit(&request.surroundings, &images)?;
    }
    let PlaceToOpen { step, word, component, place, grants, settings, registries } = to_open;
    let grants = Grants { writes: purpose == Purpose::Write, deletes: false, ..grants };
    let binding = Binding { settings, ..Binding::new(&step, &word, component, grants) };
    let to_load = ToLoad { bindings: &[binding], registries: &registries, keys: &BTreeMap::new() };
    let roles = load(request, &request.events, to_load).await?;
    let side = match purpose {
        Purpose::Read => Side::Source,
        Purpose::Write => Side::Destination,
    };
    let transport = Arc::clone(roles.transport(&step, &word)?);
    let session = roles.session(&step, &word, &place, side).await?;
    Ok(SinglePlace { transport, session })
}
