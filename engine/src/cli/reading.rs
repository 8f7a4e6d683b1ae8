//! Which spec is read, and with which variables.

use super::asking::whoever_is_there;
use super::speaker::Speaker;
use crate::event::Events;
use crate::role::Surroundings;
use crate::run::{Bounds, Request, StateChoice, Stop};
use clap::Args;
use std::path::PathBuf;
use std::sync::Arc;

/// The arguments of every command that reads a spec.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub(super) struct Reading {
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

impl Reading {
    /// What is asked of `run`, with nobody listening. A variable that is given twice has its last
    /// value, as with any option of a command line.
    pub(super) fn request(&self, surroundings: &Arc<Surroundings>) -> Request {
        Request {
            spec: self.spec.clone(),
            vars: self.vars.iter().cloned().collect(),
            surroundings: Arc::clone(surroundings),
            events: Events::default(),
            ask: whoever_is_there(surroundings),
            stop: Stop::default(),
            state: StateChoice::default(),
            bounds: Bounds::default(),
        }
    }

    /// The spec's name, for people.
    pub(super) fn name(&self) -> String {
        if self.spec.as_os_str() == "-" {
            "standard input".to_owned()
        } else {
            self.spec.display().to_string()
        }
    }

    /// Says that the spec is fine.
    pub(super) fn accept(&self, speaker: &Speaker, what: &str) {
        speaker.note(&format!("{}: {what}", self.name()));
    }
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
