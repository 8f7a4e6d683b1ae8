//! Names of files. The format is that of Skopeo's `dir:` transport: content under the hex digits
//! of its digest, without a suffix; manifests of an index with `.manifest.json`; digests other than
//! sha256 with their algorithm before them.

use engine_plugin_sdk::Digest;
use engine_plugin_sdk::oci::Algorithm;

/// The manifest or index that the directory holds.
pub(crate) const TOP: &str = "manifest.json";
/// Says that the directory holds an image, and in which version of the format.
pub(crate) const VERSION: &str = "version";
/// What the file of a signature begins with, or what follows the digest of a child.
const SIGNATURE: &str = "signature-";
/// The end of a child's file name.
pub(crate) const CHILD: &str = ".manifest.json";

/// The versions of the format, the one without and the one with algorithms in names.
const VERSIONS: [&str; 2] = ["1.1", "1.2"];

/// The file of a blob.
pub(crate) fn blob(digest: &Digest) -> String {
    match digest.algorithm() {
        Algorithm::Sha256 => digest.hex().to_owned(),
        other => format!("{}-{}", other.name(), digest.hex()),
    }
}

/// The file of a manifest other than the top one.
pub(crate) fn child(digest: &Digest) -> String {
    format!("{}{CHILD}", blob(digest))
}

/// The file of a signature of the top manifest, counted from 1.
pub(crate) fn signature(number: usize) -> String {
    format!("{SIGNATURE}{number}")
}

/// The file of a signature of a child, counted from 1.
pub(crate) fn signature_of(digest: &Digest, number: usize) -> String {
    format!("{}.{SIGNATURE}{number}", blob(digest))
}

/// Whether a file was named by this format: only such files are ever removed.
pub(crate) fn is_ours(name: &str) -> bool {
    let stem = name.strip_suffix(CHILD).unwrap_or(name);
    is_digest(stem) || signed(name).is_some()
}

/// What the file of a signature is of, the stem of a child's name or the image, and its number.
pub(crate) fn signed(name: &str) -> Option<(Option<&str>, usize)> {
    let (of, rest) = match name.split_once('.') {
        Some((stem, rest)) if is_digest(stem) => (Some(stem), rest),
        _ => (None, name),
    };
    let number = rest.strip_prefix(SIGNATURE)?;
    let digits = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit());
    Some((of, number.parse().ok().filter(|_| digits)?))
}

/// `HEX` of sha256, or `ALGORITHM-HEX`.
fn is_digest(stem: &str) -> bool {
    let text = match stem.split_once('-') {
        Some((algorithm, hex)) => format!("{algorithm}:{hex}"),
        None => format!("sha256:{stem}"),
    };
    text.parse::<Digest>().is_ok_and(|digest| blob(&digest) == stem)
}

/// What `version` says where content with `digest` is kept, given what it says now.
pub(crate) fn version_for(digest: &Digest, now: Option<&str>) -> String {
    let long = digest.algorithm() != Algorithm::Sha256 || now == Some(VERSIONS[1]);
    let version = if long { VERSIONS[1] } else { VERSIONS[0] };
    format!("Directory Transport Version: {version}\n")
}

/// The version in the text of the file, if it is one that we know.
pub(crate) fn known_version(text: &[u8]) -> Option<&'static str> {
    let text = std::str::from_utf8(text).ok()?;
    let version = text.strip_prefix("Directory Transport Version: ")?.trim_end();
    VERSIONS.into_iter().find(|known| *known == version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine_plugin_sdk::oci::Hasher;

    fn long() -> Digest {
        Hasher::new(Algorithm::Sha512).finish()
    }

    #[test]
    fn files_are_named_as_skopeo_names_them() {
        let short = Digest::of(b"x");
        assert_eq!(blob(&short), short.hex());
        assert_eq!(child(&long()), format!("sha512-{}.manifest.json", long().hex()));
        let hex = short.hex();
        for ours in [
            blob(&short),
            child(&short),
            blob(&long()),
            child(&long()),
            "signature-1".to_owned(),
            format!("{hex}.signature-12"),
        ] {
            assert!(is_ours(&ours), "{ours}");
        }
        for other in [
            "",
            "manifest.json",
            "version",
            "notes.txt",
            "signature-",
            "signature-x",
            "a.signature-1",
            ".manifest.json",
            "sha256-",
            &format!("sha256-{hex}"),
            &format!("{hex}.txt"),
            &hex.to_uppercase(),
        ] {
            assert!(!is_ours(other), "{other}");
        }
    }

    #[test]
    fn the_version_grows_and_is_known() {
        let old = version_for(&Digest::of(b"x"), None);
        assert_eq!(old, "Directory Transport Version: 1.1\n");
        let new = version_for(&long(), known_version(old.as_bytes()));
        assert_eq!(new, "Directory Transport Version: 1.2\n");
        assert_eq!(version_for(&Digest::of(b"x"), known_version(new.as_bytes())), new);
        assert_eq!(known_version(b"Directory Transport Version: 9.9\n"), None);
        assert_eq!(known_version(b"\xff"), None);
    }
}
