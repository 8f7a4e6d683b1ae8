//! What the folder of a new plugin holds, by role and language. The texts stand in `engine/templates`.
//!
//! A transport has files of its own, one for each idea; what the other roles do fits into one.

use super::Language;
use crate::role::ComponentRole;

/// A file of a template: its path in the folder, and its text.
pub(super) type File = (&'static str, &'static str);

macro_rules! files {
    ($($path:literal from $($file:literal)+),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../templates/", $($file),+)))),*]
    };
}

/// What a role has in every language.
macro_rules! of_role {
    ($role:literal) => {
        files![
            ".gitignore" from "all/gitignore",
            "settings.schema.json" from $role "/settings.schema.json",
            "sync.yaml" from $role "/sync.yaml",
            "wit/world.wit" from $role "/world.wit",
        ]
    };
}

/// A role whose work fits into one file.
macro_rules! in_one_file {
    ($role:literal, $language:expr) => {
        match $language {
            Language::Rust => files![
                "Cargo.toml" from "all/rust/Cargo.toml",
                "README.md" from "all/rust/README.md",
                "src/lib.rs" from $role "/lib.rs",
            ],
            Language::JavaScript => files![
                "README.md" from "all/javascript/README.md",
                "plugin.js" from $role "/plugin.js",
            ],
            Language::Python => files![
                "README.md" from "all/python/README.md",
                "app.py" from $role "/app.py",
            ],
        }
    };
}

/// All files of a plugin in this role and language, but for the interface.
pub(super) fn template(role: ComponentRole, language: Language) -> Vec<(&'static str, String)> {
    let interfaces = role.interfaces().join(", ");
    let words = [
        ("INTERFACES", interfaces.as_str()),
        ("ROLE", role.word()),
        ("WANTS", if role == ComponentRole::Signer { "\"keys\"" } else { "" }),
    ];
    let filled = |text: &str| {
        words.iter().fold(text.to_owned(), |text, (word, value)| text.replace(word, value))
    };
    let all = [of_role(role), of_language(language), own(role, language), failing(role, language)];
    all.concat().into_iter().map(|(path, text)| (path, filled(text))).collect()
}

fn of_role(role: ComponentRole) -> &'static [File] {
    match role {
        ComponentRole::Transport => of_role!("transport"),
        ComponentRole::Signer => of_role!("signer"),
        ComponentRole::Policy => of_role!("policy"),
        ComponentRole::Filter => of_role!("filter"),
        ComponentRole::Transform => of_role!("transform"),
    }
}

fn of_language(language: Language) -> &'static [File] {
    match language {
        Language::Rust => files!["plugin.toml" from "all/rust/plugin.toml"],
        Language::JavaScript => files![
            "package.json" from "all/javascript/package.json",
            "plugin.toml" from "all/javascript/plugin.toml",
        ],
        Language::Python => files![
            "plugin.toml" from "all/python/plugin.toml",
            "requirements.txt" from "all/python/requirements.txt",
        ],
    }
}

/// What only this role has in this language.
fn own(role: ComponentRole, language: Language) -> &'static [File] {
    match role {
        ComponentRole::Transport => transport(language),
        ComponentRole::Signer => in_one_file!("signer", language),
        ComponentRole::Policy => in_one_file!("policy", language),
        ComponentRole::Filter => in_one_file!("filter", language),
        ComponentRole::Transform => in_one_file!("transform", language),
    }
}

/// How the roles that fail in words of their own do so.
fn failing(role: ComponentRole, language: Language) -> &'static [File] {
    match (role, language) {
        (ComponentRole::Transport | ComponentRole::Transform, Language::JavaScript) => {
            files!["fault.js" from "all/javascript/fault.js"]
        }
        (ComponentRole::Transport | ComponentRole::Transform, Language::Python) => {
            files!["fault.py" from "all/python/fault.py"]
        }
        _ => &[],
    }
}

fn transport(language: Language) -> &'static [File] {
    match language {
        Language::Rust => files![
            "Cargo.toml" from "transport/rust/Cargo.toml",
            "README.md" from "transport/rust/README.md",
            "src/image.rs" from "transport/rust/image.rs",
            "src/lib.rs" from "transport/rust/lib.rs",
            "src/place.rs" from "transport/rust/place.rs",
        ],
        Language::JavaScript => files![
            "README.md" from "transport/javascript/README.md",
            "image.js" from "transport/javascript/image.js",
            "place.js" from "transport/javascript/place.js",
            "plugin.js" from "transport/javascript/plugin.js",
            "sha256.js" from "transport/javascript/sha256.js",
        ],
        Language::Python => files![
            "README.md" from "transport/python/README.md",
            "app.py" from "transport/python/app.py",
            "image.py" from "transport/python/image.py",
            "place.py" from "transport/python/place.py",
            "transport.py" from "transport/python/transport.py",
        ],
    }
}
