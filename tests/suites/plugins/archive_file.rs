//! A file that the guest `archive` wrote, read without it.

use engine::oci::Digest;
use engine_tests::images::Seeded;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Bytes of the last line, which says how long the table before it is.
const END_BYTES: usize = 26;

/// What is in an archive. It was whole, or reading it failed the test.
pub(crate) struct ArchiveFile {
    /// What each name, `repository:tag`, points to.
    pub(crate) names: BTreeMap<String, Digest>,
    content: BTreeMap<Digest, Vec<u8>>,
}

impl ArchiveFile {
    /// Reads an archive: each content is what its digest says, and what a name points to is there.
    #[track_caller]
    pub(crate) fn read(path: &Path) -> Self {
        let bytes = fs::read(path).unwrap();
        let (rest, line) =
            bytes.split_at(bytes.len().checked_sub(END_BYTES).expect("no last line"));
        let line = std::str::from_utf8(line).unwrap();
        let length: usize = line.strip_prefix("\narchive ").unwrap().trim_end().parse().unwrap();
        let table: Value = serde_json::from_slice(&rest[rest.len() - length..]).unwrap();
        let mut content = BTreeMap::new();
        for (digest, place) in table["content"].as_object().unwrap() {
            let at = usize::try_from(place[0].as_u64().unwrap()).unwrap();
            let size = usize::try_from(place[1].as_u64().unwrap()).unwrap();
            let (digest, found) = (digest.parse::<Digest>().unwrap(), &bytes[at..at + size]);
            assert!(digest.matches(found), "{digest} is not what is there");
            content.insert(digest, found.to_vec());
        }
        let mut names = BTreeMap::new();
        for name in table["names"].as_array().unwrap() {
            let digest: Digest = name[1].as_str().unwrap().parse().unwrap();
            assert!(content.contains_key(&digest), "{name}");
            names.insert(name[0].as_str().unwrap().to_owned(), digest);
        }
        Self { names, content }
    }

    /// The names in an archive, sorted.
    #[track_caller]
    pub(crate) fn names_in(path: &Path) -> Vec<String> {
        Self::read(path).names.into_keys().collect()
    }

    /// Every byte of an image is there.
    #[track_caller]
    pub(crate) fn assert_has(&self, image: &Seeded) {
        let manifests = image.manifests.iter().map(|sealed| (&sealed.digest, &sealed.bytes[..]));
        let blobs = image.blobs.iter().map(|(digest, bytes)| (digest, &bytes[..]));
        for (digest, bytes) in manifests.chain(blobs) {
            let found = self.content.get(digest).map(Vec::as_slice);
            assert!(found == Some(bytes), "{digest} is not there");
        }
    }
}
