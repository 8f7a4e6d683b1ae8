//! Keys that the engine makes, in the hands of others.

use engine::role::Secret;
use engine::trust::{Key, generate, verify};
use engine_tests::real::Tool;
use engine_tests::world;
use engine_tests::world::World;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

const PASSPHRASE: &str = "correct horse battery staple";

/// A world with a key in it, made by the command.
fn with_key() -> (World, PathBuf, PathBuf) {
    let world = world!().with("ENGINE_KEY_PASSPHRASE", PASSPHRASE);
    drop(world.run(&["key", "generate", "--output-prefix", "v1.2"]).expect_code(0));
    let (private, public) = (world.here().join("v1.2.key"), world.here().join("v1.2.pub"));
    (world, private, public)
}

#[test]
fn a_key_is_made_for_its_owner_alone_and_never_over_another() {
    let (world, private, public) = with_key();
    let mode = fs::metadata(&private).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let (made, secret) = (fs::read(&private).unwrap(), Secret::new(PASSPHRASE));
    let key = Key::private(&made, Some(&secret)).unwrap();
    let public_key = Key::public(&fs::read(&public).unwrap()).unwrap();
    assert_eq!(key.public_spki(), public_key.public_spki());

    let again = world.run(&["key", "generate", "--output-prefix", "v1.2"]).expect_code(64);
    assert!(again.stderr.contains("v1.2.key`: File exists"), "{}", again.stderr);
    fs::remove_file(&private).unwrap();
    drop(world.run(&["key", "generate", "--output-prefix", "v1.2"]).expect_code(64));
    assert!(!private.exists(), "half a pair is worse than none");
    assert_eq!(Key::public(&fs::read(&public).unwrap()).unwrap().fingerprint(), key.fingerprint());
}

#[test]
fn a_passphrase_is_a_file_or_a_variable_and_never_empty() {
    let world = world!();
    world.write("pass", &format!("{PASSPHRASE}\n"));
    world.write("empty", "\n");
    let from = |file: &str, name: &str| {
        world.run(&["key", "generate", "--passphrase-file", file, "--output-prefix", name])
    };
    let made = from("pass", "k").expect_code(0);
    assert!(made.stdout.is_empty() && !made.stderr.contains(PASSPHRASE), "{}", made.stderr);
    let file = fs::read(world.here().join("k.key")).unwrap();
    assert!(Key::private(&file, Some(&Secret::new(PASSPHRASE))).is_ok());
    assert!(made.stderr.contains(
        &Key::public(&fs::read(world.here().join("k.pub")).unwrap()).unwrap().fingerprint()
    ));
    for (file, says) in [("empty", "the passphrase is empty"), ("none", "read a secret")] {
        let refused = from(file, "other").expect_code(64);
        assert!(refused.stderr.contains(says), "{}", refused.stderr);
    }
    let refused = world.run(&["key", "generate", "--output-prefix", "other"]).expect_code(64);
    assert!(refused.stderr.contains("ENGINE_KEY_PASSPHRASE"), "{}", refused.stderr);
    assert!(!world.here().join("other.key").exists() && !world.here().join("other.pub").exists());
}

#[test]
fn openssl_accepts_our_signatures_and_we_accept_its() {
    if !Tool::all_here("openssl on signatures", &[Tool::OpenSsl]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let made = generate(&Secret::new(PASSPHRASE)).unwrap();
    let key = Key::private(made.private_pem.as_bytes(), Some(&Secret::new(PASSPHRASE))).unwrap();
    fs::write(path("pub"), &made.public_pem).unwrap();
    fs::write(path("message"), "what is signed").unwrap();
    let signature = key.sign("ecdsa-p256-sha256", b"what is signed").unwrap();
    fs::write(path("signature"), &signature).unwrap();
    let check = || {
        let (key, signature) = (path("pub"), path("signature"));
        let words =
            ["dgst", "-sha256", "-verify", &key, "-signature", &signature, &path("message")];
        Tool::OpenSsl.output(&words).status.success()
    };
    assert!(check());
    fs::write(path("message"), "what is not signed").unwrap();
    assert!(!check());

    Tool::OpenSsl.run(&["ecparam", "-name", "prime256v1", "-genkey", "-out", &path("theirs")]);
    let words =
        ["dgst", "-sha256", "-sign", &path("theirs"), "-out", &path("signature"), &path("message")];
    Tool::OpenSsl.run(&words);
    let theirs = Key::private(&fs::read(path("theirs")).unwrap(), None).unwrap();
    let signature = fs::read(path("signature")).unwrap();
    let spki = theirs.public_spki();
    assert!(verify("ecdsa-p256-sha256", &spki, b"what is not signed", &signature));
}

#[test]
fn cosign_opens_our_key() {
    if !Tool::all_here("cosign on keys", &[Tool::Cosign]) {
        return;
    }
    let (world, private, public) = with_key();
    let derived = cosign(world.here(), &["public-key", "--key", &private.display().to_string()]);
    assert_eq!(derived.trim(), fs::read_to_string(&public).unwrap().trim());
}

fn cosign(folder: impl AsRef<Path>, arguments: &[&str]) -> String {
    let mut command = Command::new(Tool::Cosign.find().unwrap());
    command.args(arguments).env("COSIGN_PASSWORD", PASSPHRASE).env("HOME", folder.as_ref());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
