//! What is said of a registry that lets nobody in.

use crate::config::Login;
use crate::diagnostic::{Fault, Origin, Retry};
use crate::http::codes;
use crate::http::registry_host::RegistryHost;

/// A login that was refused, or is not there. `scope`: what it was refused for; `None` for all that is
/// asked of the registry.
pub(super) fn refused(
    registry: &RegistryHost,
    login: &Login,
    scope: Option<&str>,
    origin: Origin,
) -> Fault {
    let RegistryHost { name, anonymous, .. } = registry;
    let looked_at = login.looked_at.join(", ");
    let (message, help) = match &login.credential {
        Some(credential) => {
            let user = credential.user();
            let what = scope.map(|scope| format!(" for `{scope}`")).unwrap_or_default();
            (
                format!("`{name}` refused the login of `{user}`{what}"),
                format!("log in again, or correct it: it is from {looked_at}"),
            )
        }
        None if *anonymous => (
            format!("`{name}` wants a login, and it was granted without one"),
            "write the grant as `{url: URL, auth: REGISTRY}`, with the registry whose login it is"
                .to_owned(),
        ),
        None => match login.missing.as_slice() {
            [] => (
                format!("`{name}` wants a login, and there is none"),
                format!("log in, or set `auth` for it; looked at: {looked_at}"),
            ),
            [missing, ..] => (
                format!("`{name}` wants a login, and {missing}"),
                format!("install it, or set `auth` for `{name}`; looked at: {looked_at}"),
            ),
        },
    };
    Fault::new(codes::UNAUTHORIZED, origin, message).at(name).help(help)
}

/// A registry that wants a login by none of the schemes that are known. `asks`: what it asks for, to be
/// read after its name.
pub(super) fn not_understood(registry: &RegistryHost, asks: &str, origin: Origin) -> Fault {
    let name = &registry.name;
    let message = format!("no login was tried at `{name}`: it {asks}");
    let help = "ask the owner of the registry for a login by user and password, or by tokens";
    Fault::new(codes::UNAUTHORIZED, origin, message).at(name).help(help)
}

/// A registry to which another one redirects, and which gives no token to strangers.
pub(super) fn redirected(registry: &RegistryHost, host: &str, what: &str, origin: Origin) -> Fault {
    let name = &registry.name;
    let message = format!("`{name}` redirects to `{host}`, which lets no stranger read: {what}");
    let help = format!("name `{host}` itself in the spec: a login never goes to another registry");
    Fault::new(codes::UNAUTHORIZED, origin, message).at(name).help(help)
}

/// A body was sent before the registry asked for a login, or for a newer token. The next attempt
/// brings it.
pub(super) fn asked_late(registry: &RegistryHost, origin: Origin) -> Fault {
    let name = &registry.name;
    let message = format!("`{name}` asked for a login after the body was sent");
    Fault::new(codes::ASKED_LATE, origin, message).retry(Retry::Backoff).at(name)
}
