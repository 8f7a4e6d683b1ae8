//! Keeps images in one file, which can be read only when it is finished, as source and destination: by its
//! own word, `archive:FILE:NAME`, or by its plugin's id, with the file in the settings.
//!
//! It is not concurrent: a run has one session at a file. What it writes goes into a new file, with what
//! the old one has, and takes its place in `finish`. The settings say what finishing does, so that a test
//! sees what becomes of the old file when it does not go well.

mod settings;
mod table;

use engine_plugin_sdk::fs::{Directory, Guard};
use engine_plugin_sdk::{
    Capabilities, Content, Descriptor, Digest, Fault, Manifest, Naming, Page, Put, PutBlob,
    Selector, Side, Sink, Transport, written,
};
use settings::{Finish, Settings};
use std::cell::RefCell;
use std::collections::BTreeMap;
use table::Table;

/// Bytes of the largest manifest.
const MAX_MANIFEST_BYTES: u64 = 4 << 20;

/// A session at one archive.
pub struct Archive {
    directory: Directory,
    file: String,
    settings: Settings,
    state: RefCell<State>,
}

engine_plugin_sdk::export_transport!(Archive);

/// What a session learnt and wrote.
#[derive(Default)]
struct State {
    /// The table of the file, read once.
    old: Option<Table>,
    new: Option<New>,
}

/// The file that takes the place of the old one.
struct New {
    sink: Sink,
    table: Table,
    /// Manifests, which cannot be read from the new file yet.
    manifests: BTreeMap<String, Manifest>,
    _held: Option<Guard>,
}

/// The directory that the spec grants to an archive that is named by its plugin's id.
const SHELF: Directory = Directory("shelf");

impl Archive {
    fn old(&self) -> Result<Table, Fault> {
        if let Some(table) = &self.state.borrow().old {
            return Ok(table.clone());
        }
        let table = Table::read(self.directory, &self.file)?.unwrap_or_default();
        self.state.borrow_mut().old = Some(table.clone());
        Ok(table)
    }

    /// Works on the new file, which is begun if it is not there yet.
    fn with_new<T>(&self, work: impl FnOnce(&mut New) -> Result<T, Fault>) -> Result<T, Fault> {
        let begun = self.state.borrow_mut().new.take();
        let mut new = begun.map_or_else(|| self.begin(), Ok)?;
        let done = work(&mut new);
        self.state.borrow_mut().new = Some(new);
        done
    }

    /// Takes the lock, and reads the table again: others may have finished since it was read. Of a place
    /// that is one file the engine has the lock, from the first write on.
    fn begin(&self) -> Result<New, Fault> {
        let held = if self.directory == Directory::ROOT {
            None
        } else {
            self.directory.mkdir("")?;
            Some(self.directory.lock(&format!(".{}.lock", self.file), 0)?)
        };
        let sink = self.directory.create(&self.file)?;
        let old = Table::read(self.directory, &self.file)?.unwrap_or_default();
        self.state.borrow_mut().old = Some(old.clone());
        // Names are taken over at once; content is, when the file is finished.
        let table = Table { content: BTreeMap::new(), ..old };
        Ok(New { sink, table, manifests: BTreeMap::new(), _held: held })
    }

    /// What a selector means: names of this session first.
    fn digest_of(&self, repository: &str, which: &Selector) -> Result<Option<String>, Fault> {
        let old = self.old()?;
        let state = self.state.borrow();
        let table = state.new.as_ref().map_or(&old, |new| &new.table);
        Ok(match which {
            Selector::Tag(tag) => table.named(&format!("{repository}:{tag}")).cloned(),
            Selector::Digest(digest) => Some(digest.to_string()),
            Selector::Index(at) => {
                let at = usize::try_from(*at).unwrap_or(usize::MAX);
                table.names.get(at).map(|(_, digest)| digest.clone())
            }
            Selector::Id(id) => {
                let mut digests = table.names.iter().map(|(_, digest)| digest);
                digests.find(|digest| digest.contains(id.as_str())).cloned()
            }
            Selector::Only if table.names.len() > 1 => {
                return Err(Fault::conflict("the archive has more than one image"));
            }
            Selector::Only => table.names.first().map(|(_, digest)| digest.clone()),
        })
    }

    /// Takes over what of the old file the new one needs and lacks.
    fn take_over(&self, new: &mut New, old: &Table) -> Result<(), Fault> {
        for (digest, (at, bytes)) in &old.content {
            if !new.table.content.contains_key(digest) {
                let content = self.directory.read(&self.file, *at)?.take(*bytes);
                let from = new.sink.position();
                new.sink.splice(content)?;
                new.table.content.insert(digest.clone(), (from, *bytes));
            }
        }
        Ok(())
    }

    /// Goes wrong, as the settings say, when all but the last is done.
    #[expect(clippy::panic, reason = "what this guest is there for")]
    fn act(&self, sink: &Sink) -> Result<(), Fault> {
        match self.settings.finish {
            Finish::Well => Ok(()),
            Finish::Trap => panic!("finishing traps"),
            Finish::Fail => Err(Fault::invalid("this archive cannot be finished")),
            Finish::Wait => SHELF.lock(".gate", u32::MAX).map(drop),
            Finish::Slow => {
                for _ in 0..35 {
                    // Somebody else has it: this waits, and fails.
                    SHELF.lock(".gate", 100).map(drop).ok();
                    sink.write(b" ")?;
                }
                Ok(())
            }
        }
    }
}

