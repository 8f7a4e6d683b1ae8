//! The components of a run, each ready to play its role for the step that named it.

use super::{Session, Side, Transport};
use crate::diagnostic::{Fault, Origin};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::Mutex;

type Key = (String, String);
type Open = (String, String, String, Side);

/// Transports by step and transport word. A component that could not be loaded is kept as its
/// fault: only the steps that need it fail.
#[derive(Default)]
pub struct Roles {
    transports: BTreeMap<Key, Result<Arc<dyn Transport>, Fault>>,
    sessions: Mutex<BTreeMap<Open, Arc<dyn Session>>>,
}

impl Roles {
    /// Roles from what was loaded, by step and transport word.
    pub fn new(transports: BTreeMap<Key, Result<Arc<dyn Transport>, Fault>>) -> Self {
        Self { transports, sessions: Mutex::default() }
    }

    /// The transport that `step` uses for a transport word.
    pub fn transport(&self, step: &str, word: &str) -> Result<&Arc<dyn Transport>, Fault> {
        match self.transports.get(&(step.to_owned(), word.to_owned())) {
            Some(Ok(transport)) => Ok(transport),
            Some(Err(fault)) => Err(fault.clone()),
            None => {
                let message = format!("step `{step}` has no transport `{word}`");
                Err(Fault::new("role::no-transport", Origin::Local, message))
            }
        }
    }

    /// The session of `step` at a place; opened once and shared.
    pub async fn session(
        &self,
        step: &str,
        word: &str,
        place: &str,
        side: Side,
    ) -> Result<Arc<dyn Session>, Fault> {
        let key = (step.to_owned(), word.to_owned(), place.to_owned(), side);
        let mut sessions = self.sessions.lock().await;
        if let Some(session) = sessions.get(&key) {
            return Ok(Arc::clone(session));
        }
        let session = self.transport(step, word)?.open(place, side).await?;
        sessions.insert(key, Arc::clone(&session));
        Ok(session)
    }
}
