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

/// What a file says. Members that are not named here belong to other tools; `null` is as if the member
/// were absent, as for the Go programs that write such files.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct AuthFile {
    auths: Option<BTreeMap<String, Option<Entry>>>,
    cred_helpers: Option<BTreeMap<String, Option<String>>>,
    creds_store: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
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

    /// The helper that keeps the logins of exactly this host, and the names by which it may know it.
    pub(super) fn helper<'a>(&'a self, registry: &'a str) -> Option<(&'a str, Vec<&'a str>)> {
        let helpers = self.cred_helpers.as_ref()?;
        let keys = names::helper_keys(registry);
        let (key, helper) = keys.iter().find_map(|key| helpers.get_key_value(*key))?;
        let helper = helper.as_deref().filter(|name| !name.is_empty())?;
        let usual = names::store_key(registry);
        let mut asked = vec![usual];
        asked.extend([key.as_str(), registry].into_iter().filter(|name| *name != usual));
        asked.dedup();
        Some((helper, asked))
    }

    /// The helper that keeps all logins of the user, where Docker wrote the file.
    pub(super) fn store(&self) -> Option<&str> {
        self.creds_store.as_deref().filter(|name| !name.is_empty())
    }

    fn entries(&self) -> impl Iterator<Item = (&String, &Entry)> {
        let all = self.auths.iter().flatten();
        all.filter_map(|(key, entry)| Some((key, entry.as_ref()?)))
    }

    /// The login that is written in the file itself: by the most specific key, then by keys that
    /// were written as URLs.
    pub(super) fn login(&self, registry: &str, repository: &str) -> Option<Credential> {
        let exact = names::aliases(registry)
            .into_iter()
            .flat_map(|name| names::keys(name, repository))
            .find_map(|key| self.auths.as_ref()?.get(&key)?.as_ref()?.credential());
        exact.or_else(|| {
            names::aliases(registry).into_iter().find_map(|name| {
                let same = |(key, entry): (&String, &Entry)| {
                    let fits = names::host_of_key(key) == Some(name);
                    fits.then(|| entry.credential()).flatten()
                };
                self.entries().find_map(same)
            })
        })
    }

    /// Whether a login of this registry depends on the repository.
    pub(super) fn by_path(&self, registry: &str) -> bool {
        names::aliases(registry).into_iter().any(|name| {
            self.entries().any(|(key, _)| {
                let below = key.strip_prefix(name).is_some_and(|rest| rest.starts_with('/'));
                below && names::host_of_key(key).is_none()
            })
        })
    }
}

impl Entry {
    /// The token first, then `auth`, then what pull secrets of Kubernetes may have in its place.
    fn credential(&self) -> Option<Credential> {
        let given = |member: &'_ Option<String>| member.clone().filter(|text| !text.is_empty());
        if let Some(token) = given(&self.identitytoken) {
            return Some(Credential::IdentityToken(Secret::new(token)));
        }
        if let Some(auth) = given(&self.auth) {
            return Credential::decode(&auth);
        }
        Some(Credential::of(&given(&self.username)?, &given(&self.password)?))
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
        let legacy = "https://index.docker.io/v1/";
        let (helper, asked) = file.helper("docker.io").unwrap();
        assert_eq!((helper, asked), ("pass", vec![legacy, "index.docker.io", "docker.io"]));
    }

    #[test]
    fn null_is_as_if_it_were_absent() {
        let file = file(
            r#"{"auths": {"h": {"auth": "YTox", "identitytoken": null}, "n": null}, "credHelpers": {"h": null},
                "credsStore": null}"#,
        );
        assert_eq!(file.login("h", "r").unwrap().user(), "a");
        assert!(file.login("n", "r").is_none() && file.helper("h").is_none());
        assert!(file.store().is_none());
        let all: AuthFile =
            serde_json::from_str(r#"{"auths": null, "credHelpers": null}"#).unwrap();
        assert!(all.login("h", "r").is_none() && !all.by_path("h"));
    }

    #[test]
    fn a_key_may_end_as_an_address_does_and_an_entry_may_be_in_the_clear() {
        for key in ["h/", "h/v1/", "h/v2/", "h/v2", "https://h/v2/"] {
            let text = format!(r#"{{"auths": {{"{key}": {{"username": "u", "password": "p"}}}}}}"#);
            let file = file(&text);
            assert_eq!(file.login("h", "app").unwrap().user(), "u", "{key}");
            assert!(!file.by_path("h"), "{key}");
        }
        let path = file(r#"{"auths": {"h/v3": {"auth": "YTox"}, "h/x": {"username": "u"}}}"#);
        assert!(path.login("h", "app").is_none() && path.login("h", "x").is_none());
        assert!(path.by_path("h"));
    }

    #[test]
    fn a_helper_of_docker_is_asked_by_the_name_that_docker_uses() {
        for key in ["docker.io", "index.docker.io", "https://index.docker.io/v1/"] {
            let file = file(&format!(r#"{{"credHelpers": {{"{key}": "pass"}}}}"#));
            let (helper, asked) = file.helper("docker.io").unwrap();
            assert_eq!((helper, asked[0]), ("pass", "https://index.docker.io/v1/"), "{key}");
        }
        let file = file(r#"{"credHelpers": {"quay.io": "pass"}}"#);
        assert_eq!(file.helper("quay.io"), Some(("pass", vec!["quay.io"])));
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
