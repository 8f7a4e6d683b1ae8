//! The role of a transport, in plain Rust. What each call promises stands in
//! `wit/transport.wit`; here stand the Rust shapes.

use crate::{Capabilities, Fault, Source};
use engine_oci::{Descriptor, Digest};

/// Which end of a copy a session is.
///
/// ```
/// use engine_plugin_sdk::{Fault, Side};
///
/// fn refuse(side: Side) -> Result<(), Fault> {
///     match side {
///         Side::Source => Ok(()),
///         Side::Destination => Err(Fault::unsupported("this place is only read")),
///     }
/// }
/// assert!(refuse(Side::Destination).is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// It is read.
    Source,
    /// It is written, and read to see what is there.
    Destination,
}

/// Which manifest of a repository is meant.
///
/// ```
/// use engine_plugin_sdk::Selector;
///
/// fn is_meant(which: &Selector, tag: &str, digest: &str) -> bool {
///     match which {
///         Selector::Tag(wanted) => wanted == tag,
///         Selector::Digest(wanted) => wanted.as_str() == digest,
///         Selector::Only => true,
///         Selector::Index(_) | Selector::Id(_) => false,
///     }
/// }
/// assert!(is_meant(&Selector::Tag("1.0".into()), "1.0", "sha256:…"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// The one that a tag points to.
    Tag(String),
    /// The one with this digest.
    Digest(Digest),
    /// The one at this position among the images of the place, counted from 0.
    Index(u32),
    /// The one with this id, in the place's own words.
    Id(String),
    /// The only one, at a place that holds just one; `conflict` when there are more.
    Only,
}

/// A manifest or index with its exact bytes.
///
/// ```
/// use engine_plugin_sdk::{Descriptor, Digest, Manifest};
///
/// let bytes = br#"{"schemaVersion": 2}"#.to_vec();
/// let kind = "application/vnd.oci.image.manifest.v1+json";
/// let descriptor = Descriptor::new(kind, Digest::of(&bytes), bytes.len() as u64);
/// let manifest = Manifest { descriptor, bytes };
/// assert!(manifest.descriptor.digest.matches(&manifest.bytes));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// What it is.
    pub descriptor: Descriptor,
    /// The bytes, at most 4 MiB.
    pub bytes: Vec<u8>,
}

/// Some names, in the order of the place, and where to go on.
///
/// ```
/// use engine_plugin_sdk::Page;
///
/// let last = Page { names: vec!["1.0".into(), "1.1".into()], next: None };
/// assert_eq!(last.names.len(), 2);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// At most 10,000 names.
    pub names: Vec<String>,
    /// Comes back as `after` for more; none at the end.
    pub next: Option<String>,
}

/// A name to be set.
///
/// ```
/// use engine_plugin_sdk::{Fault, Naming};
///
/// fn tag(namings: &[Naming]) -> Vec<Result<(), Fault>> {
///     let named = |one: &Naming| one.tag.as_ref().map(drop);
///     let nameless = || Fault::unsupported("this place needs a tag");
///     namings.iter().map(|one| named(one).ok_or_else(nameless)).collect()
/// }
/// assert!(tag(&[]).is_empty());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naming {
    /// The repository; empty where a place has just one.
    pub repository: String,
    /// The tag; none lists the manifest without a name, where a place has such a list.
    pub tag: Option<String>,
    /// The manifest, which is there already.
    pub descriptor: Descriptor,
}

/// What is known of a blob before its bytes move.
///
/// ```
/// use engine_plugin_sdk::{Descriptor, Digest, Expected};
///
/// let expected = Expected::from(&Descriptor::new("x/y", Digest::of(b"ab"), 2));
/// assert_eq!(expected.size, Some(2));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Its media type.
    pub media_type: String,
    /// Its digest; none where the bytes are made on their way. [`crate::written`] tells it afterwards.
    pub digest: Option<Digest>,
    /// Its bytes, where known.
    pub size: Option<u64>,
}

impl From<&Descriptor> for Expected {
    fn from(blob: &Descriptor) -> Self {
        let size = Some(blob.size).filter(|size| *size > 0);
        Self { media_type: blob.media_type.clone(), digest: Some(blob.digest.clone()), size }
    }
}

