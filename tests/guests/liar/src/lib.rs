//! Answers what is not true. An act is the word for the lie. As a destination it has nothing, and
//! keeps nothing.

use engine_plugin_sdk::{
    Capabilities, Content, Descriptor, Digest, Fault, Manifest, Page, Put, PutBlob, Reader,
    Selector, Side, Signature, Source, Transport,
};
use guest_stage::{At, Image, Settings, TAG};
use std::sync::atomic::{AtomicU32, Ordering};

/// Calls of `has-blob` in this instance.
static CALLS: AtomicU32 = AtomicU32::new(0);

/// The guest.
pub struct Liar {
    side: Side,
    settings: Settings,
}

engine_plugin_sdk::export_transport!(Liar);

/// A body of its own making.
enum Made {
    /// It never ends.
    Endless,
    /// It never ends, and has no byte.
    Nothing,
    /// Each piece is larger than was asked for.
    Large,
    /// Each piece is a byte, for which it computes long.
    Drips,
    /// The next piece is never ready.
    Never,
}

impl Liar {
    fn lie(&self, at: At, repository: &str) -> &str {
        self.settings.act(at, repository).unwrap_or_default()
    }
}

impl Transport for Liar {
    fn describe() -> Capabilities {
        Capabilities {
            concurrent: true,
            lists_repositories: true,
            lists_tags: true,
            writes: true,
            signatures: true,
            ..Capabilities::default()
        }
    }

    fn open(_: &str, side: Side, settings: &str) -> Result<Self, Fault> {
        Ok(Self { side, settings: Settings::read(settings)? })
    }

    fn list_repositories(&self, _: Option<&str>) -> Result<Page, Fault> {
        let mut names = self.settings.repositories();
        names.extend(["../../etc", "/", "\u{1b}[2J", "UPPER"].map(str::to_owned));
        Ok(Page { names, next: None })
    }

    fn list_tags(&self, repository: &str, after: Option<&str>) -> Result<Page, Fault> {
        let mut names = vec![TAG.to_owned()];
        let next = match self.lie(At::Tags, repository) {
            "same-page" => Some("again".to_owned()),
            "endless-pages" => {
                let page: u64 = after.and_then(|page| page.parse().ok()).unwrap_or_default();
                Some((page + 1).to_string())
            }
            "many-names" => {
                names = (0..10_000_u32).map(|number| format!("n{number}")).collect();
                Some(format!("{}x", after.unwrap_or_default()))
            }
            _ => None,
        };
        Ok(Page { names, next })
    }

    fn resolve(&self, repository: &str, which: &Selector) -> Result<Option<Descriptor>, Fault> {
        Ok(self.get_manifest(repository, which)?.map(|found| found.descriptor))
    }

    fn get_manifest(&self, repository: &str, _: &Selector) -> Result<Option<Manifest>, Fault> {
        if self.side == Side::Destination {
            return Ok(None);
        }
        let mut manifest = Image::of(repository).manifest();
        match self.lie(At::Resolve, repository) {
            "digest" => manifest.descriptor.digest = Digest::of(b"something else"),
            "bytes" => manifest.bytes.push(b' '),
            "large" => manifest.bytes = vec![b' '; 5 << 20],
            _ => {}
        }
        Ok(Some(manifest))
    }

    fn get_blob(&self, repository: &str, blob: &Descriptor, _: u64) -> Result<Content, Fault> {
        let honest = Image::of(repository).blob(&blob.digest);
        let mut bytes = honest.ok_or_else(|| Fault::not_found("no such blob"))?;
        let made = match self.lie(At::Blob, repository) {
            "endless" => Some(Made::Endless),
            "nothing" => Some(Made::Nothing),
            "large" => Some(Made::Large),
            "never" => Some(Made::Never),
            "drip" => Some(Made::Drips),
            "later" => {
                return Err(Fault::new("unavailable", "later").retry_after(Some(u64::MAX)));
            }
            "other" => {
                bytes.reverse();
                None
            }
            "short" => {
                bytes.pop();
                None
            }
            "long" => {
                bytes.push(b' ');
                None
            }
            _ => None,
        };
        Ok(match made {
            Some(made) => Content::Reader(Box::new(made)),
            None => Content::Source(Source::from_bytes(&bytes)),
        })
    }

    fn has_blob(&self, repository: &str, _: &Descriptor) -> Result<bool, Fault> {
        let what = self.lie(At::Has, repository);
        let is_first = CALLS.fetch_add(1, Ordering::Relaxed) == 0;
        let kept = match what {
            "keeps-a-handle" => Some(Source::from_bytes(b"kept")),
            "keeps-memory" => {
                std::mem::forget(vec![1_u8; 4 << 20]);
                None
            }
            _ => None,
        };
        std::mem::forget(kept);
        match what {
            "tells-a-fault" if is_first => Err(Fault::not_found("a fault")),
            "first-call" | "keeps-a-handle" | "keeps-memory" | "tells-a-fault" => Ok(is_first),
            _ => Ok(self.side == Side::Source || what == "there"),
        }
    }

    fn put_blob(&self, repository: &str, put: PutBlob) -> Result<Put, Fault> {
        let broken = |accepted, resume| {
            let fault = Fault::new("unavailable", "it broke");
            Ok(Put::Interrupted { fault, accepted, resume })
        };
        match self.lie(At::Put, repository) {
            "unread" => Ok(Put::Done),
            "more" => broken(u64::MAX, String::new()),
            "again" => broken(0, String::new()),
            "remember" => broken(0, "x".repeat(4 << 20)),
            _ => guest_stage::take(&put.body),
        }
    }

    fn signatures(&self, repository: &str, _: &Digest) -> Result<Vec<Signature>, Fault> {
        let one = |form: &str, bytes| {
            let (form, bytes) = (form.to_owned(), vec![b'x'; bytes]);
            Signature { form, bytes, annotations: Vec::new() }
        };
        Ok(match self.lie(At::Signatures, repository) {
            "many" => vec![one("openpgp", 1); 129],
            "too-large" => vec![one("openpgp", (4 << 20) + 1)],
            "form" => vec![one("\u{1b}[2J", 1)],
            "real" => vec![one("openpgp", 100), one("sigstore", 100)],
            _ => Vec::new(),
        })
    }

    fn put_manifest(&self, _: &str, _: Option<&str>, _: &Manifest) -> Result<(), Fault> {
        Ok(())
    }
}

impl Reader for Made {
    fn read(&mut self, max: u32) -> Result<Option<Vec<u8>>, Fault> {
        let length = match self {
            Self::Endless => max.min(1000),
            Self::Nothing => 0,
            Self::Large => max.saturating_mul(8),
            Self::Drips => {
                (0..100_000_000_u32).for_each(|turn| {
                    std::hint::black_box(turn);
                });
                1
            }
            Self::Never => loop {
                std::hint::spin_loop();
            },
        };
        Ok(Some(vec![b'x'; usize::try_from(length).unwrap_or_default()]))
    }
}
