//! The outside made of memory, for unit tests on the host: what a component would ask the engine
//! for is answered from [`crate::testing`]. One outside for each thread, as tests run in threads.

use crate::fs::{Entry, Kind};
use crate::http::{Request, Response};
use crate::testing::{self, Outside};
use crate::{Descriptor, Digest, Fault, Level};
use std::cell::RefCell;
use std::collections::VecDeque;

/// Bytes at hand, and a fault that may stand in place of their end.
pub(crate) struct Source(RefCell<State>);

pub(crate) struct State {
    bytes: VecDeque<u8>,
    sized: bool,
    fault: Option<Fault>,
    /// What was read of the body of a blob; none for other sources.
    blob: Option<Vec<u8>>,
}

/// A file that is not there yet.
pub(crate) struct Sink {
    path: String,
    bytes: RefCell<Vec<u8>>,
}

/// Locks are free: a test has one thread.
pub(crate) struct Guard;

impl Source {
    pub(crate) fn made(bytes: Vec<u8>, sized: bool, fault: Option<Fault>) -> Self {
        Self(RefCell::new(State { bytes: bytes.into(), sized, fault, blob: None }))
    }

    /// The body of a blob that is to be written: at its end [`written`] knows what it was.
    pub(crate) fn of_blob(bytes: Vec<u8>) -> Self {
        let blob = Some(Vec::new());
        Self(RefCell::new(State { bytes: bytes.into(), sized: false, fault: None, blob }))
    }

    pub(crate) fn size(&self) -> Option<u64> {
        let state = self.0.borrow();
        state.sized.then_some(state.bytes.len() as u64)
    }
}

impl Sink {
    pub(crate) fn position(&self) -> u64 {
        self.bytes.borrow().len() as u64
    }
}

pub(crate) fn source_read(source: &Source, max: u32) -> Result<Option<Vec<u8>>, Fault> {
    let mut state = source.0.borrow_mut();
    if state.bytes.is_empty() {
        if let (Some(blob), None) = (&state.blob, &state.fault) {
            let kind = "application/octet-stream";
            let whole = Descriptor::new(kind, Digest::of(blob), blob.len() as u64);
            testing::with(|outside| outside.written = Some(whole));
        }
        return state.fault.clone().map_or(Ok(None), Err);
    }
    let length = state.bytes.len().min(max.max(1) as usize);
    let piece: Vec<u8> = state.bytes.drain(..length).collect();
    if let Some(blob) = &mut state.blob {
        blob.extend_from_slice(&piece);
    }
    Ok(Some(piece))
}

pub(crate) fn source_read_all(source: &Source, limit: u64) -> Result<Vec<u8>, Fault> {
    let mut all = Vec::new();
    while let Some(bytes) = source_read(source, 1 << 20)? {
        all.extend(bytes);
        if all.len() as u64 > limit {
            return Err(Fault::invalid(format!("there are more than {limit} bytes")));
        }
    }
    Ok(all)
}

#[expect(clippy::unnecessary_wraps, reason = "a real sink can fail")]
pub(crate) fn sink_write(sink: &Sink, bytes: &[u8]) -> Result<(), Fault> {
    sink.bytes.borrow_mut().extend_from_slice(bytes);
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "a real sink takes the source over")]
pub(crate) fn sink_splice(sink: &Sink, from: Source) -> Result<u64, Fault> {
    let bytes = source_read_all(&from, u64::MAX)?;
    sink_write(sink, &bytes)?;
    Ok(bytes.len() as u64)
}

pub(crate) fn sink_commit(sink: &Sink) -> Result<(), Fault> {
    let bytes = sink.bytes.take();
    testing::with(|outside| outside.put(&sink.path, bytes))
}

pub(crate) fn sink_commit_as(sink: &Sink, path: &str) -> Result<(), Fault> {
    let bytes = sink.bytes.take();
    testing::with(|outside| outside.put(path, bytes))
}

pub(crate) fn written() -> Option<Descriptor> {
    testing::with(|outside| outside.written.clone())
}

pub(crate) fn note(key: &str, text: &str) -> Result<(), Fault> {
    testing::with(|outside| {
        let is_new = !outside.notes.contains_key(key);
        if key.is_empty()
            || key.len() > 64
            || text.len() > 256
            || is_new && outside.notes.len() >= 16
        {
            return Err(Fault::invalid("at most 16 notes, with keys of 64 bytes and texts of 256"));
        }
        outside.notes.insert(key.to_owned(), text.to_owned());
        Ok(())
    })
}

pub(crate) fn noted(key: &str) -> Option<String> {
    testing::with(|outside| outside.notes.get(key).cloned())
}

pub(crate) fn source_from_bytes(bytes: &[u8]) -> Source {
    Source::made(bytes.to_vec(), true, None)
}

pub(crate) fn source_concat(parts: Vec<Source>) -> Source {
    let mut all = Vec::new();
    for part in parts {
        let state = part.0.into_inner();
        all.extend(state.bytes);
        if state.fault.is_some() {
            return Source::made(all, false, state.fault);
        }
    }
    Source::made(all, true, None)
}

pub(crate) fn source_take(from: Source, length: u64) -> Source {
    let state = from.0.into_inner();
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let fault = state.fault.filter(|_| state.bytes.len() < length);
    Source::made(state.bytes.into_iter().take(length).collect(), state.sized, fault)
}

pub(crate) fn source_verify(
    from: Source,
    digest: &str,
    size: Option<u64>,
) -> Result<Source, Fault> {
    let digest: Digest = digest.parse().map_err(|_| Fault::settings("not a digest"))?;
    let state = from.0.into_inner();
    let bytes: Vec<u8> = state.bytes.into();
    let right = digest.matches(&bytes) && size.is_none_or(|size| size == bytes.len() as u64);
    let fault = state.fault.or_else(|| (!right).then(|| Fault::io("wrong digest")));
    Ok(Source::made(bytes, state.sized, fault))
}