impl Transport for Archive {
    fn describe() -> Capabilities {
        Capabilities {
            lists_repositories: true,
            lists_tags: true,
            writes: true,
            names_in_groups: true,
            shared_blobs: true,
            ..Capabilities::default()
        }
    }

    fn open(place: &str, _: Side, settings: &str) -> Result<Self, Fault> {
        let settings = Settings::read(settings)?;
        let (directory, file) = match place {
            "" => (SHELF, settings.file.clone()),
            file => (Directory::ROOT, file.to_owned()),
        };
        Ok(Self { directory, file, settings, state: RefCell::default() })
    }

    fn list_repositories(&self, _: Option<&str>) -> Result<Page, Fault> {
        let table = self.old()?;
        let of = |(name, _): &(String, String)| name.rsplit_once(':').map(|(of, _)| of.to_owned());
        let mut names: Vec<String> = table.names.iter().filter_map(of).collect();
        names.sort();
        names.dedup();
        Ok(Page { names, next: None })
    }

    fn list_tags(&self, repository: &str, _: Option<&str>) -> Result<Page, Fault> {
        let table = self.old()?;
        let tag = |(name, _): &(String, String)| {
            let (of, tag) = name.rsplit_once(':')?;
            (of == repository).then(|| tag.to_owned())
        };
        Ok(Page { names: table.names.iter().filter_map(tag).collect(), next: None })
    }

    fn resolve(&self, repository: &str, which: &Selector) -> Result<Option<Descriptor>, Fault> {
        Ok(self.get_manifest(repository, which)?.map(|found| found.descriptor))
    }

    fn get_manifest(&self, repository: &str, which: &Selector) -> Result<Option<Manifest>, Fault> {
        let Some(digest) = self.digest_of(repository, which)? else { return Ok(None) };
        if let Some(new) = &self.state.borrow().new
            && let Some(manifest) = new.manifests.get(&digest)
        {
            return Ok(Some(manifest.clone()));
        }
        let table = self.old()?;
        let (Some((at, size)), Some(kind)) =
            (table.content.get(&digest), table.manifests.get(&digest))
        else {
            return Ok(None);
        };
        let source = self.directory.read(&self.file, *at)?.take(*size);
        let bytes = source.read_all(MAX_MANIFEST_BYTES)?;
        let digest: Digest = digest.parse().map_err(|_| Fault::invalid("a digest is none"))?;
        Ok(Some(Manifest { descriptor: Descriptor::new(kind, digest, *size), bytes }))
    }

    fn get_blob(&self, _: &str, blob: &Descriptor, offset: u64) -> Result<Content, Fault> {
        let table = self.old()?;
        let (at, size) = table
            .content
            .get(blob.digest.as_str())
            .ok_or_else(|| Fault::not_found(format!("`{}` is not there", blob.digest)))?;
        let source = self.directory.read(&self.file, at + offset)?;
        Ok(Content::Source(source.take(size.saturating_sub(offset))))
    }

    fn has_blob(&self, _: &str, blob: &Descriptor) -> Result<bool, Fault> {
        let digest = blob.digest.as_str();
        let state = self.state.borrow();
        let is_new = state.new.as_ref().is_some_and(|new| new.table.content.contains_key(digest));
        drop(state);
        Ok(is_new || self.old()?.content.contains_key(digest))
    }

    fn put_blob(&self, _: &str, put: PutBlob) -> Result<Put, Fault> {
        self.with_new(|new| {
            let at = new.sink.position();
            let size = new.sink.splice(put.body)?;
            let digest = put.expected.digest.or_else(|| written().map(|blob| blob.digest));
            let digest = digest.ok_or_else(|| Fault::io("the body has no end"))?;
            new.table.content.insert(digest.to_string(), (at, size));
            Ok(Put::Done)
        })
    }

    fn put_manifest(&self, _: &str, _: Option<&str>, manifest: &Manifest) -> Result<(), Fault> {
        self.with_new(|new| {
            let Manifest { descriptor, bytes } = manifest;
            let (at, digest) = (new.sink.position(), descriptor.digest.to_string());
            new.sink.write(bytes)?;
            new.table.content.insert(digest.clone(), (at, bytes.len() as u64));
            new.table.manifests.insert(digest.clone(), descriptor.media_type.clone());
            new.manifests.insert(digest, manifest.clone());
            Ok(())
        })
    }

    fn tag(&self, namings: &[Naming]) -> Vec<Result<(), Fault>> {
        let set = |naming: &Naming| {
            let Some(tag) = &naming.tag else { return Ok(()) };
            self.with_new(|new| {
                let name = format!("{}:{tag}", naming.repository);
                new.table.name(name, naming.descriptor.digest.to_string());
                Ok(())
            })
        };
        namings.iter().map(set).collect()
    }

    fn finish(&self) -> Result<(), Fault> {
        let old = self.old()?;
        let Some(mut new) = self.state.borrow_mut().new.take() else { return Ok(()) };
        self.take_over(&mut new, &old)?;
        self.act(&new.sink)?;
        new.table.write(&new.sink)?;
        new.sink.commit()
    }
}
