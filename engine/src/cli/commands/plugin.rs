//! `engine plugin`

use super::refusal::after_output;
use crate::cli::exit::Exit;
use crate::cli::{output, seams};
use crate::role::Component;
use clap::{Args, Subcommand};
use std::fmt::Write as _;

/// Look at plugins and at the interface they speak
#[derive(Debug, PartialEq, Eq, Args)]
pub(in crate::cli) struct PluginArguments {
    #[command(subcommand)]
    pub(in crate::cli) command: PluginCommand,
}

/// What to look at.
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub(in crate::cli) enum PluginCommand {
    /// List the plugins that are part of this program
    List,
    /// Show all about one of them: what it wants, its bounds, its settings
    Inspect {
        /// Its name, or a transport word that it answers to
        name: String,
    },
    /// Print the interface that plugins speak, as one WIT document
    Wit,
}

/// The files of the interface; the first names the package.
const WIT: [&str; 17] = [
    include_str!("../../../../wit/types.wit"),
    include_str!("../../../../wit/body.wit"),
    include_str!("../../../../wit/http.wit"),
    include_str!("../../../../wit/fs.wit"),
    include_str!("../../../../wit/log.wit"),
    include_str!("../../../../wit/clock.wit"),
    include_str!("../../../../wit/random.wit"),
    include_str!("../../../../wit/judgement.wit"),
    include_str!("../../../../wit/keys.wit"),
    include_str!("../../../../wit/image.wit"),
    include_str!("../../../../wit/material.wit"),
    include_str!("../../../../wit/transport.wit"),
    include_str!("../../../../wit/signer.wit"),
    include_str!("../../../../wit/policy.wit"),
    include_str!("../../../../wit/filter.wit"),
    include_str!("../../../../wit/transform.wit"),
    include_str!("../../../../wit/worlds.wit"),
];

impl PluginArguments {
    /// Looks.
    pub(in crate::cli) fn perform(&self) -> Exit {
        if self.command == PluginCommand::Wit {
            return after_output(output::text(&WIT.join("\n")), Exit::Done);
        }
        let components = by_name(seams::catalog().components.into_values());
        let text = match &self.command {
            PluginCommand::Inspect { name } => {
                let fits = |one: &&Component| one.name == *name || one.transports.contains(name);
                let Some(component) = components.iter().find(fits) else {
                    let text = format!("there is no plugin `{name}`; see engine plugin list");
                    return complain(&text, Exit::Usage);
                };
                inspected(component)
            }
            _ => listed(&components),
        };
        after_output(output::text(&text), Exit::Done)
    }
}

/// Each component once, by name: a catalog has it under each of its words.
fn by_name(components: impl Iterator<Item = Component>) -> Vec<Component> {
    let mut components: Vec<_> = components.collect();
    components.sort_by(|one, other| one.name.cmp(&other.name));
    components.dedup_by(|one, other| one.name == other.name);
    components
}

/// One line each: name, version, role, words.
fn listed(components: &[Component]) -> String {
    let width = components.iter().map(|component| component.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for component in components {
        let Component { name, version, transports, .. } = component;
        let role = component.role.word();
        // Writing to a string does not fail.
        let _written =
            writeln!(text, "{name:width$}  {version}  {role}  {}", transports.join(", "));
    }
    text
}

/// All about one, a fact a line.
fn inspected(component: &Component) -> String {
    let limits = &component.limits;
    let schema = serde_json::to_string_pretty(&component.settings).unwrap_or_default();
    let facts = [
        ("name", component.name.clone()),
        ("version", component.version.clone()),
        ("digest", component.digest.clone()),
        ("role", component.role.word().to_owned()),
        ("transports", component.transports.join(", ")),
        ("wants", component.wants.interfaces.join(", ")),
        ("memory", crate::cli::amounts::bytes(limits.memory_bytes)),
        ("cpu", millis(limits.cpu_millis)),
        ("time", millis(limits.time_millis)),
        ("idle", millis(limits.idle_millis)),
        ("log", crate::cli::amounts::bytes(limits.log_bytes)),
        ("handles", limits.handles.to_string()),
        ("requests", limits.requests.to_string()),
        ("settings", schema),
    ];
    facts.iter().fold(String::new(), |text, (name, fact)| text + &format!("{name:<12}{fact}\n"))
}

fn millis(count: u64) -> String {
    crate::cli::amounts::duration(std::time::Duration::from_millis(count))
}

fn complain(text: &str, exit: Exit) -> Exit {
    let text = format!("error: {}", crate::cli::clean::line(text));
    // Where standard error is gone, the exit code says it alone.
    let _written = output::put(&mut std::io::stderr().lock(), &text);
    exit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interface_is_printed_whole_and_names_its_package_once() {
        let all = WIT.join("\n");
        assert_eq!(all.lines().filter(|line| line.starts_with("package ")).count(), 1);
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../wit");
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "wit") {
                let text = std::fs::read_to_string(&path).unwrap();
                assert!(WIT.contains(&text.as_str()), "{} is not printed", path.display());
            }
        }
    }

    #[test]
    fn the_list_has_each_plugin_once() {
        let component = |name: &str| Component {
            name: name.to_owned(),
            version: "0.1.0".to_owned(),
            digest: "sha256:0".to_owned(),
            role: crate::role::ComponentRole::Transport,
            transports: vec!["oci".to_owned(), "dir".to_owned()],
            wants: crate::role::Wants::default(),
            limits: crate::role::Limits::default(),
            settings: serde_json::json!({}),
            source: crate::role::ComponentSource::BuiltIn(name.to_owned()),
        };
        let all = by_name([component("b"), component("aaa"), component("b")].into_iter());
        assert_eq!(
            listed(&all),
            "aaa  0.1.0  transport  oci, dir\nb    0.1.0  transport  oci, dir\n"
        );
        assert!(inspected(&component("b")).contains("memory      64.0 MiB\n"));
    }
}
