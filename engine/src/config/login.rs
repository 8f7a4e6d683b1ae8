//! Finds the login of a registry.
//!
//! What the spec says wins. Else the files of the container tools are asked in their order, and
//! the first that has something wins:
//! `$REGISTRY_AUTH_FILE` alone, if set; else `$XDG_RUNTIME_DIR/containers/auth.json` (without the
//! variable `/run/containers/UID/auth.json`),
//! `$XDG_CONFIG_HOME/containers/auth.json`, `$DOCKER_CONFIG/config.json`.
//! A helper that Docker uses for all registries (`credsStore`) is asked last.

use super::auth_file::AuthFile;
use super::{Credential, names, program, secret_source};
use crate::config::codes;
use crate::diagnostic::{Fault, Origin};
use crate::role::{AuthSettings, Surroundings};
use serde::Deserialize;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Login {
    /// The credential; `None`: nobody knows one, so no login is tried.
    pub credential: Option<Credential>,
    /// Files, helpers and settings that were looked at, for people.
    pub looked_at: Vec<String>,
    /// Whether the answer holds for one repository only.
    pub by_path: bool,
    /// Helpers that a file names and that are not installed. What is public can be read without them.
    pub missing: Vec<Fault>,
}

/// Words by which helpers say that they have no login: those of the protocol, and those of
/// `docker-credential-desktop`.
const NO_LOGIN: [&str; 2] = ["credentials not found", "no stored credential"];

/// What a helper prints.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Told {
    username: String,
    secret: String,
}

/// Finds the login for a repository of a registry, by the name that the spec uses. Reads files
/// and asks helpers anew at each call.
///
/// # Errors
///
/// `config::auth-file`, `config::secret`, `config::helper`, `config::program`: something that is
/// there cannot be used. A helper that fails is only told of when nobody else has a login. One that a
/// file names and that is not installed is no fault: such a file outlives the program that wrote it.
pub async fn find_login(
    surroundings: &Surroundings,
    auth: Option<&AuthSettings>,
    registry: &str,
    repository: &str,
) -> Result<Login, Fault> {
    match auth {
        Some(AuthSettings::Anonymous) => {
            Ok(Login { looked_at: vec!["the spec: anonymous".to_owned()], ..Login::default() })
        }
        Some(AuthSettings::Helper(name)) => Ok(Login {
            credential: ask_helper(surroundings, name, registry).await?,
            looked_at: vec![format!("the helper `{name}`, as the spec says")],
            ..Login::default()
        }),
        Some(AuthSettings::Password { username, password }) => {
            let user = secret_source::read(surroundings, username).await?;
            let password = secret_source::read(surroundings, password).await?;
            Ok(Login {
                credential: Some(Credential::of(user.reveal(), password.reveal())),
                looked_at: vec!["the spec".to_owned()],
                ..Login::default()
            })
        }
        None => in_files(surroundings, registry, repository).await,
    }
}

async fn in_files(
    surroundings: &Surroundings,
    registry: &str,
    repository: &str,
) -> Result<Login, Fault> {
    let mut login = Login::default();
    let mut stores = Vec::new();
    let mut failed = None;
    for path in paths(surroundings) {
        login.looked_at.push(path.display().to_string());
        let Some(file) = AuthFile::read(&path)? else { continue };
        login.by_path |= file.by_path(registry);
        if let Some((helper, names)) = file.helper(registry) {
            login.looked_at.push(format!("the helper `{helper}`"));
            let missing = missing(surroundings, helper, &path);
            let names = if missing.is_some() { Vec::new() } else { names };
            login.missing.extend(missing);
            for name in names {
                match ask_helper(surroundings, helper, name).await {
                    Ok(Some(found)) => return Ok(Login { credential: Some(found), ..login }),
                    Ok(None) => {}
                    Err(fault) => {
                        failed = failed.or(Some(fault));
                        break;
                    }
                }
            }
        }
        if let Some(found) = file.login(registry, repository) {
            return Ok(Login { credential: Some(found), ..login });
        }
        stores.extend(file.store().map(|store| (store.to_owned(), path.clone())));
    }
    for (store, path) in stores {
        login.looked_at.push(format!("the helper `{store}`"));
        if let Some(missing) = missing(surroundings, &store, &path) {
            login.missing.push(missing);
            continue;
        }
        match ask_helper(surroundings, &store, names::store_key(registry)).await {
            Ok(Some(found)) => return Ok(Login { credential: Some(found), ..login }),
            Ok(None) => {}
            Err(fault) => failed = failed.or(Some(fault)),
        }
    }
    failed.map_or(Ok(login), Err)
}

