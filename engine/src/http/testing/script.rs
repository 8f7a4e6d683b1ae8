//! A server for tests that does what it is told, byte by byte.

use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// One request, as it came in.
#[derive(Debug, Clone)]
pub(in crate::http) struct Seen {
    pub(in crate::http) method: String,
    /// With the query.
    pub(in crate::http) path: String,
    pub(in crate::http) headers: Vec<(String, String)>,
    pub(in crate::http) body: Vec<u8>,
    /// Which connection it came by, from 0.
    pub(in crate::http) connection: usize,
    /// Which request of the server it is, from 0.
    pub(in crate::http) number: usize,
}

impl Seen {
    pub(in crate::http) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// What is done about a request.
pub(in crate::http) enum Reply {
    /// A status, headers, and a body with its length.
    Say(u16, Vec<(String, String)>, Vec<u8>),
    /// These bytes, after which the connection is closed.
    Raw(Vec<u8>),
    /// These bytes, after which nothing more comes until the client gives up.
    Hang(Vec<u8>),
}

/// A reply with headers and a body.
pub(in crate::http) fn say(status: u16, headers: &[(&str, &str)], body: &str) -> Reply {
    let pairs = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Reply::Say(status, pairs.collect(), body.as_bytes().to_vec())
}

/// A running server; it ends when it is dropped.
pub(in crate::http) struct Server {
    pub(in crate::http) port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
    stop: Arc<AtomicBool>,
}

type Script = dyn Fn(&Seen) -> Reply + Send + Sync;

impl Server {
    /// Starts a server that speaks plain HTTP.
    pub(in crate::http) fn start(script: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Self {
        Self::run(None, Arc::new(script))
    }

    /// Starts a server that speaks TLS with a certificate. `clients`: the authority whose
    /// certificates its clients need.
    pub(in crate::http) fn start_tls(
        certificate: &rcgen::Certificate,
        key: &rcgen::KeyPair,
        clients: Option<&rcgen::Certificate>,
        script: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let verifier = clients.map(|authority| {
            let mut roots = RootCertStore::empty();
            roots.add(authority.der().clone()).unwrap();
            let (roots, provider) = (Arc::new(roots), Arc::clone(&provider));
            WebPkiClientVerifier::builder_with_provider(roots, provider).build().unwrap()
        });
        let verifier = verifier.unwrap_or_else(WebPkiClientVerifier::no_client_auth);
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier)
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        Self::run(Some(Arc::new(config)), Arc::new(script))
    }

    fn run(tls: Option<Arc<ServerConfig>>, script: Arc<Script>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let server = Self { port, seen: Arc::clone(&seen), stop: Arc::clone(&stop) };
        let numbers = Arc::new(AtomicUsize::new(0));
        thread::spawn(move || {
            for (connection, stream) in listener.incoming().enumerate() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let (tls, script) = (tls.clone(), Arc::clone(&script));
                let (seen, numbers) = (Arc::clone(&seen), Arc::clone(&numbers));
                thread::spawn(move || match tls {
                    None => serve(stream, connection, &script, &seen, &numbers),
                    Some(config) => {
                        let session = ServerConnection::new(config).unwrap();
                        let stream = StreamOwned::new(session, stream);
                        serve(stream, connection, &script, &seen, &numbers);
                    }
                });
            }
        });
        server
    }

    /// Its name, as a spec would write it.
    pub(in crate::http) fn name(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// What came in so far.
    pub(in crate::http) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// `METHOD PATH` of what came in so far.
    pub(in crate::http) fn lines(&self) -> Vec<String> {
        self.seen().iter().map(|seen| format!("{} {}", seen.method, seen.path)).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

fn serve<S: Read + Write>(
    stream: S,
    connection: usize,
    script: &Arc<Script>,
    all: &Mutex<Vec<Seen>>,
    numbers: &AtomicUsize,
) {
    let mut stream = BufReader::new(stream);
    while let Some(mut seen) = read(&mut stream, connection) {
        seen.number = numbers.fetch_add(1, Ordering::SeqCst);
        all.lock().unwrap().push(seen.clone());
        let (bytes, then) = match script(&seen) {
            Reply::Say(status, headers, body) => {
                let mut head =
                    format!("HTTP/1.1 {status} Said\r\ncontent-length: {}\r\n", body.len());
                for (name, value) in headers {
                    head.extend([&name, ": ", &value, "\r\n"]);
                }
                head.push_str("\r\n");
                let body = if seen.method == "HEAD" { Vec::new() } else { body };
                ([head.into_bytes(), body].concat(), None)
            }
            Reply::Raw(bytes) => (bytes, Some(false)),
            Reply::Hang(bytes) => (bytes, Some(true)),
        };
        let written = stream.get_mut().write_all(&bytes).and_then(|()| stream.get_mut().flush());
        match then {
            Some(true) => {
                // Ends when the client gives up.
                drop(stream.read(&mut [0; 64]));
                return;
            }
            Some(false) => return,
            None if written.is_err() => return,
            None => {}
        }
    }
}

fn read(stream: &mut impl BufRead, connection: usize) -> Option<Seen> {
    let mut line = || {
        let mut text = String::new();
        let read = stream.read_line(&mut text).ok()?;
        (read > 0).then(|| text.trim_end().to_owned())
    };
    let first = line()?;
    let mut words = first.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let text = line()?;
        let Some((name, value)) = text.split_once(": ") else { break };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let mut seen = Seen { method, path, headers, body: Vec::new(), connection, number: 0 };
    if seen.header("transfer-encoding").is_some() {
        loop {
            let mut size = String::new();
            stream.read_line(&mut size).ok()?;
            let size = usize::from_str_radix(size.trim(), 16).ok()?;
            let mut chunk = vec![0; size + 2];
            stream.read_exact(&mut chunk).ok()?;
            seen.body.extend_from_slice(&chunk[..size]);
            if size == 0 {
                break;
            }
        }
    } else if let Some(size) = seen.header("content-length") {
        seen.body = vec![0; size.parse().ok()?];
        stream.read_exact(&mut seen.body).ok()?;
    }
    Some(seen)
}
