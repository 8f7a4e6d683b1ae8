//! Who feeds whom: ids, inputs, cycles, steps that lead nowhere.

use crate::dag::Order;
use crate::diagnostic::{Code, Fault, Origin, Place, nearest, suggestion};
use crate::graph::codes;
use crate::spec::{Ordered, Spec, Text};
use std::collections::{BTreeMap, BTreeSet};

/// Characters of an id, at most: ids stand in every line of the log.
const MAX_ID: usize = 64;

/// Where a step stands in the file, and what feeds it.
struct Wired<'a> {
    id: &'a str,
    block: &'static str,
    inputs: Vec<&'a str>,
}

/// The steps by id and the order among them.
pub(super) struct Wiring<'a> {
    steps: Vec<Wired<'a>>,
    order: Order,
    spec: &'a Spec,
}

impl<'a> Wiring<'a> {
    pub(super) fn new(spec: &'a Spec) -> Self {
        let mut steps = Vec::new();
        let none: &[Text] = &[];
        block(&mut steps, "sources", &spec.sources, |_| none);
        block(&mut steps, "filters", &spec.filters, |filter| &filter.inputs);
        block(&mut steps, "transforms", &spec.transforms, |transform| &transform.inputs);
        block(&mut steps, "sinks", &spec.sinks, |sink| &sink.inputs);
        let mut order = Order::new(steps.iter().map(|step| step.id));
        for step in &steps {
            for input in &step.inputs {
                order.after(input, step.id);
            }
        }
        Self { steps, order, spec }
    }

    /// The steps, each after all its inputs, with these.
    pub(super) fn sorted(&self) -> Vec<(String, Vec<String>)> {
        let inputs: BTreeMap<&str, &Wired<'_>> =
            self.steps.iter().map(|step| (step.id, step)).collect();
        let step = |id: &str| {
            let inputs = inputs.get(id)?.inputs.iter().map(|input| (*input).to_owned()).collect();
            Some((id.to_owned(), inputs))
        };
        self.order.sorted().into_iter().filter_map(step).collect()
    }

    /// The sources whose images may arrive at a step.
    pub(super) fn sources_of(&self, id: &str) -> Vec<&str> {
        let leading = self.order.leading_to([id]);
        self.ids("sources").filter(|id| leading.contains(id)).collect()
    }

    /// The steps whose images may arrive at a step.
    pub(super) fn before(&self, id: &str) -> Vec<&str> {
        let leading = self.order.leading_to([id]);
        let steps = self.steps.iter().map(|step| step.id);
        steps.filter(|before| *before != id && leading.contains(before)).collect()
    }

    /// All that is wrong with the wiring.
    pub(super) fn faults(&self) -> Vec<Fault> {
        let mut faults = self.wrong_ids();
        faults.extend(self.wrong_inputs());
        let cycles = self.order.cycles();
        // Two steps of one id look like one that feeds itself.
        let twice = |id: &&str| self.steps.iter().filter(|step| step.id == *id).count() > 1;
        for cycle in cycles.iter().filter(|cycle| !cycle.iter().any(twice)) {
            let walk: Vec<String> = cycle.iter().map(|id| format!("`{id}`")).collect();
            let message = match walk.as_slice() {
                [only] => format!("{only} feeds itself"),
                [first, ..] => format!("steps feed each other: {} → {first}", walk.join(" → ")),
                [] => continue,
            };
            let at = cycle.first().and_then(|id| self.place(id)).unwrap_or_default();
            faults.push(
                fault(&at.key("inputs"), codes::CYCLE, message).help("take one of the inputs out"),
            );
        }
        faults.extend(self.leading_nowhere(&cycles.concat()));
        faults
    }

    fn wrong_ids(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut first: BTreeMap<&str, &str> =
            self.spec.plugins.keys().map(|id| (id, "plugins")).collect();
        for step in &self.steps {
            let at = Place::root().key(step.block).key(step.id);
            if let Some(block) = first.insert(step.id, step.block) {
                let message = format!("`{}` is the id of one of the {block} too", step.id);
                faults.push(
                    fault(&at, codes::DUPLICATE_ID, message).help("give one of them another id"),
                );
            }
        }
        let plugins = self.spec.plugins.keys().map(|id| ("plugins", id));
        for (block, id) in plugins.chain(self.steps.iter().map(|step| (step.block, step.id))) {
            let plain = id.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
            if !plain || id.is_empty() || id.len() > MAX_ID {
                let at = Place::root().key(block).key(id);
                faults.push(
                    fault(&at, codes::BAD_ID, format!("`{id}` is not an id"))
                        .help("1 to 64 letters, digits, `-` and `_`"),
                );
            }
        }
        faults
    }

