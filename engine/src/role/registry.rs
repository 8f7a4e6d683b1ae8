//! What the spec says about registries.

use std::path::PathBuf;

/// The base URL of Docker Hub.
const DOCKER: &str = "https://registry-1.docker.io";

/// Settings of one registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrySettings {
    /// Where it really is: `https://host:port` or `http://host:port`.
    pub endpoint: Option<String>,
    /// How its certificate is checked.
    pub tls: TlsSettings,
    /// How to log in; `None`: auth.json and credential helpers.
    pub auth: Option<AuthSettings>,
    /// Requests in flight. 12.
    pub concurrent: usize,
    /// Requests in a second; `None`: no bound.
    pub requests_per_second: Option<u32>,
    /// Pulls that are left to others, where the registry says how many it allows.
    pub reserve: u64,
    /// Hosts with ports that the registry may lead to although its address says otherwise.
    pub leads_to: Vec<String>,
}

impl Default for RegistrySettings {
    fn default() -> Self {
        Self {
            endpoint: None,
            tls: TlsSettings::default(),
            auth: None,
            concurrent: 12,
            requests_per_second: None,
            reserve: 0,
            leads_to: Vec::new(),
        }
    }
}

impl RegistrySettings {
    /// The base URL of the registry with this name: its endpoint, else https at its name.
    pub fn base_url(&self, name: &str) -> String {
        match &self.endpoint {
            Some(endpoint) => endpoint.clone(),
            None if matches!(name, "docker.io" | "index.docker.io") => DOCKER.to_owned(),
            None => format!("https://{name}"),
        }
    }
}

/// How a registry's certificate is checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsSettings {
    /// `false`: HTTPS without checking, then plain HTTP.
    pub verify: bool,
    /// A PEM file of further authorities.
    pub ca: Option<PathBuf>,
    /// PEM files of a client's certificate and key.
    pub client: Option<(PathBuf, PathBuf)>,
}

impl Default for TlsSettings {
    fn default() -> Self {
        Self { verify: true, ca: None, client: None }
    }
}

/// How to log in to a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthSettings {
    /// With a user and a password.
    Password {
        /// The user.
        username: SecretSource,
        /// The password.
        password: SecretSource,
    },
    /// With what a credential helper says: `docker-credential-NAME get`.
    Helper(String),
    /// Without logging in, whatever auth.json says.
    Anonymous,
}

/// Where a secret is. The secret itself is read when it is used, and kept nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// As written: for user names.
    Plain(String),
    /// In an environment variable.
    Variable(String),
    /// In a file, without the line break at its end.
    File(PathBuf),
    /// What a command prints; the first word is the program.
    Command(Vec<String>),
}