/// A blob to be written.
///
/// ```
/// use engine_plugin_sdk::fs::Directory;
/// use engine_plugin_sdk::{Fault, Put, PutBlob, written};
///
/// fn put_blob(put: PutBlob) -> Result<Put, Fault> {
///     let sink = Directory::ROOT.create("new")?;
///     sink.splice(put.body)?;
///     let blob = written().ok_or_else(|| Fault::io("the body has no end"))?;
///     sink.commit_as(blob.digest.hex())?;
///     Ok(Put::Done)
/// }
/// ```
pub struct PutBlob {
    /// What is known of it.
    pub expected: Expected,
    /// The bytes, verified by the engine: when they end, they were right.
    pub body: Source,
    /// Another repository of the place that may have the blob: try that first.
    pub mount_from: Option<String>,
    /// What an interruption said; `body` starts at the byte that it named.
    pub resume: Option<String>,
}

/// A signature beside a manifest, which is no manifest itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// `openpgp` or `sigstore`.
    pub form: String,
    /// The bytes, at most 4 MiB.
    pub bytes: Vec<u8>,
    /// Where the form has some.
    pub annotations: Vec<(String, String)>,
}

/// How the writing of a blob ended.
///
/// ```
/// use engine_plugin_sdk::{Fault, Put};
///
/// let fault = Fault::io("the connection broke");
/// let broken = Put::Interrupted { fault, accepted: 4096, resume: "upload-7".into() };
/// assert_ne!(broken, Put::Done);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    /// It is there, written from the body.
    Done,
    /// It is there, and the body was not needed.
    Mounted,
    /// It broke but can go on.
    Interrupted {
        /// What broke it.
        fault: Fault,
        /// Bytes that the place has for sure; the next body starts there.
        accepted: u64,
        /// Comes back as `resume`. At most 8 KiB.
        resume: String,
    },
}

/// The bytes of a blob.
///
/// ```
/// use engine_plugin_sdk::fs::Directory;
/// use engine_plugin_sdk::{Content, Fault};
///
/// fn blob(file: &str, offset: u64) -> Result<Content, Fault> {
///     Ok(Content::Source(Directory::ROOT.read(file, offset)?))
/// }
/// assert!(blob("absent", 0).is_err());
/// ```
pub enum Content {
    /// Bytes that the engine holds: the body of an answer, a file. The fast way.
    Source(Source),
    /// Bytes that the plugin makes. Costs up to a third more.
    Reader(Box<dyn Reader>),
}

/// Bytes that the plugin makes itself, pulled by the engine.
///
/// ```
/// use engine_plugin_sdk::{Fault, Reader};
///
/// struct Zeros(u32);
///
/// impl Reader for Zeros {
///     fn read(&mut self, max: u32) -> Result<Option<Vec<u8>>, Fault> {
///         let now = self.0.min(max);
///         self.0 -= now;
///         Ok((now > 0).then(|| vec![0; now as usize]))
///     }
/// }
/// assert_eq!(Zeros(1024).read(4096)?.unwrap().len(), 1024);
/// # Ok::<(), engine_plugin_sdk::Fault>(())
/// ```
pub trait Reader {
    /// The next bytes, at most `max`; none at the end.
    fn read(&mut self, max: u32) -> Result<Option<Vec<u8>>, Fault>;
}