/// The files, in the order in which they are asked.
fn paths(surroundings: &Surroundings) -> Vec<PathBuf> {
    if let Some(only) = surroundings.variable("REGISTRY_AUTH_FILE") {
        return vec![surroundings.directory.join(only)];
    }
    let mut paths = Vec::new();
    match surroundings.variable("XDG_RUNTIME_DIR") {
        Some(runtime) => paths.push(PathBuf::from(runtime).join("containers/auth.json")),
        None => paths.extend(runtime_of(surroundings)),
    }
    paths.extend(surroundings.config().map(|folder| folder.join("containers/auth.json")));
    let docker = surroundings.variable("DOCKER_CONFIG").map(PathBuf::from);
    let docker = docker.or_else(|| surroundings.home.as_ref().map(|home| home.join(".docker")));
    paths.extend(docker.map(|folder| folder.join("config.json")));
    paths
}

/// Where the container tools put logins when nobody says where: by the number of the user, which
/// is that of the owner of the home directory.
fn runtime_of(surroundings: &Surroundings) -> Option<PathBuf> {
    let owner = surroundings.home.as_ref()?.metadata().ok()?.uid();
    Some(PathBuf::from(format!("/run/containers/{owner}/auth.json")))
}

/// The program of a helper; `None` where its name is none of a program.
fn program_of(name: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    name.chars().all(plain).then(|| format!("docker-credential-{name}"))
}

/// The helper that `file` names, if it is not installed.
fn missing(surroundings: &Surroundings, name: &str, file: &Path) -> Option<Fault> {
    let program = program_of(name).filter(|name| !program::is_installed(surroundings, name))?;
    let file = file.display().to_string();
    let message = format!("the credential helper `{program}` that `{file}` names is not installed");
    let help = "install it, put its folder into PATH, or take it out of that file";
    Some(Fault::new(codes::MISSING_HELPER, Origin::Local, message).at(file).help(help))
}

/// Asks `docker-credential-NAME get` about a host. The host goes by standard input, as the
/// helpers' protocol has it; no secret is in the arguments.
async fn ask_helper(
    surroundings: &Surroundings,
    name: &str,
    host: &str,
) -> Result<Option<Credential>, Fault> {
    let wrong = |what: &str| {
        let message = format!("ask the credential helper `{name}` about `{host}`: {what}");
        Fault::new(codes::HELPER, Origin::Local, message)
    };
    let program = program_of(name).ok_or_else(|| {
        wrong("its name has other characters than letters, digits, `-`, `_`, `.`")
    })?;
    let words = [program, "get".to_owned()];
    let printed = program::ask(surroundings, &words, host).await?;
    if !printed.success {
        // The one failure that the protocol gives words to: there is no such login. What else a helper
        // prints may be a secret.
        let said = printed.text.to_ascii_lowercase();
        if NO_LOGIN.iter().any(|words| said.contains(words)) {
            return Ok(None);
        }
        return Err(wrong("it failed"));
    }
    let answer: Told =
        serde_json::from_str(&printed.text).map_err(|_| wrong("its answer makes no sense"))?;
    let empty = answer.username.is_empty() && answer.secret.is_empty();
    Ok((!empty).then(|| Credential::of(&answer.username, &answer.secret)))
}

#[cfg(test)]
#[path = "login_tests.rs"]
mod tests;
