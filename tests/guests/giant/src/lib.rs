//! Answers that are too large, too deep or too many. An act is the word for what is.

use engine_plugin_sdk::{
    Capabilities, Content, Descriptor, Digest, Fault, Manifest, Page, Selector, Side, Source,
    Transport,
};
use guest_stage::{At, Image, Settings, TAG};

/// The media type of an index.
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// Bytes of the largest manifest.
const MANIFEST_BYTES: usize = 4 << 20;

/// The guest.
pub struct Giant {
    settings: Settings,
}

engine_plugin_sdk::export_transport!(Giant);

impl Giant {
    fn act(&self, at: At, repository: &str) -> &str {
        self.settings.act(at, repository).unwrap_or_default()
    }
}

impl Transport for Giant {
    fn describe() -> Capabilities {
        Capabilities {
            concurrent: true,
            lists_repositories: true,
            lists_tags: true,
            referrers: true,
            ..Capabilities::default()
        }
    }

    fn open(_: &str, _: Side, settings: &str) -> Result<Self, Fault> {
        Ok(Self { settings: Settings::read(settings)? })
    }

    fn list_repositories(&self, _: Option<&str>) -> Result<Page, Fault> {
        Ok(Page { names: self.settings.repositories(), next: None })
    }

    fn list_tags(&self, repository: &str, after: Option<&str>) -> Result<Page, Fault> {
        let page: usize = after.and_then(|page| page.parse().ok()).unwrap_or_default();
        let next = |more: bool| more.then(|| (page + 1).to_string());
        Ok(match self.act(At::Tags, repository) {
            "a-million" => Page { names: many(1_000_000), next: None },
            "wide" => Page { names: (0..10_000).map(wide).collect(), next: next(true) },
            "long" => Page { names: vec!["x".repeat(1 << 20); 20], next: None },
            "odd" => Page { names: odd(), next: None },
            "long-next" => {
                Page { names: Vec::new(), next: Some("x".repeat(1 << 20) + &page.to_string()) }
            }
            _ => Page { names: vec![TAG.to_owned()], next: None },
        })
    }

    fn resolve(&self, repository: &str, which: &Selector) -> Result<Option<Descriptor>, Fault> {
        Ok(self.get_manifest(repository, which)?.map(|found| found.descriptor))
    }

    fn get_manifest(&self, repository: &str, which: &Selector) -> Result<Option<Manifest>, Fault> {
        let mut honest = Image::of(repository).manifest();
        Ok(Some(match self.act(At::Resolve, repository) {
            "deep" => made(MANIFEST, format!("{{\"a\":{}", "[".repeat(MANIFEST_BYTES - 5))),
            "deep-and-whole" => {
                let half = MANIFEST_BYTES / 2 - 8;
                made(MANIFEST, format!("{{\"a\":{}{}}}", "[".repeat(half), "]".repeat(half)))
            }
            "vast" => made(MANIFEST, vast(repository)),
            "itself" => made(INDEX, index(&[honest.descriptor.digest.as_str(); 3], u64::MAX)),
            "nested" => nested(which),
            "heavy" => heavy(which),
            "annotated" => {
                let annotations = &mut honest.descriptor.annotations;
                annotations.insert("\u{1b}[2J".to_owned(), "x".repeat(20 << 20));
                honest.descriptor.artifact_type = Some("\u{1b}]0;owned\u{7}".repeat(1 << 10));
                honest
            }
            _ => honest,
        }))
    }

    fn get_blob(&self, repository: &str, blob: &Descriptor, _: u64) -> Result<Content, Fault> {
        let bytes = Image::of(repository).blob(&blob.digest);
        let bytes = bytes.ok_or_else(|| Fault::not_found("no such blob"))?;
        Ok(Content::Source(Source::from_bytes(&bytes)))
    }

    fn has_blob(&self, _: &str, _: &Descriptor) -> Result<bool, Fault> {
        Ok(true)
    }

