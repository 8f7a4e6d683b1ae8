//! The login of a registry: looked up once, and again where it may have been renewed.

use crate::config::{Login, find_login};
use crate::diagnostic::Fault;
use crate::event::Event;
use crate::http::exchange::Exchange;
use crate::http::registry_host::RegistryHost;

/// The login of a registry for a repository, and whether it was looked up just now.
///
/// # Errors
///
/// What `config` finds wrong.
pub(super) async fn find(
    exchange: &Exchange,
    registry: &RegistryHost,
    repository: &str,
    anew: bool,
) -> Result<(Login, bool), Fault> {
    let mut kept = registry.authorization.login.lock().await;
    if let Some(login) = kept.as_ref().filter(|login| !anew && !login.by_path) {
        return Ok((login.clone(), false));
    }
    let (surroundings, auth) = (&exchange.network.surroundings, registry.settings.auth.as_ref());
    let login = find_login(surroundings, auth, &registry.name, repository).await?;
    warn_of_missing(exchange, registry, &login);
    *kept = Some(login.clone());
    Ok((login, true))
}

/// Says that a credential is used, the first time.
pub(super) fn report_use(exchange: &Exchange, registry: &RegistryHost, login: &Login) {
    let Some(credential) = &login.credential else { return };
    if registry.authorization.first_use() {
        let (registry, user) = (registry.name.clone(), credential.user().to_owned());
        exchange.events.say(&Event::CredentialUsed { registry, user });
    }
}

/// Says that a helper is not installed, the first time: the registry is asked without a login.
fn warn_of_missing(exchange: &Exchange, registry: &RegistryHost, login: &Login) {
    let is_needed = login.credential.is_none() && !login.missing.is_empty();
    if !is_needed || !registry.authorization.first_warning() {
        return;
    }
    for missing in &login.missing {
        let (name, message) = (&registry.name, &missing.message);
        let message = format!("{message}, so `{name}` is asked without its login");
        let fault = Fault { message, ..missing.clone() };
        exchange.events.say(&Event::Warned { fault });
    }
}
