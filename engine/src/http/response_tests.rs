use super::SentCredential;
use crate::http::testing::script::{Reply, Server};
use crate::http::testing::world::{World, call_access, plain};
use crate::oci::Codec;
use crate::role::Access;
use crate::stream::Body;
use reqwest::header::HeaderValue;

/// A server that says that all it sends is compressed by gzip.
fn compressing(bytes: Vec<u8>) -> Server {
    Server::start(move |_| {
        let headers = vec![("content-encoding".to_owned(), "gzip".to_owned())];
        Reply::Say(200, headers, bytes.clone())
    })
}

async fn gzip(text: String) -> Vec<u8> {
    let packed = Body::from_bytes(text).compressed(Codec::Gzip, Codec::Gzip.default_level());
    packed.read_all(1 << 20).await.unwrap().to_vec()
}

#[tokio::test]
async fn a_manifest_that_a_proxy_compressed_is_unpacked() {
    let packed = gzip("{\"schemaVersion\":2}".to_owned()).await;
    let server = compressing(packed.clone());
    let world = World::of(vec![plain(&server, None)]);
    let call_access = call_access(&server.name(), Access::Read);
    for (path, expected) in
        [("manifests/x", &b"{\"schemaVersion\":2}"[..]), ("blobs/x", packed.as_slice())]
    {
        let url = format!("https://{}/v2/a/{path}", server.name());
        let answer = world.send("GET", &url, &call_access).await.unwrap();
        let told = answer.headers.iter().any(|(name, _)| name == "content-encoding");
        assert_eq!(told, path == "blobs/x", "a blob is its bytes as they are sent");
        assert_eq!(answer.body.read_all(1 << 20).await.unwrap(), expected, "{path}");
    }
}

#[tokio::test]
async fn what_does_not_unpack_or_not_in_bounds_is_a_fault() {
    let bomb = gzip(" ".repeat(32 << 20)).await;
    for (bytes, code) in [
        (b"{\"schemaVersion\":2}".to_vec(), "stream::compression-corrupt"),
        (bomb, "stream::unpacks-too-large"),
    ] {
        let server = compressing(bytes);
        let world = World::of(vec![plain(&server, None)]);
        let call_access = call_access(&server.name(), Access::Read);
        let url = format!("https://{}/v2/a/manifests/x", server.name());
        let answer = world.send("GET", &url, &call_access).await.unwrap();
        let fault = answer.body.read_all(1 << 30).await.unwrap_err();
        assert_eq!(fault.code, code);
        assert!(fault.message.starts_with("the manifest came compressed"), "{fault}");
    }
}

#[test]
fn a_credential_of_a_few_characters_hides_no_header() {
    let is_in =
        |sent: &str, text: &str| SentCredential(HeaderValue::from_str(sent).unwrap()).is_in(text);
    let location = "/v2/a/blobs/uploads/1?state=abcd";
    for (sent, hides) in [("Bearer t", false), ("Bearer ", false), ("Bearer abcd", true)] {
        assert_eq!(is_in(sent, location), hides, "{sent}");
    }
    assert!(is_in("Basic dTpw", "/x?dTpw"), "in base64 too");
}