    fn referrers(&self, repository: &str, _: &Digest) -> Result<Vec<Descriptor>, Fault> {
        let one = |number: u32| Descriptor::new(MANIFEST, Digest::of(&number.to_le_bytes()), 100);
        Ok(match self.act(At::Referrers, repository) {
            "many" => (0..20_000).map(one).collect(),
            _ => Vec::new(),
        })
    }
}

/// The media type of a manifest.
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

fn made(media_type: &str, text: String) -> Manifest {
    let bytes = text.into_bytes();
    Manifest {
        descriptor: Descriptor::new(media_type, Digest::of(&bytes), bytes.len() as u64),
        bytes,
    }
}

fn many(count: u32) -> Vec<String> {
    (0..count).map(|number| format!("n{number}")).collect()
}

/// The longest name that a tag may have.
fn wide(number: u32) -> String {
    format!("{number:x<128}")
}

fn odd() -> Vec<String> {
    let odd = [
        "",
        ".",
        "..",
        "-",
        "a/b",
        "../../etc/passwd",
        "/etc/passwd",
        "a b",
        "a\0b",
        "a\nb",
        "a\r\nb",
        "\u{1b}[2J",
        "\u{202e}gpj",
        "ü",
        "a:b",
        "a@sha256:b",
        "a?b",
        "a#b",
        "%2e%2e",
        "{{ item.tag }}",
        "${env:HOME}",
    ];
    odd.iter().map(|name| (*name).to_owned()).chain([TAG.to_owned()]).collect()
}

/// An index of children, each said to have `size` bytes.
fn index(children: &[&str], size: u64) -> String {
    let child =
        |digest: &&str| format!(r#"{{"mediaType":"{INDEX}","digest":"{digest}","size":{size}}}"#);
    let children: Vec<String> = children.iter().map(child).collect();
    let children = children.join(",");
    format!(r#"{{"schemaVersion":2,"mediaType":"{INDEX}","manifests":[{children}]}}"#)
}

/// Layers that are said to be as large as numbers go.
fn vast(repository: &str) -> String {
    let layer = |n: u32| {
        let digest = Digest::of(format!("{repository} {n}").as_bytes());
        format!(r#"{{"mediaType":"x/y","digest":"{digest}","size":{}}}"#, i64::MAX)
    };
    let layers: Vec<String> = (0..5).map(layer).collect();
    let (config, layers) = (layer(9), layers.join(","));
    format!(
        r#"{{"schemaVersion":2,"mediaType":"{MANIFEST}","config":{config},"layers":[{layers}]}}"#
    )
}

/// Indexes within indexes, a hundred deep.
fn nested(which: &Selector) -> Manifest {
    let mut manifest = made(INDEX, index(&[], 0));
    for _ in 0..100 {
        if matches!(which, Selector::Digest(digest) if *digest == manifest.descriptor.digest) {
            return manifest;
        }
        let size = manifest.bytes.len() as u64;
        manifest = made(INDEX, index(&[manifest.descriptor.digest.as_str()], size));
    }
    manifest
}

/// An index of some manifests that are each as large as one may be.
fn heavy(which: &Selector) -> Manifest {
    let child = |number: u32| {
        let head = format!(
            r#"{{"schemaVersion":2,"mediaType":"{INDEX}","manifests":[],"n":{number},"x":""#
        );
        let fill = "x".repeat(MANIFEST_BYTES - head.len() - 2);
        made(INDEX, format!("{head}{fill}\"}}"))
    };
    // Which child has which digest is found out by making them.
    if let Selector::Digest(digest) = which
        && let Some(found) = (0..HEAVY).map(child).find(|child| child.descriptor.digest == *digest)
    {
        return found;
    }
    let digests: Vec<Digest> = (0..HEAVY).map(|number| child(number).descriptor.digest).collect();
    let digests: Vec<&str> = digests.iter().map(Digest::as_str).collect();
    made(INDEX, index(&digests, MANIFEST_BYTES as u64))
}

/// How many heavy children there are.
const HEAVY: u32 = 9;
