use super::*;
use crate::event::Events;
use crate::host::instance::guest::Activity;
use crate::host::instance::guest_events::GuestEvents;
use crate::host::instance::image_in_hand::Show;
use crate::host::instance::memory::Memory;
use crate::host::instance::notes::PlaceNotes;
use crate::host::instance::open_handles::StepHandles;
use crate::host::store::component::{built_in_names, describe};
use crate::http::Client;
use crate::role::{Access, CallAccess, ComponentRole, NoKeys, Surroundings, UncountedTime};
use futures_util::future::BoxFuture;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use wasmtime::component::ResourceTable;

fn guest(component: &Component) -> Guest {
    let call_access = CallAccess {
        step: "step".to_owned(),
        registry: None,
        repository: String::new(),
        also_read: BTreeSet::new(),
        access: Access::Read,
        granted: Vec::new(),
        uncounted: UncountedTime::default(),
    };
    let events = Events::default();
    Guest {
        table: ResourceTable::new(),
        call_access,
        client: Client::new(Arc::new(Surroundings::default()), BTreeMap::new(), events.clone()),
        directories: BTreeMap::new(),
        keys: Arc::new(NoKeys),
        granted_keys: BTreeSet::new(),
        materials: BTreeMap::new(),
        signs: false,
        show: Show::default(),
        reading: None,
        notes: PlaceNotes::default(),
        memory: Memory::new(component.limits.memory_bytes),
        limits: component.limits.clone(),
        events: GuestEvents::new(events, "step"),
        activity: Activity::default(),
        given: crate::host::instance::known_faults::Given::default(),
        requests: 0,
        log_bytes: 0,
        handles: StepHandles::built_in().instance(0),
        started: Instant::now(),
        in_imports: Duration::ZERO,
    }
}

#[tokio::test]
async fn built_in_components_fill_the_pool_and_then_run_beside_it() {
    let machine = Machine::new().unwrap();
    for name in built_in_names() {
        let component = describe(ComponentSource::BuiltIn(name.to_owned()), None).unwrap();
        match component.role {
            ComponentRole::Transport => fill::<TransportPluginPre<Guest>>(&machine, &component),
            ComponentRole::Signer => fill::<SignerPluginPre<Guest>>(&machine, &component),
            ComponentRole::Policy => fill::<PolicyPluginPre<Guest>>(&machine, &component),
            ComponentRole::Filter => fill::<FilterPluginPre<Guest>>(&machine, &component),
            ComponentRole::Transform => fill::<TransformPluginPre<Guest>>(&machine, &component),
        }
        .await;
    }
}

fn fill<'a, P: Role + Send + Sync + 'a>(
    machine: &'a Machine,
    component: &'a Component,
) -> BoxFuture<'a, ()> {
    Box::pin(async move {
        let name = &component.name;
        let files = Arc::new(ComponentFiles::cached_in(None));
        let prepared = Prepared::<P>::new(machine, &files, component).unwrap();
        assert!(prepared.pooled.is_some(), "{name} does not fit the pool");
        let mut running = Vec::new();
        loop {
            let mut start = prepared.start(machine, guest(component)).unwrap();
            start.pre.instantiate(&mut start.store).await.unwrap();
            let pooled = start.slot.is_some();
            running.push(start);
            if !pooled {
                break;
            }
        }
        assert_eq!(running.len(), 65, "{name}: 64 slots, and one more");
    })
}
