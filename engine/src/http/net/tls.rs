//! Whose certificates are believed.
//!
//! The system's trust store is read from the places that `SSL_CERT_FILE` and `SSL_CERT_DIR` name
//! in the surroundings of the run, else from the usual ones. A registry may have authorities, a
//! client's certificate, or no check at all, of its own.

use super::own_certificate::OwnCertificate;
use crate::config::Certificates;
use crate::diagnostic::{Fault, Origin};
use crate::http::codes;
use crate::role::{Surroundings, TlsSettings};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// A system's whole store has about 220 KiB; nobody's has 16 MiB.
const MAX_STORE_BYTES: u64 = 16 << 20;

/// The files in which systems keep their store; the first that is there counts.
const FILES: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// The folders in which systems keep their store, where there is no such file.
const FOLDERS: [&str; 2] = ["/etc/ssl/certs", "/etc/pki/tls/certs"];

/// The authorities that this system trusts. Certificates that cannot be understood are passed
/// over, as everywhere; a file that the user named must be readable.
pub(in crate::http) fn system(surroundings: &Surroundings) -> Result<RootCertStore, Fault> {
    let mut store = RootCertStore::empty();
    let named =
        surroundings.variable("SSL_CERT_FILE").map(|path| surroundings.directory.join(path));
    match &named {
        Some(path) => {
            store.add_parsable_certificates(certificates(path)?);
        }
        None if surroundings.variable("SSL_CERT_DIR").is_none() => {
            if let Some(path) = FILES.iter().map(Path::new).find(|path| path.is_file()) {
                store.add_parsable_certificates(certificates(path)?);
            }
        }
        None => {}
    }
    match surroundings.variable("SSL_CERT_DIR") {
        Some(folders) => {
            for folder in folders.split(':').filter(|folder| !folder.is_empty()) {
                add_folder(&mut store, &surroundings.directory.join(folder));
            }
        }
        None if store.is_empty() && named.is_none() => {
            for folder in FOLDERS {
                add_folder(&mut store, Path::new(folder));
            }
        }
        None => {}
    }
    Ok(store)
}

/// How TLS is spoken with a registry. `client`: whether its client certificate goes along.
pub(in crate::http) fn settings(
    system: &Arc<RootCertStore>,
    settings: &TlsSettings,
    found: &Certificates,
    client: bool,
) -> Result<ClientConfig, Fault> {
    let provider = Arc::new(default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(Path::new("TLS"), &error.to_string()))?;
    let builder = if settings.verify {
        let mut store = Arc::clone(system);
        let mut named = Vec::new();
        for path in found.authorities.iter().chain(&settings.ca) {
            for certificate in certificates(path)? {
                let added = Arc::make_mut(&mut store).add(certificate.clone());
                added.map_err(|error| wrong(path, &error.to_string()))?;
                named.push(certificate);
            }
        }
        if named.is_empty() {
            builder.with_root_certificates(store)
        } else {
            let usual = WebPkiServerVerifier::builder_with_provider(store, provider).build();
            let usual = usual.map_err(|error| wrong(Path::new("TLS"), &error.to_string()))?;
            let verifier = OwnCertificate::new(usual, named);
            builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier))
        }
    } else {
        builder.dangerous().with_custom_certificate_verifier(Arc::new(Unverified(provider)))
    };
    match settings.client.as_ref().or(found.client.as_ref()).filter(|_| client) {
        None => Ok(builder.with_no_client_auth()),
        Some((certificate, key)) => {
            let chain = certificates(certificate)?;
            let text = read(key)?;
            // The parser's message may quote the file: do not repeat it.
            let parsed = PrivateKeyDer::from_pem_slice(&text)
                .map_err(|_| wrong(key, "it holds no private key in PEM form"))?;
            builder
                .with_client_auth_cert(chain, parsed)
                .map_err(|error| wrong(certificate, &error.to_string()))
        }
    }
}

fn add_folder(store: &mut RootCertStore, folder: &Path) {
    let Ok(entries) = folder.read_dir() else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_file()
            && let Ok(found) = certificates(&path)
        {
            store.add_parsable_certificates(found);
        }
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let text = read(path)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let found = found.map_err(|error| wrong(path, &error.to_string()))?;
    if found.is_empty() {
        return Err(wrong(path, "it holds no certificate in PEM form"));
    }
    Ok(found)
}

fn read(path: &Path) -> Result<Vec<u8>, Fault> {
    let mut text = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_STORE_BYTES).read_to_end(&mut text))
        .map_err(|error| wrong(path, &error.to_string()))?;
    Ok(text)
}

fn wrong(path: &Path, what: &str) -> Fault {
    let message = format!("use the certificates of `{}`: {what}", path.display());
    Fault::new(codes::CERTIFICATES, Origin::Local, message).at(path.display().to_string())
}

/// Believes everybody, where the spec says `tls: {verify: false}`.
#[derive(Debug)]
struct Unverified(Arc<CryptoProvider>);

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
#[path = "tls_tests.rs"]
mod tests;
