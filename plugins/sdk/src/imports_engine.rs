//! What the engine gives to a component: thin calls into the generated bindings.

use crate::bindings::engine::plugin::{self, types};
use crate::fs::{Entry, Kind};
use crate::http::{Request, Response};
use crate::{Descriptor, Digest, Fault, Level, raise};

pub(crate) use plugin::body::{Sink, Source};
pub(crate) use plugin::fs::Guard;

impl From<types::Fault> for Fault {
    fn from(fault: types::Fault) -> Self {
        Self {
            code: fault.code.into(),
            message: fault.message,
            retry_after: fault.retry_after,
            extra: fault.extra,
        }
    }
}

impl From<Fault> for types::Fault {
    fn from(fault: Fault) -> Self {
        Self {
            code: fault.code.into_owned(),
            message: fault.message,
            retry_after: fault.retry_after,
            extra: fault.extra,
        }
    }
}

pub(crate) fn source_from_bytes(bytes: &[u8]) -> Source {
    Source::from_bytes(bytes)
}

pub(crate) fn source_concat(parts: Vec<Source>) -> Source {
    Source::concat(parts)
}

pub(crate) fn source_take(from: Source, length: u64) -> Source {
    Source::take(from, length)
}

pub(crate) fn source_verify(
    from: Source,
    digest: &str,
    size: Option<u64>,
) -> Result<Source, Fault> {
    Ok(Source::verify(from, digest, size)?)
}

pub(crate) fn source_read(source: &Source, max: u32) -> Result<Option<Vec<u8>>, Fault> {
    Ok(source.read(max)?)
}

pub(crate) fn source_read_all(source: &Source, limit: u64) -> Result<Vec<u8>, Fault> {
    Ok(source.read_all(limit)?)
}

pub(crate) fn sink_write(sink: &Sink, bytes: &[u8]) -> Result<(), Fault> {
    Ok(sink.write(bytes)?)
}

pub(crate) fn sink_splice(sink: &Sink, from: Source) -> Result<u64, Fault> {
    Ok(sink.splice(from)?)
}

pub(crate) fn sink_commit(sink: &Sink) -> Result<(), Fault> {
    Ok(sink.commit()?)
}

pub(crate) fn sink_commit_as(sink: &Sink, path: &str) -> Result<(), Fault> {
    Ok(sink.commit_as(path)?)
}

pub(crate) fn written() -> Option<Descriptor> {
    // The engine's digests are digests.
    plugin::body::written().and_then(|written| raise::raise(written).ok())
}

pub(crate) fn note(key: &str, text: &str) -> Result<(), Fault> {
    Ok(plugin::notes::note(key, text)?)
}

pub(crate) fn noted(key: &str) -> Option<String> {
    plugin::notes::noted(key)
}

pub(crate) fn fs_read(directory: &str, path: &str, offset: u64) -> Result<Source, Fault> {
    Ok(plugin::fs::read(directory, path, offset, None)?)
}

pub(crate) fn fs_create(directory: &str, path: &str) -> Result<Sink, Fault> {
    Ok(plugin::fs::create(directory, path)?)
}

pub(crate) fn fs_list(directory: &str, path: &str) -> Result<Vec<Entry>, Fault> {
    Ok(plugin::fs::list(directory, path)?.into_iter().map(entry).collect())
}

pub(crate) fn fs_stat(directory: &str, path: &str) -> Result<Option<Entry>, Fault> {
    Ok(plugin::fs::stat(directory, path)?.map(entry))
}

fn entry(entry: plugin::fs::Entry) -> Entry {
    let kind = match entry.kind {
        plugin::fs::Kind::File => Kind::File,
        plugin::fs::Kind::Directory => Kind::Directory,
        plugin::fs::Kind::Link => Kind::Link,
        plugin::fs::Kind::Other => Kind::Other,
    };
    Entry { name: entry.name, kind, size: entry.size }
}

