//! `body` for guests: sources and sinks.

use crate::diagnostic::{Fault, Origin};
use crate::host::bindings::engine::plugin::body::{Host, HostSink, HostSource};
use crate::host::bindings::engine::plugin::types::{
    Descriptor as WitDescriptor, Fault as WitFault,
};
use crate::host::codes;
use crate::host::fault::HostFault;
use crate::host::imports::handle::{Sink, Source};
use crate::host::instance::guest::Guest;
use crate::host::roles::conversions::descriptor_to_guest;
use crate::host::roles::reading::Reading;
use crate::oci::Digest;
use crate::stream::Body;
use bytes::Bytes;
use std::time::Instant;
use wasmtime::Result;
use wasmtime::component::Resource;

/// Bytes of one `read`, at most.
const MAX_READ: u32 = 1 << 20;
/// How deep bodies may be within each other by `concat`, `take` and `verify`.
const MAX_DEPTH: u32 = 32;

/// What was behind a handle that is gone, and still counts.
struct Taken {
    body: Option<Body>,
    depth: u32,
    handles: u32,
}

type Returned<T> = Result<std::result::Result<T, WitFault>>;

fn used_up() -> Fault {
    Fault::new(codes::USED_UP, Origin::Plugin, "this handle was used up already")
}

impl Guest {
    /// Puts a body behind a new handle. What moves through it counts as activity.
    pub(in crate::host) fn push_source(&mut self, body: Body) -> Result<Resource<Source>> {
        self.push_wrapped(body, 0, 0)
    }

    /// The same for a body around others, which stood for `handles`. They count further: of small
    /// bodies a guest could make as many as the engine's memory holds.
    fn push_wrapped(&mut self, body: Body, depth: u32, handles: u32) -> Result<Resource<Source>> {
        if depth > MAX_DEPTH {
            return Err(HostFault::TooDeep(MAX_DEPTH).into());
        }
        if handles == 0 {
            self.open_handle()?;
        }
        let activity = self.activity.clone();
        let body = Some(body.inspect(move |_| activity.bump()));
        let handles = handles.max(1);
        Ok(self.table.push(Source { rest: Bytes::new(), begun: false, body, depth, handles })?)
    }

    /// Takes a body from behind its handle, which is gone then.
    pub(in crate::host) fn take_source(
        &mut self,
        source: Resource<Source>,
    ) -> Result<Option<Body>> {
        let Taken { body, handles, .. } = self.take_wrapped(source)?;
        self.close_handles(handles);
        Ok(body)
    }

    /// The same for what is put into another body: its handles still count.
    fn take_wrapped(&mut self, source: Resource<Source>) -> Result<Taken> {
        let Source { rest, begun, body, depth, handles } = self.table.delete(source)?;
        Ok(match body {
            // What is left has another size than the sender said.
            Some(body) if begun => {
                let left = Body::new(None, body.into_chunks());
                let body = Some(Body::concat(vec![Body::from_bytes(rest), left]));
                Taken { body, depth: depth + 1, handles }
            }
            body => Taken { body, depth, handles },
        })
    }

    #[expect(clippy::unnecessary_wraps, reason = "the shape of the imports that end with it")]
    fn answer<T>(&mut self, result: std::result::Result<T, Fault>) -> Returned<T> {
        Ok(result.map_err(|fault| self.give(fault)))
    }
}

impl Host for Guest {
    async fn written(&mut self) -> Result<Option<WitDescriptor>> {
        let written = self.reading.as_ref().and_then(Reading::written);
        Ok(written.as_ref().map(descriptor_to_guest))
    }
}

impl HostSource for Guest {
    async fn from_bytes(&mut self, bytes: Vec<u8>) -> Result<Resource<Source>> {
        let bytes = self.memory.take_over(bytes)?;
        self.push_source(Body::from_bytes(bytes))
    }

    async fn concat(&mut self, parts: Vec<Resource<Source>>) -> Result<Resource<Source>> {
        let (mut bodies, mut deepest, mut all) = (Vec::new(), 0, 0);
        for part in parts {
            let Taken { body, depth, handles } = self.take_wrapped(part)?;
            bodies.extend(body);
            deepest = deepest.max(depth);
            all += handles;
        }
        self.push_wrapped(Body::concat(bodies), deepest + 1, all)
    }

    async fn take(&mut self, from: Resource<Source>, length: u64) -> Result<Resource<Source>> {
        let Taken { body, depth, handles } = self.take_wrapped(from)?;
        let body = body.unwrap_or_else(|| Body::from_bytes(Bytes::new()));
        self.push_wrapped(body.take(length), depth + 1, handles)
    }

