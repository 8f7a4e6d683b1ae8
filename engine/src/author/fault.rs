//! What keeps a plugin from being made.

use crate::author::codes;
use crate::diagnostic::{Code, Fault, Origin};

/// Lines of a tool's words that are kept in a fault; the last ones say why.
const MAX_LINES: usize = 40;

/// What keeps a plugin from being made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthorFault {
    /// The name is none that a plugin may have.
    #[error("`{0}` is no name for a plugin")]
    BadName(String),
    /// There is something already.
    #[error("`{0}` is there already, and nothing was written")]
    Exists(String),
    /// A file could not be read or written.
    #[error("`{path}`: {reason}")]
    File {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// No file says which language it is.
    #[error(
        "`{0}` is no folder of a plugin: it has no Cargo.toml, package.json, app.py or build command"
    )]
    NoLanguage(String),
    /// The manifest, or the schema of the settings, is wrong.
    #[error("{at}: {reason}")]
    Manifest {
        /// `FILE:LINE:COLUMN`.
        at: String,
        /// Why.
        reason: String,
    },
    /// A tool of the language is missing.
    #[error("`{tool}` is not here")]
    MissingTool {
        /// The tool.
        tool: String,
        /// How to get it.
        help: String,
    },
    /// A tool failed.
    #[error("`{tool}` could not build the plugin{}", said(.words))]
    Failed {
        /// The tool.
        tool: String,
        /// What it said.
        words: String,
    },
    /// What was built is no component that the engine could run.
    #[error("what was built is no plugin: {0}")]
    NoPlugin(String),
    /// What was built imports what it may not.
    #[error(
        "the component imports `{0}`, which a plugin may not use, or which this one does not want"
    )]
    ForeignImport(String),
}

impl AuthorFault {
    /// The stable code.
    pub fn code(&self) -> Code {
        match self {
            Self::BadName(_) => codes::BAD_NAME,
            Self::Exists(_) => codes::EXISTS,
            Self::File { .. } => codes::FILE,
            Self::NoLanguage(_) => codes::NO_LANGUAGE,
            Self::Manifest { .. } => codes::MANIFEST,
            Self::MissingTool { .. } => codes::MISSING_TOOL,
            Self::Failed { .. } => codes::FAILED,
            Self::NoPlugin(_) => codes::NO_PLUGIN,
            Self::ForeignImport(_) => codes::FOREIGN_IMPORT,
        }
    }

    fn help(&self) -> Option<String> {
        Some(match self {
            Self::BadName(name) => {
                let rest: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
                format!(
                    "a name begins with the role (transport, signer, policy, filter, transform) \
                     and has small letters, digits and dashes, such as `transport-{}`",
                    if rest.is_empty() { "shelf".to_owned() } else { rest.to_lowercase() }
                )
            }
            Self::Exists(_) => "choose another name, or another place with `--into`".to_owned(),
            Self::NoLanguage(_) => {
                "run it in the folder of a plugin, or name that folder; `engine plugin new` makes \
                 one"
                .to_owned()
            }
            Self::MissingTool { help, .. } => help.clone(),
            Self::ForeignImport(name) => imported(name),
            _ => return None,
        })
    }
}

/// What to do about an import.
fn imported(name: &str) -> String {
    let ours = name.strip_prefix("engine:plugin/").and_then(|rest| rest.split('@').next());
    match ours {
        Some(interface) => format!(
            "add `\"{interface}\"` to `interfaces` under `[wants]` in plugin.toml, or take it out \
             of wit/world.wit"
        ),
        None => "build without WASI: a plugin has no system but the engine's interfaces; see \
                 `Building` in specs/plugins.md"
            .to_owned(),
    }
}

/// The last words of a tool, which say why.
fn said(words: &str) -> String {
    let lines: Vec<&str> = words.lines().collect();
    let kept = lines.get(lines.len().saturating_sub(MAX_LINES)..).unwrap_or_default();
    if kept.is_empty() { String::new() } else { format!(":\n{}", kept.join("\n")) }
}

impl From<AuthorFault> for Fault {
    fn from(fault: AuthorFault) -> Self {
        let help = fault.help();
        let made = Self::new(fault.code(), Origin::Local, fault.to_string());
        match help {
            Some(help) => made.help(help),
            None => made,
        }
    }
}
