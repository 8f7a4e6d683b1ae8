//! Companion tags: `sha256-<hex>.sig`, `.att` and `.sbom`, where cosign keeps what speaks of an
//! image, and `sha256-<hex>`, where clients list the referrers of an image at registries that
//! cannot. They travel with their image and are no images of their own.

use crate::oci::Digest;

/// The ends of the tags under which cosign keeps signatures, attestations and SBOMs.
const SUFFIXES: [&str; 3] = [SIGNATURES, "att", "sbom"];
const SIGNATURES: &str = "sig";

/// The image that a tag speaks of, where the tag has the form of a companion's.
///
/// Source: cosign's "signature spec", storage: the digest with `-` for `:`, and a suffix;
/// distribution-spec 1.1, "Referrers tag schema": the same without a suffix.
pub(crate) fn companion_of(tag: &str) -> Option<Digest> {
    let digest = match tag.rsplit_once('.') {
        Some((digest, suffix)) if SUFFIXES.contains(&suffix) => digest,
        Some(_) => return None,
        None => tag,
    };
    let (algorithm, hex) = digest.split_once('-')?;
    format!("{algorithm}:{hex}").parse().ok()
}

/// Whether a companion may stand under a tag. Asks for less than [`companion_of`] does: the tag of an
/// index of referrers has at most 64 digits, which may be fewer than the digest has.
pub(crate) fn may_be_companion(tag: &str) -> bool {
    let suffix = tag.rsplit_once('.').map(|(_, suffix)| suffix);
    tag.starts_with("sha") && suffix.is_none_or(|suffix| SUFFIXES.contains(&suffix))
}

/// The tag under which the signatures of a manifest stand.
pub(crate) fn signature_tag(subject: &Digest) -> String {
    format!("{}.{SIGNATURES}", stem(subject))
}

/// The tags under which signatures and the like of a manifest stand.
pub(crate) fn companion_tags(subject: &Digest) -> impl Iterator<Item = String> {
    let stem = stem(subject);
    SUFFIXES.into_iter().map(move |suffix| format!("{stem}.{suffix}"))
}

/// The tag of the index of a subject's referrers: `algorithm-hex`, at most 64 hex digits.
pub(crate) fn fallback_tag(subject: &Digest) -> String {
    let hex = subject.hex();
    format!("{}-{}", subject.algorithm().name(), hex.get(..64).unwrap_or(hex))
}

fn stem(subject: &Digest) -> String {
    subject.as_str().replace(':', "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_of_an_index_of_referrers_has_at_most_64_digits() {
        let digest: Digest = format!("sha512:{}", "ab".repeat(64)).parse().unwrap();
        let tag = fallback_tag(&digest);
        assert_eq!(tag, format!("sha512-{}", "ab".repeat(32)));
        assert!(may_be_companion(&tag) && companion_of(&tag).is_none());
        assert!(!may_be_companion("shallow.txt") && !may_be_companion("3.20"));
    }

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
