//! One file of logins: `auth.json` of the container tools, or Docker's `config.json`.
//!
//! Source: containers-auth.json(5).

use super::{Credential, names};
use crate::config::codes;
use crate::diagnostic::{Fault, Origin};
use crate::role::Secret;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// A file of logins holds a few lines for each registry; 1 MiB is some thousand of them.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// What a file says. Members that are not named here belong to other tools.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct AuthFile {
    auths: BTreeMap<String, Entry>,
    cred_helpers: BTreeMap<String, String>,
    creds_store: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    auth: String,
    identitytoken: String,
}

impl AuthFile {
    /// Reads a file; `None` when it is not there.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, Fault> {
        let wrong = |what: String| {
            Fault::new(codes::AUTH_FILE, Origin::Local, format!("read the logins: {what}"))
                .at(path.display().to_string())
        };
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(wrong(error.to_string())),
        };
        let mut text = Vec::new();
        let read = file.take(MAX_FILE_BYTES + 1).read_to_end(&mut text);
        read.map_err(|error| wrong(error.to_string()))?;
        if text.len() as u64 > MAX_FILE_BYTES {
            return Err(wrong(format!("the file is larger than {MAX_FILE_BYTES} bytes")));
        }
        // The parser's own message may quote a value, which may be a secret: say only where.
        serde_json::from_slice(&text).map(Some).map_err(|error| {
            wrong(format!("not valid at line {} column {}", error.line(), error.column()))
        })
    }

    /// The helper that keeps the logins of exactly this host.
    pub(super) fn helper(&self, registry: &str) -> Option<&str> {
        names::aliases(registry)
            .into_iter()
            .find_map(|name| self.cred_helpers.get(name))
            .map(String::as_str)
            .filter(|name| !name.is_empty())
    }

    /// The helper that keeps all logins of the user, where Docker wrote the file.
    pub(super) fn store(&self) -> Option<&str> {
        Some(self.creds_store.as_str()).filter(|name| !name.is_empty())
    }

    /// The login that is written in the file itself: by the most specific key, then by keys that
    /// were written as URLs.
    pub(super) fn login(&self, registry: &str, repository: &str) -> Option<Credential> {
        let exact = names::aliases(registry)
            .into_iter()
            .flat_map(|name| names::keys(name, repository))
            .find_map(|key| self.auths.get(&key).and_then(Entry::credential));
        exact.or_else(|| {
            names::aliases(registry).into_iter().find_map(|name| {
                let same = |(key, entry): (&String, &Entry)| {
                    let fits = names::host_of_key(key) == Some(name);
                    fits.then(|| entry.credential()).flatten()
                };
                self.auths.iter().find_map(same)
            })
        })
    }

    /// Whether a login of this registry depends on the repository.
    pub(super) fn by_path(&self, registry: &str) -> bool {
        names::aliases(registry).into_iter().any(|name| {
            self.auths
                .keys()
                .any(|key| key.strip_prefix(name).is_some_and(|rest| rest.starts_with('/')))
        })
    }
}

impl Entry {
    fn credential(&self) -> Option<Credential> {
        if !self.identitytoken.is_empty() {
            return Some(Credential::IdentityToken(Secret::new(&self.identitytoken)));
        }
        Credential::decode(&self.auth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> AuthFile {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn the_most_specific_key_wins() {
        // a:1, b:2
        let file = file(r#"{"auths": {"h": {"auth": "YTox"}, "h/x": {"auth": "Yjoy"}}}"#);
        assert_eq!(file.login("h", "x/y").unwrap().user(), "b");
        assert_eq!(file.login("h", "xx").unwrap().user(), "a");
        assert!(file.login("other", "x").is_none());
        assert!(file.by_path("h") && !file.by_path("other"));
    }

    #[test]
    fn old_keys_and_tokens_are_understood() {
        let file = file(
            r#"{"auths": {"https://index.docker.io/v1/": {"auth": "YTox"},
                          "t": {"auth": "YTox", "identitytoken": "x"}, "empty": {}},
                "credHelpers": {"index.docker.io": "pass"}, "HttpHeaders": {}}"#,
        );
        assert_eq!(file.login("docker.io", "library/alpine").unwrap().user(), "a");
        assert_eq!(file.login("t", "r").unwrap().user(), "<token>");
        assert!(file.login("empty", "").is_none());
        assert_eq!(file.helper("docker.io"), Some("pass"));
    }

    #[test]
    fn a_broken_file_says_where_and_not_what() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("auth.json");
        assert!(AuthFile::read(&path).unwrap().is_none());
        std::fs::write(&path, r#"{"auths": {"h": {"auth": 5432167}}}"#).unwrap();
        let fault = AuthFile::read(&path).err().unwrap();
        assert_eq!(fault.code, "config::auth-file");
        assert!(!fault.message.contains("5432167"), "{fault}");
    }
}
