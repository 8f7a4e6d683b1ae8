//! Every kind of content that a registry may hold.

use super::seeded::{describe, describe_layer};
use super::{Dialect, Layer, Seed, Seeded};
use bytes::Bytes;
use engine_oci::media_type;
use serde_json::{Value, json};

/// Source: image-spec 1.1, "Guidance for an Empty Descriptor".
const EMPTY: &str = "{}";
const EMPTY_TYPE: &str = "application/vnd.oci.empty.v1+json";

impl Seeded {
    /// An empty index as programs in Go write it.
    pub fn null_index() -> Self {
        let kind = media_type::OCI_INDEX;
        let index = json!({"schemaVersion": 2, "mediaType": kind, "manifests": null});
        Self::seal(kind, &index, Vec::new())
    }
}

impl Seed {
    /// A layer with `size` bytes of files.
    pub fn layer(&mut self, size: usize) -> Layer {
        Layer::new(self, size)
    }

    /// Layers with these sizes.
    pub fn layers(&mut self, sizes: &[usize]) -> Vec<Layer> {
        sizes.iter().map(|size| self.layer(*size)).collect()
    }

    /// An OCI image for `linux/amd64` with layers of these sizes.
    pub fn image(&mut self, sizes: &[usize]) -> Seeded {
        let layers = self.layers(sizes);
        self.image_of(Dialect::Oci, "linux/amd64", &layers)
    }

    /// A Docker image for `linux/amd64` with layers of these sizes.
    pub fn docker_image(&mut self, sizes: &[usize]) -> Seeded {
        let layers = self.layers(sizes);
        self.image_of(Dialect::Docker, "linux/amd64", &layers)
    }

