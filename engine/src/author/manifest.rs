//! `plugin.toml` and `settings.schema.json`, read with the line of what is wrong in them.

use super::AuthorFault;
use crate::diagnostic::Schema;
use crate::oci::ReferenceForm;
use crate::role::{ComponentRole, Limits, Wants};
use serde::Deserialize;
use serde_json::{Value, json};
use std::io::Read;
use std::path::Path;

/// Bytes of the largest of the two files.
const MAX_BYTES: u64 = 1 << 20;

/// What the folder of a plugin says of itself.
pub(super) struct Manifest {
    pub(super) name: String,
    pub(super) role: ComponentRole,
    pub(super) wants: Wants,
    /// How it is built, where no language says so.
    pub(super) build: Option<BuildCommand>,
    /// The content of the component's section.
    pub(super) section: String,
}

/// A command of the author's.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BuildCommand {
    /// The program and its arguments.
    pub(super) command: Vec<String>,
    /// The file that it makes: a component, or a core module that carries its WIT world.
    pub(super) output: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    #[serde(rename = "version")]
    _version: String,
    role: String,
    #[serde(default, rename = "transports")]
    _transports: Vec<String>,
    #[serde(default)]
    wants: Wants,
    #[serde(default, rename = "limits")]
    _limits: Limits,
    #[serde(default, rename = "reference")]
    _reference: Option<ReferenceForm>,
    #[serde(default)]
    build: Option<BuildCommand>,
}

impl Manifest {
    /// Reads both files of a folder.
    pub(super) fn read(folder: &Path) -> Result<Self, AuthorFault> {
        let manifest = text(folder, "plugin.toml")?;
        let schema = text(folder, "settings.schema.json")?;
        Self::parse(&manifest, &schema)
    }

    fn parse(manifest: &str, schema: &str) -> Result<Self, AuthorFault> {
        let wrong = |fault: &toml::de::Error| {
            let start = fault.span().map_or(0, |span| span.start);
            at("plugin.toml", place(manifest, start), fault.message())
        };
        let written: Written = toml::from_str(manifest).map_err(|fault| wrong(&fault))?;
        let mut whole: Value = toml::from_str(manifest).map_err(|fault| wrong(&fault))?;
        let Some(role) = ComponentRole::ALL.into_iter().find(|role| role.word() == written.role)
        else {
            let known = ComponentRole::ALL.map(ComponentRole::word).join(", ");
            let message = format!("there is no role `{}`; know: {known}", written.role);
            return Err(at("plugin.toml", line_of(manifest, "role"), &message));
        };
        if let Some(members) = whole.as_object_mut() {
            members.remove("build");
        }
        let file = "settings.schema.json";
        let settings: Value = serde_json::from_str(schema).map_err(|fault| {
            let message = fault.to_string();
            let message = message.split(" at line ").next().unwrap_or_default();
            at(file, (fault.line(), fault.column()), message)
        })?;
        Schema::new(&settings).map_err(|fault| at(file, (1, 1), &fault.message))?;
        let section = json!({"manifest": whole, "settings": settings}).to_string();
        Ok(Self { name: written.name, role, wants: written.wants, build: written.build, section })
    }
}

fn text(folder: &Path, name: &str) -> Result<String, AuthorFault> {
    let path = folder.join(name);
    let failed = |reason: String| AuthorFault::File { path: path.display().to_string(), reason };
    let file = std::fs::File::open(&path).map_err(|error| failed(error.to_string()))?;
    let mut text = String::new();
    let mut bounded = file.take(MAX_BYTES + 1);
    bounded.read_to_string(&mut text).map_err(|error| failed(error.to_string()))?;
    if text.len() as u64 > MAX_BYTES {
        return Err(failed(format!("it has more than {MAX_BYTES} bytes")));
    }
    Ok(text)
}

fn at(file: &str, (line, column): (usize, usize), reason: &str) -> AuthorFault {
    let reason = reason.lines().next().unwrap_or_default().to_owned();
    AuthorFault::Manifest { at: format!("{file}:{line}:{column}"), reason }
}

/// Line and column of a byte, from 1.
fn place(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    (line, column)
}

/// The line that sets a key at the top.
fn line_of(text: &str, key: &str) -> (usize, usize) {
    let sets = |line: &str| {
        line.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    (text.lines().position(sets).unwrap_or(0) + 1, 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "name = \"transport-x\"\nversion = \"1\"\nrole = \"transport\"\n";

    #[track_caller]
    fn wrong(manifest: &str, schema: &str) -> String {
        Manifest::parse(manifest, schema).map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn the_section_has_all_but_the_command() {
        let text = format!(
            "{GOOD}[wants]\ninterfaces = [\"fs\"]\n[build]\ncommand = [\"make\"]\noutput = \"x\"\n"
        );
        let manifest = Manifest::parse(&text, "{}").unwrap();
        assert_eq!(manifest.build.unwrap().command, ["make"]);
        let section: Value = serde_json::from_str(&manifest.section).unwrap();
        assert_eq!(section["manifest"]["wants"]["interfaces"], json!(["fs"]));
        assert!(section["manifest"].get("build").is_none());
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        assert!(wrong("name = 1\n", "{}").starts_with("plugin.toml:1:8: invalid type"));
        let more = format!("{GOOD}wishes = 1\n");
        assert!(wrong(&more, "{}").starts_with("plugin.toml:4:1: unknown field `wishes`"));
        let role = GOOD.replace("\"transport\"", "\"driver\"");
        assert_eq!(
            wrong(&role, "{}"),
            "plugin.toml:3:1: there is no role `driver`; know: transport, signer, policy, filter, transform"
        );
        assert!(wrong(GOOD, "{\n \"a\" 1}").starts_with("settings.schema.json:2:"));
        assert!(wrong(GOOD, "{\"type\": 7}").starts_with("settings.schema.json:1:1: not a JSON"));
    }
}
