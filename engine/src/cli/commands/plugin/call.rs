//! `engine plugin call`

use crate::cli::commands::listening::Listening;
use crate::cli::exit::Exit;
use crate::cli::output;
use crate::cli::refusal::after_output;
use crate::event::Events;
use crate::oci::{Descriptor, Digest};
use crate::role::{Nobody, Selector, Side, Surroundings};
use crate::run::{
    self, Bounds, CallResult, Function, PluginCall, Request, SharedMachine, SpecSource,
    StateChoice, Stop,
};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::Value;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

/// Make one call of a transport, with the limits and the walls of a run
///
/// Prints what the plugin answers as JSON. It can reach what --dir and --http grant, and nothing
/// else.
#[derive(Debug, PartialEq, Eq, Args)]
pub(in crate::cli) struct CallArguments {
    /// The component
    #[arg(value_name = "FILE")]
    component: PathBuf,

    #[command(subcommand)]
    function: Asked,

    /// The place that is opened: a registry's host, or a directory that it sees as `root`
    #[arg(long, value_name = "PLACE", default_value = "", global = true)]
    place: String,

    /// The settings, as JSON
    #[arg(long, value_name = "JSON", value_parser = settings, default_value = "{}", global = true)]
    with: Value,

    /// Grant a directory by the name under which the plugin sees it; may be repeated
    #[arg(long = "dir", value_name = "NAME=PATH", value_parser = directory, global = true)]
    directories: Vec<(String, PathBuf)>,

    /// Grant a host, such as <https://files.example.com>, which gets no login; may be repeated
    #[arg(long, value_name = "HOST", global = true)]
    http: Vec<String>,

    /// Which end of a copy it is asked as
    #[arg(long, value_enum, default_value_t = End::Source, global = true)]
    side: End,

    #[command(flatten)]
    listening: Listening,
}

/// An end of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum End {
    /// It is read
    Source,
    /// It is written; no function here writes
    Destination,
}

/// The functions that can be called.
#[derive(Debug, PartialEq, Eq, Subcommand)]
enum Asked {
    /// What the transport can do
    Describe,
    /// The repositories of the place
    ListRepositories,
    /// The tags of a repository
    ListTags {
        /// The repository
        repository: String,
    },
    /// What a tag or digest points to
    Resolve {
        /// The repository
        repository: String,
        /// A tag, a digest, @N for the image at a position from 0, id:ID, or nothing for the only image
        which: Option<String>,
    },
    /// The manifest that a tag or digest points to
    GetManifest {
        /// The repository
        repository: String,
        /// A tag, a digest, @N for the image at a position from 0, id:ID, or nothing for the only image
        which: Option<String>,
    },
    /// The size and digest of a blob's bytes
    GetBlob {
        /// The repository
        repository: String,
        /// The blob
        digest: Digest,
        /// Its size, where the plugin needs it
        #[arg(long, default_value_t = 0)]
        size: u64,
        /// Its media type, where the plugin needs it
        #[arg(long, default_value = "application/octet-stream")]
        media_type: String,
        /// The first byte
        #[arg(long, default_value_t = 0)]
        offset: u64,
        /// Print the bytes themselves
        #[arg(long)]
        raw: bool,
    },
    /// Whether a blob is there
    HasBlob {
        /// The repository
        repository: String,
        /// The blob
        digest: Digest,
        /// Its size, where the plugin needs it
        #[arg(long, default_value_t = 0)]
        size: u64,
    },
}

impl CallArguments {
    /// Calls.
    pub(in crate::cli) fn perform(&self, surroundings: &Arc<Surroundings>) -> Exit {
        let listeners = match self.listening.start(surroundings) {
            Ok(listeners) => listeners,
            Err(exit) => return exit,
        };
        let request = Request {
            spec: SpecSource::Memory(Arc::default()),
            vars: [].into(),
            surroundings: Arc::clone(surroundings),
            events: Events::default(),
            ask: Arc::new(Nobody),
            stop: Stop::default(),
            state: StateChoice::Nowhere,
            bounds: Bounds::default(),
            machine: SharedMachine::default(),
        };
        let call = self.call(surroundings);
        let make = |request: Request| async move { run::call(&request, call).await };
        listeners.walk(request, make, show)
    }

