use super::*;
use crate::http::testing::script::{Server, say};
use crate::http::testing::world::{World, call_access, timeouts, unverified};
use crate::role::{Access, CallAccess, GrantedHost, RegistrySettings};
use rcgen::{BasicConstraints, Certificate, CertificateParams, IsCa, Issuer, KeyPair};
use std::fs;

struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: Certificate,
    pem: String,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        let pem = certificate.pem();
        Self { issuer: Issuer::new(params, key), certificate, pem }
    }

    fn sign(&self, name: &str, change: impl Fn(&mut CertificateParams)) -> (Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        change(&mut params);
        (params.signed_by(&key, &self.issuer).unwrap(), key)
    }

    fn server(&self, name: &str, change: impl Fn(&mut CertificateParams)) -> Server {
        let (certificate, key) = self.sign(name, change);
        Server::start_tls(&certificate, &key, None, |_| say(200, &[], "fine"))
    }
}

/// Asks a server with these surroundings and settings.
async fn ask(
    server: &Server,
    surroundings: Surroundings,
    settings: RegistrySettings,
) -> Result<u16, Fault> {
    let world = World::within(surroundings, vec![(server.name(), settings)], timeouts());
    let call_access = call_access(&server.name(), Access::Read);
    let url = format!("https://{}/v2/", server.name());
    world.send("GET", &url, &call_access).await.map(|answer| answer.status)
}

fn variable(name: &str, value: &Path) -> Surroundings {
    let mut surroundings = Surroundings::default();
    surroundings.variables.insert(name.to_owned(), value.display().to_string());
    surroundings
}

#[tokio::test]
async fn authorities_come_from_three_places() {
    let authority = Authority::new();
    let server = authority.server("127.0.0.1", |_| {});
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    fs::write(&file, &authority.pem).unwrap();
    let none = RegistrySettings::default;
    let fault = ask(&server, Surroundings::default(), none()).await.unwrap_err();
    assert_eq!(fault.code, "http::tls");
    assert!(fault.message.contains("not trusted"), "{fault}");
    assert_eq!(ask(&server, variable("SSL_CERT_FILE", &file), none()).await.unwrap(), 200);
    assert_eq!(ask(&server, variable("SSL_CERT_DIR", folder.path()), none()).await.unwrap(), 200);
    let mut named = none();
    named.tls.ca = Some(file.clone());
    assert_eq!(ask(&server, Surroundings::default(), named).await.unwrap(), 200);
    let found = folder.path().join(".config/containers/certs.d").join(server.name());
    fs::create_dir_all(&found).unwrap();
    fs::write(found.join("ca.crt"), &authority.pem).unwrap();
    let home = Surroundings { home: Some(folder.path().to_owned()), ..Surroundings::default() };
    assert_eq!(ask(&server, home, none()).await.unwrap(), 200);
    assert_eq!(ask(&server, Surroundings::default(), unverified()).await.unwrap(), 200);
}

#[tokio::test]
async fn what_is_wrong_with_a_certificate_is_said() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    fs::write(&file, &authority.pem).unwrap();
    let old = |params: &mut CertificateParams| {
        params.not_before = rcgen::date_time_ymd(2000, 1, 1);
        params.not_after = rcgen::date_time_ymd(2001, 1, 1);
    };
    for (server, says) in [
        (authority.server("elsewhere.example", |_| {}), "another name"),
        (authority.server("127.0.0.1", old), "expired"),
    ] {
        let surroundings = variable("SSL_CERT_FILE", &file);
        let fault = ask(&server, surroundings, RegistrySettings::default()).await.unwrap_err();
        assert_eq!(
            (fault.code.as_ref(), fault.retry),
            ("http::tls", crate::diagnostic::Retry::Never)
        );
        assert!(fault.message.contains(says), "{fault}");
        assert!(server.seen().is_empty());
    }
}

/// As `openssl req -x509` makes it: an authority that is the server's own certificate.
fn self_signed(name: &str, change: impl Fn(&mut CertificateParams)) -> (Certificate, Server) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    change(&mut params);
    let certificate = params.self_signed(&key).unwrap();
    let server = Server::start_tls(&certificate, &key, None, |_| say(200, &[], "fine"));
    (certificate, server)
}

