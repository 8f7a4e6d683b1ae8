//! What is not an image, and what is one, arrives byte for byte.

use super::pair::Pair;
use bytes::Bytes;
use engine_oci::{Algorithm, Descriptor, Digest, Hasher, media_type};
use engine_tests::audit::Audited;
use engine_tests::images::{Dialect, Sealed, Seed, Seeded};
use serde_json::json;

const PLATFORMS: [&str; 3] = ["linux/amd64", "linux/arm64", "linux/arm/v7"];

/// Into a registry, a layout and a directory each.
const EVERYWHERE: &str = r#"
sources: {all: {from: "SOURCE/**"}}
sinks:
  registry: {inputs: [all], to: "MIRROR/{{ item.source.repo }}"}
  layout: {inputs: [all], to: "oci:out/layout:{{ item.source.repo }}:{{ item.tag }}"}
  dir: {inputs: [all], to: "dir:out/dir/{{ item.source.repo }}"}
"#;

fn every_kind() -> Vec<(&'static str, Seeded)> {
    let mut seed = Seed::new(800);
    vec![
        ("kinds/image", seed.image(&[900, 300])),
        ("kinds/docker", seed.docker_image(&[900, 300])),
        ("kinds/index", seed.index(Dialect::Oci, &PLATFORMS, &[500, 200])),
        ("kinds/list", seed.index(Dialect::Docker, &PLATFORMS, &[500, 200])),
        ("kinds/attested", seed.attested(&PLATFORMS, &[400])),
        ("kinds/nested", seed.nested(&[400])),
        ("kinds/artifact", seed.artifact()),
        ("kinds/foreign", seed.foreign(Dialect::Oci, &[300])),
        ("kinds/windows", seed.foreign(Dialect::Docker, &[300])),
        ("kinds/config-only", seed.image(&[])),
        ("kinds/empty-index", seed.index(Dialect::Oci, &[], &[])),
        ("kinds/long-digest", long_digest(&mut seed)),
        ("kinds/strange", strange(&mut seed)),
        ("kinds/cache", seed.cache()),
        ("kinds/null-index", Seeded::null_index()),
        ("kinds/early-artifact", seed.early_artifact()),
    ]
}

#[test]
fn content_of_every_kind_is_copied_as_it_is() {
    let pair = Pair::new();
    let kinds = every_kind();
    for (repository, image) in &kinds {
        pair.give(image, repository, "v1");
    }
    drop(pair.run(EVERYWHERE).expect_success());
    let out = pair.world.here().join("out");
    Audited::Layout(&out.join("layout")).assert_sound();
    for (repository, image) in &kinds {
        pair.assert_same(image, repository, "v1");
        let folder = out.join("dir").join(repository);
        Audited::Directory(&folder).assert_sound();
        let top = std::fs::read(folder.join("manifest.json")).unwrap();
        assert_eq!(top, **image.top_bytes(), "{repository}");
    }
    pair.mirror.journal().clear();
    drop(pair.again().expect_success());
    assert_eq!(pair.mirror.journal().writes(), 0, "{}", pair.mirror.journal().lines());
    assert_eq!(pair.report()["summary"]["unchanged"], 3 * kinds.len());
}

#[test]
fn a_layout_and_a_directory_give_back_what_they_took() {
    let pair = Pair::new();
    let kinds = every_kind();
    for (repository, image) in &kinds {
        pair.give(image, repository, "v1");
    }
    drop(pair.run(EVERYWHERE).expect_success());
    for (repository, image) in &kinds {
        let name = repository.replace("kinds/", "");
        let spec = format!(
            "sources: {{layout: {{from: \"oci:out/layout:{repository}:v1\"}}, \
             dir: {{from: \"dir:out/dir/{repository}\"}}}}\n\
             sinks: {{one: {{inputs: [layout], to: MIRROR/layout/{name}:v1}}, \
             two: {{inputs: [dir], to: MIRROR/dir/{name}:v1}}}}"
        );
        drop(pair.run(&spec).expect_success());
        pair.assert_same(image, &format!("layout/{name}"), "v1");
        pair.assert_same(image, &format!("dir/{name}"), "v1");
    }
}

/// An image whose layer is named by SHA-512.
fn long_digest(seed: &mut Seed) -> Seeded {
    let (layer, config) = (Bytes::from(seed.bytes(300)), Bytes::from_static(b"{}"));
    let mut hasher = Hasher::new(Algorithm::Sha512);
    hasher.update(&layer);
    let digest = hasher.finish();
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": media_type::OCI_MANIFEST,
        "config": {"mediaType": "application/vnd.oci.empty.v1+json",
            "digest": Digest::of(&config).as_str(), "size": config.len()},
        "layers": [{"mediaType": "application/octet-stream",
            "digest": digest.as_str(), "size": layer.len()}],
    });
    let blobs = [(digest, layer), (Digest::of(&config), config)];
    sealed(manifest.to_string(), blobs.into())
}

/// Spaces, members that nobody knows, numbers that no parser keeps: bytes are bytes.
fn strange(seed: &mut Seed) -> Seeded {
    let config = Bytes::from(seed.text(50));
    let text = format!(
        "{{ \"x-unknown\" : [1.0, 1e2, \"\\u00e9\"],\r\n\t\"schemaVersion\": 2, \"mediaType\": \"{}\",\
         \"artifactType\": \"application/x-strange\", \"config\": {{\"size\": {}, \"digest\": \"{}\", \
         \"mediaType\": \"text/plain\", \"data\": \"{}\"}}, \"layers\": []   }}\n\n",
        media_type::OCI_MANIFEST,
        config.len(),
        Digest::of(&config),
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &config),
    );
    sealed(text, [(Digest::of(&config), config)].into())
}

fn sealed(text: String, blobs: std::collections::BTreeMap<Digest, Bytes>) -> Seeded {
    let bytes = Bytes::from(text);
    let top = Descriptor::of_manifest(media_type::OCI_MANIFEST, &bytes);
    let media_type = media_type::OCI_MANIFEST.to_owned();
    let manifests = vec![Sealed { media_type, digest: top.digest.clone(), bytes }];
    Seeded { manifests, blobs, top, tags: Vec::new() }
}
