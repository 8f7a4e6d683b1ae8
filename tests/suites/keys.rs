//! Keys that the engine makes in the hands of others, and signatures of others in ours.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine::oci::Digest;
use engine::role::Secret;
use engine::trust::{Key, generate, verify};
use engine_tests::images::Seed;
use engine_tests::real::Tool;
use engine_tests::world;
use engine_tests::world::{Outcome, World};
use serde_json::Value;
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

/// Signatures of real tools: folder, and the folder of the key of each layer.
const ATTACHED: [(&str, &[&str]); 4] = [
    ("cosign-3.1.1", &["cosign-3.1.1"]),
    ("cosign-2.5.0", &["cosign-3.1.1"]),
    ("skopeo-1.22.0", &["skopeo-1.22.0"]),
    ("two-signers", &["cosign-3.1.1", "skopeo-1.22.0"]),
];

#[test]
fn signatures_that_cosign_and_skopeo_attached_hold_for_their_keys_alone() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let key = |name: &str| {
        Key::public(&fs::read(fixtures.join("keys").join(name).join("public.pem")).unwrap())
            .unwrap()
            .public_spki()
    };
    for (folder, signers) in ATTACHED {
        let folder = fixtures.join("signatures").join(folder);
        let manifest: Value =
            serde_json::from_slice(&fs::read(folder.join("manifest.json")).unwrap()).unwrap();
        let layers = manifest["layers"].as_array().unwrap();
        assert_eq!(layers.len(), signers.len());
        for (at, (layer, signer)) in layers.iter().zip(signers).enumerate() {
            let one = folder.join("payload.json");
            let of_many = folder.join(format!("payload-{}.json", at + 1));
            let payload = fs::read(if signers.len() == 1 { one } else { of_many }).unwrap();
            assert_eq!(layer["digest"], Digest::of(&payload).to_string());
            let written = &layer["annotations"]["dev.cosignproject.cosign/signature"];
            let signature = STANDARD.decode(written.as_str().unwrap()).unwrap();
            for name in ["cosign-3.1.1", "skopeo-1.22.0"] {
                let holds = verify("ecdsa-p256-sha256", &key(name), &payload, &signature);
                assert_eq!(holds, name == *signer, "{} by {name}", folder.display());
            }
            let mut changed = payload.clone();
            changed[60] ^= 1;
            assert!(!verify("ecdsa-p256-sha256", &key(signer), &changed, &signature));
        }
    }
}

/// What a terminal shows from the question to its answer; the answer comes after two seconds, in
/// which bars would have been drawn four times.
fn asked(answer: &str) -> (Outcome, String) {
    let world = World::of("/bin/sh").with("ENGINE_KEY_PASSPHRASE", PASSPHRASE);
    Seed::new(91).image(&[500]).write_layout(&world.here().join("images"), "v1");
    world.write(
        "sync.yaml",
        "apiVersion: engine/v1\nkeys: {release: {file: release.key}}\n\
         sources: {app: {from: \"oci:images:v1\"}}\n\
         transforms: {signed: {inputs: [app], sign: {key: release, identity: \"r.example/app:v1\"}}}\n\
         sinks: {out: {inputs: [signed], to: \"oci:out:v1\"}}\n",
    );
    let engine = env!("CARGO_BIN_EXE_engine-under-test");
    let script = format!(
        "{engine} key generate --output-prefix release && (sleep 2; echo '{answer}'; sleep 1) \\\n\
         | TERM=xterm script -qec '{engine} run sync.yaml' /dev/null"
    );
    let outcome = world.run(&["-c", &script]);
    let (_, rest) = outcome
        .stdout
        .split_once("Passphrase of the key `release`: ")
        .unwrap_or_else(|| panic!("nobody was asked\n{}", outcome.snapshot()));
    let waited = rest.lines().next().unwrap_or_default().to_owned();
    (outcome, waited)
}

#[test]
fn the_question_for_a_passphrase_stays_readable_on_a_terminal() {
    let (right, waited) = asked(PASSPHRASE);
    assert_eq!(waited.trim_end_matches('\r'), "", "something was drawn over the question");
    assert!(right.stdout.contains("1 copied"), "{}", right.snapshot());
    assert!(!right.stdout.contains(PASSPHRASE), "it was shown");
    let (wrong, _) = asked("wrong");
    assert_eq!(wrong.code, 1, "{}", wrong.snapshot());
    assert!(wrong.stdout.contains("the passphrase does not open it"), "{}", wrong.snapshot());
}
