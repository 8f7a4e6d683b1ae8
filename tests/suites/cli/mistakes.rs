//! What everybody gets wrong now and then: the message names the cause, once, and the way out.

use engine_tests::images::Seed;
use engine_tests::registry::{Access, Options, Registry, User};
use engine_tests::world;
use std::net::{SocketAddr, TcpListener};

/// From a registry into a layout.
fn spec(at: impl std::fmt::Display, settings: &str, from: &str) -> String {
    format!(
        "apiVersion: engine/v1\nrun: {{state: none, attempts: 1}}\n\
         registries: {{\"{at}\": {{endpoint: \"http://{at}\"{settings}}}}}\n\
         sources: {{app: {{from: \"{at}/{from}\"}}}}\n\
         sinks: {{disk: {{inputs: [app], to: \"oci:out:v1\"}}}}\n"
    )
}

#[test]
fn a_wrong_password_is_said_once_with_the_way_out() {
    let access = Access::Basic(User::new("ann", "right"));
    let registry = Registry::start(Options { access, ..Options::default() });
    Seed::new(1020).image(&[100]).push_into(&registry, "app", "v1");
    let world = world!().with("SECRET", "wrong");
    let auth = ", auth: {username: ann, password: {env: SECRET}}";
    world.write("sync.yaml", &spec(registry.address(), auth, "app:v1"));
    let outcome = world.run(&["run", "sync.yaml"]).expect_code(77);
    insta::assert_snapshot!(outcome.snapshot(), @r#"
    exit code: 77
    ----- stdout -----

    ----- stderr -----
    failed   to look at app: `127.0.0.1:[port 1]` refused the login of `ann`
             help: log in again, or correct it: it is from the spec
    plan     1 failed
    failed   127.0.0.1:[port 1]/app:v1: `127.0.0.1:[port 1]` refused the login of `ann`
             help: log in again, or correct it: it is from the spec
    failed     127.0.0.1:[port 1]/app:v1 → oci:[world]/here/out:v1
               `127.0.0.1:[port 1]` refused the login of `ann` [http::unauthorized]
               help: log in again, or correct it: it is from the spec
    failed     1 failed; 0 B copied, 0 B mounted, 0 B reused
    requests   127.0.0.1:[port 1]: 2 manifest HEAD
    "#);
}

/// An address at which nobody listens.
fn nobodys_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[test]
fn a_registry_that_is_not_there_is_unreachable() {
    let address = nobodys_address();
    let world = world!();
    for from in ["app:v1", "app", "team/*"] {
        world.write("sync.yaml", &spec(address, "", from));
        for command in ["run", "plan"] {
            let outcome = world.run(&[command, "sync.yaml"]);
            assert_eq!(outcome.code, 69, "{command} {from}\n{}", outcome.stderr);
            assert!(outcome.stderr.contains("Connection refused"), "{}", outcome.stderr);
        }
    }
    assert!(!world.here().join("out").exists());
}

#[test]
fn destinations_that_are_all_out_of_reach_are_unreachable() {
    let address = nobodys_address();
    let world = world!();
    Seed::new(1022).image(&[100]).write_layout(&world.here().join("images"), "v1");
    let spec = format!(
        "apiVersion: engine/v1
run: {{attempts: 1, state: none}}
registries: {{copy.test: {{endpoint: \"http://{address}\"}}}}
sources: {{app: {{from: \"oci:images:v1\"}}}}
sinks: {{out: {{inputs: [app], to: copy.test/app}}}}
"
    );
    world.write("sync.yaml", &spec);
    for command in ["run", "plan"] {
        let outcome = world.run(&[command, "sync.yaml"]);
        assert_eq!(outcome.code, 69, "{command}\n{}", outcome.stderr);
    }
}

#[test]
fn a_source_that_answers_that_nothing_is_there_was_reached() {
    let world = world!();
    let registry = Registry::open();
    for from in ["app:v1", "app", "team/*"] {
        world.write("sync.yaml", &spec(registry.address(), "", from));
        for command in ["run", "plan"] {
            let outcome = world.run(&[command, "sync.yaml"]);
            assert_eq!(outcome.code, 1, "{command} {from}\n{}", outcome.stderr);
        }
    }
}

#[test]
fn a_layout_and_a_tag_that_are_not_there_are_named() {
    let (world, registry) = (world!(), Registry::open());
    Seed::new(1021).image(&[100]).push_into(&registry, "app", "v1");
    world.write("sync.yaml", &spec(registry.address(), "", "app:v2"));
    let outcome = world.run(&["run", "sync.yaml"]).expect_code(1);
    insta::assert_snapshot!(outcome.snapshot(), @r#"
    exit code: 1
    ----- stdout -----

    ----- stderr -----
    plan     1 failed
    failed   `127.0.0.1:[port 1]/app:v2` does not exist
    failed     127.0.0.1:[port 1]/app:v2 → oci:[world]/here/out:v1
               `127.0.0.1:[port 1]/app:v2` does not exist [survey::absent]
    failed     1 failed; 0 B copied, 0 B mounted, 0 B reused
    requests   127.0.0.1:[port 1]: 1 manifest GET, 1 manifest HEAD
    "#);
    let text = "apiVersion: engine/v1\nsources: {app: {from: \"oci:imagse:v1\"}}\n\
        sinks: {disk: {inputs: [app], to: \"oci:out:v1\"}}\n";
    world.write("sync.yaml", text);
    let outcome = world.run(&["run", "sync.yaml"]).expect_code(1);
    insta::assert_snapshot!(outcome.snapshot(), @r#"
    exit code: 1
    ----- stdout -----

    ----- stderr -----
    plan     1 failed
    failed   `oci:[world]/here/imagse:v1` does not exist
    failed     oci:[world]/here/imagse:v1 → oci:[world]/here/out:v1
               `oci:[world]/here/imagse:v1` does not exist [survey::absent]
    failed     1 failed; 0 B copied, 0 B mounted, 0 B reused
    "#);
}