    async fn verify(
        &mut self,
        from: Resource<Source>,
        digest: String,
        size: Option<u64>,
    ) -> Returned<Resource<Source>> {
        let Taken { body, depth, handles } = self.take_wrapped(from)?;
        let fault = match (body, digest.parse::<Digest>()) {
            (Some(body), Ok(digest)) => {
                let body = body.verified(&digest, size);
                return Ok(Ok(self.push_wrapped(body, depth + 1, handles)?));
            }
            (None, _) => used_up(),
            (_, Err(fault)) => Fault::new(codes::SETTINGS, Origin::Plugin, fault.to_string()),
        };
        self.close_handles(handles);
        self.answer(Err(fault))
    }

    async fn size(&mut self, source: Resource<Source>) -> Result<Option<u64>> {
        Ok(self.table.get(&source)?.body.as_ref().and_then(Body::size))
    }

    async fn read(&mut self, source: Resource<Source>, max: u32) -> Returned<Option<Vec<u8>>> {
        let since = Instant::now();
        let read = read_some(self.table.get_mut(&source)?, max.clamp(1, MAX_READ)).await;
        self.leave_import(since);
        self.answer(read)
    }

    async fn read_all(&mut self, source: Resource<Source>, limit: u64) -> Returned<Vec<u8>> {
        let since = Instant::now();
        let source = self.table.get_mut(&source)?;
        let Some(mut body) = source.body.take() else {
            return self.answer(Err(used_up()));
        };
        if source.begun {
            let rest = Body::from_bytes(std::mem::take(&mut source.rest));
            body = Body::concat(vec![rest, Body::new(None, body.into_chunks())]);
        }
        let all = body.read_all(limit.min(self.limits.memory_bytes)).await;
        self.leave_import(since);
        self.answer(all.map(Vec::from))
    }

    async fn drop(&mut self, source: Resource<Source>) -> Result<()> {
        self.take_source(source).map(drop)
    }
}

/// Reads what is left of the last chunk, or else the next one; keeps what is more than `max`.
async fn read_some(source: &mut Source, max: u32) -> std::result::Result<Option<Vec<u8>>, Fault> {
    let Some(body) = &mut source.body else { return Err(used_up()) };
    while source.rest.is_empty() {
        match body.next().await {
            Some(Ok(chunk)) => (source.rest, source.begun) = (chunk, true),
            Some(Err(fault)) => {
                source.body = None;
                return Err(fault);
            }
            None => return Ok(None),
        }
    }
    let max = usize::try_from(max).unwrap_or(usize::MAX).min(source.rest.len());
    Ok(Some(source.rest.split_to(max).to_vec()))
}

impl HostSink for Guest {
    async fn write(&mut self, sink: Resource<Sink>, bytes: Vec<u8>) -> Returned<()> {
        let since = Instant::now();
        let result = match &mut self.table.get_mut(&sink)?.0 {
            Some(part) => part.write(&bytes),
            None => Err(used_up()),
        };
        self.activity.bump();
        self.leave_import(since);
        self.answer(result)
    }

    async fn splice(&mut self, sink: Resource<Sink>, from: Resource<Source>) -> Returned<u64> {
        let since = Instant::now();
        let body = self.take_source(from)?;
        let (Some(body), Some(part)) = (body, &mut self.table.get_mut(&sink)?.0) else {
            return self.answer(Err(used_up()));
        };
        let result = splice(body, part).await;
        self.leave_import(since);
        self.answer(result)
    }

    async fn position(&mut self, sink: Resource<Sink>) -> Result<u64> {
        Ok(self.table.get(&sink)?.0.as_ref().map_or(0, super::directory::PartFile::position))
    }

    async fn commit(&mut self, sink: Resource<Sink>) -> Returned<()> {
        let since = Instant::now();
        let result = match self.table.get_mut(&sink)?.0.take() {
            Some(part) => part.commit().await,
            None => Err(used_up()),
        };
        self.leave_import(since);
        self.answer(result)
    }

    async fn commit_as(&mut self, sink: Resource<Sink>, path: String) -> Returned<()> {
        let since = Instant::now();
        let result = match self.table.get_mut(&sink)?.0.take() {
            Some(part) => part.commit_as(path).await,
            None => Err(used_up()),
        };
        self.leave_import(since);
        self.answer(result)
    }

    async fn drop(&mut self, sink: Resource<Sink>) -> Result<()> {
        self.close_handle();
        Ok(self.table.delete(sink).map(drop)?)
    }
}

/// Writes each chunk as it comes, in the task that received it: a thread for writing cost more
/// than it gained (measured on fast disks).
async fn splice(
    mut body: Body,
    part: &mut super::directory::PartFile,
) -> std::result::Result<u64, Fault> {
    let before = part.position();
    while let Some(chunk) = body.next().await {
        part.write(&chunk?)?;
    }
    Ok(part.position() - before)
}
