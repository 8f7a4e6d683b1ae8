//! `engine plugin list`

use crate::cli::exit::Exit;
use crate::cli::output_style::Voice;
use crate::cli::refusal::after_output;
use crate::cli::{calls_below, output};
use crate::role::{Component, ComponentSource, Surroundings};
use crate::run;
use clap::Args;
use std::fmt::Write as _;
use std::sync::Arc;

/// List the plugins that are part of this program, and those that were pulled
#[derive(Debug, PartialEq, Eq, Args)]
pub(in crate::cli) struct ListArguments {
    #[command(flatten)]
    voice: Voice,
}

impl ListArguments {
    /// Lists. What is refused in the store is said, and does not hide the rest.
    pub(in crate::cli) fn perform(&self, surroundings: &Arc<Surroundings>) -> Exit {
        let speaker = self.voice.speaker(surroundings);
        let mut components = by_name(calls_below::catalog().components.into_values());
        for (_, described) in run::pulled(surroundings) {
            match described {
                Ok(component) => components.push(component),
                Err(fault) => speaker.fault(&fault),
            }
        }
        after_output(output::text(&listed(&components)), Exit::Done)
    }
}

/// Each component once, by name: a catalog has it under each of its words.
pub(super) fn by_name(components: impl Iterator<Item = Component>) -> Vec<Component> {
    let mut components: Vec<_> = components.collect();
    components.sort_by(|one, other| one.name.cmp(&other.name));
    components.dedup_by(|one, other| one.name == other.name);
    components
}

/// One line each: name, version, role, and its words or the digest that it was pulled by.
fn listed(components: &[Component]) -> String {
    let width = components.iter().map(|component| component.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for component in components {
        let Component { name, version, role, transports, source, .. } = component;
        let words = match source {
            ComponentSource::Stored(digest) => digest.to_string(),
            _ => transports.join(", "),
        };
        let line = format!("{name:width$}  {version}  {:9}  {words}", role.word());
        // Writing to a string does not fail.
        let _written = writeln!(text, "{}", line.trim_end());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::shown::sample;
    use super::*;

    #[test]
    fn the_list_has_each_plugin_once() {
        let all = by_name([sample("b"), sample("aaa"), sample("b")].into_iter());
        assert_eq!(
            listed(&all),
            "aaa  0.1.0  transport  oci, dir\nb    0.1.0  transport  oci, dir\n"
        );
    }
}
