//! `image` for guests: the image under judgement, and nothing else.

use crate::diagnostic::{Fault, Origin};
use crate::host::bindings::engine::plugin::image::Host;
use crate::host::bindings::engine::plugin::judgement;
use crate::host::bindings::engine::plugin::types::{
    Descriptor as WitDescriptor, Fault as WitFault,
};
use crate::host::codes;
use crate::host::instance::guest::Guest;
use crate::host::roles::conversions::{descriptor_from_guest, descriptor_to_guest};
use crate::oci::{Descriptor, Digest};
use crate::role::Exhibit;
use std::sync::Arc;
use std::time::Instant;
use wasmtime::Result;

/// Referrers of one answer. Source: `wit/image.wit`.
const MAX_REFERRERS: usize = 1000;

/// The image, and the digest that is asked for.
type Shown = (Arc<dyn Exhibit>, Digest);
type Returned<T> = Result<std::result::Result<T, WitFault>>;

impl judgement::Host for Guest {}

impl Guest {
    /// The exhibit, where `digest` belongs to the image; each question counts as a request.
    fn shown(&mut self, digest: &str) -> Result<std::result::Result<Shown, Fault>> {
        self.count_request()?;
        let Ok(digest) = digest.parse::<Digest>() else {
            let fault = Fault::new(codes::SETTINGS, Origin::Plugin, "that is no digest");
            return Ok(Err(fault));
        };
        if let Some(exhibit) = self.show.exhibit.clone().filter(|_| self.show.knows(&digest)) {
            return Ok(Ok((exhibit, digest)));
        }
        let help = "a policy sees the image under judgement only";
        Ok(Err(self.refuse(&format!("a look at `{digest}`"), help)))
    }
}

impl Host for Guest {
    async fn get_manifest(&mut self, digest: String) -> Returned<Vec<u8>> {
        let since = Instant::now();
        let read = match self.shown(&digest)? {
            Ok((exhibit, digest)) => exhibit.manifest(&digest).await.map(|bytes| (digest, bytes)),
            Err(fault) => Err(fault),
        };
        self.leave_import(since);
        match read {
            Ok((digest, bytes)) => {
                let descriptor = Descriptor::new("", digest, bytes.len() as u64);
                self.show.learn(&descriptor, &bytes);
                Ok(Ok(bytes.to_vec()))
            }
            Err(fault) => Ok(Err(self.give(fault))),
        }
    }

    async fn get_blob(&mut self, blob: WitDescriptor) -> Returned<Vec<u8>> {
        let since = Instant::now();
        let read = match self.shown(&blob.digest)? {
            Ok((exhibit, _)) => exhibit.blob(&descriptor_from_guest(blob)?).await,
            Err(fault) => Err(fault),
        };
        self.leave_import(since);
        Ok(read.map(|bytes| bytes.to_vec()).map_err(|fault| self.give(fault)))
    }

    async fn referrers(&mut self, digest: String) -> Returned<Vec<WitDescriptor>> {
        let since = Instant::now();
        let read = match self.shown(&digest)? {
            Ok((exhibit, digest)) => exhibit.referrers(&digest).await,
            Err(fault) => Err(fault),
        };
        self.leave_import(since);
        match read {
            Ok(mut found) => {
                found.truncate(MAX_REFERRERS);
                self.show.allow(found.iter().map(|referrer| referrer.digest.clone()));
                Ok(Ok(found.iter().map(descriptor_to_guest).collect()))
            }
            Err(fault) => Ok(Err(self.give(fault))),
        }
    }
}
