//! From text to [`Spec`].

use super::check::{VERSION, check};
use super::fill::{Fill, Filling};
use super::filled_in::FilledIn;
use super::{Spec, Variables, schema};
use crate::diagnostic::{Fault, Origin, Place, Schema, Tree, Value, suggestion};
use crate::spec::codes;
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of the largest spec. Thousands of steps fit; a disk image named by mistake does not.
const MAX_BYTES: usize = 8 << 20;

/// The keys of a file; `schema_tests` holds this list to the model.
pub(super) const TOP_KEYS: [&str; 13] = [
    "apiVersion",
    "kind",
    "metadata",
    "vars",
    "run",
    "registries",
    "keys",
    "plugins",
    "sources",
    "filters",
    "transforms",
    "sinks",
    "reports",
];

/// What came of a file, or of a spec built in memory: as much of it as can be understood, and all
/// that is wrong with it.
///
/// With faults, the spec is good for one thing only: finding more faults, so that the user sees
/// all of them at once.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reading {
    /// What could be understood.
    pub spec: Option<Spec>,
    /// What is wrong with the file.
    pub faults: Vec<Fault>,
    /// What was filled in from the environment, for faults that are found later.
    pub filled_in: FilledIn,
}

/// Reads a file's text.
///
/// # Errors
///
/// All faults of the file: `spec::not-yaml` (alone, and for exit code 78), else any of
/// `spec::duplicate-key`, `spec::unknown-key`, `spec::missing-key`, `spec::wrong-type`,
/// `spec::wrong-value`, `spec::one-kind`, `spec::keys-together`, `spec::plain-secret`,
/// `spec::unset-variable`, `spec::unknown-variable`, `spec::wrong-variable`,
/// `spec::missing-secret`.
pub fn parse(text: &str, variables: &Variables) -> Result<Spec, Vec<Fault>> {
    match read(text, variables) {
        Reading { spec: Some(spec), faults, .. } if faults.is_empty() => Ok(spec),
        Reading { faults, .. } => Err(faults),
    }
}

/// Reads a file's text as far as it can be understood.
pub fn read(text: &str, variables: &Variables) -> Reading {
    if text.len() > MAX_BYTES {
        let message = "the file is larger than 8 MiB";
        let fault = Fault::new(codes::NOT_YAML, Origin::Spec, message);
        return Reading { faults: vec![fault], ..Reading::default() };
    }
    let tree = match Tree::parse(text) {
        Ok(tree) => tree,
        Err(fault) => return Reading { faults: vec![fault], ..Reading::default() },
    };
    let (spec, mut faults) = shape(text, &tree);
    let Some(mut spec) = spec else { return Reading { faults, ..Reading::default() } };
    let mut filling = Filling {
        env: &variables.env,
        vars: BTreeMap::new(),
        faults: Vec::new(),
        filled_in: FilledIn::default(),
    };
    fill_vars(&mut spec, variables, &mut filling);
    spec.fill(&Place::root(), &mut filling);
    let secrets = spec.unset_secrets(&variables.env);
    let known: BTreeSet<Place> =
        faults.iter().filter_map(|fault| fault.place.as_deref()).map(Place::read).collect();
    let filled_in = filling.filled_in;
    let found = filling.faults.into_iter().chain(check(&spec)).chain(secrets);
    faults.extend(found.filter(|fault| !says_already(&known, fault)));
    Reading { spec: Some(spec), faults: filled_in.as_written(faults), filled_in }
}

/// Takes a spec that was built in memory: it has all its values, so nothing is filled in, and no
/// text, so its faults have a path and no line. The version of the format is that of this program.
pub fn built(spec: Spec, env: &BTreeMap<String, String>) -> Reading {
    let spec = Spec { api_version: Some(VERSION.into()), ..spec };
    let faults = check(&spec).into_iter().chain(spec.unset_secrets(env)).collect();
    Reading { spec: Some(spec), faults, ..Reading::default() }
}

