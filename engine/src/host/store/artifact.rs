//! A component as an OCI artifact: a manifest with one layer, which is the component.
//! Source: the CNCF's "Wasm OCI artifact layout", whose config says nothing that is needed here.

use super::component::MAX_COMPONENT_BYTES;
use crate::host::fault::HostFault;
use crate::oci::{Descriptor, Digest, Manifest};
use serde_json::Value;

/// What the config of such an artifact is.
const CONFIG: &str = "application/vnd.wasm.config.v0+json";
/// What its layer may be: the layout's word, and the one that came before it.
const LAYERS: [&str; 2] = ["application/wasm", "application/vnd.wasm.content.layer.v1+wasm"];

/// The layer of an artifact's manifest that is the component.
///
/// # Errors
///
/// [`HostFault::BadArtifact`] when it is another kind of artifact, or its component is too large.
pub fn component_layer(manifest: &[u8]) -> Result<Descriptor, HostFault> {
    let bad = |reason: String| HostFault::BadArtifact(reason);
    let Ok(Manifest { media_type, .. }) = Manifest::parse("", manifest) else {
        return Err(bad("its manifest is not readable".to_owned()));
    };
    let document: Value = serde_json::from_slice(manifest).unwrap_or_default();
    let config = document.pointer("/config/mediaType").and_then(Value::as_str);
    if config != Some(CONFIG) {
        let found = config.unwrap_or(&media_type);
        return Err(bad(format!("it is a `{found}`, where `{CONFIG}` is expected")));
    }
    let layers = document.get("layers").and_then(Value::as_array).map(Vec::as_slice);
    let Some([layer]) = layers else {
        return Err(bad("it does not have exactly one layer".to_owned()));
    };
    let text = |key| layer.get(key).and_then(Value::as_str).unwrap_or_default();
    if !LAYERS.contains(&text("mediaType")) {
        return Err(bad(format!("its layer is a `{}`, not `{}`", text("mediaType"), LAYERS[0])));
    }
    let digest: Digest =
        text("digest").parse().map_err(|_| bad("its layer has no digest".to_owned()))?;
    let size = layer.get("size").and_then(Value::as_u64).unwrap_or_default();
    if size == 0 || size > MAX_COMPONENT_BYTES {
        return Err(bad(format!("its layer has {size} bytes, of at most {MAX_COMPONENT_BYTES}")));
    }
    Ok(Descriptor::new(text("mediaType"), digest, size))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn manifest(change: impl FnOnce(&mut Value)) -> Vec<u8> {
        let digest = Digest::of(b"wasm").to_string();
        let mut document = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {"mediaType": CONFIG, "digest": digest, "size": 2},
            "layers": [{"mediaType": LAYERS[0], "digest": digest, "size": 4}],
        });
        change(&mut document);
        document.to_string().into_bytes()
    }

    #[test]
    fn both_words_for_the_layer_are_read() {
        for word in LAYERS {
            let made = manifest(|it| it["layers"][0]["mediaType"] = json!(word));
            assert_eq!(component_layer(&made).unwrap().size, 4);
        }
    }

    #[test]
    fn other_artifacts_are_refused() {
        let layer =
            json!({"mediaType": LAYERS[0], "digest": Digest::of(b"").to_string(), "size": 1});
        for made in [
            b"{".to_vec(),
            manifest(|it| it["config"]["mediaType"] = json!("application/vnd.oci.empty.v1+json")),
            manifest(|it| it["layers"] = json!([])),
            manifest(|it| it["layers"] = json!([layer, layer])),
            manifest(|it| it["layers"][0]["mediaType"] = json!("text/plain")),
            manifest(|it| it["layers"][0]["size"] = json!(0)),
            manifest(|it| it["layers"][0]["size"] = json!(MAX_COMPONENT_BYTES + 1)),
        ] {
            let fault = component_layer(&made).unwrap_err();
            assert_eq!(fault.code(), crate::host::codes::BAD_ARTIFACT, "{fault}");
        }
    }
}
