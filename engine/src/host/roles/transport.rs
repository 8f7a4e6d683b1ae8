//! A component in the role of a transport.

use super::conversions::plain;
use super::read_manifests::ReadManifests;
use super::session::PluginSession;
use crate::diagnostic::Fault;
use crate::host::bindings::transport::TransportPluginPre;
use crate::host::bindings::transport::exports::engine::plugin::transport as wit;
use crate::host::fault::HostFault;
use crate::host::instance::bound_component::BoundComponent;
use crate::host::instance::caught::caught;
use crate::host::instance::guest::Guest;
use crate::host::instance::prepared::Prepared;
use crate::role::{Capabilities, Session, Side, Transport};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Pairs of `capabilities.extra` that are kept. Source: `wit/transport.wit`.
const MAX_ABILITIES: usize = 16;
/// Bytes of one such pair.
const MAX_ABILITY_BYTES: usize = 256;

/// One component, bound to one step.
pub(in crate::host) struct PluginTransport {
    pub(in crate::host) bound: BoundComponent,
    pub(in crate::host) component: Prepared<TransportPluginPre<Guest>>,
    pub(in crate::host) capabilities: Capabilities,
    pub(in crate::host) read_manifests: ReadManifests,
}

impl PluginTransport {
    /// A transport that has said what it can do.
    pub(in crate::host) async fn described(
        bound: BoundComponent,
        component: Prepared<TransportPluginPre<Guest>>,
    ) -> Result<Arc<dyn Transport>, HostFault> {
        let capabilities = describe(&bound, &component).await?;
        let read_manifests = ReadManifests::default();
        Ok(Arc::new(Bound(Arc::new(Self { bound, component, capabilities, read_manifests }))))
    }
}

/// Asks the component what it can do, within the bounds of any call.
async fn describe(
    bound: &BoundComponent,
    component: &Prepared<TransportPluginPre<Guest>>,
) -> Result<Capabilities, HostFault> {
    let start = component.start(&bound.machine, bound.guest("", Side::Source))?;
    // After the slot, so that it is dropped first.
    let (_slot, pre, mut store) = (start.slot, start.pre, start.store);
    let running = bound.machine.ticker.run();
    let limits = &bound.binding.limits;
    let described = async {
        let plugin = pre.instantiate_async(&mut store).await?;
        plugin.engine_plugin_transport().call_describe(&mut store).await
    };
    let described =
        tokio::time::timeout(Duration::from_millis(limits.time_millis), caught(described)).await;
    drop(running);
    match described {
        Ok(Ok(wit::Capabilities {
            concurrent,
            lists_repositories,
            lists_tags,
            writes,
            deletes,
            referrers,
            names_in_groups,
            shared_blobs,
            extra,
        })) => Ok(Capabilities {
            // A file is replaced as a whole: two instances would each bring one.
            concurrent: concurrent && !bound.places_are_files(),
            lists_repositories,
            lists_tags,
            writes,
            deletes,
            referrers,
            names_in_groups,
            shared_blobs,
            extra: abilities(extra),
        }),
        Ok(Err(error)) => Err(match error.downcast_ref::<HostFault>() {
            Some(own) => own.clone(),
            None if store.data().memory.refused => HostFault::OutOfMemory(limits.memory_bytes),
            None => HostFault::Trap(plain(&format!("{error:#}"))),
        }),
        Err(_) => Err(HostFault::OutOfTime(limits.time_millis)),
    }
}

/// What a guest says of itself in `extra`: the first of its pairs, short and without control characters.
fn abilities(extra: Vec<(String, String)>) -> BTreeMap<String, String> {
    let fine = |(key, value): &(String, String)| key.len() + value.len() <= MAX_ABILITY_BYTES;
    let pairs = extra.into_iter().filter(fine).take(MAX_ABILITIES);
    pairs.map(|(key, value)| (plain(&key), plain(&value))).collect()
}

/// The transport itself: sessions share it.
struct Bound(Arc<PluginTransport>);

#[async_trait]
impl Transport for Bound {
    fn capabilities(&self) -> &Capabilities {
        &self.0.capabilities
    }

    fn settings(&self) -> String {
        self.0.bound.settings()
    }

    async fn open(&self, place: &str, side: Side) -> Result<Arc<dyn Session>, Fault> {
        Ok(Arc::new(PluginSession::new(Arc::clone(&self.0), place, side)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abilities_are_few_and_short() {
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let told = abilities(vec![
            pair("signatures", "yes"),
            pair("long", &"x".repeat(MAX_ABILITY_BYTES)),
            pair("indexes", "no\u{1b}"),
        ]);
        assert_eq!(told.get("signatures").map(String::as_str), Some("yes"));
        assert!(!told.contains_key("long"));
        assert!(told["indexes"].starts_with("no") && !told["indexes"].contains('\u{1b}'));
        let many = (0..100).map(|number| (number.to_string(), String::new())).collect();
        assert_eq!(abilities(many).len(), MAX_ABILITIES);
    }
}
