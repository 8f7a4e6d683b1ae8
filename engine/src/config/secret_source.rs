//! Reads a secret from where the spec says that it is.

use super::program;
use crate::config::codes;
use crate::diagnostic::{Fault, Origin};
use crate::role::{Secret, SecretSource, Surroundings};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Passwords and tokens have a few KiB at most.
const MAX_SECRET_BYTES: u64 = 64 << 10;

/// The secret, without the line break at its end. Reads it anew at each call, and keeps nothing.
///
/// # Errors
///
/// `config::secret`, `config::program`: it is not there, is no text, or has more than 64 KiB. None
/// quotes what was read.
pub async fn read(surroundings: &Surroundings, source: &SecretSource) -> Result<Secret, Fault> {
    match source {
        SecretSource::Plain(text) => Ok(Secret::new(text)),
        SecretSource::Variable(name) => {
            let value = surroundings.variables.get(name).map(Secret::new);
            value.ok_or_else(|| wrong(&format!("the variable `{name}` is not set")))
        }
        SecretSource::File(path) => {
            let path = surroundings.directory.join(path);
            read_file(&path).map(|text| without_break(&text))
        }
        SecretSource::Command(words) => {
            let printed = program::ask(surroundings, words, "").await?;
            if printed.success {
                return Ok(without_break(&printed.text));
            }
            let name = words.first().map_or("", String::as_str);
            Err(wrong(&format!("the command `{name}` failed")))
        }
    }
}

fn read_file(path: &Path) -> Result<String, Fault> {
    let wrong = |what: &str| wrong(what).at(path.display().to_string());
    let file = File::open(path).map_err(|error| wrong(&error.to_string()))?;
    let mut text = Vec::new();
    let read = file.take(MAX_SECRET_BYTES + 1).read_to_end(&mut text);
    read.map_err(|error| wrong(&error.to_string()))?;
    if text.len() as u64 > MAX_SECRET_BYTES {
        return Err(wrong(&format!("the file is larger than {MAX_SECRET_BYTES} bytes")));
    }
    String::from_utf8(text).map_err(|_| wrong("the file is not text"))
}

fn without_break(text: &str) -> Secret {
    Secret::new(text.trim_end_matches(['\n', '\r']))
}

fn wrong(what: &str) -> Fault {
    Fault::new(codes::SECRET, Origin::Local, format!("read a secret: {what}"))
}
