//! Certificates that the container tools keep for a registry: `certs.d/HOST[:PORT]`.
//!
//! Source: containers-certs.d(5).

use crate::config::codes;
use crate::diagnostic::{Fault, Origin};
use crate::role::Surroundings;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Files of a registry's folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Certificates {
    /// PEM files of further authorities (`*.crt`).
    pub authorities: Vec<PathBuf>,
    /// PEM files of a client's certificate and key (`X.cert` with `X.key`).
    pub client: Option<(PathBuf, PathBuf)>,
}

impl Certificates {
    /// Looks for the folder of a registry: in the user's, then in the system's places; the first
    /// that is there counts alone.
    ///
    /// # Errors
    ///
    /// `config::certificates` when a folder cannot be read, or a certificate lacks its key.
    pub fn find(surroundings: &Surroundings, registry: &str) -> Result<Self, Fault> {
        // The name becomes a part of a path; what cannot be a host has no folder.
        if registry.contains('/') || registry.starts_with('.') {
            return Ok(Self::default());
        }
        let user = surroundings.home.as_ref().map(|home| home.join(".config/containers/certs.d"));
        let system = ["/etc/containers/certs.d", "/etc/docker/certs.d"].map(PathBuf::from);
        for folder in user.into_iter().chain(system) {
            if let Some(found) = Self::read(&folder.join(registry))? {
                return Ok(found);
            }
        }
        Ok(Self::default())
    }

    /// What a folder holds; `None` when it is not there.
    fn read(folder: &Path) -> Result<Option<Self>, Fault> {
        let wrong = |what: String| {
            let message = format!("read certificates: {what}");
            Fault::new(codes::CERTIFICATES, Origin::Local, message).at(folder.display().to_string())
        };
        let entries = match folder.read_dir() {
            Ok(entries) => entries,
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(wrong(error.to_string())),
        };
        let paths: Result<Vec<_>, _> = entries.map(|entry| entry.map(|it| it.path())).collect();
        let mut paths = paths.map_err(|error| wrong(error.to_string()))?;
        paths.sort();
        let mut found = Self::default();
        for path in &paths {
            let pair = match path.extension().and_then(|extension| extension.to_str()) {
                Some("crt") => {
                    found.authorities.push(path.clone());
                    continue;
                }
                Some("cert") => path.with_extension("key"),
                Some("key") => path.with_extension("cert"),
                _ => continue,
            };
            if !paths.contains(&pair) {
                return Err(wrong(format!("`{}` is missing", pair.display())));
            }
            if found.client.is_none() {
                found.client = Some((path.with_extension("cert"), path.with_extension("key")));
            }
        }
        Ok(Some(found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_folder_is_read() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join(".config/containers/certs.d/h:5000");
        fs::create_dir_all(&folder).unwrap();
        let surroundings =
            Surroundings { home: Some(home.path().to_owned()), ..Surroundings::default() };
        for name in ["b.crt", "a.crt", "x.cert", "x.key", "readme"] {
            fs::write(folder.join(name), "").unwrap();
        }
        let found = Certificates::find(&surroundings, "h:5000").unwrap();
        assert_eq!(found.authorities, [folder.join("a.crt"), folder.join("b.crt")]);
        assert_eq!(found.client, Some((folder.join("x.cert"), folder.join("x.key"))));
        assert_eq!(Certificates::find(&surroundings, "h").unwrap(), Certificates::default());
        assert_eq!(Certificates::find(&surroundings, "../h:5000").unwrap().client, None);
        fs::remove_file(folder.join("x.key")).unwrap();
        let fault = Certificates::find(&surroundings, "h:5000").unwrap_err();
        assert_eq!(fault.code, "config::certificates");
        assert!(fault.message.contains("x.key"), "{fault}");
    }
}
