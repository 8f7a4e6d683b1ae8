//! Companion tags: `sha256-<hex>.sig`, `.att` and `.sbom`, where cosign keeps what speaks of an
//! image. They travel with their image and are no images of their own.

use crate::oci::Digest;

/// The image that a tag speaks of, where the tag has the form of a companion's.
///
/// Source: cosign's "signature spec", storage: the digest with `-` for `:`, and a suffix.
pub fn companion_of(tag: &str) -> Option<Digest> {
    let (digest, suffix) = tag.rsplit_once('.')?;
    let (algorithm, hex) = digest.split_once('-')?;
    let known = matches!(suffix, "sig" | "att" | "sbom");
    known.then(|| format!("{algorithm}:{hex}").parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_companions_by_their_form() {
        let digest = Digest::of(b"image");
        for suffix in ["sig", "att", "sbom"] {
            let tag = format!("sha256-{}.{suffix}", digest.hex());
            assert_eq!(companion_of(&tag), Some(digest.clone()), "{tag}");
        }
        for tag in ["3.20", "sha256-12.sig", "latest.sig", &format!("sha256-{}", digest.hex())] {
            assert_eq!(companion_of(tag), None, "{tag}");
        }
    }
}