/// The typed model, and what is wrong with the file's shape.
///
/// `serde_yaml` stops at its first fault and keeps the last of two equal keys without a word. So
/// where it refuses, or may have been too lenient, the schema is asked, which names them all; and
/// the model is read once more from what is left without the parts at fault.
fn shape(text: &str, tree: &Tree) -> (Option<Spec>, Vec<Fault>) {
    let typed = serde_yaml::from_str::<Spec>(text);
    let mut faults = duplicates(tree);
    let refused = match typed {
        Ok(spec) if faults.is_empty() && !is_doubtful(tree) => return (Some(spec), faults),
        Ok(_) => None,
        Err(refused) => Some(refused),
    };
    match Schema::new(&schema()) {
        Ok(schema) => faults.extend(schema.check(&tree.root.to_json(), &Place::root())),
        Err(fault) => faults.push(fault),
    }
    if let (true, Some(refused)) = (faults.is_empty(), refused) {
        // The shape is right, so it is the syntax: `serde_yaml` reads YAML 1.1, which is stricter in
        // places, such as a colon at the end of a word in `{…}`.
        let message = format!("not YAML: {refused}");
        let fault = Fault::new(codes::NOT_YAML, Origin::Spec, message);
        // It counts characters.
        let character = refused.location().map_or(0, |location| location.index());
        let byte = text.char_indices().nth(character).map_or(text.len(), |(byte, _)| byte);
        return (None, vec![fault.fact("byte", byte.to_string())]);
    }
    let left_out = faults.iter().filter(|fault| !fault.is(codes::DUPLICATE_KEY));
    let at_fault: Vec<Place> =
        left_out.filter_map(|fault| fault.place.as_deref()).map(Place::read).collect();
    let rest = tree.root.to_flow_yaml(&at_fault);
    (serde_yaml::from_str(&rest).ok(), faults)
}

/// Whether a fault only follows from one at a known place: the same, or one within it.
fn says_already(known: &BTreeSet<Place>, fault: &Fault) -> bool {
    let Some(at) = fault.place.as_deref().map(Place::read) else { return false };
    let within = at != Place::root() && !fault.is(codes::WRONG_VALUE);
    // In their order, the places within a place come right behind it.
    let next = known.range(&at..).next();
    next.is_some_and(|next| *next == at || (within && at.holds(next)))
}

fn duplicates(tree: &Tree) -> Vec<Fault> {
    tree.duplicates()
        .into_iter()
        .map(|(place, first, later)| {
            let message = format!("the key `{}` stands twice", later.key);
            Fault::new(codes::DUPLICATE_KEY, Origin::Spec, message)
                .at(place.to_string())
                .help("only one of them can count: remove one, or give it another name")
                .fact("byte", later.bytes.start.to_string())
                .fact("first-byte", first.bytes.start.to_string())
        })
        .collect()
}

/// Whether `serde_yaml` may have accepted what the schema refuses: unknown keys at the top (those
/// that begin with `x-` are free), and keys without a value.
fn is_doubtful(tree: &Tree) -> bool {
    let Value::Map(entries) = &tree.root.value else { return true };
    entries.iter().any(|entry| {
        let free = entry.key.starts_with("x-");
        let known = TOP_KEYS.contains(&entry.key.as_str());
        !free && (!known || (entry.key != "vars" && entry.value.has_null()))
    })
}

fn fill_vars(spec: &mut Spec, variables: &Variables, filling: &mut Filling<'_>) {
    // Filled in while no variable is known: `${var:x}` in the block `vars` is a fault, as an
    // order among them would be one more thing to explain.
    spec.vars.fill(&Place::root().key("vars"), filling);
    for (name, value) in spec.vars.iter() {
        let given = variables.vars.get(name).cloned();
        let value = given.or_else(|| value.as_ref().map(|text| text.text().to_owned()));
        filling.vars.insert(name.to_owned(), value);
    }
    for name in variables.vars.keys().filter(|name| spec.vars.get(name).is_none()) {
        let message = format!("`--var {name}`: no variable is called that");
        let mut fault = Fault::new(codes::UNKNOWN_VARIABLE, Origin::Spec, message);
        fault.help = suggestion(name, spec.vars.keys())
            .or_else(|| Some("declare it in the block `vars`".to_owned()));
        filling.faults.push(fault);
    }
}
