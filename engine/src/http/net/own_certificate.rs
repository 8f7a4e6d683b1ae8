//! Believes a server that shows exactly a certificate that the user named for its registry.
//!
//! `openssl req -x509`, as manuals of registries have it, makes one certificate that is an authority and the
//! server's own. webpki refuses an authority as a server's own; the container tools and curl take it.
//! Nothing is lost by that: whoever has its key could sign another certificate, which the user trusts
//! as much. All else is checked as usual: the signature of the handshake, the dates and the name.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, SignatureScheme};
use std::sync::Arc;

/// The usual checks, and the certificates that may also be a server's own.
#[derive(Debug)]
pub(super) struct OwnCertificate {
    usual: Arc<WebPkiServerVerifier>,
    named: Vec<CertificateDer<'static>>,
}

impl OwnCertificate {
    /// `named`: certificates that the user trusts for this registry, beside those of the system.
    pub(super) fn new(
        usual: Arc<WebPkiServerVerifier>,
        named: Vec<CertificateDer<'static>>,
    ) -> Self {
        Self { usual, named }
    }
}

impl ServerCertVerifier for OwnCertificate {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verified = self.usual.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        let is_named = self.named.iter().any(|named| **named == **end_entity);
        match verified {
            // What webpki finds wrong with an authority has no name of its own in rustls. It looks at the dates
            // before that, and says what is wrong with them by other names; a test holds it to this.
            Err(rustls::Error::InvalidCertificate(CertificateError::Other(_))) if is_named => {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.usual.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.usual.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.usual.supported_verify_schemes()
    }
}
