//! Random graphs against a model of what must reach each sink.

use super::testing::context;
use crate::graph::testing::{graph, sink, source, step};
use crate::graph::{Filter, OnConflict, Step, StepKind, TagRule};
use crate::plan::{Plan, make};
use crate::role::testing::{FakeRegistry, roles};
use crate::survey::survey;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const TAGS: u8 = 6;

/// A step as the model sees it: which steps feed it, by bits, and which tags pass, by bits.
#[derive(Debug, Clone)]
struct Drawn {
    inputs: u8,
    tags: u8,
}

#[derive(Debug, Clone)]
struct World {
    sources: Vec<Drawn>,
    filters: Vec<Drawn>,
    sinks: Vec<Drawn>,
}

prop_compose! {
    fn drawn()(inputs: u8, tags in 0..1_u8 << TAGS) -> Drawn { Drawn { inputs, tags } }
}

prop_compose! {
    fn world()(
        sources in prop::collection::vec(drawn(), 1..3),
        filters in prop::collection::vec(drawn(), 0..4),
        sinks in prop::collection::vec(drawn(), 1..4),
    ) -> World { World { sources, filters, sinks } }
}

fn bits(set: u8) -> impl Iterator<Item = u8> {
    (0..8).filter(move |bit| set & (1 << bit) != 0)
}

impl World {
    /// The graph, and for each sink the images that must reach it.
    fn build(&self) -> (Vec<Step>, BTreeMap<String, BTreeSet<String>>) {
        let mut steps = Vec::new();
        let mut leaving: Vec<(String, BTreeSet<String>)> = Vec::new();
        let images = |number: usize, tags: u8| {
            bits(tags).map(|tag| format!("from.io/a{number}:{tag}")).collect::<BTreeSet<_>>()
        };
        for (number, drawn) in self.sources.iter().enumerate() {
            let id = format!("source{number}");
            let offered = images(number, drawn.tags);
            let origins: Vec<&str> = offered.iter().map(String::as_str).collect();
            steps.push(step(&id, &[], StepKind::Source(source(&origins))));
            leaving.push((id, offered));
        }
        let union = |leaving: &[(String, BTreeSet<String>)], inputs: u8| {
            let fed: Vec<_> =
                bits(inputs | 1).filter_map(|bit| leaving.get(bit as usize)).collect();
            let ids: Vec<String> = fed.iter().map(|(id, _)| id.clone()).collect();
            let all = fed.iter().flat_map(|(_, images)| images).cloned().collect();
            (ids, all)
        };
        for (number, drawn) in self.filters.iter().enumerate() {
            let id = format!("filter{number}");
            let (ids, arriving): (_, BTreeSet<String>) = union(&leaving, drawn.inputs);
            let exclude = bits(!drawn.tags).map(|tag| format!("^{tag}$")).collect();
            let rule = TagRule { exclude, ..TagRule::default() };
            let inputs: Vec<&str> = ids.iter().map(String::as_str).collect();
            steps.push(step(&id, &inputs, StepKind::Filter(Filter::Tags(rule))));
            let passes =
                |image: &String| bits(drawn.tags).any(|tag| image.ends_with(&format!(":{tag}")));
            leaving.push((id, arriving.into_iter().filter(passes).collect()));
        }
        let mut expected = BTreeMap::new();
        for (number, drawn) in self.sinks.iter().enumerate() {
            let id = format!("sink{number}");
            let (ids, arriving) = union(&leaving, drawn.inputs);
            let inputs: Vec<&str> = ids.iter().map(String::as_str).collect();
            // Sinks may share a place, and repositories may meet there.
            let to = if drawn.tags % 2 == 0 { "to.io/all" } else { "to.io/m/{repo}" };
            steps.push(sink(&id, &inputs, to, OnConflict::default()));
            expected.insert(id, arriving);
        }
        (steps, expected)
    }

    fn registry(&self) -> FakeRegistry {
        let registry = FakeRegistry::default();
        for number in 0..self.sources.len() {
            for tag in 0..TAGS {
                let own = if tag % 2 == 0 { number } else { 0 };
                let label = format!("{own}");
                let platform = "linux/amd64";
                let repository = format!("a{number}");
                registry.image(&repository, Some(&tag.to_string()), platform, &[("n", &label)]);
            }
        }
        registry
    }

    fn plan(&self, steps: Vec<Step>) -> Plan {
        let (from, to) = (self.registry(), FakeRegistry::default());
        let graph = graph(steps);
        let parts: Vec<_> = graph
            .steps
            .iter()
            .map(|step| (step.id.as_str(), if step.inputs.is_empty() { &from } else { &to }))
            .collect();
        let roles = roles(&parts);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        make(&graph, runtime.block_on(survey(&graph, &roles, &context())))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn each_selected_image_is_one_item_per_sink_that_it_reaches(world in world()) {
        let (steps, expected) = world.build();
        let plan = world.plan(steps);
        prop_assert!(plan.faults.is_empty());
        for (sink, images) in &expected {
            let items: Vec<String> = plan.items.iter().filter(|item| item.sink == *sink)
                .map(|item| item.source.to_string()).collect();
            let unique: BTreeSet<String> = items.iter().cloned().collect();
            prop_assert_eq!(unique.len(), items.len(), "no image comes twice");
            prop_assert_eq!(&unique, images);
        }
        let mut written = BTreeMap::new();
        for item in &plan.items {
            if let Some(wanted) = item.wanted() {
                let first = written.entry(&item.destination).or_insert(wanted);
                prop_assert_eq!(*first, wanted, "one destination, two digests");
            }
        }
    }
}