pub(crate) fn fs_read(_: &str, path: &str, offset: u64) -> Result<Source, Fault> {
    let bytes = testing::with(|outside| outside.file(path))?;
    let offset = usize::try_from(offset).unwrap_or(usize::MAX);
    Ok(Source::made(bytes.into_iter().skip(offset).collect(), true, None))
}

pub(crate) fn fs_create(_: &str, path: &str) -> Result<Sink, Fault> {
    testing::with(|outside| outside.parent_exists(path))?;
    Ok(Sink { path: path.to_owned(), bytes: RefCell::default() })
}

pub(crate) fn fs_list(_: &str, path: &str) -> Result<Vec<Entry>, Fault> {
    testing::with(|outside| outside.list(path))
}

pub(crate) fn fs_stat(_: &str, path: &str) -> Result<Option<Entry>, Fault> {
    let name = path.rsplit('/').next().unwrap_or_default().to_owned();
    testing::with(|outside| {
        Ok(match outside.file(path) {
            Ok(bytes) => Some(Entry { name, kind: Kind::File, size: bytes.len() as u64 }),
            Err(_) if outside.is_directory(path) => {
                Some(Entry { name, kind: Kind::Directory, size: 0 })
            }
            Err(_) => None,
        })
    })
}

pub(crate) fn fs_mkdir(_: &str, path: &str) -> Result<(), Fault> {
    testing::with(|outside| outside.make_directory(path))
}

pub(crate) fn fs_rename(_: &str, from: &str, to: &str) -> Result<(), Fault> {
    testing::with(|outside| {
        let bytes = outside.file(from)?;
        outside.remove(from);
        outside.put(to, bytes)
    })
}

pub(crate) fn fs_link(_: &str, from: &str, to: &str) -> Result<(), Fault> {
    testing::with(|outside| {
        if outside.file(to).is_ok() {
            return Err(Fault::conflict(format!("`{to}` is there")));
        }
        let bytes = outside.file(from)?;
        outside.put(to, bytes)
    })
}

pub(crate) fn fs_remove(_: &str, path: &str) -> Result<(), Fault> {
    testing::with(|outside| {
        outside.remove(path);
        Ok(())
    })
}

pub(crate) fn fs_lock(_: &str, path: &str, _: bool, _: u32) -> Result<Guard, Fault> {
    testing::with(|outside| {
        let bytes = outside.file(path).unwrap_or_default();
        outside.put(path, bytes).map(|()| Guard)
    })
}

pub(crate) fn http_send(request: Request) -> Result<Response, Fault> {
    Outside::answer(request)
}

pub(crate) fn http_send_many(requests: Vec<Request>) -> Vec<Result<Response, Fault>> {
    requests.into_iter().map(http_send).collect()
}

pub(crate) fn log(level: Level, line: &str) {
    let line = format!("{level:?}: {line}");
    testing::with(|outside| outside.log.push(line));
}

pub(crate) fn now_millis() -> u64 {
    testing::with(|outside| outside.now_millis)
}

/// Always the same bytes, so that a failing test fails again.
pub(crate) fn random(length: u32) -> Vec<u8> {
    (0..length).map(|at| u8::try_from(at % 251).unwrap_or_default()).collect()
}

/// A key of the test: it signs by hashing, which is enough to tell right from wrong.
pub(crate) struct Key(String);

pub(crate) fn key_open(name: &str) -> Result<Key, Fault> {
    let known = testing::with(|outside| outside.keys.contains(name));
    let refused = || Fault::new("not-granted", format!("no key `{name}` was granted"));
    if known { Ok(Key(name.to_owned())) } else { Err(refused()) }
}

pub(crate) fn key_schemes(_: &Key) -> Vec<String> {
    vec!["test-sha256".to_owned()]
}

pub(crate) fn key_public(key: &Key) -> Vec<u8> {
    key.0.as_bytes().to_vec()
}

#[expect(clippy::unnecessary_wraps, reason = "a real key can fail")]
pub(crate) fn key_sign(key: &Key, _: &str, message: &[u8]) -> Result<Vec<u8>, Fault> {
    Ok(signed(key.0.as_bytes(), message))
}

pub(crate) fn key_verify(scheme: &str, public: &[u8], message: &[u8], signature: &[u8]) -> bool {
    scheme == "test-sha256" && signed(public, message) == signature
}

fn signed(public: &[u8], message: &[u8]) -> Vec<u8> {
    Digest::of(&[public, b"\0", message].concat()).as_str().as_bytes().to_vec()
}

pub(crate) fn material(name: &str) -> Result<Vec<u8>, Fault> {
    let found = testing::with(|outside| outside.materials.get(name).cloned());
    found.ok_or_else(|| Fault::new("not-granted", format!("no file `{name}` was granted")))
}

pub(crate) fn image_manifest(digest: &Digest) -> Result<Vec<u8>, Fault> {
    let found = testing::with(|outside| outside.content.get(digest).cloned());
    found.ok_or_else(|| Fault::new("not-granted", format!("`{digest}` is not of this image")))
}

pub(crate) fn image_blob(blob: &Descriptor) -> Result<Vec<u8>, Fault> {
    image_manifest(&blob.digest)
}

#[expect(clippy::unnecessary_wraps, reason = "a real place can fail")]
pub(crate) fn image_referrers(digest: &Digest) -> Result<Vec<Descriptor>, Fault> {
    Ok(testing::with(|outside| outside.referrers.get(digest).cloned()).unwrap_or_default())
}
