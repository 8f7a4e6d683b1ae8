use super::*;
use crate::role::SecretSource;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tempfile::TempDir;

const SECRET: &str = "s3cr3t-value";

/// Surroundings with a home of their own, and only the programs of `home/bin` and the system.
fn surroundings(home: &TempDir) -> Surroundings {
    let mut surroundings = Surroundings {
        home: Some(home.path().to_owned()),
        directory: home.path().to_owned(),
        ..Surroundings::default()
    };
    let path = format!("{}/bin:/usr/bin:/bin", home.path().display());
    surroundings.variables.insert("PATH".to_owned(), path);
    surroundings
}

fn put(home: &TempDir, path: &str, text: &str) {
    let path = home.path().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn script(home: &TempDir, name: &str, text: &str) {
    let path = format!("bin/{name}");
    put(home, &path, &format!("#!/bin/sh\n{text}\n"));
    fs::set_permissions(home.path().join(path), fs::Permissions::from_mode(0o755)).unwrap();
}

async fn user(surroundings: &Surroundings, registry: &str) -> Option<String> {
    let login = find_login(surroundings, None, registry, "a/b").await.unwrap();
    login.credential.map(|credential| credential.user().to_owned())
}

#[tokio::test]
async fn files_are_asked_in_order() {
    let home = TempDir::new().unwrap();
    let mut surroundings = surroundings(&home);
    assert_eq!(user(&surroundings, "h").await, None);
    // docker:1, config:1, runtime:1, only:1
    put(&home, ".docker/config.json", r#"{"auths":{"h":{"auth":"ZG9ja2VyOjE="}}}"#);
    assert_eq!(user(&surroundings, "h").await.unwrap(), "docker");
    put(&home, ".config/containers/auth.json", r#"{"auths":{"h":{"auth":"Y29uZmlnOjE="}}}"#);
    assert_eq!(user(&surroundings, "h").await.unwrap(), "config");
    put(&home, "run/containers/auth.json", r#"{"auths":{"h":{"auth":"cnVudGltZTox"}}}"#);
    let run = home.path().join("run").display().to_string();
    surroundings.variables.insert("XDG_RUNTIME_DIR".to_owned(), run);
    assert_eq!(user(&surroundings, "h").await.unwrap(), "runtime");
    put(&home, "only.json", r#"{"auths":{"h":{"auth":"b25seTox"}}}"#);
    surroundings.variables.insert("REGISTRY_AUTH_FILE".to_owned(), "only.json".to_owned());
    assert_eq!(user(&surroundings, "h").await.unwrap(), "only");
    put(&home, "only.json", "{}");
    assert_eq!(user(&surroundings, "h").await, None, "the other files are not asked");
}

#[tokio::test]
async fn helpers_are_asked_by_standard_input() {
    let home = TempDir::new().unwrap();
    let surroundings = surroundings(&home);
    let answer = format!(
        "read host; echo \"$host $*\" >> '{}/asked'\n\
         echo \"{{\\\"Username\\\":\\\"u-$host\\\",\\\"Secret\\\":\\\"{SECRET}\\\"}}\"",
        home.path().display()
    );
    script(&home, "docker-credential-mine", &answer);
    put(&home, ".docker/config.json", r#"{"credHelpers":{"h":"mine"},"credsStore":"mine"}"#);
    assert_eq!(user(&surroundings, "h").await.unwrap(), "u-h");
    assert_eq!(user(&surroundings, "docker.io").await.unwrap(), "u-https://index.docker.io/v1/");
    let asked = fs::read_to_string(home.path().join("asked")).unwrap();
    assert_eq!(asked, "h get\nhttps://index.docker.io/v1/ get\n");
    let auth = AuthSettings::Helper("mine".to_owned());
    let login = find_login(&surroundings, Some(&auth), "z", "").await.unwrap();
    assert_eq!(login.credential.as_ref().unwrap().user(), "u-z");
    assert!(!format!("{login:?}").contains(SECRET));
}

#[tokio::test]
async fn failing_helpers_are_named_only_when_nobody_else_answers() {
    let home = TempDir::new().unwrap();
    let surroundings = surroundings(&home);
    script(&home, "docker-credential-bad", &format!("echo {SECRET}; echo {SECRET} >&2; exit 1"));
    script(
        &home,
        "docker-credential-none",
        "echo credentials not found in native keychain; exit 1",
    );
    script(&home, "docker-credential-desk", "echo No stored credential for d; exit 1");
    script(&home, "docker-credential-flood", "yes");
    put(
        &home,
        ".docker/config.json",
        r#"{"auths":{"h":{"auth":"ZG9ja2VyOjE="}},
            "credHelpers":{"h":"bad","x":"bad","n":"none","d":"desk","f":"flood","m":"missing","p":"../p"}}"#,
    );
    assert_eq!(user(&surroundings, "h").await.unwrap(), "docker");
    assert_eq!(user(&surroundings, "n").await, None);
    assert_eq!(user(&surroundings, "d").await, None);
    for (registry, code, says) in [
        ("x", "config::helper", "failed"),
        ("f", "config::program", "more than"),
        ("p", "config::helper", "characters"),
    ] {
        let fault = find_login(&surroundings, None, registry, "").await.unwrap_err();
        assert_eq!(fault.code, code);
        assert!(fault.message.contains(says), "{fault}");
        assert!(!fault.message.contains(SECRET));
    }
}

#[tokio::test]
async fn a_helper_that_is_not_installed_has_no_login() {
    let home = TempDir::new().unwrap();
    let surroundings = surroundings(&home);
    for text in [r#"{"credsStore":"gone"}"#, r#"{"credHelpers":{"h":"gone"}}"#] {
        put(&home, ".docker/config.json", text);
        let login = find_login(&surroundings, None, "h", "").await.unwrap();
        assert_eq!((login.credential, login.missing.len()), (None, 1), "{text}");
        let missing = &login.missing[0];
        assert_eq!(missing.code, "config::missing-helper");
        let named = missing.message.contains("`docker-credential-gone`");
        assert!(named && missing.message.contains(".docker/config.json"), "{missing}");
    }
    put(
        &home,
        ".docker/config.json",
        r#"{"auths":{"h":{"auth":"ZG9ja2VyOjE="}},"credHelpers":{"h":"gone"},"credsStore":"gone"}"#,
    );
    assert_eq!(user(&surroundings, "h").await.unwrap(), "docker");
    // The spec is written for this machine: what it names must be there.
    let auth = AuthSettings::Helper("gone".to_owned());
    let fault = find_login(&surroundings, Some(&auth), "h", "").await.unwrap_err();
    assert_eq!(fault.code, "config::program");
}

#[tokio::test]
async fn the_spec_wins() {
    let home = TempDir::new().unwrap();
    let mut surroundings = surroundings(&home);
    surroundings.variables.insert("PASS".to_owned(), "pw".to_owned());
    put(&home, ".docker/config.json", r#"{"auths":{"h":{"auth":"ZG9ja2VyOjE="}}}"#);
    put(&home, "password", "pw\n");
    for password in [
        SecretSource::Plain("pw".to_owned()),
        SecretSource::Variable("PASS".to_owned()),
        SecretSource::File(Path::new("password").to_owned()),
        SecretSource::Command(vec!["echo".to_owned(), "pw".to_owned()]),
    ] {
        let username = SecretSource::Plain("me".to_owned());
        let auth = AuthSettings::Password { username, password };
        let login = find_login(&surroundings, Some(&auth), "h", "").await.unwrap();
        let expected = Credential::Password {
            user: "me".to_owned(),
            password: crate::role::Secret::new("pw"),
        };
        assert_eq!(login.credential, Some(expected));
    }
    let anonymous = find_login(&surroundings, Some(&AuthSettings::Anonymous), "h", "").await;
    assert_eq!(anonymous.unwrap().credential, None);
    let auth = AuthSettings::Password {
        username: SecretSource::Plain("me".to_owned()),
        password: SecretSource::Variable("UNSET".to_owned()),
    };
    let fault = find_login(&surroundings, Some(&auth), "h", "").await.unwrap_err();
    assert_eq!(fault.code, "config::secret");
}
