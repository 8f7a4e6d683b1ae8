//! A password is where it was put, and nowhere else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine_tests::images::Seed;
use engine_tests::registry::{Access, Options, Registry, User};
use engine_tests::world;
use engine_tests::world::{Outcome, World};
use std::fs;
use std::path::{Path, PathBuf};

const PASSWORD: &str = "hunter2-is-no-password";

fn traces() -> Vec<String> {
    let pair = STANDARD.encode(format!("ann:{PASSWORD}"));
    vec![PASSWORD.to_owned(), STANDARD.encode(PASSWORD), pair]
}

/// Files below a folder that hold one of the traces.
fn holding(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path));
        } else if betrays(&fs::read(&path).unwrap()) {
            found.push(path);
        }
    }
    found
}

fn betrays(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    traces().iter().any(|trace| text.contains(trace.as_str()))
}

fn assert_silent(outcome: &Outcome, why: &str) {
    assert!(!betrays(outcome.stdout.as_bytes()), "{why}: stdout\n{}", outcome.stdout);
    assert!(!betrays(outcome.stderr.as_bytes()), "{why}: stderr\n{}", outcome.stderr);
}

/// A world in which the password is kept in this way, the text for `auth`, and where it is kept.
fn kept(way: &str, registry: &Registry) -> (World, &'static str, Option<PathBuf>) {
    let world = world!();
    match way {
        "env" => {
            let auth = ", auth: {username: ann, password: {env: SECRET}}";
            (world.with("SECRET", PASSWORD), auth, None)
        }
        "file" => {
            let path = world.write("secret.txt", PASSWORD);
            (world, ", auth: {username: ann, password: {file: secret.txt}}", Some(path))
        }
        _ => {
            world.login(registry.address(), &User::new("ann", PASSWORD));
            let path = world.home().join(".docker/config.json");
            (world, "", Some(path))
        }
    }
}

#[test]
fn a_password_shows_in_no_output_and_in_no_file() {
    for right in [true, false] {
        let user = User::new("ann", if right { PASSWORD } else { "another" });
        let basic = Access::Basic(user.clone());
        let bearer = Access::Bearer { user, anonymous: false, requests_per_token: None };
        for (access, way) in
            [(&basic, "env"), (&bearer, "file"), (&bearer, "auth-json"), (&basic, "auth-json")]
        {
            let options = Options { access: access.clone(), ..Options::default() };
            let registry = Registry::start(options);
            Seed::new(1010).image(&[100]).push_into(&registry, "app", "v1");
            let (world, auth, place) = kept(way, &registry);
            let at = registry.address();
            world.write(
                "sync.yaml",
                &format!(
                    "apiVersion: engine/v1\n\
                     registries: {{\"{at}\": {{endpoint: \"http://{at}\"{auth}}}}}\n\
                     sources: {{app: {{from: \"{at}/app\"}}}}\n\
                     sinks: {{copy: {{inputs: [app], to: \"{at}/copy\"}}, \
                     disk: {{inputs: [app], to: \"oci:out:v1\"}}}}\n\
                     reports: [{{type: text, path: report.txt}}]\n"
                ),
            );
            let why = format!("{way}, right: {right}");
            let plan = world.run(&["plan", "sync.yaml", "-vv", "-o", "json", "--out", "plan.json"]);
            let text = world.run(&["plan", "sync.yaml", "--log-format", "json", "-vv"]);
            let arguments = ["run", "sync.yaml", "-vv", "--events", "events", "--report", "r.json"];
            let run = world.run(&arguments);
            let code = if right { 0 } else { 77 };
            for outcome in [&plan, &text, &run] {
                assert_silent(outcome, &why);
                assert_eq!(outcome.code, code, "{why}\n{}", outcome.stderr);
            }
            assert_eq!(holding(world.root()), Vec::from_iter(place), "{why}");
            let with_it = |one: &engine_tests::registry::Asked| {
                !matches!(one.credential, engine_tests::registry::Credential::None)
            };
            let sent = registry.journal().count(with_it);
            assert!(sent > 0, "it was used");
            assert!(right || sent <= 9, "no storm of logins\n{}", registry.journal().lines());
        }
    }
}
