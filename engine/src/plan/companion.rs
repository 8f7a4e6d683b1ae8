//! Companion tags: `sha256-<hex>.sig`, `.att` and `.sbom`, where cosign keeps what speaks of an
//! image, and `sha256-<hex>`, where clients list the referrers of an image at registries that
//! cannot. They travel with their image and are no images of their own.

use crate::oci::Digest;

/// The image that a tag speaks of, where the tag has the form of a companion's.
///
/// Source: cosign's "signature spec", storage: the digest with `-` for `:`, and a suffix;
/// distribution-spec 1.1, "Referrers tag schema": the same without a suffix.
pub fn companion_of(tag: &str) -> Option<Digest> {
    let digest = match tag.rsplit_once('.') {
        Some((digest, "sig" | "att" | "sbom")) => digest,
        Some(_) => return None,
        None => tag,
    };
    let (algorithm, hex) = digest.split_once('-')?;
    format!("{algorithm}:{hex}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_companions_by_their_form() {
        let digest = Digest::of(b"image");
        for suffix in [".sig", ".att", ".sbom", ""] {
            let tag = format!("sha256-{}{suffix}", digest.hex());
            assert_eq!(companion_of(&tag), Some(digest.clone()), "{tag}");
        }
        let other = format!("sha256-{}.txt", digest.hex());
        for tag in ["3.20", "sha256-12.sig", "latest.sig", "sha256-", &other] {
            assert_eq!(companion_of(tag), None, "{tag}");
        }
    }
}
