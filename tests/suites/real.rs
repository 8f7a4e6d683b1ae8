//! Real tools against the world: what our registry, images and auditor say, others say too.

use engine_tests::audit::Audited;
use engine_tests::images::{Dialect, Pusher, Seed};
use engine_tests::real::{DockerRegistry, Tool, Wanted};
use engine_tests::registry::{Access, Options, Registry, User};

const PLATFORMS: [&str; 2] = ["linux/amd64", "linux/arm64"];

#[tokio::test]
async fn docker_registry_takes_seeded_images_and_skopeo_reads_them() {
    if !Tool::all_here("docker-registry and skopeo", &[Tool::DockerRegistry, Tool::Skopeo]) {
        return;
    }
    let registry = DockerRegistry::start(&Wanted::default());
    let client = Pusher::new(&registry.url());
    let seeded = [
        ("index", Seed::new(50).index(Dialect::Oci, &PLATFORMS, &[1000, 500])),
        ("list", Seed::new(51).index(Dialect::Docker, &PLATFORMS, &[1000])),
        ("attested", Seed::new(52).attested(&PLATFORMS, &[1000])),
        ("artifact", Seed::new(53).artifact()),
    ];
    for (name, seeded) in &seeded {
        client.push(seeded, name, "v1").await;
        let image = format!("docker://{}/{name}:v1", registry.address());
        let raw = Tool::Skopeo.run(&["inspect", "--raw", "--tls-verify=false", &image]);
        assert_eq!(raw.as_bytes(), seeded.top_bytes(), "{name}");
    }
}

#[tokio::test]
async fn docker_registry_asks_for_a_password_over_tls() {
    let tools = [Tool::DockerRegistry, Tool::Htpasswd, Tool::Skopeo];
    if !Tool::all_here("docker-registry with a password over TLS", &tools) {
        return;
    }
    let user = Some(("ann".to_owned(), "secret".to_owned()));
    let registry = DockerRegistry::start(&Wanted { user, tls: true, ..Wanted::default() });
    let authority = &registry.certificate().unwrap().authority;
    let seeded = Seed::new(54).image(&[1000]);
    let client = Pusher::new(&registry.url()).trusting(authority).user("ann", "secret");
    client.push(&seeded, "app", "v1").await;

    let image = format!("docker://{}/app:v1", registry.address());
    let folder = registry.certificate_folder().display().to_string();
    let inspect = |creds: &str| {
        Tool::Skopeo.output(&["inspect", "--raw", "--cert-dir", &folder, "--creds", creds, &image])
    };
    assert_eq!(inspect("ann:secret").stdout, **seeded.top_bytes());
    assert!(!inspect("ann:other").status.success());
    let strangers = Tool::Skopeo.output(&["inspect", "--creds", "ann:secret", &image]);
    assert!(!strangers.status.success(), "a certificate that nobody vouches for");
}

#[test]
fn umoci_reads_a_seeded_layout() {
    if !Tool::all_here("umoci", &[Tool::Umoci]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let layout = folder.path().join("layout");
    Seed::new(55).image(&[1000, 2000]).write_layout(&layout, "v1");
    let layout = layout.display().to_string();
    assert_eq!(Tool::Umoci.run(&["ls", "--layout", &layout]).trim(), "v1");
    let bundle = folder.path().join("bundle").display().to_string();
    Tool::Umoci.run(&["unpack", "--rootless", "--image", &format!("{layout}:v1"), &bundle]);
    let files = std::fs::read_dir(folder.path().join("bundle/rootfs")).unwrap().count();
    assert_eq!(files, 2, "each layer has a folder of its own");
}

#[test]
fn skopeo_copies_through_the_strict_registry_with_tokens_and_a_blob_store() {
    if !Tool::all_here("skopeo and the strict registry", &[Tool::Skopeo]) {
        return;
    }
    let access = Access::Bearer {
        user: User::new("ann", "secret"),
        anonymous: false,
        requests_per_token: None,
    };
    let registry = Registry::start(Options { access, blobs_elsewhere: true, ..Options::default() });
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let seeded = Seed::new(56).attested(&PLATFORMS, &[1000, 3000]);
    seeded.write_layout(&folder.path().join("layout"), "v1");
    let layout = format!("oci:{}:v1", path("layout"));
    let image = format!("docker://{}/team/app:v1", registry.address());
    let copy = |words: &[&str]| {
        let common = ["--insecure-policy", "copy", "--all", "--preserve-digests"];
        Tool::Skopeo.run(&[&common[..], words].concat())
    };
    let to = ["--dest-tls-verify=false", "--dest-creds", "ann:secret", &layout, &image];
    copy(&to);
    Audited::Registry(&registry).assert_sound();
    assert_eq!(registry.store().tags("team/app")[0].1, seeded.top.digest);

    let directory = format!("dir:{}", path("dir"));
    copy(&["--src-tls-verify=false", "--src-creds", "ann:secret", &image, &directory]);
    Audited::Directory(&folder.path().join("dir")).assert_sound();
    let top = std::fs::read(folder.path().join("dir/manifest.json")).unwrap();
    assert_eq!(top, **seeded.top_bytes());
}
