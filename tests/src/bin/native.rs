//! `native FROM TO`: copies one image from registry to registry with the engine's own client and
//! streams, and without a component. What it costs is what the components' boundary is measured
//! against; it has no plan, no state, no retry.

use engine::event::Events;
use engine::http::{Client, Request, Response};
use engine::role::{
    Access, CallAccess, RegistrySettings, Surroundings, TlsSettings, UncountedTime,
};
use engine::stream::Body;
use engine_oci::{Blob, Manifest, media_type};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Blobs at once, as many as the engine takes of one image.
const AT_ONCE: usize = 6;
/// Bytes of a manifest, at most.
const MAX_MANIFEST_BYTES: u64 = 4 << 20;

#[tokio::main]
async fn main() {
    let places: Vec<Place> = std::env::args().skip(1).map(|word| Place::of(&word)).collect();
    let [from, to] = <[Place; 2]>::try_from(places).ok().expect("native FROM TO");
    let insecure = RegistrySettings {
        tls: TlsSettings { verify: false, ..TlsSettings::default() },
        ..RegistrySettings::default()
    };
    let registries: BTreeMap<String, RegistrySettings> =
        [&from, &to].map(|place| (place.host.clone(), insecure.clone())).into();
    let client = Client::new(Arc::new(Surroundings::default()), registries, Events::default());
    let copy = Arc::new(Copy { client, from, to });
    copy.image().await;
}

/// `host/repository:tag`.
struct Place {
    host: String,
    repository: String,
    tag: String,
}

impl Place {
    fn of(word: &str) -> Self {
        let (host, rest) = word.split_once('/').expect("a host and a repository");
        let (repository, tag) = rest.rsplit_once(':').expect("a tag");
        Self { host: host.into(), repository: repository.into(), tag: tag.into() }
    }

    fn url(&self, rest: &str) -> String {
        format!("https://{}/v2/{}/{rest}", self.host, self.repository)
    }
}

struct Copy {
    client: Client,
    from: Place,
    to: Place,
}

impl Copy {
    async fn image(self: Arc<Self>) {
        let url = self.from.url(&format!("manifests/{}", self.from.tag));
        let mut request = Request::new("GET", url);
        request.headers.push(("Accept".into(), media_type::OCI_MANIFEST.into()));
        let bytes = self.send(request, Access::Read).await.body.read_all(MAX_MANIFEST_BYTES).await;
        let bytes = bytes.expect("a manifest");
        let manifest = Manifest::parse(media_type::OCI_MANIFEST, &bytes).expect("a manifest");
        let turns = Arc::new(Semaphore::new(AT_ONCE));
        let mut blobs = JoinSet::new();
        for blob in manifest.blobs() {
            let (copy, turns) = (Arc::clone(&self), Arc::clone(&turns));
            blobs.spawn(async move {
                let _turn = turns.acquire().await.expect("never closed");
                copy.blob(blob).await;
            });
        }
        while let Some(done) = blobs.join_next().await {
            done.expect("a blob");
        }
        let url = self.to.url(&format!("manifests/{}", self.to.tag));
        let mut request = Request::new("PUT", url);
        request.headers.push(("Content-Type".into(), media_type::OCI_MANIFEST.into()));
        request.body = Some(Body::from_bytes(bytes));
        assert_eq!(self.send(request, Access::Write).await.status, 201, "the manifest");
    }

    async fn blob(&self, blob: Blob) {
        let begun = Request::new("POST", self.to.url("blobs/uploads/"));
        let begun = self.send(begun, Access::Write).await;
        let location = begun.headers.iter().find(|(name, _)| name == "location");
        let (_, location) = location.expect("a location");
        let mark = if location.contains('?') { '&' } else { '?' };
        let get = Request::new("GET", self.from.url(&format!("blobs/{}", blob.digest)));
        let body = self.send(get, Access::Read).await.body;
        let mut put = Request::new("PUT", format!("{location}{mark}digest={}", blob.digest));
        put.headers.push(("Content-Type".into(), "application/octet-stream".into()));
        put.body = Some(body.verified(&blob.digest, blob.size));
        assert_eq!(self.send(put, Access::Write).await.status, 201, "a blob");
    }

    async fn send(&self, request: Request, access: Access) -> Response {
        let place = if access == Access::Read { &self.from } else { &self.to };
        let call_access = CallAccess {
            step: "native".into(),
            registry: Some(place.host.clone()),
            repository: place.repository.clone(),
            also_read: BTreeSet::new(),
            access,
            granted: Vec::new(),
            uncounted: UncountedTime::default(),
        };
        self.client.send(request, &call_access).await.unwrap_or_else(|fault| panic!("{fault:?}"))
    }
}
