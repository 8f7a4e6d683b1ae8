//! A certificate for loopback, made for one test.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A certificate for `127.0.0.1` and `localhost`, and the authority that vouches for it.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// The authority's certificate, which a client must trust, as PEM.
    pub authority: String,
    /// The server's certificate, as PEM.
    pub certificate: String,
    /// The server's private key, as PEM.
    pub key: String,
}

impl Certificate {
    /// Makes a new authority and a certificate of it.
    pub fn for_loopback() -> Self {
        let mut authority = CertificateParams::new(Vec::new()).expect("no names");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let authority_key = KeyPair::generate().expect("a key for the authority");
        let signed = authority.self_signed(&authority_key).expect("the authority's certificate");
        let issuer = Issuer::new(authority, authority_key);

        let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
        let key = KeyPair::generate().expect("a key for the server");
        let certificate = CertificateParams::new(names)
            .and_then(|params| params.signed_by(&key, &issuer))
            .expect("the server's certificate");
        Self { authority: signed.pem(), certificate: certificate.pem(), key: key.serialize_pem() }
    }

    /// What makes a TCP connection of a server a TLS connection.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let chain = CertificateDer::from_pem_slice(self.certificate.as_bytes()).expect("our PEM");
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes()).expect("our PEM");
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("protocol versions")
            .with_no_client_auth()
            .with_single_cert(vec![chain], key)
            .expect("our certificate");
        TlsAcceptor::from(Arc::new(config))
    }
}
