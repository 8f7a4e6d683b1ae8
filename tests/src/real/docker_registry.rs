//! Debian's `docker-registry`, the reference implementation of the protocol.

use super::Tool;
use crate::server::Certificate;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long it may take to answer.
const START_LIMIT: Duration = Duration::from_secs(20);

/// How often a port is chosen anew, when somebody else took it first.
const MAX_STARTS: usize = 5;

/// What kind of registry is wanted; the default is open and without TLS.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// A name and a password that are asked for, kept by htpasswd.
    pub user: Option<(String, String)>,
    /// Speaks TLS with a certificate made for it.
    pub tls: bool,
    /// Another program than the one on `PATH`.
    pub program: Option<PathBuf>,
}

/// Debian's `docker-registry` on a free loopback port, with its content in a folder that is
/// removed with it. Stopped when it is dropped.
pub struct DockerRegistry {
    child: Child,
    address: SocketAddr,
    certificate: Option<Certificate>,
    folder: TempDir,
}

impl DockerRegistry {
    /// Starts it and waits until it answers.
    pub fn start(wanted: &Wanted) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the registry");
        let certificate = wanted.tls.then(Certificate::for_loopback);
        if let Some(certificate) = &certificate {
            write(folder.path(), "certificate.pem", &certificate.certificate);
            write(folder.path(), "key.pem", &certificate.key);
            write(folder.path(), "ca.crt", &certificate.authority);
        }
        if let Some((name, password)) = &wanted.user {
            let line = Tool::Htpasswd.run(&["-Bbn", name, password]);
            write(folder.path(), "htpasswd", &line);
        }
        for _ in 0..MAX_STARTS {
            let address = free_address();
            write(folder.path(), "config.yaml", &config(folder.path(), wanted, address));
            let mut child = spawn(folder.path(), wanted);
            if answers(&mut child, address) {
                return Self { child, address, certificate, folder };
            }
        }
        let log = fs::read_to_string(folder.path().join("log")).unwrap_or_default();
        panic!("docker-registry does not start:\n{log}");
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        let scheme = if self.certificate.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// The certificate to trust, where it speaks TLS.
    pub fn certificate(&self) -> Option<&Certificate> {
        self.certificate.as_ref()
    }

    /// A folder with the authority as `ca.crt`, for Skopeo's `--cert-dir`. Only where it speaks
    /// TLS; it holds other files too, which Skopeo does not look at.
    pub fn certificate_folder(&self) -> &Path {
        self.folder.path()
    }

    /// What it wrote into its log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for DockerRegistry {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).expect("a file for the registry");
}

/// Ports below those that the system gives to whoever asks for any: a server of another test, which has
/// such a one, cannot take the port between this look and the registry's start.
const PORTS: Range<u16> = 20_000..32_000;

/// An address that was free a moment ago: the registry cannot choose one and tell.
fn free_address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Test programs that run side by side begin at different places.
    let begin = u16::try_from(std::process::id() % 977).unwrap_or_default() * 12;
    (0..PORTS.len())
        .map(|_| {
            let next = NEXT.fetch_add(1, Ordering::Relaxed).wrapping_add(begin);
            let port = PORTS.start + next % (PORTS.end - PORTS.start);
            SocketAddr::from((Ipv4Addr::LOCALHOST, port))
        })
        .find(|address| TcpListener::bind(address).is_ok())
        .expect("a free loopback port")
}

fn config(folder: &Path, wanted: &Wanted, address: SocketAddr) -> String {
    let file = |key: &str, name: &str| format!("{key}: {}\n", folder.join(name).display());
    let content = folder.join("content");
    let content = content.display();
    let mut text = format!(
        "version: 0.1\nlog:\n  level: warn\nstorage:\n  filesystem:\n    rootdirectory: \
         {content}\n  delete:\n    enabled: true\nhttp:\n  addr: {address}\n  secret: \
         one-for-all-tests\n"
    );
    if wanted.tls {
        text.push_str("  tls:\n");
        text.push_str(&file("    certificate", "certificate.pem"));
        text.push_str(&file("    key", "key.pem"));
    }
    if wanted.user.is_some() {
        text.push_str("auth:\n  htpasswd:\n    realm: tests\n");
        text.push_str(&file("    path", "htpasswd"));
    }
    text
}

fn spawn(folder: &Path, wanted: &Wanted) -> Child {
    let program = wanted.program.clone().or_else(|| Tool::DockerRegistry.find());
    let log = fs::File::create(folder.join("log")).expect("a log");
    let errors = log.try_clone().expect("a second handle of the log");
    Command::new(program.expect("docker-registry"))
        .arg("serve")
        .arg(folder.join("config.yaml"))
        .env_clear()
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(errors)
        .spawn()
        .expect("docker-registry starts")
}

/// Whether it listens before its end or the limit.
fn answers(child: &mut Child, address: SocketAddr) -> bool {
    let deadline = Instant::now() + START_LIMIT;
    while Instant::now() < deadline && child.try_wait().expect("a child of ours").is_none() {
        if TcpStream::connect(address).is_ok() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    drop(child.kill());
    drop(child.wait());
    false
}
