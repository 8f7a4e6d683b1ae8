//! From the file to the graph. Reads files; touches no network, compiles and runs nothing.

use super::bounded::read_file;
use super::{Refused, Request, SpecSource};
use crate::diagnostic::{Fault, Origin};
use crate::graph::{self, Graph, SpecFiles};
use crate::host;
use crate::oci::Digest;
use crate::report::FaultStage;
use crate::role::{Catalog, ComponentSource, Surroundings};
use crate::run::codes;
use crate::spec::{self, Reading, Spec, Variables};
use std::collections::BTreeMap;
use std::path::Path;

/// A spec that holds together.
#[derive(Debug)]
pub struct Checked {
    /// What is to be done.
    pub graph: Graph,
    /// The text of the spec; none where it was built in memory.
    pub text: Option<String>,
}

/// Reads and checks a spec.
///
/// # Errors
///
/// All faults of the file at once.
pub fn check(request: &Request) -> Result<Checked, Refused> {
    let (reading, text) = read(request)?;
    let filled_in = reading.filled_in.clone();
    match resolve(request, reading) {
        Ok(graph) => Ok(Checked { graph, text }),
        Err(faults) => {
            let faults = filled_in.as_written(faults);
            Err(Refused { faults, file: request.spec.name(), text, stage: FaultStage::Start })
        }
    }
}

/// Reads the spec as far as it can be understood, and gives the text that faults are drawn into.
pub(super) fn read(request: &Request) -> Result<(Reading, Option<String>), Refused> {
    let text = request.spec.text(&request.surroundings.directory)?;
    let env = request.surroundings.variables.clone();
    let variables = Variables { env, vars: request.vars.clone() };
    Ok((request.spec.read(text.as_deref(), &variables), text))
}

/// What a spec stands on, before the files that it names are read.
pub(super) fn spec_files(request: &Request) -> SpecFiles {
    SpecFiles {
        folder: request.folder(),
        name: request.spec.pipeline(&request.surroundings.directory),
        lists: BTreeMap::new(),
        keys: BTreeMap::new(),
    }
}

/// The built-in components.
pub fn catalog() -> Catalog {
    host::catalog(&BTreeMap::new()).unwrap_or_default()
}

fn resolve(request: &Request, reading: Reading) -> Result<Graph, Vec<Fault>> {
    let mut reading = reading;
    let Some(spec) = reading.spec.take() else { return Err(reading.faults) };
    let spec_files = spec_files(request);
    let folder = spec_files.folder.clone();
    let store = store(&request.surroundings);
    let catalog = host::catalog_with_store(&plugins(&spec, &folder), store.as_ref())
        .unwrap_or_else(|found| {
            reading.faults.extend(found.into_iter().map(|fault| how_to_pull(fault, request)));
            catalog()
        });
    let lists = lists(&spec, &folder, &mut reading.faults);
    for secret in spec.secret_files() {
        let there = std::fs::metadata(folder.join(&secret.path)).is_ok_and(|meta| meta.len() > 0);
        if !there {
            let what = format!("the file `{}`", secret.path);
            reading.faults.push(spec::missing_secret(&secret.place, &what));
        }
    }
    let keys = keys(&spec, &folder, &mut reading.faults);
    reading.spec = Some(spec);
    graph::resolve(&reading, &catalog, &SpecFiles { lists, keys, ..spec_files })
}

/// The store of pulled components; none where the user has no home.
pub(super) fn store(surroundings: &Surroundings) -> Option<host::Store> {
    surroundings.data().map(|data| host::Store::new(&data))
}

/// Where the components of a spec come from; what is neither a path nor pinned is `graph`'s to
/// refuse.
fn plugins(spec: &Spec, folder: &Path) -> BTreeMap<String, ComponentSource> {
    let source = |from: &str| {
        if from.contains("://") {
            let pinned = graph::pinned(from).ok()?;
            return Some(ComponentSource::Stored(pinned.digest));
        }
        Some(ComponentSource::Path(folder.join(from)))
    };
    spec.components().filter_map(|(id, from)| Some((id.to_owned(), source(from)?))).collect()
}

/// Names the command that gets a component which is not in the store. It takes the reference and
/// the settings of its registry from the spec, and is short enough to stay on one line.
fn how_to_pull(fault: Fault, request: &Request) -> Fault {
    if !fault.is(host::codes::NOT_PULLED) {
        return fault;
    }
    fault.help(match &request.spec {
        SpecSource::File(path) => format!("run `engine plugin pull --spec {}`", path.display()),
        SpecSource::StandardInput(_) => {
            "run `engine plugin pull --spec -` with this spec".to_owned()
        }
        SpecSource::Memory(_) => "run `engine plugin pull` with the plugin's reference".to_owned(),
    })
}

/// The text of the lists that sources name by `file:`.
fn lists(spec: &Spec, folder: &Path, faults: &mut Vec<Fault>) -> BTreeMap<String, String> {
    let mut lists = BTreeMap::new();
    for (id, written) in spec.lists() {
        match read_file(&folder.join(written)) {
            Ok(text) => drop(lists.insert(written.to_owned(), text)),
            Err(why) => {
                let message = format!("the list `{written}` could not be read: {why}");
                let fault = Fault::new(codes::LIST_UNREADABLE, Origin::Spec, message);
                faults.push(fault.at(format!("sources.{id}.file")));
            }
        }
    }
    lists
}

/// The digests of the files of keys; their content is not looked at yet.
fn keys(spec: &Spec, folder: &Path, faults: &mut Vec<Fault>) -> BTreeMap<String, String> {
    let mut digests = BTreeMap::new();
    for (name, key) in spec.keys.iter() {
        match read_file(&folder.join(key.file.text())) {
            Ok(text) => {
                digests.insert(name.to_owned(), Digest::of(text.as_bytes()).to_string());
            }
            Err(why) => {
                let message =
                    format!("the key file `{}` could not be read: {why}", key.file.text());
                let fault = Fault::new(codes::KEY_UNREADABLE, Origin::Spec, message);
                faults.push(fault.at(format!("keys.{name}.file")));
            }
        }
    }
    digests
}
