use super::*;
use crate::diagnostic::Fault;
use crate::oci::{Descriptor, Digest, media_type};
use crate::role::testing::{Call, FakeRegistry};
use crate::role::{ArtifactForm, Session};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

fn open(session: &Arc<dyn Session>) -> OpenRepository<'_> {
    OpenRepository { step: "s", place: "docker:r.io", name: "a", session, lists_tags: true }
}

fn registry() -> (FakeRegistry, Arc<dyn Session>) {
    let registry = FakeRegistry::default();
    let session = Arc::new(registry.clone());
    (registry, session)
}

fn index(of: &[Descriptor]) -> String {
    let index = json!({"schemaVersion": 2, "mediaType": media_type::OCI_INDEX, "manifests": of});
    index.to_string()
}

async fn listed(session: &Arc<dyn Session>, subject: &Digest) -> Result<Vec<Digest>, Fault> {
    let listed = Referrers::default().list(&open(session), None, subject).await;
    let listed = listed.map_err(Fault::from)?;
    Ok(listed.into_iter().map(|referrer| referrer.digest).collect())
}

#[tokio::test]
async fn the_api_answers_where_there_is_one() {
    let (registry, session) = registry();
    let image = registry.image("a", Some("1"), "linux/amd64", &[]);
    assert_eq!(listed(&session, &image.digest).await, Ok(Vec::new()));
    assert_eq!(registry.all_calls(), 1);
    registry.refer(&image.digest, &image);
    assert_eq!(listed(&session, &image.digest).await, Ok(vec![image.digest]));
}

#[tokio::test]
async fn the_fallback_index_answers_where_there_is_no_api() {
    let (registry, session) = registry();
    registry.without_referrers();
    let image = registry.image("a", Some("1"), "linux/amd64", &[]);
    assert_eq!(listed(&session, &image.digest).await, Ok(Vec::new()));
    let tag = names::fallback_tag(&image.digest);
    let bytes = index(std::slice::from_ref(&image));
    registry.put("a", Some(&tag), media_type::OCI_INDEX, bytes.as_bytes());
    assert_eq!(listed(&session, &image.digest).await, Ok(vec![image.digest.clone()]));

    let (referrers, tags) = (Referrers::default(), CompanionTags::default());
    registry.forget_calls();
    for subject in [&image.digest, &Digest::of(b"one"), &Digest::of(b"two")] {
        let listed = referrers.list(&open(&session), Some(&tags), subject).await.unwrap();
        assert_eq!(listed.len(), usize::from(*subject == image.digest));
    }
    let calls = (registry.calls(Call::Tags), registry.calls(Call::Manifest), registry.all_calls());
    assert_eq!(calls, (1, 1, 3), "the API is asked once, and the list of tags saves the rest");
}

#[tokio::test]
async fn an_index_that_cannot_be_read_is_a_fault_and_not_an_empty_list() {
    let bad_entry = r#"{"schemaVersion":2,"manifests":[{"mediaType":"x","digest":"y","size":1}]}"#;
    for (kind, bytes) in [
        (media_type::OCI_INDEX, "garbage"),
        (media_type::OCI_INDEX, "{}"),
        (media_type::OCI_INDEX, bad_entry),
        (media_type::OCI_MANIFEST, r#"{"schemaVersion":2,"config":1}"#),
    ] {
        let (registry, session) = registry();
        registry.without_referrers();
        let image = registry.image("a", Some("1"), "linux/amd64", &[]);
        let tag = names::fallback_tag(&image.digest);
        registry.put("a", Some(&tag), kind, bytes.as_bytes());
        let fault = listed(&session, &image.digest).await.unwrap_err();
        assert_eq!(fault.code, "companion::referrers-unreadable", "{bytes}");
        assert_eq!(fault.place.as_deref(), Some(format!("r.io/a:{tag}").as_str()));
    }
    let (registry, session) = registry();
    registry.without_referrers();
    let image = registry.image("a", Some("1"), "linux/amd64", &[]);
    registry.image("a", Some(&names::fallback_tag(&image.digest)), "linux/amd64", &[]);
    let fault = listed(&session, &image.digest).await.unwrap_err();
    assert_eq!(fault.code, "companion::referrers-unreadable", "an image is no index");
}

#[tokio::test]
async fn evidence_behind_an_unreadable_index_is_not_missing() {
    let (registry, session) = registry();
    registry.without_referrers();
    let image = registry.image("a", Some("1"), "linux/amd64", &[]);
    let tag = names::fallback_tag(&image.digest);
    registry.put("a", Some(&tag), media_type::OCI_INDEX, b"garbage");
    let (referrers, at) = (Referrers::default(), open(&session));
    let of = |form: &str| vec![form.to_owned()];
    let found = evidence(&referrers, &at, &image.digest, &of("attachment")).await.unwrap();
    assert_eq!(found, [], "nobody asked for referrers");
    let fault = evidence(&referrers, &at, &image.digest, &of("referrer")).await.unwrap_err();
    assert!(matches!(&fault, CompanionFault::Unusable(fault)
        if fault.code == "companion::referrers-unreadable"));
    let signatures = names::signature_tag(&image.digest);
    registry.put("a", Some(&signatures), media_type::OCI_INDEX, index(&[]).as_bytes());
    let fault = evidence(&referrers, &at, &image.digest, &of("attachment")).await.unwrap_err();
    assert!(matches!(&fault, CompanionFault::Unusable(fault)
        if fault.code == "companion::evidence"));
}

#[test]
fn a_carrier_names_its_layer_and_is_found_by_tag_or_subject() {
    let subject = Descriptor::new(media_type::OCI_INDEX, Digest::of(b"image"), 5);
    let layer = Descriptor::new("application/x", Digest::of(b"signature"), 9);
    let read = |carrier: &Carrier| -> Value {
        let manifest: Value = serde_json::from_slice(&carrier.manifest.bytes).unwrap();
        assert_eq!(manifest["config"]["digest"], json!(Digest::of(&carrier.config)));
        assert_eq!(manifest["layers"], json!([layer]));
        manifest
    };
    let attached = Carrier::of(&subject, &layer, ArtifactForm::Attachment).unwrap();
    assert_eq!(attached.tag, Some(names::signature_tag(&subject.digest)));
    assert!(read(&attached).get("subject").is_none());
    let config: Value = serde_json::from_slice(&attached.config).unwrap();
    assert_eq!(config["rootfs"]["diff_ids"], json!([layer.digest]));

    let annotations = BTreeMap::from([("k".to_owned(), "v".to_owned())]);
    let form = ArtifactForm::Referrer { artifact_type: Some("a/b".to_owned()), annotations };
    let referring = Carrier::of(&subject, &layer, form).unwrap();
    let manifest = read(&referring);
    assert_eq!((&referring.tag, &manifest["artifactType"]), (&None, &json!("a/b")));
    assert_eq!(manifest["subject"]["digest"], json!(subject.digest));
    assert_eq!(manifest["annotations"], json!({"k": "v"}));
}