/// A way of reaching images; a value of it is a session at one place.
///
/// The engine opens a session for each call unless the transport says that it is not concurrent: only
/// such a session may count on an earlier call. Calls that a transport cannot do fail with
/// `unsupported` unless they are written; the engine does not make them.
///
/// ```
/// use engine_plugin_sdk::{
///     Capabilities, Content, Descriptor, Fault, Manifest, Selector, Side, Transport,
/// };
///
/// struct Shelf;
///
/// impl Transport for Shelf {
///     fn describe() -> Capabilities {
///         Capabilities { concurrent: true, ..Capabilities::default() }
///     }
///     fn open(_: &str, _: Side, _: &str) -> Result<Self, Fault> {
///         Ok(Self)
///     }
///     fn resolve(&self, _: &str, _: &Selector) -> Result<Option<Descriptor>, Fault> {
///         Ok(None)
///     }
///     fn get_manifest(&self, _: &str, _: &Selector) -> Result<Option<Manifest>, Fault> {
///         Ok(None)
///     }
///     fn get_blob(&self, _: &str, _: &Descriptor, _: u64) -> Result<Content, Fault> {
///         Err(Fault::not_found("the shelf is empty"))
///     }
///     fn has_blob(&self, _: &str, _: &Descriptor) -> Result<bool, Fault> {
///         Ok(false)
///     }
/// }
///
/// let shelf = Shelf::open("", Side::Source, "{}")?;
/// assert_eq!(shelf.list_tags("x", None).unwrap_err().code, "unsupported");
/// # Ok::<(), engine_plugin_sdk::Fault>(())
/// ```
#[expect(unused_variables, reason = "default methods name their arguments for the documentation")]
pub trait Transport: Sized + 'static {
    /// What the transport can do. Must not call anything.
    fn describe() -> Capabilities;

    /// Opens a place. `settings` is the step's `with:` as JSON. Must not touch the network.
    fn open(place: &str, side: Side, settings: &str) -> Result<Self, Fault>;

    /// Repositories of the place.
    fn list_repositories(&self, after: Option<&str>) -> Result<Page, Fault> {
        Err(cannot("list repositories"))
    }

    /// Tags of a repository; an empty page when there is no such repository.
    fn list_tags(&self, repository: &str, after: Option<&str>) -> Result<Page, Fault> {
        Err(cannot("list tags"))
    }

    /// What a selector points to, as cheaply as the place can say; none if absent.
    fn resolve(&self, repository: &str, which: &Selector) -> Result<Option<Descriptor>, Fault>;

    /// A manifest; none if absent.
    fn get_manifest(&self, repository: &str, which: &Selector) -> Result<Option<Manifest>, Fault>;

    /// The bytes of a blob from `offset` on.
    fn get_blob(&self, repository: &str, blob: &Descriptor, offset: u64) -> Result<Content, Fault>;

    /// Whether a blob is there.
    fn has_blob(&self, repository: &str, blob: &Descriptor) -> Result<bool, Fault>;

    /// Writes a blob.
    fn put_blob(&self, repository: &str, put: PutBlob) -> Result<Put, Fault> {
        Err(cannot("write"))
    }

    /// Writes a manifest by its digest, or by `tag` at the same time.
    fn put_manifest(
        &self,
        repository: &str,
        tag: Option<&str>,
        manifest: &Manifest,
    ) -> Result<(), Fault> {
        Err(cannot("write"))
    }

    /// Sets names, one result for each.
    fn tag(&self, namings: &[Naming]) -> Vec<Result<(), Fault>> {
        namings.iter().map(|_| Err(cannot("set names"))).collect()
    }

    /// Removes a tag and leaves the manifest. Fine if it is not there.
    fn untag(&self, repository: &str, tag: &str) -> Result<(), Fault> {
        Err(cannot("remove tags"))
    }

    /// Deletes a manifest, with all tags that point to it. Fine if it is not there.
    fn delete(&self, repository: &str, digest: &Digest) -> Result<(), Fault> {
        Err(cannot("delete"))
    }

    /// The manifests whose subject is `digest`, at most 10,000.
    fn referrers(&self, repository: &str, digest: &Digest) -> Result<Vec<Descriptor>, Fault> {
        Err(cannot("list referrers"))
    }

    /// The signatures that the place keeps beside a manifest.
    fn signatures(&self, repository: &str, digest: &Digest) -> Result<Vec<Signature>, Fault> {
        Err(cannot("read signatures"))
    }

    /// Replaces the signatures beside a manifest.
    fn put_signatures(
        &self,
        repository: &str,
        digest: &Digest,
        signatures: &[Signature],
    ) -> Result<(), Fault> {
        Err(cannot("write signatures"))
    }

    /// Nothing more will be written: what must stand last is written now.
    fn finish(&self) -> Result<(), Fault> {
        Ok(())
    }
}

fn cannot(what: &str) -> Fault {
    Fault::unsupported(format!("this transport cannot {what}"))
}
