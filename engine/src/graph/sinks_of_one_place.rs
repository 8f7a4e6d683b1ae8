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
    let mut first: BTreeMap<String, (&str, bool, String)> = BTreeMap::new();
    for (id, sink) in spec.sinks.iter() {
        let Some(StepKind::Sink(step)) = made.get(id) else { continue };
        let with = sink.with.as_ref().map(|with| with.0.clone()).unwrap_or_default();
        let with = serde_json::Value::Object(with).to_string();
        let Some(place) = place(step, &with) else { continue };
        let Some((other, partial, other_with)) = first.get(&place) else {
            first.insert(place, (id, step.partial, with));
            continue;
        };
        let differing = [("partial", *partial != step.partial), ("with", *other_with != with)];
        for (key, _) in differing.into_iter().filter(|(_, differs)| *differs) {
            let at = Place::root().key("sinks").key(id);
            let message = format!("`{other}` and `{id}` write to one place, and differ in `{key}`");
            let help = format!(
                "give both the same `{key}`, or each a place of its own: a place has one session \
                 in a run, and is finished once"
            );
            faults.add(&at, fault(codes::DIFFERING_SINKS, message).help(help));
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
    let sample = sink.to.sample().filter(|_| is_whole)?;
    let read = Reference::parse(&sample, &sink.words).ok()?;
    let path = || sink.base.join(&read.place).components().collect::<std::path::PathBuf>();
    let place = if read.form.shape.is_path() { path() } else { read.place.clone().into() };
    (!read.is_registry()).then(|| format!("{word}:{}", place.display()))
}