    fn wrong_inputs(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let known = self.known();
        for step in self.steps.iter().filter(|step| step.block != "sources") {
            let at = Place::root().key(step.block).key(step.id);
            if step.inputs.is_empty() {
                faults.push(
                    fault(&at, codes::NO_INPUTS, "no step feeds it".to_owned())
                        .help("name the steps that do: `inputs: [id]`"),
                );
            }
            let mut seen = BTreeSet::new();
            for (index, input) in step.inputs.iter().enumerate() {
                let at = at.key("inputs").index(index);
                match known.get(input) {
                    None => {
                        let message = format!("no step is called `{input}`");
                        let mut fault = fault(&at, codes::UNKNOWN_STEP, message);
                        fault.help = suggestion(input, self.feeding(step));
                        faults.push(fault);
                    }
                    Some(&"sinks") => faults.push(
                        fault(&at, codes::SINK_AS_INPUT, format!("`{input}` is a sink"))
                            .help("sinks feed nothing; name what feeds the sink"),
                    ),
                    Some(_) if !seen.insert(*input) => faults.push(fault(
                        &at,
                        codes::DUPLICATE_INPUT,
                        format!("`{input}` stands twice"),
                    )),
                    Some(_) => {}
                }
            }
        }
        faults
    }

    /// The ids of all steps, with their blocks.
    fn known(&self) -> BTreeMap<&'a str, &'static str> {
        self.steps.iter().map(|step| (step.id, step.block)).collect()
    }

    /// The ids that could be an input of a step.
    fn feeding(&self, step: &Wired<'_>) -> impl Iterator<Item = &'a str> {
        let others = self.steps.iter().filter(|one| one.block != "sinks" && one.id != step.id);
        others.map(|one| one.id)
    }

    /// Steps that were meant by inputs that are misspelt: what is wrong there is the input.
    fn meant(&self) -> Vec<&str> {
        let known = self.known();
        let inputs = self.steps.iter().flat_map(|step| step.inputs.iter().map(move |i| (step, i)));
        let misspelt = inputs.filter(|(_, input)| !known.contains_key(*input));
        misspelt.filter_map(|(step, input)| nearest(input, self.feeding(step))).collect()
    }

    /// Steps from which no sink is reached, and sinks that no source reaches.
    fn leading_nowhere(&self, cyclic: &[&str]) -> Vec<Fault> {
        let root = Place::root();
        if self.spec.sources.is_empty() || self.spec.sinks.is_empty() {
            let mut faults = Vec::new();
            if self.spec.sources.is_empty() {
                faults.push(fault(
                    &root.key("sources"),
                    codes::NO_SOURCES,
                    "there is no source".to_owned(),
                ));
            }
            if self.spec.sinks.is_empty() {
                faults.push(fault(
                    &root.key("sinks"),
                    codes::NO_SINKS,
                    "there is no sink".to_owned(),
                ));
            }
            return faults;
        }
        let known = self.known();
        let useful = self.order.leading_to(self.ids("sinks").chain(self.meant()));
        let fed = self.order.reached_from(self.ids("sources"));
        let mut faults = Vec::new();
        for step in self.steps.iter().filter(|step| !cyclic.contains(&step.id)) {
            let at = Place::root().key(step.block).key(step.id);
            if step.block == "sinks" {
                let wired = !step.inputs.is_empty()
                    && step.inputs.iter().all(|input| known.contains_key(input));
                if wired && !fed.contains(step.id) {
                    let message = "no source leads to this sink".to_owned();
                    faults.push(fault(&at, codes::UNREACHABLE_SINK, message));
                }
            } else if !useful.contains(step.id) {
                faults.push(
                    fault(&at, codes::UNUSED_STEP, "it leads to no sink".to_owned())
                        .help("name it in the `inputs` of another step, or remove it"),
                );
            }
        }
        faults
    }

    fn ids(&self, block: &'static str) -> impl Iterator<Item = &str> {
        self.steps.iter().filter(move |step| step.block == block).map(|step| step.id)
    }

    fn place(&self, id: &str) -> Option<Place> {
        let step = self.steps.iter().find(|step| step.id == id)?;
        Some(Place::root().key(step.block).key(step.id))
    }
}

fn block<'a, T>(
    steps: &mut Vec<Wired<'a>>,
    block: &'static str,
    map: &'a Ordered<T>,
    inputs: impl Fn(&'a T) -> &'a [Text],
) {
    steps.extend(map.iter().map(|(id, step)| Wired {
        id,
        block,
        inputs: inputs(step).iter().map(Text::text).collect(),
    }));
}

fn fault(at: &Place, code: Code, message: String) -> Fault {
    Fault::new(code, Origin::Spec, message).at(at.to_string())
}
