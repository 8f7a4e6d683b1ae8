//! A registry whose token realm and blob store are two other hosts: its protocol leads there, and
//! a guest with the same grant gets nowhere else.

use super::play::Play;
use engine::event::Event;
use engine_tests::guest::Alone;
use engine_tests::images::{Seed, Seeded};
use engine_tests::registry::{Access, Credential, Host, Options, Registry, User};
use serde_json::json;

fn registry() -> (Registry, Seeded) {
    let access = Access::Bearer {
        user: User::new("ann", "secret"),
        anonymous: true,
        requests_per_token: None,
    };
    let registry = Registry::start(Options { access, blobs_elsewhere: true, ..Options::default() });
    let seeded = Seed::new(70).image(&[3000]);
    seeded.push_into(&registry, "app", "v1");
    Seed::new(71).image(&[3000]).push_into(&registry, "secret", "v1");
    (registry, seeded)
}

#[test]
fn challenge_and_redirect_lead_to_other_hosts_and_the_report_names_them() {
    let (registry, _) = registry();
    let name = registry.address().to_string();
    let tokens = registry.token_address().unwrap().to_string();
    let blobs = registry.blob_address().unwrap().to_string();
    let asks = [
        ("tokens", format!("GET http://{tokens}/token")),
        ("blobs", format!("GET http://{blobs}/")),
    ];
    let acts: Vec<_> = asks.iter().map(|(of, act)| (*of, act.as_str())).collect();
    let password = json!({"username": "ann", "password": {"file": "password"}});
    let settings = json!({"endpoint": registry.url(), "auth": password});
    let play = Play::of("wanderer", "blob", &acts)
        .grants(json!({"http": [registry.url()]}))
        .registry(&name, settings, &format!("{name}/app:v1"));
    play.world.write("password", "secret\n");
    let played = play.run();
    played.expect(&[
        ("registry", "copied"),
        ("tokens", "http::not-granted"),
        ("blobs", "http::not-granted"),
    ]);
    let led: Vec<_> = played.report["ledTo"].as_array().unwrap().clone();
    for (host, by) in [(&tokens, "challenge"), (&blobs, "redirect")] {
        let line = json!({"registry": name, "host": host, "by": by});
        assert!(led.contains(&line), "{line} is not in {led:?}");
    }
    assert_eq!(led.len(), 2, "{led:?}");
    let strangers =
        registry.journal().count(|a| a.host == Host::Blobs && a.credential != Credential::None);
    assert_eq!(strangers, 0, "a credential went to the blob store");
    let shown = format!("{}{}{}", played.outcome.stdout, played.outcome.stderr, played.report);
    assert!(!shown.contains("of-the-test-registry"), "a token is in the output");
}

async fn refused(guest: &Alone, what: &str) {
    let fault = guest.ask(what).await;
    assert_eq!(fault.code, "http::not-granted", "{what}: {fault:?}");
}

async fn answered(guest: &Alone, what: &str) {
    let fault = guest.ask(what).await;
    assert!(fault.message.contains("status 200"), "{what}: {fault:?}");
}

#[tokio::test]
async fn the_same_grant_opens_only_what_a_protocol_step_led_to() {
    let ((registry, seeded), stranger) = (registry(), Registry::open());
    let guest = Alone::at("wanderer", &registry);
    let name = guest.name();
    let tokens = format!("http://{}/token?service=engine-tests", registry.token_address().unwrap());
    let blobs = format!("http://{}/", registry.blob_address().unwrap());
    let before =
        ["GET https://registry.example/".to_owned(), format!("GET {}/v2/", stranger.url())];
    for what in before.iter().chain(&[format!("GET {tokens}"), format!("GET {blobs}")]) {
        refused(&guest, what).await;
    }
    assert_eq!(registry.journal().lines(), "", "nothing was sent");

    let digest = seeded.blobs.keys().next().unwrap();
    answered(&guest, &format!("GET https://{name}/v2/app/blobs/{digest}")).await;
    let asked = registry.journal().all().len();
    for what in [
        format!("GET {tokens}"),
        format!("POST {blobs}"),
        format!("GET {}/v2/", stranger.url()),
        format!("GET https://{name}/v2/secret/manifests/v1"),
        format!("GET https://{name}/v2/app/../secret/manifests/v1"),
        format!("GET https://{name}/v2/app/%2e%2e/secret/manifests/v1"),
        format!("GET https://{name}/v2/app/manifests/v1?x Authorization"),
        format!("POST https://{name}/v2/app/blobs/uploads/"),
        format!("DELETE https://{name}/v2/app/manifests/v1"),
        format!("GET https://{name}/metrics"),
    ] {
        refused(&guest, &what).await;
    }
    assert_eq!(registry.journal().all().len(), asked, "{}", registry.journal().lines());
    assert_eq!(stranger.journal().lines(), "", "nothing was sent");
    let refusals = guest.heard.count(|event| matches!(event, Event::GrantRefused { .. }));
    // Some of them are about the same, as they name the same path, host or method.
    assert_eq!(refusals, 9, "each refusal is an event, the same one once");
}