    /// An image of given layers; each call makes another config, so another image.
    pub fn image_of(&mut self, dialect: Dialect, platform: &str, layers: &[Layer]) -> Seeded {
        let config = self.config(platform, layers);
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": dialect.manifest(),
            "config": describe(dialect.config(), &config),
            "layers": layers.iter().map(|l| describe_layer(dialect.layer(), l)).collect::<Vec<_>>(),
        });
        let blobs = layers.iter().map(|layer| layer.bytes.clone()).chain([config]).collect();
        Seeded::seal(dialect.manifest(), &manifest, blobs)
    }

    /// An index (or Docker's list) of one image for each platform. The first layer is shared by
    /// all, as a base layer would be, the rest is each one's own.
    pub fn index(&mut self, dialect: Dialect, platforms: &[&str], sizes: &[usize]) -> Seeded {
        let shared = self.layers(sizes.get(..1).unwrap_or_default());
        let mut images = Vec::new();
        for platform in platforms {
            let own = self.layers(sizes.get(1..).unwrap_or_default());
            let layers: Vec<Layer> = shared.iter().cloned().chain(own).collect();
            images.push(self.image_of(dialect, platform, &layers));
        }
        Self::index_over(dialect, platforms, images)
    }

    /// An index of one image for each platform, all of the same layers.
    pub fn index_of(&mut self, dialect: Dialect, platforms: &[&str], layers: &[Layer]) -> Seeded {
        let images = platforms.iter().map(|platform| self.image_of(dialect, platform, layers));
        let images = images.collect();
        Self::index_over(dialect, platforms, images)
    }

    fn index_over(dialect: Dialect, platforms: &[&str], images: Vec<Seeded>) -> Seeded {
        Seeded::seal_index(dialect, images, |at, descriptor| {
            descriptor["platform"] = platform_of(platforms[at]);
        })
    }

    /// An index as `BuildKit` makes it: after the images, an attestation for each, with the
    /// platform `unknown/unknown` and an annotation that names its image.
    pub fn attested(&mut self, platforms: &[&str], sizes: &[usize]) -> Seeded {
        let mut children = Vec::new();
        for platform in platforms {
            let layers = self.layers(sizes);
            children.push(self.image_of(Dialect::Oci, platform, &layers));
        }
        let subjects: Vec<String> =
            children.iter().map(|child| child.top.digest.to_string()).collect();
        for subject in &subjects {
            children.push(self.attestation(subject));
        }
        Seeded::seal_index(Dialect::Oci, children, |at, descriptor| {
            if let Some(platform) = platforms.get(at) {
                descriptor["platform"] = platform_of(platform);
                return;
            }
            descriptor["platform"] = platform_of("unknown/unknown");
            descriptor["annotations"] = json!({
                "vnd.docker.reference.type": "attestation-manifest",
                "vnd.docker.reference.digest": subjects[at - platforms.len()],
            });
        })
    }

    /// An index whose second child is an index.
    pub fn nested(&mut self, sizes: &[usize]) -> Seeded {
        let inner = self.index(Dialect::Oci, &["linux/arm64", "linux/s390x"], sizes);
        let image = self.image(sizes);
        Seeded::seal_index(Dialect::Oci, vec![image, inner], |_, _| {})
    }

    /// An index in an index: one image for each platform, with an attestation each.
    pub fn nested_attested(&mut self, platforms: &[&str], sizes: &[usize]) -> Seeded {
        let inner = self.attested(platforms, sizes);
        Seeded::seal_index(Dialect::Oci, vec![inner], |_, _| {})
    }

    /// An artifact that refers to `subject`, such as a bill of materials. It is the top.
    pub fn referrer(&mut self, subject: &Seeded, artifact_type: &str) -> Seeded {
        let payload = Bytes::from(self.text(200));
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": media_type::OCI_MANIFEST,
            "artifactType": artifact_type,
            "config": describe(EMPTY_TYPE, EMPTY.as_bytes()),
            "layers": [describe("text/plain", &payload)],
            "subject": subject.descriptor(),
            "annotations": {"org.opencontainers.image.created": "2020-01-01T00:00:00Z"},
        });
        let blobs = vec![Bytes::from_static(EMPTY.as_bytes()), payload];
        Seeded::seal(media_type::OCI_MANIFEST, &manifest, blobs)
    }

    /// A signature as cosign keeps it: a manifest under the tag `sha256-<hex>.sig`. The
    /// signature's value is random: it has the right shape and verifies nothing.
    pub fn cosign(&mut self, subject: &Seeded) -> Seeded {
        let digest = subject.top.digest.to_string();
        let payload = json!({
            "critical": {
                "identity": {"docker-reference": ""},
                "image": {"docker-manifest-digest": digest},
                "type": "cosign container image signature",
            },
            "optional": null,
        });
        let payload = Bytes::from(payload.to_string());
        let config = self.config("linux/amd64", &[]);
        let mut layer = describe("application/vnd.dev.cosign.simplesigning.v1+json", &payload);
        let value = format!("{:016x}{:016x}", self.number(), self.number());
        layer["annotations"] = json!({"dev.cosignproject.cosign/signature": value});
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": media_type::OCI_MANIFEST,
            "config": describe(media_type::OCI_CONFIG, &config),
            "layers": [layer],
        });
        let mut sealed = Seeded::seal(media_type::OCI_MANIFEST, &manifest, vec![config, payload]);
        let tag = format!("{}.sig", digest.replace(':', "-"));
        sealed.tags.push((tag, sealed.top.digest.clone()));
        sealed
    }

    /// Something in the shape of an image that is none, such as a chart.
    pub fn artifact(&mut self) -> Seeded {
        let chart = Bytes::from(self.bytes(300));
        let config = Bytes::from(json!({"name": "seeded", "version": "0.1.0"}).to_string());
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": media_type::OCI_MANIFEST,
            "config": describe("application/vnd.cncf.helm.config.v1+json", &config),
            "layers": [describe("application/vnd.cncf.helm.chart.content.v1.tar+gzip", &chart)],
        });
        Seeded::seal(media_type::OCI_MANIFEST, &manifest, vec![config, chart])
    }

    /// An artifact without a config, as tools wrote it before image-spec 1.1 was released.
    pub fn early_artifact(&mut self) -> Seeded {
        let blob = Bytes::from(self.bytes(300));
        let manifest = json!({
            "mediaType": media_type::OCI_ARTIFACT,
            "artifactType": "application/x-seeded",
            "blobs": [describe("application/x-seeded.content", &blob)],
        });
        Seeded::seal(media_type::OCI_ARTIFACT, &manifest, vec![blob])
    }

    /// A build cache as `BuildKit` writes it: an index of layers and a config.
    pub fn cache(&mut self) -> Seeded {
        let layer = Bytes::from(self.bytes(300));
        let config = Bytes::from(json!({"layers": [], "records": []}).to_string());
        let index = json!({
            "schemaVersion": 2,
            "mediaType": media_type::OCI_INDEX,
            "manifests": [
                describe("application/vnd.oci.image.layer.v1.tar+gzip", &layer),
                describe("application/vnd.buildkit.cacheconfig.v0", &config),
            ],
        });
        Seeded::seal(media_type::OCI_INDEX, &index, vec![layer, config])
    }

    /// An image whose first layer must not be distributed and is nowhere here.
    pub fn foreign(&mut self, dialect: Dialect, sizes: &[usize]) -> Seeded {
        let absent = self.layer(100);
        let own = self.layers(sizes);
        let layers: Vec<Layer> = [absent.clone()].into_iter().chain(own.iter().cloned()).collect();
        let config = self.config("windows/amd64", &layers);
        let mut descriptors = vec![describe_layer(dialect.foreign_layer(), &absent)];
        descriptors[0]["urls"] = json!(["https://layers.invalid/absent"]);
        descriptors.extend(own.iter().map(|layer| describe_layer(dialect.layer(), layer)));
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": dialect.manifest(),
            "config": describe(dialect.config(), &config),
            "layers": descriptors,
        });
        let blobs = own.iter().map(|layer| layer.bytes.clone()).chain([config]).collect();
        Seeded::seal(dialect.manifest(), &manifest, blobs)
    }

    fn attestation(&mut self, subject: &str) -> Seeded {
        let statement = json!({
            "_type": "https://in-toto.io/Statement/v0.1",
            "predicateType": "https://slsa.dev/provenance/v0.2",
            "subject": [{"name": subject}],
        });
        let statement = Bytes::from(statement.to_string());
        let config = self.config("unknown/unknown", &[]);
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": media_type::OCI_MANIFEST,
            "config": describe(media_type::OCI_CONFIG, &config),
            "layers": [describe("application/vnd.in-toto+json", &statement)],
        });
        Seeded::seal(media_type::OCI_MANIFEST, &manifest, vec![config, statement])
    }

    fn config(&mut self, platform: &str, layers: &[Layer]) -> Bytes {
        let mut config = platform_of(platform);
        let version = format!("{:016x}", self.number());
        config["created"] = json!("2020-01-01T00:00:00Z");
        config["config"] = json!({"Labels": {"seeded": version}});
        config["rootfs"] = json!({
            "type": "layers",
            "diff_ids": layers.iter().map(|layer| layer.diff_id.as_str()).collect::<Vec<_>>(),
        });
        Bytes::from(config.to_string())
    }
}

/// `linux/arm/v7` as JSON.
fn platform_of(text: &str) -> Value {
    let mut parts = text.split('/');
    let (os, architecture) = (parts.next(), parts.next());
    let mut platform = json!({"architecture": architecture, "os": os});
    if let Some(variant) = parts.next() {
        platform["variant"] = json!(variant);
    }
    platform
}
