//! The transform `compress`, checked.

use super::codes;
use super::faults::{Faults, fault};
use super::wiring::Wiring;
use crate::diagnostic::Place;
use crate::oci::{Codec, Recipe};
use crate::spec::{CodecWord, Compress, Spec};

/// What a step says about layers.
pub(super) fn recipe(written: &Compress, at: &Place, faults: &mut Faults) -> Recipe {
    let codec = match written.codec {
        CodecWord::Gzip => Codec::Gzip,
        CodecWord::Zstd => Codec::Zstd,
    };
    let level = written.level.as_ref().map_or(codec.default_level(), |level| **level);
    let levels = codec.levels();
    if !levels.contains(&level) {
        let message = format!("{codec} has no level {level}");
        let help = format!("write a level from {} to {}", levels.start(), levels.end());
        faults.add(&at.key("level"), fault(codes::BAD_LEVEL, message).help(help));
    }
    let force = written.force.as_ref().is_some_and(|force| **force);
    Recipe { codec, level, force }
}

/// Images that are compressed twice on their way would be unpacked and packed for nothing.
pub(super) fn once(spec: &Spec, wiring: &Wiring<'_>, faults: &mut Faults) {
    let compresses = |id: &str| spec.transforms.get(id).is_some_and(|one| one.compress.is_some());
    for (id, _) in spec.transforms.iter().filter(|(id, _)| compresses(id)) {
        if let Some(first) = wiring.before(id).into_iter().find(|before| compresses(before)) {
            let message = format!("what arrives here is compressed by `{first}` already");
            let at = Place::root().key("transforms").key(id).key("compress");
            let help = "keep one of the two, or let them have inputs of their own";
            faults.add(&at, fault(codes::COMPRESSED_TWICE, message).help(help));
        }
    }
}
