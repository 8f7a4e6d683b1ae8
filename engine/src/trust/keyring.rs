//! The keys of a spec, by name.

use super::key_file::MAX_FILE_BYTES;
use super::{Key, KeyFile, TrustFault};
use crate::config;
use crate::diagnostic::{Fault, suggestion};
use crate::event::{Event, Events};
use crate::role::{self, Ask, KeySettings, Keys, Secret, Surroundings};
use async_trait::async_trait;
use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::{Mutex, OnceCell};
use zeroize::Zeroizing;

/// Opens the keys of a spec when they are needed, each once.
///
/// A key that could not be opened stays so: the next item gets the same fault, and nobody is
/// asked again. One file is opened at a time, as each may take 128 MiB, and a person answers one
/// question at a time.
pub struct Keyring {
    keys: BTreeMap<String, Slot>,
    surroundings: Arc<Surroundings>,
    events: Events,
    ask: Arc<dyn Ask>,
    turn: Mutex<()>,
}

struct Slot {
    settings: KeySettings,
    opened: OnceCell<Result<Arc<Key>, Fault>>,
}

impl Keyring {
    /// A ring of the keys that the spec names. Reads nothing yet. Relative paths start at the
    /// directory of the run. Warnings go to `events`.
    pub fn new(
        keys: BTreeMap<String, KeySettings>,
        surroundings: Arc<Surroundings>,
        events: Events,
        ask: Arc<dyn Ask>,
    ) -> Self {
        let slot = |settings| Slot { settings, opened: OnceCell::new() };
        let keys = keys.into_iter().map(|(name, settings)| (name, slot(settings))).collect();
        Self { keys, surroundings, events, ask, turn: Mutex::new(()) }
    }

    /// The key of this name; opened at the first call, off the threads that others wait for.
    ///
    /// # Errors
    ///
    /// `trust::unknown-key`, `trust::unreadable`, `trust::not-a-key`, `trust::unsupported-key`,
    /// `trust::no-passphrase`, `trust::wrong-passphrase`; and those of reading the passphrase:
    /// `config::secret`, `config::program`. Each names the file, and none quotes it.
    pub async fn key(&self, name: &str) -> Result<Arc<Key>, Fault> {
        let slot = self.keys.get(name).ok_or_else(|| TrustFault::UnknownKey {
            name: name.chars().take(64).collect(),
            suggestion: suggestion(name, self.keys.keys().map(String::as_str)),
        })?;
        slot.opened.get_or_init(|| self.open(name, &slot.settings)).await.clone()
    }

    async fn open(&self, name: &str, settings: &KeySettings) -> Result<Arc<Key>, Fault> {
        let _turn = self.turn.lock().await;
        let path = self.surroundings.directory.join(&settings.file);
        let fault = |fault: TrustFault| Fault::from(fault).at(path.display().to_string());
        let (file, mode) = read_key(path.clone()).await.map_err(fault)?;
        if file.is_private() && mode & 0o077 != 0 {
            let name = name.to_owned();
            let fault = fault(TrustFault::ReadableByOthers { name, mode: mode & 0o777 });
            self.events.say(&Event::Warned { fault });
        }
        let passphrase = match (file.is_encrypted(), &settings.passphrase) {
            (false, _) => None,
            (true, Some(source)) => Some(config::read_secret(&self.surroundings, source).await?),
            (true, None) => Some(self.asked(name).await.map_err(fault)?),
        };
        let opening = tokio::task::spawn_blocking(move || file.open(passphrase.as_ref()));
        let opened = opening.await.map_err(|_| fault(TrustFault::Failed("open the key")))?;
        opened.map(Arc::new).map_err(fault)
    }

    async fn asked(&self, name: &str) -> Result<Secret, TrustFault> {
        let answer = self.ask.passphrase(name).await;
        answer.ok_or_else(|| TrustFault::NobodyToAsk(name.to_owned()))
    }
}

#[async_trait]
impl Keys for Keyring {
    async fn open(&self, name: &str) -> Result<Arc<dyn role::Key>, Fault> {
        Ok(self.key(name).await? as Arc<dyn role::Key>)
    }

    fn verify(&self, scheme: &str, public: &[u8], message: &[u8], signature: &[u8]) -> bool {
        super::verify(scheme, public, message, signature)
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring").field("keys", &self.keys.keys()).finish_non_exhaustive()
    }
}

/// The file of a key, and its permission bits. Disks may be slow, so not on a thread of the run.
async fn read_key(path: PathBuf) -> Result<(KeyFile, u32), TrustFault> {
    let reading = tokio::task::spawn_blocking(move || {
        let (text, mode) = read_file(&path)?;
        Ok((KeyFile::parse(&text)?, mode))
    });
    reading.await.map_err(|_| TrustFault::Failed("read the key"))?
}

fn read_file(path: &Path) -> Result<(Zeroizing<Vec<u8>>, u32), TrustFault> {
    let wrong = |error: std::io::Error| TrustFault::Unreadable(error.to_string());
    // Looked at before it is opened: opening a pipe that nobody writes to never ends.
    let meta = std::fs::metadata(path).map_err(wrong)?;
    if !meta.is_file() {
        return Err(TrustFault::Unreadable("it is not a plain file".to_owned()));
    }
    let file = File::open(path).map_err(wrong)?;
    let bound = MAX_FILE_BYTES + 1;
    // As large as it can get, so that it never moves and leaves a copy behind.
    let mut text = Zeroizing::new(Vec::with_capacity(bound));
    file.take(bound as u64).read_to_end(&mut text).map_err(wrong)?;
    Ok((text, meta.permissions().mode()))
}

#[cfg(test)]
#[path = "keyring_tests.rs"]
mod tests;
