//! Registries with manners of their own where it comes to logging in.

use engine_tests::images::{Dialect, Seed};
use engine_tests::registry::{Access, Kind, MountRefusal, Options, Registry, User};
use engine_tests::world;
use engine_tests::world::{Outcome, World};
use serde_json::Value;

const LOGIN: &str = ", auth: {username: ann, password: {file: password}}";

fn ann() -> User {
    User::new("ann", "secret-of-ann")
}

fn both_accesses() -> [Access; 2] {
    let bearer = Access::Bearer { user: ann(), anonymous: false, requests_per_token: None };
    [Access::Basic(ann()), bearer]
}

/// Copies the repositories `one` and `two` from one registry to the other; `logins` stand beside the
/// endpoints of the two.
fn copy(world: &World, [source, mirror]: [&Registry; 2], logins: [&str; 2]) -> Outcome {
    let (from, to) = (source.address(), mirror.address());
    let [at_source, at_mirror] = logins;
    world.write("password", "secret-of-ann\n");
    world.write(
        "sync.yaml",
        &format!(
            "apiVersion: engine/v1\nrun: {{attempts: 2, pause: 10ms, concurrency: 1}}\nregistries:\n  \
             \"{from}\": {{endpoint: \"http://{from}\"{at_source}}}\n  \
             \"{to}\": {{endpoint: \"http://{to}\"{at_mirror}}}\n\
             sources: {{all: {{from: [\"{from}/one:v1\", \"{from}/two:v1\"]}}}}\n\
             sinks: {{mirror: {{inputs: [all], to: \"{to}/{{{{ item.source.repo }}}}\"}}}}\n"
        ),
    );
    world.run(&["run", "sync.yaml", "--report", "report.json"])
}

fn report(world: &World) -> Value {
    let text = std::fs::read(world.here().join("report.json")).expect("a report was written");
    serde_json::from_slice(&text).expect("a report is JSON")
}

/// A registry with an image in `one` and another in `two`, which share a layer.
fn filled(options: Options) -> Registry {
    let registry = Registry::start(options);
    let mut seed = Seed::new(900);
    let layers = seed.layers(&[3000]);
    for repository in ["one", "two"] {
        let image = seed.image_of(Dialect::Oci, "linux/amd64", &layers);
        image.push_into(&registry, repository, "v1");
    }
    registry
}

#[test]
fn a_blob_that_may_not_be_mounted_is_sent() {
    let [basic, bearer] = both_accesses();
    for (access, refusal) in [
        (basic, MountRefusal::Registry),
        (bearer.clone(), MountRefusal::Registry),
        (bearer, MountRefusal::TokenServer),
    ] {
        let source = filled(Options::default());
        let refuses_mounts = Some(refusal);
        let mirror = Registry::start(Options { access, refuses_mounts, ..Options::default() });
        let world = world!();
        drop(copy(&world, [&source, &mirror], ["", LOGIN]).expect_success());
        assert_eq!(mirror.store().names(), ["one", "two"]);
        let tried = mirror.journal().count(|asked| {
            asked.query.contains("mount=") || asked.query.matches("scope=").count() > 1
        });
        assert!(tried > 0, "no mount was tried\n{}", mirror.journal().lines());
        let report = report(&world);
        for item in report["items"].as_array().unwrap() {
            assert_eq!(
                (&item["status"], &item["attempts"]),
                (&"copied".into(), &1.into()),
                "{item}"
            );
            assert_eq!(item["bytes"]["mounted"], 0, "{item}");
        }
    }
}

#[test]
fn what_a_registry_hides_from_strangers_is_copied_with_the_login() {
    for access in both_accesses() {
        for status in [404, 403] {
            let options =
                Options { access: access.clone(), hides: Some(status), ..Options::default() };
            let (source, mirror, world) = (filled(options), Registry::open(), world!());
            drop(copy(&world, [&source, &mirror], [LOGIN, ""]).expect_success());
            assert_eq!(mirror.store().names(), ["one", "two"], "{status}");
            let asked = source.journal().count(|asked| asked.kind == Kind::Ping);
            assert_eq!(asked, 1, "{status}: {}", source.journal().lines());
        }
    }
}

#[test]
fn a_refusal_says_that_no_login_was_tried() {
    let options = Options { access: Access::Basic(ann()), hides: Some(403), ..Options::default() };
    let (source, mirror, world) = (filled(options), Registry::open(), world!());
    let outcome = copy(&world, [&source, &mirror], [", auth: {anonymous: true}", ""]);
    drop(outcome.expect_code(77));
    let report = report(&world);
    let fault = &report["faults"][0]["fault"];
    assert_eq!(fault["code"], "transport::denied", "{report}");
    let said = fault["message"].as_str().unwrap();
    assert!(said.contains("403") && said.contains("no login was tried"), "{said}");
    assert!(said.contains("there is no such repository"), "its own words: {said}");
}
