//! Registries that speak TLS: whom they are believed, and whom not.

use engine_tests::audit::Audited;
use engine_tests::images::Seed;
use engine_tests::registry::{Access, Options, Registry, User};
use engine_tests::world;
use engine_tests::world::{Outcome, World};

/// With tokens and blobs from two other ports, which have the same certificate.
fn registry() -> Registry {
    let user = User::new("ann", "secret");
    let access = Access::Bearer { user, anonymous: true, requests_per_token: None };
    let options = Options { tls: true, access, blobs_elsewhere: true, ..Options::default() };
    let registry = Registry::start(options);
    Seed::new(710).image(&[500]).push_into(&registry, "app", "v1");
    registry
}

/// Copies from the registry into a layout, with this beside its name in `registries`.
fn copy(world: &World, registry: &Registry, settings: &str) -> Outcome {
    let at = registry.address();
    world.write(
        "sync.yaml",
        &format!(
            "apiVersion: engine/v1\nregistries: {{\"{at}\": {{{settings}}}}}\n\
             sources: {{app: {{from: \"{at}/app:v1\"}}}}\n\
             sinks: {{disk: {{inputs: [app], to: \"oci:out:{{{{ item.tag }}}}\"}}}}\n"
        ),
    );
    world.run(&["run", "sync.yaml"])
}

fn assert_copied(world: &World, outcome: Outcome) {
    drop(outcome.expect_success());
    let layout = world.here().join("out");
    Audited::Layout(&layout).assert_sound();
    assert_eq!(std::fs::read_dir(layout.join("blobs/sha256")).unwrap().count(), 3);
}

#[test]
fn an_authority_of_ones_own_is_named_in_the_spec() {
    let (world, registry) = (world!(), registry());
    world.write("ca.pem", &registry.certificate().unwrap().authority);
    let outcome = copy(&world, &registry, "tls: {ca: {file: ca.pem}}");
    assert_copied(&world, outcome);
}

#[test]
fn the_environment_names_authorities_as_for_other_programs() {
    let (world, registry) = (world!(), registry());
    let file = world.write("ca.pem", &registry.certificate().unwrap().authority);
    let world = world.with("SSL_CERT_FILE", &file.display().to_string());
    let outcome = copy(&world, &registry, "limits: {concurrent: 4}");
    assert_copied(&world, outcome);
}

#[test]
fn without_verification_tls_and_plain_http_both_work() {
    let (world, registry) = (world!(), registry());
    let outcome = copy(&world, &registry, "tls: {verify: false}");
    assert_copied(&world, outcome);

    let (world, plain) = (world!(), Registry::open());
    Seed::new(711).image(&[500]).push_into(&plain, "app", "v1");
    let outcome = copy(&world, &plain, "tls: {verify: false}");
    assert_copied(&world, outcome);
}

#[test]
fn a_certificate_that_nobody_vouches_for_is_refused_and_says_so() {
    let (world, ours, other) = (world!(), registry(), registry());
    world.write("ca.pem", &other.certificate().unwrap().authority);
    for settings in ["limits: {concurrent: 4}", "tls: {ca: {file: ca.pem}}"] {
        let outcome = copy(&world, &ours, settings).expect_code(69);
        assert!(outcome.stderr.contains("certificate"), "{settings}\n{}", outcome.stderr);
        assert!(ours.journal().all().is_empty(), "not a word was said to it");
    }
}

#[test]
fn plain_http_where_tls_is_expected_is_never_fallen_back_to() {
    let (world, plain) = (world!(), Registry::open());
    Seed::new(712).image(&[500]).push_into(&plain, "app", "v1");
    let outcome = copy(&world, &plain, "auth: {anonymous: true}").expect_code(69);
    assert!(plain.journal().all().is_empty(), "{}", plain.journal().lines());
    assert!(outcome.stderr.contains("endpoint"), "the way out is named\n{}", outcome.stderr);
}