#[tokio::test]
async fn an_authority_may_be_the_certificate_of_its_own_server() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    let mut named = RegistrySettings::default();
    named.tls.ca = Some(file.clone());
    let none = Surroundings::default;
    let (certificate, server) = self_signed("127.0.0.1", |_| {});
    fs::write(&file, certificate.pem()).unwrap();
    assert_eq!(ask(&server, none(), named.clone()).await.unwrap(), 200);
    let found = folder.path().join(".config/containers/certs.d").join(server.name());
    fs::create_dir_all(&found).unwrap();
    fs::write(found.join("ca.crt"), certificate.pem()).unwrap();
    let home = Surroundings { home: Some(folder.path().to_owned()), ..none() };
    assert_eq!(ask(&server, home, RegistrySettings::default()).await.unwrap(), 200);

    // Another of the same name is not this one, and what is wrong with it still counts.
    let (_, other) = self_signed("127.0.0.1", |_| {});
    assert_eq!(ask(&other, none(), named.clone()).await.unwrap_err().code, "http::tls");
    let old = |params: &mut CertificateParams| {
        params.not_before = rcgen::date_time_ymd(2000, 1, 1);
        params.not_after = rcgen::date_time_ymd(2001, 1, 1);
    };
    let early = |params: &mut CertificateParams| {
        params.not_before = rcgen::date_time_ymd(2100, 1, 1);
        params.not_after = rcgen::date_time_ymd(2101, 1, 1);
    };
    for ((certificate, server), says) in [
        (self_signed("elsewhere.example", |_| {}), "another name"),
        (self_signed("127.0.0.1", old), "expired"),
        (self_signed("127.0.0.1", early), "not valid yet"),
    ] {
        fs::write(&file, certificate.pem()).unwrap();
        let fault = ask(&server, none(), named.clone()).await.unwrap_err();
        assert!(fault.message.contains(says), "{fault}");
        assert!(server.seen().is_empty());
    }
}

#[test]
fn files_that_are_no_certificates_are_named() {
    let none = Arc::new(RootCertStore::empty());
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("x.key");
    fs::write(&key, "s3cr3t").unwrap();
    let named = TlsSettings { ca: Some(key.clone()), ..TlsSettings::default() };
    let fault = settings(&none, &named, &Certificates::default(), true);
    assert_eq!(fault.unwrap_err().code, "http::certificates");
    let (certificate, _) = Authority::new().sign("x", |_| {});
    let pem = folder.path().join("x.cert");
    fs::write(&pem, certificate.pem()).unwrap();
    let named = TlsSettings { client: Some((pem, key)), ..TlsSettings::default() };
    let make = |client| settings(&none, &named, &Certificates::default(), client);
    let fault = make(true).unwrap_err();
    assert!(fault.message.contains("x.key") && !fault.message.contains("s3cr3t"), "{fault}");
    assert!(make(false).is_ok(), "it goes to the registry alone");
}

#[tokio::test]
async fn a_client_shows_its_certificate_to_the_registry() {
    let authority = Authority::new();
    let (certificate, key) = authority.sign("127.0.0.1", |_| {});
    let clients = Some(&authority.certificate);
    let server = Server::start_tls(&certificate, &key, clients, |_| say(200, &[], "fine"));
    let folder = tempfile::tempdir().unwrap();
    let (pem, key) = (folder.path().join("me.cert"), folder.path().join("me.key"));
    let (mine, my_key) = authority.sign("me", |_| {});
    fs::write(&pem, mine.pem()).unwrap();
    fs::write(&key, my_key.serialize_pem()).unwrap();
    let none = Surroundings::default;
    assert!(ask(&server, none(), unverified()).await.is_err());
    let mut named = unverified();
    named.tls.client = Some((pem, key));
    assert_eq!(ask(&server, none(), named.clone()).await.unwrap(), 200);
    let world = World::within(none(), vec![(server.name(), named)], timeouts());
    let url = format!("https://{}", server.name());
    for (host, shown) in [
        (GrantedHost::anonymous(&url), false),
        (GrantedHost::with_login(&url, server.name()), true),
    ] {
        let call_access = call_access(&server.name(), Access::Read);
        let call_access = CallAccess { registry: None, granted: vec![host], ..call_access };
        let sent = world.send("GET", &format!("{url}/v2/"), &call_access).await;
        assert_eq!(sent.is_ok(), shown, "it is a login too");
    }
}

#[tokio::test]
async fn nothing_goes_from_https_to_http() {
    let authority = Authority::new();
    let (certificate, key) = authority.sign("127.0.0.1", |_| {});
    let plain = Server::start(|_| say(200, &[], r#"{"token": "t"}"#));
    let to = format!("http://{}/x", plain.name());
    let challenge = format!("Bearer realm=\"{to}\"");
    let server =
        Server::start_tls(&certificate, &key, None, move |seen| match seen.path.as_str() {
            "/v2/a/blobs/x" => say(307, &[("location", &to)], ""),
            "/v2/a/blobs/uploads/" => say(202, &[("location", &to)], ""),
            "/v2/a/tags/list" => say(401, &[("www-authenticate", &challenge)], ""),
            _ => say(200, &[], ""),
        });
    let world = World::of(vec![(server.name(), unverified())]);
    let call_access = call_access(&server.name(), Access::Write);
    let at = |path: &str| format!("https://{}/v2/a/{path}", server.name());
    let fault = world.send("GET", &at("blobs/x"), &call_access).await.err().unwrap();
    assert_eq!(fault.code, "http::not-granted");
    assert_eq!(world.send("POST", &at("blobs/uploads/"), &call_access).await.unwrap().status, 202);
    let there = format!("http://{}/x", plain.name());
    let fault = world.send("PUT", &there, &call_access).await.err().unwrap();
    assert_eq!(fault.code, "http::not-granted");
    let fault = world.send("GET", &at("tags/list"), &call_access).await.err().unwrap();
    assert_eq!(fault.code, "http::not-granted");
    assert!(plain.seen().is_empty());
}
