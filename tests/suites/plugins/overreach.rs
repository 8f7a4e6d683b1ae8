//! Guests that do more than their step: write from a source, delete, or go to a repository that is
//! not theirs. The registry hears nothing of it.

use engine::diagnostic::Fault;
use engine::role::{PutBlob, Selector, Side};
use engine::stream::Body;
use engine_tests::guest::Alone;
use engine_tests::images::Seed;
use engine_tests::registry::Registry;

fn registry() -> Registry {
    let registry = Registry::open();
    Seed::new(70).image(&[3000]).push_into(&registry, "app", "v1");
    Seed::new(71).image(&[3000]).push_into(&registry, "secret", "v1");
    registry
}

/// How it ends when the guest sends this while it is given a blob for `app`, which it may mount
/// from `lib`.
async fn sent(guest: &Alone, what: &str) -> Fault {
    let session = guest.open(Side::Destination, "put", what).await;
    let bytes = b"a blob";
    let digest = engine::oci::Digest::of(bytes);
    let descriptor = engine::oci::Descriptor::new("x/y", digest, bytes.len() as u64);
    let (body, mount_from) = (Body::from_bytes(&bytes[..]), Some("lib".to_owned()));
    let put = PutBlob { expected: descriptor.into(), body, mount_from, resume: None };
    session.put_blob("app", put).await.unwrap_err()
}

#[tokio::test]
async fn a_destination_writes_to_its_own_repository_only() {
    let registry = registry();
    let guest = Alone::at("wanderer", &registry);
    let name = guest.name();
    let digest = engine::oci::Digest::of(b"x");
    let at = |rest: &str| format!("https://{name}/v2/{rest}");
    let before = registry.journal().all().len();
    for what in [
        format!("DELETE {}", at("app/manifests/v1")),
        format!("DELETE {}", at(&format!("app/blobs/{digest}"))),
        format!("DELETE {}", at("app/blobs/uploads/guessed")),
        format!("PUT {}", at("secret/manifests/v1")),
        format!("PUT {}", at("lib/manifests/v1")),
        format!("POST {}", at("secret/blobs/uploads/")),
        format!("POST {}", at("lib/blobs/uploads/")),
        format!("POST {}", at(&format!("app/blobs/uploads/?mount={digest}&from=secret"))),
        format!("POST {}", at(&format!("app/blobs/uploads/?mount={digest}&from=lib&from=secret"))),
        format!("POST {}", at(&format!("app/blobs/uploads/?mount={digest}&%66rom=secret"))),
        format!("POST {}", at(&format!("app/blobs/uploads/?mount={digest};from=secret"))),
        format!("GET {}", at("secret/manifests/v1")),
        format!("GET {}", at("secret/tags/list")),
        format!("GET {}", at("app/../secret/manifests/v1")),
        format!("GET {}", at("app//../secret/manifests/v1")),
        format!("GET {}", at("app/%2e%2e/secret/manifests/v1")),
        format!("GET {}", at("app%2fmore/manifests/v1")),
        format!("GET {}", at("app/more/manifests/v1")),
        format!("PUT {}", at("_catalog")),
        format!("POST https://{name}/token"),
    ] {
        let fault = sent(&guest, &what).await;
        assert_eq!(fault.code, "http::not-granted", "{what}: {fault:?}");
    }
    let all = registry.journal().all().len();
    assert_eq!(all, before, "{}", registry.journal().lines());
    // What is its own works, so the refusals above are refusals and not mistakes.
    let own = sent(&guest, &format!("POST {}", at("app/blobs/uploads/"))).await;
    assert!(own.message.contains("status 202"), "{own:?}");
}

/// While a destination is only looked at, it is not written either.
#[tokio::test]
async fn a_destination_that_is_looked_at_is_only_read() {
    let registry = registry();
    let guest = Alone::at("wanderer", &registry);
    for method in ["PUT", "POST", "DELETE"] {
        let what = format!("{method} https://{}/v2/app/manifests/v1", guest.name());
        let session = guest.open(Side::Destination, "resolve", &what).await;
        let fault = session.resolve("app", &Selector::Tag("v1".to_owned())).await.unwrap_err();
        assert_eq!(fault.code, "http::not-granted", "{what}: {fault:?}");
    }
}

/// Nor are the directories of its step: a plan leaves nothing behind, and removes nothing.
#[tokio::test]
async fn a_directory_that_is_looked_at_is_only_read() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("kept"), "kept").unwrap();
    let mut guest = Alone::of("deep");
    guest.grants.writes = true;
    guest.grants.directories.insert("shared".to_owned(), folder.path().to_owned());
    for act in ["kept", "mkdir", "hang"] {
        let session = guest.open(Side::Destination, "resolve", act).await;
        let fault = session.resolve("app", &Selector::Tag("v1".to_owned())).await.unwrap_err();
        assert_eq!(fault.code, "fs::not-granted", "{act}: {fault:?}");
    }
    let left: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["kept"]);
    // The same call that writes may do it, so the refusals above are refusals and not mistakes.
    let session = guest.open(Side::Destination, "manifest", "kept").await;
    session.untag("app", "v1").await.unwrap();
    assert!(!folder.path().join("kept").exists());
}

/// A session that reads is asked for nothing else, whatever its guest can.
#[tokio::test]
async fn a_source_is_never_asked_to_write() {
    let guest = Alone::of("trap");
    let session = guest.open(Side::Source, "manifest", "panic").await;
    let fault = session.untag("app", "v1").await.unwrap_err();
    assert_eq!(fault.code, "host::read-only", "{fault:?}");
    let fault = session.delete("app", &engine::oci::Digest::of(b"x")).await.unwrap_err();
    assert_eq!(fault.code, "host::read-only", "{fault:?}");
}