    fn call(&self, surroundings: &Surroundings) -> PluginCall {
        let absolute = |path: &PathBuf| surroundings.directory.join(path).components().collect();
        let is_path = self.place.contains('/') || self.place.starts_with('.');
        let place: PathBuf = absolute(&PathBuf::from(&self.place));
        let directories = self.directories.iter();
        PluginCall {
            component: self.component.clone(),
            function: self.function.function(),
            place: if is_path { place.display().to_string() } else { self.place.clone() },
            side: match self.side {
                End::Source => Side::Source,
                End::Destination => Side::Destination,
            },
            with: self.with.clone(),
            http: self.http.clone(),
            directories: directories.map(|(name, path)| (name.clone(), absolute(path))).collect(),
        }
    }
}

impl Asked {
    fn function(&self) -> Function {
        match self {
            Self::Describe => Function::Describe,
            Self::ListRepositories => Function::ListRepositories,
            Self::ListTags { repository } => Function::ListTags(repository.clone()),
            Self::Resolve { repository, which } => {
                Function::Resolve(repository.clone(), selector(which.as_deref()))
            }
            Self::GetManifest { repository, which } => {
                Function::GetManifest(repository.clone(), selector(which.as_deref()))
            }
            Self::GetBlob { repository, digest, size, media_type, offset, raw } => {
                let blob = Descriptor::new(media_type, digest.clone(), *size);
                let repository = repository.clone();
                Function::GetBlob { repository, blob, offset: *offset, raw: *raw }
            }
            Self::HasBlob { repository, digest, size } => {
                let blob = Descriptor::new("application/octet-stream", digest.clone(), *size);
                Function::HasBlob(repository.clone(), blob)
            }
        }
    }
}

/// What a word means: a position, an id or a digest if it is one, else a tag.
fn selector(which: Option<&str>) -> Selector {
    if let Some(index) = which.and_then(|text| text.strip_prefix('@')?.parse().ok()) {
        return Selector::Index(index);
    }
    if let Some(id) = which.and_then(|text| text.strip_prefix("id:")) {
        return Selector::Id(id.to_owned());
    }
    match which.map(|text| (text, text.parse::<Digest>())) {
        None => Selector::Only,
        Some((_, Ok(digest))) => Selector::Digest(digest),
        Some((tag, Err(_))) => Selector::Tag(tag.to_owned()),
    }
}

fn settings(text: &str) -> Result<Value, String> {
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(Value::Object(object)),
        Ok(_) => Err("settings are an object, such as {\"folder\": \"x\"}".to_owned()),
        Err(fault) => Err(fault.to_string()),
    }
}

fn directory(text: &str) -> Result<(String, PathBuf), String> {
    let (name, path) = text.split_once('=').ok_or("write it as NAME=PATH")?;
    if name.is_empty() || path.is_empty() {
        return Err("write it as NAME=PATH".to_owned());
    }
    Ok((name.to_owned(), PathBuf::from(path)))
}

fn show(answer: CallResult) -> Exit {
    let written = match answer {
        CallResult::Json(value) => {
            output::json(&serde_json::to_string_pretty(&value).unwrap_or_default())
        }
        CallResult::Bytes(bytes) => {
            let mut out = std::io::stdout().lock();
            out.write_all(&bytes).and_then(|()| out.flush())
        }
    };
    after_output(written, Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_command_line_are_read() {
        let digest = Digest::of(b"x");
        assert_eq!(selector(None), Selector::Only);
        assert_eq!(selector(Some("v1")), Selector::Tag("v1".to_owned()));
        assert_eq!(selector(Some("@2")), Selector::Index(2));
        assert_eq!(selector(Some("id:ab")), Selector::Id("ab".to_owned()));
        assert_eq!(selector(Some(digest.as_str())), Selector::Digest(digest));
        assert!(settings("[]").is_err() && settings("{").is_err());
        assert_eq!(directory("a=b=c"), Ok(("a".to_owned(), PathBuf::from("b=c"))));
        assert!(directory("a").is_err() && directory("=x").is_err() && directory("x=").is_err());
    }
}
