//! Sinks that write to one place must agree about it: a run has one session there, which is finished
//! once.

use super::codes;
use super::faults::{Faults, fault};
use super::{Sink, StepKind};
use crate::diagnostic::Place;
use crate::oci::Reference;
use crate::spec::Spec;
use std::collections::BTreeMap;

/// Checks all sinks of a spec.
pub(super) fn check(spec: &Spec, made: &BTreeMap<String, StepKind>, faults: &mut Faults) {
    let mut first: BTreeMap<String, (&str, bool)> = BTreeMap::new();
    for (id, sink) in spec.sinks.iter() {
        let Some(StepKind::Sink(step)) = made.get(id) else { continue };
        let with = sink.with.as_ref().map(|with| serde_json::Value::Object(with.0.clone()));
        let Some(place) = place(step, &with.unwrap_or_default().to_string()) else { continue };
        match first.get(&place) {
            Some((other, partial)) if *partial != step.partial => {
                let at = Place::root().key("sinks").key(id);
                let message =
                    format!("`{other}` and `{id}` write to one place, and differ in `partial`");
                let help = "give both the same `partial`: the place is finished once";
                faults.add(&at, fault(codes::DIFFERING_SINKS, message).help(help));
            }
            Some(_) => {}
            None => drop(first.insert(place, (id, step.partial))),
        }
    }
}

/// What tells the place of a sink from others; `None` where that depends on the item, or where each
/// call is for itself.
fn place(sink: &Sink, with: &str) -> Option<String> {
    if let Some(plugin) = &sink.plugin {
        return Some(format!("{plugin}:{with}"));
    }
    let leading = sink.to.leading_text();
    let (word, rest) = leading.split_once(':')?;
    let is_whole = sink.to.parts.len() == 1 || rest.contains(':');
    let read: Reference = sink.to.sample().filter(|_| is_whole)?.parse().ok()?;
    (!read.is_registry()).then(|| format!("{word}:{}", read.place))
}
