use super::*;
use crate::http::Timeouts;
use crate::http::net::network::Network;
use crate::http::testing::script::{Server, say};
use crate::http::testing::world::{World, call_access, plain, text, unverified};
use crate::role::{Access, CallAccess, GrantedHost, RegistrySettings};

/// The access of a plugin with one grant, about the repository `a`.
fn with_grant(host: GrantedHost, access: Access) -> CallAccess {
    CallAccess { registry: None, granted: vec![host], ..call_access("unused", access) }
}

/// A registry that wants the password of `u`.
fn wants_password() -> Server {
    Server::start(|seen| match seen.header("authorization") {
        Some("Basic dTpw") => say(200, &[], "fine"),
        _ => say(401, &[("www-authenticate", "Basic realm=\"x\"")], ""),
    })
}

fn nothing_was_told(server: &Server) {
    assert!(server.seen().iter().all(|seen| seen.header("authorization").is_none()));
}

#[tokio::test]
async fn a_granted_host_gets_no_login_by_its_name() {
    let server = wants_password();
    let url = format!("http://{}", server.name());
    let world = World::of(vec![plain(&server, Some(("u", "p")))]);
    let call_access = with_grant(GrantedHost::anonymous(&url), Access::Write);
    for path in ["/v2/a/manifests/x", "/v2/private/manifests/x", "/"] {
        let fault = world.send("GET", &format!("{url}{path}"), &call_access).await.err().unwrap();
        assert_eq!(fault.code, "http::unauthorized");
        assert!(fault.help.unwrap().contains("auth: REGISTRY"));
    }
    assert!(!server.seen().is_empty());
    nothing_was_told(&server);
}

#[tokio::test]
async fn a_granted_login_is_for_the_repositories_of_the_step() {
    let server = wants_password();
    let url = format!("http://{}", server.name());
    let world = World::of(vec![plain(&server, Some(("u", "p")))]);
    let call_access = with_grant(GrantedHost::with_login(&url, server.name()), Access::Write);
    for method in ["GET", "PUT"] {
        let own = format!("{url}/v2/a/manifests/x");
        let answer = world.send(method, &own, &call_access).await.unwrap();
        assert_eq!(text(answer).await.unwrap(), "fine");
    }
    let before = server.seen().len();
    for (method, path) in [
        ("GET", "/v2/private/manifests/x"),
        ("PUT", "/v2/private/manifests/x"),
        ("POST", "/v2/a/blobs/uploads/?mount=d&from=private"),
        ("GET", "/v2/a/../private/manifests/x"),
        ("GET", "/v2/_catalog"),
        ("GET", "/metrics"),
    ] {
        let fault = world.send(method, &format!("{url}{path}"), &call_access).await.err().unwrap();
        assert_eq!(fault.code, "http::not-granted", "{path}");
    }
    assert_eq!(server.seen().len(), before, "nothing was sent");
}

/// A registry whose certificate is not checked may turn out to speak plain HTTP.
#[tokio::test]
async fn a_granted_login_goes_to_its_origin_only() {
    let server = wants_password();
    let (name, settings) = plain(&server, Some(("u", "p")));
    let settings = RegistrySettings { auth: settings.auth, ..unverified() };
    let world = World::of(vec![(name.clone(), settings)]);
    let host = GrantedHost::with_login(format!("https://{name}"), &name);
    let call_access = with_grant(host, Access::Read);
    for scheme in ["https", "http"] {
        let url = format!("{scheme}://{name}/v2/a/manifests/x");
        let fault = world.send("GET", &url, &call_access).await.err().unwrap();
        assert_eq!(fault.code, "http::not-granted", "{url}: {fault}");
    }
    nothing_was_told(&server);
}

#[tokio::test]
async fn an_upload_that_was_begun_with_a_granted_login_goes_on() {
    let server = Server::start(|seen| match (seen.header("authorization"), seen.method.as_str()) {
        (None, _) => say(401, &[("www-authenticate", "Basic")], ""),
        (_, "POST") => say(202, &[("location", "/elsewhere/1?state=x")], ""),
        _ => say(201, &[], ""),
    });
    let url = format!("http://{}", server.name());
    let world = World::of(vec![plain(&server, Some(("u", "p")))]);
    let call_access = with_grant(GrantedHost::with_login(&url, server.name()), Access::Write);
    let upload = format!("{url}/elsewhere/1?state=x");
    assert!(world.send("PUT", &upload, &call_access).await.is_err(), "nobody led there yet");
    let begin = format!("{url}/v2/a/blobs/uploads/");
    assert_eq!(world.send("POST", &begin, &call_access).await.unwrap().status, 202);
    assert_eq!(world.send("PUT", &upload, &call_access).await.unwrap().status, 201);
}

/// Who owns a zone may let its names lead to this machine.
#[tokio::test]
async fn a_grant_of_subdomains_reaches_public_addresses_only() {
    let admission = Admission::new(BTreeMap::default());
    let network = Network::new(Arc::default(), Timeouts::default());
    let here = Url::parse("http://127.0.0.1:1/").unwrap();
    for (grant, reaches) in
        [("http://a.zone.test", true), ("http://*.zone.test", false), ("http://a.zone.test", true)]
    {
        let call_access = with_grant(GrantedHost::anonymous(grant), Access::Read);
        let request = Request::new("GET", "http://a.zone.test/");
        let host = admission.admit(&request, &call_access).unwrap().host;
        let way = host.connections.to(Peer::Registry, &network, host.owner(), &here).await;
        let refused = way.err().map(|fault| fault.code.into_owned());
        assert_eq!(refused.as_deref(), (!reaches).then_some("http::not-granted"));
    }
}