pub(crate) fn fs_mkdir(directory: &str, path: &str) -> Result<(), Fault> {
    Ok(plugin::fs::mkdir(directory, path)?)
}

pub(crate) fn fs_rename(directory: &str, from: &str, to: &str) -> Result<(), Fault> {
    Ok(plugin::fs::rename(directory, from, to)?)
}

pub(crate) fn fs_link(directory: &str, from: &str, to: &str) -> Result<(), Fault> {
    Ok(plugin::fs::link(directory, from, to)?)
}

pub(crate) fn fs_remove(directory: &str, path: &str) -> Result<(), Fault> {
    Ok(plugin::fs::remove(directory, path)?)
}

pub(crate) fn fs_lock(
    directory: &str,
    path: &str,
    exclusive: bool,
    wait_millis: u32,
) -> Result<Guard, Fault> {
    Ok(plugin::fs::lock(directory, path, exclusive, wait_millis)?)
}

pub(crate) fn http_send(request: Request) -> Result<Response, Fault> {
    Ok(plugin::http::send(lower(request)).map(response)?)
}

pub(crate) fn http_send_many(requests: Vec<Request>) -> Vec<Result<Response, Fault>> {
    let answers = plugin::http::send_many(requests.into_iter().map(lower).collect());
    answers.into_iter().map(|answer| Ok(answer.map(response)?)).collect()
}

fn lower(request: Request) -> plugin::http::Request {
    plugin::http::Request {
        method: request.method.to_owned(),
        url: request.url,
        headers: request.headers,
        body: request.body.map(|body| body.0),
        follow: request.follow,
        extra: Vec::new(),
    }
}

fn response(answer: plugin::http::Response) -> Response {
    Response {
        status: answer.status,
        headers: answer.headers,
        final_url: answer.final_url,
        body: crate::Source(answer.body),
        extra: answer.extra,
    }
}

pub(crate) fn log(level: Level, line: &str) {
    let level = match level {
        Level::Error => plugin::log::Level::Error,
        Level::Warn => plugin::log::Level::Warn,
        Level::Info => plugin::log::Level::Info,
        Level::Debug => plugin::log::Level::Debug,
    };
    plugin::log::write(level, line);
}

pub(crate) fn now_millis() -> u64 {
    plugin::clock::now()
}

pub(crate) fn random(length: u32) -> Vec<u8> {
    plugin::random::bytes(length)
}

pub(crate) struct Key(plugin::keys::Key);

pub(crate) fn key_open(name: &str) -> Result<Key, Fault> {
    Ok(plugin::keys::open(name).map(Key)?)
}

pub(crate) fn key_schemes(key: &Key) -> Vec<String> {
    key.0.schemes()
}

pub(crate) fn key_public(key: &Key) -> Vec<u8> {
    key.0.public()
}

pub(crate) fn key_sign(key: &Key, scheme: &str, message: &[u8]) -> Result<Vec<u8>, Fault> {
    Ok(key.0.sign(scheme, message)?)
}

pub(crate) fn key_verify(scheme: &str, public: &[u8], message: &[u8], signature: &[u8]) -> bool {
    plugin::keys::verify(scheme, public, message, signature)
}

pub(crate) fn material(name: &str) -> Result<Vec<u8>, Fault> {
    Ok(plugin::material::get(name)?)
}

pub(crate) fn image_manifest(digest: &Digest) -> Result<Vec<u8>, Fault> {
    Ok(plugin::image::get_manifest(digest.as_str())?)
}

pub(crate) fn image_blob(blob: &Descriptor) -> Result<Vec<u8>, Fault> {
    Ok(plugin::image::get_blob(&raise::lower(blob))?)
}

pub(crate) fn image_referrers(digest: &Digest) -> Result<Vec<Descriptor>, Fault> {
    plugin::image::referrers(digest.as_str())?.into_iter().map(raise::raise).collect()
}
