//! Asking the person at the terminal, as a contract, so that a test can answer.

use super::Secret;
use async_trait::async_trait;

/// Asks the person who started the run.
#[async_trait]
pub trait Ask: Send + Sync {
    /// Asks for the passphrase of a key, without showing what is typed. `None`: there is nobody
    /// to ask, or nobody answered within the patience of who asks. Called for one key at a time,
    /// once for each.
    async fn passphrase(&self, key: &str) -> Option<Secret>;
}

/// Nobody: there is no terminal.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nobody;

#[async_trait]
impl Ask for Nobody {
    async fn passphrase(&self, _key: &str) -> Option<Secret> {
        None
    }
}
