//! What the tests of this floor share: a client with short timeouts, and what it said.

use crate::diagnostic::{Backoff, Fault};
use crate::event::{Event, Events, Reader};
use crate::http::testing::script::{Server, say};
use crate::http::{Client, Request, Response, Timeouts};
use crate::role::{
    Access, AuthSettings, CallAccess, RegistrySettings, SecretSource, Surroundings, TlsSettings,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(Default)]
struct Heard(Mutex<Vec<Event>>);

impl Reader for Heard {
    fn read(&self, event: &Event) {
        self.0.lock().unwrap().push(event.clone());
    }
}

/// A client, and what it said.
pub(in crate::http) struct World {
    pub(in crate::http) client: Client,
    heard: Arc<Heard>,
}

impl World {
    /// A world of these registries, with nothing around it.
    pub(in crate::http) fn of(registries: Vec<(String, RegistrySettings)>) -> Self {
        Self::within(Surroundings::default(), registries, timeouts())
    }

    pub(in crate::http) fn within(
        surroundings: Surroundings,
        registries: Vec<(String, RegistrySettings)>,
        timeouts: Timeouts,
    ) -> Self {
        let heard = Arc::new(Heard::default());
        let events = Events::new(vec![Arc::clone(&heard) as Arc<dyn Reader>]);
        let registries: BTreeMap<_, _> = registries.into_iter().collect();
        let client = Client::with_timeouts(Arc::new(surroundings), registries, events, timeouts);
        Self { client, heard }
    }

    pub(in crate::http) async fn send(
        &self,
        method: &str,
        url: &str,
        call_access: &CallAccess,
    ) -> Result<Response, Fault> {
        self.client.send(Request::new(method, url), call_access).await
    }

    pub(in crate::http) fn heard(&self) -> Vec<Event> {
        self.heard.0.lock().unwrap().clone()
    }
}

/// Short, but enough for a slow machine where something is meant to work.
pub(in crate::http) fn timeouts() -> Timeouts {
    Timeouts {
        connect: Duration::from_secs(5),
        head: Duration::from_secs(5),
        idle: Duration::from_secs(5),
        commit: Duration::from_secs(5),
        backoff: Backoff { first: Duration::from_millis(5), longest: Duration::from_secs(3) },
        pauses: 5,
    }
}

/// A registry that speaks plain HTTP, with a login of its own if one is given.
pub(in crate::http) fn plain(
    server: &Server,
    login: Option<(&str, &str)>,
) -> (String, RegistrySettings) {
    let auth = login.map_or(AuthSettings::Anonymous, |(user, password)| AuthSettings::Password {
        username: SecretSource::Plain(user.to_owned()),
        password: SecretSource::Plain(password.to_owned()),
    });
    let settings = RegistrySettings {
        endpoint: Some(format!("http://{}", server.name())),
        auth: Some(auth),
        ..RegistrySettings::default()
    };
    (server.name(), settings)
}

/// Settings of a registry whose certificate is not checked.
pub(in crate::http) fn unverified() -> RegistrySettings {
    RegistrySettings {
        tls: TlsSettings { verify: false, ..TlsSettings::default() },
        ..RegistrySettings::default()
    }
}

/// What a call at a registry may do, about the repository `a`.
pub(in crate::http) fn call_access(registry: &str, access: Access) -> CallAccess {
    CallAccess {
        step: "step".to_owned(),
        registry: Some(registry.to_owned()),
        repository: "a".to_owned(),
        also_read: BTreeSet::new(),
        access,
        granted: Vec::new(),
        uncounted: crate::role::UncountedTime::default(),
    }
}

/// The whole body as text.
pub(in crate::http) async fn text(response: Response) -> Result<String, Fault> {
    let bytes = response.body.read_all(1 << 20).await?;
    Ok(String::from_utf8(bytes.to_vec()).unwrap())
}

/// Answers with a challenge unless one of `valid` is sent.
pub(in crate::http) fn registry(realm: &Server, valid: Arc<Mutex<BTreeSet<String>>>) -> Server {
    let challenge = format!("Bearer realm=\"http://{}/token\",service=\"reg\"", realm.name());
    Server::start(move |seen| {
        let valid = valid.lock().unwrap();
        let token = seen.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        match token {
            Some(token) if valid.contains(token) => say(200, &[], "fine"),
            _ => say(401, &[("www-authenticate", &challenge)], "{\"errors\": []}"),
        }
    })
}

pub(in crate::http) fn tokens(valid: &[&str]) -> Arc<Mutex<BTreeSet<String>>> {
    Arc::new(Mutex::new(valid.iter().map(|token| (*token).to_owned()).collect()))
}
