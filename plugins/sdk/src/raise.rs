//! Descriptors and digests between the generated words and ours. What comes from the engine is checked
//! once, here, so a plugin's own code only ever sees valid ones.

use crate::Fault;
use crate::bindings::engine::plugin::types;
use engine_oci::{Descriptor, Digest};

pub(crate) fn checked(digest: &str) -> Result<Digest, Fault> {
    digest.parse().map_err(|fault: engine_oci::DigestFault| Fault::invalid(fault.to_string()))
}

pub(crate) fn raise(wire: types::Descriptor) -> Result<Descriptor, Fault> {
    let platform = wire.platform.map(|text| text.parse()).transpose();
    let platform =
        platform.map_err(|fault: engine_oci::PlatformFault| Fault::invalid(fault.to_string()))?;
    Ok(Descriptor {
        artifact_type: wire.artifact_type,
        annotations: wire.annotations.into_iter().collect(),
        platform,
        ..Descriptor::new(wire.media_type, checked(&wire.digest)?, wire.size)
    })
}

pub(crate) fn lower(descriptor: &Descriptor) -> types::Descriptor {
    let annotations = descriptor.annotations.iter();
    types::Descriptor {
        media_type: descriptor.media_type.clone(),
        digest: descriptor.digest.to_string(),
        size: descriptor.size,
        artifact_type: descriptor.artifact_type.clone(),
        annotations: annotations.map(|(key, value)| (key.clone(), value.clone())).collect(),
        platform: descriptor.platform.as_ref().map(ToString::to_string),
        extra: Vec::new(),
    }
}
