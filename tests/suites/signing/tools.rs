//! What the engine signs, real tools accept, from a real registry.

use super::chain::{Chain, PASSPHRASE, tag_of};
use engine_oci::Digest;
use engine_oci::simple_signing::{SIGNATURE, decode};
use engine_tests::images::Seeded;
use engine_tests::real::{DockerRegistry, Tool, Wanted};
use serde_json::{Value, json};
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Output};

/// An image in a real registry as `team/app:v1`, signed with the key `name` on its way.
struct Signed {
    chain: Chain,
    image: Seeded,
    registry: DockerRegistry,
}

impl Signed {
    fn with(seed: u64, key: &str) -> Self {
        let (chain, image) = Chain::with_image(seed);
        let registry = DockerRegistry::start(&Wanted::default());
        let at = registry.address();
        let sign = format!(
            "  {at}: {{endpoint: \"http://{at}\"}}\n\
             keys:\n  mine: {{file: keys/{key}.key, passphrase: {{env: PASSPHRASE}}}}\n\
             sources:\n  app: {{from: build.example/team/app}}\n\
             transforms:\n  signed: {{inputs: [app], sign: {{key: mine}}}}\n\
             sinks:\n  prod: {{inputs: [signed], to: \"{at}/team/app:{{{{ item.tag }}}}\"}}"
        );
        drop(chain.run(&sign).expect_success());
        Self { chain, image, registry }
    }

    fn at(&self) -> SocketAddr {
        self.registry.address()
    }

    fn key(&self, name: &str) -> String {
        self.chain.world.here().join(format!("keys/{name}.pub")).display().to_string()
    }

    /// Writes a file of the test.
    fn file(&self, name: &str, content: &[u8]) -> String {
        let path = self.chain.world.here().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    fn get(&self, path: &str) -> Vec<u8> {
        let url = format!("{}/v2/team/app/{path}", self.registry.url());
        let accept = "Accept: application/vnd.oci.image.manifest.v1+json";
        let output = Command::new("curl").args(["-sf", "-H", accept, &url]).output().unwrap();
        assert!(output.status.success(), "{url}");
        output.stdout
    }
}

/// Runs a tool without a home, a setting or a cache of this machine.
fn run(tool: Tool, signed: &Signed, arguments: &[&str]) -> Output {
    let mut command = Command::new(tool.find().unwrap());
    command
        .args(arguments)
        .env("HOME", signed.chain.world.home())
        .env("COSIGN_PASSWORD", PASSPHRASE);
    command.output().unwrap()
}

fn said(output: &Output) -> String {
    let [stdout, stderr] =
        [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    format!("{stdout}{stderr}")
}

#[test]
fn openssl_accepts_our_signatures_over_their_texts() {
    if !Tool::all_here("openssl on attached signatures", &[Tool::DockerRegistry, Tool::OpenSsl]) {
        return;
    }
    let signed = Signed::with(1300, "release");
    let attached = signed.get(&format!("manifests/{}", tag_of(&signed.image.top.digest)));
    let layer = &serde_json::from_slice::<Value>(&attached).unwrap()["layers"][0];
    let text = signed.get(&format!("blobs/{}", layer["digest"].as_str().unwrap()));
    let written = layer["annotations"][SIGNATURE].as_str().unwrap();
    let signature = signed.file("signature", &decode(written).unwrap());
    let key = signed.key("release");
    let words = |text: &str| {
        let words = ["dgst", "-sha256", "-verify", &key, "-signature", &signature, text];
        Tool::OpenSsl.output(&words).status.success()
    };
    assert!(words(&signed.file("text", &text)));
    let changed = String::from_utf8(text).unwrap().replace("team/app", "team/abb");
    assert!(!words(&signed.file("changed", changed.as_bytes())));
}

#[test]
fn cosign_accepts_our_signatures_under_their_key_alone() {
    if !Tool::all_here("cosign on our signatures", &[Tool::DockerRegistry, Tool::Cosign]) {
        return;
    }
    for (seed, key) in [(1301, "release"), (1302, "cosign"), (1303, "skopeo")] {
        let signed = Signed::with(seed, key);
        let at = signed.at();
        let verify = |key: &str, digest: &Digest| {
            let (key, image) = (signed.key(key), format!("{at}/team/app@{digest}"));
            let common = ["verify", "--insecure-ignore-tlog=true", "--allow-http-registry=true"];
            run(Tool::Cosign, &signed, &[&common[..], &["--key", &key, &image]].concat())
        };
        for sealed in &signed.image.manifests {
            let output = verify(key, &sealed.digest);
            assert!(output.status.success(), "{key} {}", said(&output));
            assert!(said(&output).contains(sealed.digest.as_str()), "{}", said(&output));
        }
        let other = if key == "release" { "skopeo" } else { "release" };
        assert!(!verify(other, &signed.image.top.digest).status.success());
    }
}

#[test]
fn skopeo_accepts_our_signatures_as_its_policy_says() {
    let tools = [Tool::DockerRegistry, Tool::SkopeoSigstore];
    if !Tool::all_here("skopeo on our signatures", &tools) {
        return;
    }
    let signed = Signed::with(1304, "release");
    let at = signed.at();
    let registries = format!("docker:\n  {at}:\n    use-sigstore-attachments: true\n");
    let folder = PathBuf::from(signed.file("registries.d/all.yaml", registries.as_bytes()));
    let folder = folder.parent().unwrap().display().to_string();
    let copy = |key: &str, identity: Value, to: &str| {
        let rule = json!({"type": "sigstoreSigned", "keyPath": signed.key(key),
            "signedIdentity": identity});
        let policy = json!({"default": [{"type": "reject"}],
            "transports": {"docker": {format!("{at}/team/app"): [rule]}}});
        let policy = signed.file("policy.json", policy.to_string().as_bytes());
        let (from, to) = (format!("docker://{at}/team/app:v1"), signed.file(to, b""));
        fs::remove_file(&to).unwrap();
        let to = format!("dir:{to}");
        let words = [
            "--policy",
            &policy,
            "--registries.d",
            &folder,
            "copy",
            "--all",
            "--src-tls-verify=false",
            &from,
            &to,
        ];
        run(Tool::SkopeoSigstore, &signed, &words)
    };
    for identity in ["matchExact", "matchRepoDigestOrExact", "matchRepository"] {
        let output = copy("release", json!({"type": identity}), identity);
        assert!(output.status.success(), "{identity}: {}", said(&output));
    }
    let other = copy("skopeo", json!({"type": "matchRepository"}), "other");
    assert!(!other.status.success(), "another key");
    let elsewhere = json!({"type": "exactRepository", "dockerRepository": "quay.io/team/app"});
    assert!(!copy("release", elsewhere, "elsewhere").status.success(), "another name");
}
