//! Where a spec says that its secrets are. The secrets themselves are never read here.

use super::{SecretFrom, Spec, Username};
use crate::diagnostic::{Fault, Origin, Place};
use crate::spec::codes;
use std::collections::BTreeMap;

/// A place of the spec, and the file that holds a secret, as written there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretFile {
    /// The place, such as `registries["a.example"].auth.password.file`.
    pub place: String,
    /// The path as written.
    pub path: String,
}

impl Spec {
    /// The files that secrets are in. Whoever reads files can say by [`missing_secret`] that one
    /// is not there, before anything else is done.
    pub fn secret_files(&self) -> Vec<SecretFile> {
        let mut files = Vec::new();
        self.each_secret(|from, at| {
            files.extend(from.file.as_ref().map(|path| SecretFile {
                place: at.key("file").to_string(),
                path: path.text().to_owned(),
            }));
        });
        files
    }

    /// The secrets whose environment variable is not set, or empty.
    pub(super) fn unset_secrets(&self, env: &BTreeMap<String, String>) -> Vec<Fault> {
        let mut faults = Vec::new();
        self.each_secret(|from, at| {
            let name = from.env.as_ref().map(super::Text::text);
            let unset = name.filter(|name| env.get(*name).is_none_or(String::is_empty));
            faults.extend(unset.map(|name| {
                let what = format!("the environment variable `{name}`");
                missing_secret(&at.key("env").to_string(), &what)
            }));
        });
        faults
    }

    fn each_secret(&self, mut visit: impl FnMut(&SecretFrom, &Place)) {
        for (host, registry) in self.registries.iter() {
            let Some(auth) = &registry.auth else { continue };
            let at = Place::root().key("registries").key(host).key("auth");
            if let Some(Username::From(from)) = &auth.username {
                visit(from, &at.key("username"));
            }
            if let Some(from) = &auth.password {
                visit(from, &at.key("password"));
            }
        }
        for (name, key) in self.keys.iter() {
            if let Some(from) = &key.passphrase {
                visit(from, &Place::root().key("keys").key(name).key("passphrase"));
            }
        }
    }
}

/// The fault for a secret that is not where the spec says; `what` is what is missing there.
pub fn missing_secret(place: &str, what: &str) -> Fault {
    let message = format!("there is no secret: {what} is not there, or is empty");
    Fault::new(codes::MISSING_SECRET, Origin::Spec, message).at(place)
}

#[cfg(test)]
mod tests {
    use crate::spec::{Variables, read};

    #[test]
    fn files_of_secrets_are_listed_with_their_places() {
        let text = "apiVersion: engine/v1\nregistries:\n  a.example:\n    auth:\n      \
            username: {file: user.txt}\n      password: {file: /run/pass}\n";
        let spec = read(text, &Variables::default()).spec.unwrap();
        let files = spec.secret_files();
        let files: Vec<String> =
            files.iter().map(|file| format!("{} {}", file.place, file.path)).collect();
        assert_eq!(
            files,
            [
                "registries[\"a.example\"].auth.username.file user.txt",
                "registries[\"a.example\"].auth.password.file /run/pass",
            ]
        );
    }
}
