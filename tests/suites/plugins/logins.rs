//! A guest that borrows the login of its step for what the step was not given: other repositories
//! of a granted host, and the same host in the clear.

use super::play::Play;
use engine_tests::images::Seed;
use engine_tests::registry::{Access, Credential, Options, Registry, User};
use serde_json::{Value, json};

/// A registry that wants a password, with an image that is none of the step's.
fn registry() -> Registry {
    let access = Access::Basic(User::new("ann", "secret"));
    let registry = Registry::start(Options { access, ..Options::default() });
    Seed::new(90).image(&[3000]).push_into(&registry, "private/other", "secret");
    registry
}

/// A run in which the guest is the destination, and asks while it is given a manifest. The spec has
/// a login for the registry; `endpoint` says where that registry is.
fn play(registry: &Registry, endpoint: Option<String>, grant: &Value) -> Play {
    let url = registry.url();
    let asks = [
        ("read", format!("GET {url}/v2/private/other/manifests/secret")),
        ("write", format!("PUT {url}/v2/private/other/manifests/pwned")),
        ("list", format!("GET {url}/v2/_catalog")),
        ("own", format!("PUT {url}/v2/own/manifests/v1")),
    ];
    let acts: Vec<_> = asks.iter().map(|(of, act)| (*of, act.as_str())).collect();
    let auth = json!({"username": "ann", "password": {"file": "password"}});
    let mut settings = json!({"auth": auth});
    if let Some(endpoint) = endpoint {
        settings["endpoint"] = json!(endpoint);
    }
    let play = Play::into("trespasser", "manifest", &acts)
        .grants(json!({"http": [grant]}))
        .settings_of(&registry.address().to_string(), settings);
    play.world.write("password", "secret\n");
    play
}

/// What was asked for with the login: the repositories, and the paths that are about none.
fn asked_with_login(registry: &Registry) -> Vec<String> {
    let asked = registry.journal().all().into_iter();
    let asked = asked.filter(|asked| asked.credential != Credential::None);
    let mut all: Vec<_> = asked.map(|asked| asked.repository.unwrap_or(asked.path)).collect();
    all.sort();
    all.dedup();
    all
}

#[test]
fn trespasser() {
    let registry = registry();
    let name = registry.address().to_string();

    // A granted host is anonymous, whatever login the spec has for a registry there.
    let played = play(&registry, Some(registry.url()), &json!(registry.url())).run();
    let ends = played.ends();
    for of in ["read", "write", "list", "own"] {
        assert_eq!(ends[of], "http::unauthorized", "{of}");
    }
    assert_eq!(asked_with_login(&registry), Vec::<String>::new());
    assert_eq!(played.outcome.code, 77, "{:?}", played.outcome);

    // With a login it is asked for the repositories of the step, or not at all.
    registry.journal().clear();
    let grant = json!({"url": registry.url(), "auth": name});
    let played = play(&registry, Some(registry.url()), &grant).run();
    played.expect(&[
        ("read", "http::not-granted"),
        ("write", "http::not-granted"),
        ("list", "http::not-granted"),
        ("own", "transport::other"),
    ]);
    let own = played.fault("own")["message"].as_str().unwrap();
    assert!(own.contains("status 201"), "the honest use works: {own}");
    assert_eq!(asked_with_login(&registry), ["/v2/", "own"]);
    let others = registry.journal().count(|asked| asked.repository.as_deref() != Some("own"));
    assert_eq!(others, registry.journal().count(|asked| asked.path == "/v2/"));
}

/// The spec's login is for https; the host that is granted is the same in the clear.
#[test]
fn a_login_never_goes_in_the_clear() {
    let registry = registry();
    let name = registry.address().to_string();
    let played = play(&registry, None, &json!(registry.url())).run();
    assert_eq!(played.ends()["own"], "http::unauthorized");
    assert!(!registry.journal().all().is_empty());
    assert_eq!(asked_with_login(&registry), Vec::<String>::new());

    let asked = registry.journal().all().len();
    let refused = play(&registry, None, &json!({"url": registry.url(), "auth": name})).refused();
    assert_eq!(refused.code, 65, "{refused:?}");
    assert!(refused.stderr.contains("graph::wrong-origin"), "{refused:?}");
    assert!(refused.stderr.contains(&format!("`https://{name}`")), "{refused:?}");
    assert_eq!(registry.journal().all().len(), asked, "nothing was sent");
}
