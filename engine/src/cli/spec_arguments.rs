//! Which spec is read, and with which variables.

use super::exit::Exit;
use super::passphrase_prompt::whoever_is_there;
use super::refusal::refused;
use super::standard_error::Speaker;
use super::surroundings::stdin_is_a_terminal;
use crate::event::Events;
use crate::role::Surroundings;
use crate::run::{Bounds, Request, SharedMachine, SpecSource, StateChoice, Stop};
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The arguments of every command that reads a spec.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub(super) struct SpecArguments {
    /// The YAML file, or - for standard input
    #[arg(value_name = "SPEC")]
    pub(super) spec: PathBuf,

    /// Set a variable of the spec, over its own value in `vars:`; may be repeated
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = variable)]
    pub(super) vars: Vec<(String, String)>,
}

/// Where the state of a pipeline is kept.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub(super) struct Keeping {
    /// Keep the state in this file, over the spec's `run.state`; `none` keeps no state
    #[arg(long, value_name = "PATH|none")]
    pub(super) state: Option<PathBuf>,
}

impl SpecArguments {
    /// What is asked of `run`, with nobody listening. A variable that is given twice has its last
    /// value, as with any option of a command line. Standard input is read here, while Ctrl-C still
    /// ends the process at once: nothing has begun that would have to be stopped in order.
    pub(super) fn request(
        &self,
        surroundings: &Arc<Surroundings>,
        speaker: &Speaker,
    ) -> Result<Request, Exit> {
        Ok(Request {
            spec: source(&self.spec, speaker)?,
            vars: self.vars.iter().cloned().collect(),
            surroundings: Arc::clone(surroundings),
            events: Events::default(),
            ask: whoever_is_there(surroundings),
            stop: Stop::default(),
            state: StateChoice::default(),
            bounds: Bounds::default(),
            machine: SharedMachine::default(),
        })
    }
}

/// The spec that an argument names: a file, or standard input for `-`. At a terminal it says how the
/// input ends, as a program that only waits looks broken.
pub(super) fn source(spec: &Path, speaker: &Speaker) -> Result<SpecSource, Exit> {
    if spec.as_os_str() != "-" {
        return Ok(SpecSource::File(spec.to_owned()));
    }
    if stdin_is_a_terminal() {
        speaker.note("type or paste the spec; Ctrl-D at the beginning of a line ends it");
    }
    SpecSource::read_standard_input().map_err(|why| refused(speaker, &why))
}

impl Keeping {
    /// The choice that `run` knows.
    pub(super) fn choice(&self) -> StateChoice {
        match &self.state {
            None => StateChoice::AsTheSpecSays,
            Some(path) if path.as_os_str() == "none" => StateChoice::Nowhere,
            Some(path) => StateChoice::At(path.clone()),
        }
    }
}

/// `name=value`; the name is one that `${var:name}` can say.
fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    let fits = |character: char| character.is_ascii_alphanumeric() || "_-.".contains(character);
    if name.is_empty() || !name.chars().all(fits) {
        return Err("a name has letters, digits, `_`, `-` and `.`".to_owned());
    }
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_split_at_the_first_equals_sign() {
        for (text, name, value) in [
            ("a=b", "a", "b"),
            ("a=", "a", ""),
            ("a=b=c", "a", "b=c"),
            ("x-y.z_1=✓", "x-y.z_1", "✓"),
        ] {
            assert_eq!(variable(text), Ok((name.to_owned(), value.to_owned())), "{text}");
        }
        for text in ["a", "=b", "a b=c", "${a}=c", ""] {
            assert!(variable(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_state_has_three_choices() {
        for (given, choice) in [
            (None, StateChoice::AsTheSpecSays),
            (Some("none"), StateChoice::Nowhere),
            (Some("./none"), StateChoice::At(PathBuf::from("./none"))),
        ] {
            assert_eq!(Keeping { state: given.map(PathBuf::from) }.choice(), choice);
        }
    }
}
