use super::*;
use crate::host::codes;
use serde_json::json;
use std::os::unix::fs::PermissionsExt;

fn pulled() -> (Vec<u8>, &'static [u8]) {
    let component = b"\0asm\x0d\0\x01\0".as_slice();
    let digest = Digest::of(component).to_string();
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.wasm.config.v0+json", "digest": digest, "size": 2},
        "layers": [{"mediaType": "application/wasm", "digest": digest, "size": component.len()}],
    });
    (manifest.to_string().into_bytes(), component)
}

fn kept() -> (tempfile::TempDir, Store, Digest) {
    let data = tempfile::tempdir().unwrap();
    let store = Store::new(data.path());
    let (manifest, component) = pulled();
    let digest = Digest::of(&manifest);
    assert!(!store.has(&digest));
    assert_eq!(store.read(&digest).unwrap_err().code(), codes::NOT_PULLED);
    store.keep(&digest, &manifest, component).unwrap();
    assert_eq!(store.read(&digest).unwrap(), component);
    (data, store, digest)
}

#[test]
fn what_is_kept_is_private_and_stays() {
    let (_data, store, digest) = kept();
    let folder = store.folder(&digest);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&folder.join(COMPONENT))), (0o700, 0o600));
    let (manifest, component) = pulled();
    store.keep(&digest, &manifest, component).unwrap();
    assert_eq!(fs::read_dir(folder.parent().unwrap()).unwrap().count(), 1, "no part is left");
    let other = store.keep(&digest, &manifest, b"another").unwrap_err();
    assert_eq!(other.code(), codes::BAD_ARTIFACT);
}

#[test]
fn what_was_changed_is_refused_and_can_be_pulled_again() {
    let (_data, store, digest) = kept();
    let folder = store.folder(&digest);
    let (manifest, component) = pulled();
    let changes: [&dyn Fn(); 4] = [
        &|| fs::write(folder.join(COMPONENT), b"evil").unwrap(),
        &|| fs::write(folder.join(MANIFEST), b"{}").unwrap(),
        &|| {
            let open = fs::Permissions::from_mode(0o666);
            fs::set_permissions(folder.join(COMPONENT), open).unwrap();
        },
        &|| fs::remove_file(folder.join(MANIFEST)).unwrap(),
    ];
    for change in changes {
        change();
        assert_eq!(store.read(&digest).unwrap_err().code(), codes::STORE_CHANGED);
        store.keep(&digest, &manifest, component).unwrap();
        assert_eq!(store.read(&digest).unwrap(), component);
    }
}
