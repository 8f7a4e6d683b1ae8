//! A tiny client that pushes seeded images, to fill registries that are not ours.

use super::Seeded;
use bytes::Bytes;
use reqwest::{Method, RequestBuilder, StatusCode};

/// A tiny client for one registry. It tries once and panics when that fails.
#[derive(Debug)]
pub struct Pusher {
    client: reqwest::Client,
    url: String,
    user: Option<(String, String)>,
}

impl Pusher {
    /// A client for the registry at `url`, such as `http://127.0.0.1:5000`.
    pub fn new(url: &str) -> Self {
        Self { client: reqwest::Client::new(), url: url.to_owned(), user: None }
    }

    /// The same for a registry with an authority that nobody else trusts.
    #[must_use]
    pub fn trusting(self, authority: &str) -> Self {
        let authority = reqwest::Certificate::from_pem(authority.as_bytes()).expect("our PEM");
        let client = reqwest::Client::builder().tls_certs_only([authority]).build();
        Self { client: client.expect("a client"), ..self }
    }

    /// The same with a name and a password.
    #[must_use]
    pub fn user(self, name: &str, password: &str) -> Self {
        Self { user: Some((name.to_owned(), password.to_owned())), ..self }
    }

    /// A request for a path, with what it needs to be let in.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = if path.starts_with("http") { path.to_owned() } else { self.url.clone() + path };
        let request = self.client.request(method, url);
        match &self.user {
            Some((name, password)) => request.basic_auth(name, Some(password)),
            None => request,
        }
    }

    /// Pushes everything, then names the top.
    pub async fn push(&self, seeded: &Seeded, repository: &str, tag: &str) {
        for (digest, bytes) in &seeded.blobs {
            self.blob(repository, digest.as_str(), bytes.clone()).await;
        }
        for sealed in &seeded.manifests {
            let name = sealed.digest.as_str();
            self.manifest(repository, name, &sealed.media_type, sealed.bytes.clone()).await;
        }
        let (top, media_type) = (seeded.top_bytes().clone(), &seeded.top.media_type);
        self.manifest(repository, tag, media_type, top).await;
        for (tag, digest) in &seeded.tags {
            let sealed = seeded.manifests.iter().find(|sealed| sealed.digest == *digest);
            let sealed = sealed.expect("a tag of the image names one of its manifests");
            self.manifest(repository, tag, &sealed.media_type, sealed.bytes.clone()).await;
        }
    }

    async fn blob(&self, repository: &str, digest: &str, bytes: Bytes) {
        let begun = self.request(Method::POST, &format!("/v2/{repository}/blobs/uploads/"));
        let begun = begun.send().await.expect("an answer to POST");
        assert_eq!(begun.status(), StatusCode::ACCEPTED, "POST for {digest}");
        let place = begun.headers()["location"].to_str().expect("a location as text");
        let mark = if place.contains('?') { '&' } else { '?' };
        let put = self.request(Method::PUT, &format!("{place}{mark}digest={digest}")).body(bytes);
        let put = put.send().await.expect("an answer to PUT");
        assert_eq!(put.status(), StatusCode::CREATED, "PUT of {digest}");
    }

    async fn manifest(&self, repository: &str, name: &str, media_type: &str, bytes: Bytes) {
        let put = self.request(Method::PUT, &format!("/v2/{repository}/manifests/{name}"));
        let put = put.header("content-type", media_type).body(bytes).send().await;
        let put = put.expect("an answer to PUT");
        let status = put.status();
        let text = put.text().await.unwrap_or_default();
        assert_eq!(status, StatusCode::CREATED, "PUT of the manifest {name}: {text}");
    }
}
