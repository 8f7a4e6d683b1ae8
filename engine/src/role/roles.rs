//! The components of a run, each ready to play its role for the step that named it.

use super::{Filter, Policy, Session, Side, Signer, Transform, Transport};
use crate::diagnostic::{Fault, Origin};
use crate::role::codes;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::Mutex;

type Key = (String, String);
type Open = (String, String, String, Side);

/// An open session, and the step and settings that it was opened with.
struct OpenSession {
    session: Arc<dyn Session>,
    step: String,
    settings: String,
}

/// A component that was loaded, in its role. One that could not be loaded is kept as its fault: only
/// the steps that need it fail.
#[derive(Clone)]
pub enum Player {
    /// A transport.
    Transport(Arc<dyn Transport>),
    /// A signer.
    Signer(Arc<dyn Signer>),
    /// A policy.
    Policy(Arc<dyn Policy>),
    /// A filter.
    Filter(Arc<dyn Filter>),
    /// A transform.
    Transform(Arc<dyn Transform>),
    /// Not loaded.
    Missing(Fault),
}

/// Players by step and word: a transport word or the component's id.
#[derive(Default)]
pub struct Roles {
    players: BTreeMap<Key, Player>,
    sessions: Mutex<BTreeMap<Open, OpenSession>>,
}

impl Roles {
    /// Roles from what was loaded, by step and word.
    pub fn new(players: BTreeMap<Key, Player>) -> Self {
        Self { players, sessions: Mutex::default() }
    }

    /// The transport that `step` uses for a transport word.
    pub fn transport(&self, step: &str, word: &str) -> Result<&Arc<dyn Transport>, Fault> {
        match self.player(step, word)? {
            Player::Transport(transport) => Ok(transport),
            _ => Err(absent(step, word)),
        }
    }

    /// The signer of `step`.
    pub fn signer(&self, step: &str, word: &str) -> Result<&Arc<dyn Signer>, Fault> {
        match self.player(step, word)? {
            Player::Signer(signer) => Ok(signer),
            _ => Err(absent(step, word)),
        }
    }

    /// The policy of `step`.
    pub fn policy(&self, step: &str, word: &str) -> Result<&Arc<dyn Policy>, Fault> {
        match self.player(step, word)? {
            Player::Policy(policy) => Ok(policy),
            _ => Err(absent(step, word)),
        }
    }

    /// The filter of `step`.
    pub fn filter(&self, step: &str, word: &str) -> Result<&Arc<dyn Filter>, Fault> {
        match self.player(step, word)? {
            Player::Filter(filter) => Ok(filter),
            _ => Err(absent(step, word)),
        }
    }

    /// The transform of `step`.
    pub fn transform(&self, step: &str, word: &str) -> Result<&Arc<dyn Transform>, Fault> {
        match self.player(step, word)? {
            Player::Transform(transform) => Ok(transform),
            _ => Err(absent(step, word)),
        }
    }

    fn player(&self, step: &str, word: &str) -> Result<&Player, Fault> {
        match self.players.get(&(step.to_owned(), word.to_owned())) {
            Some(Player::Missing(fault)) => Err(fault.clone()),
            Some(player) => Ok(player),
            None => Err(absent(step, word)),
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
        let transport = self.transport(step, word)?;
        let settings = transport.settings();
        let key = match side {
            Side::Destination => match self.in_turn(step, word, place) {
                Some(shared) => (String::new(), shared, String::new(), side),
                None => (step.to_owned(), word.to_owned(), place.to_owned(), side),
            },
            Side::Source => (step.to_owned(), word.to_owned(), place.to_owned(), side),
        };
        let mut sessions = self.sessions.lock().await;
        if let Some(open) = sessions.get(&key) {
            if open.settings != settings {
                return Err(differing(step, &open.step, word, place));
            }
            return Ok(Arc::clone(&open.session));
        }
        let session = transport.open(place, side).await?;
        let open = OpenSession { session: Arc::clone(&session), step: step.to_owned(), settings };
        sessions.insert(key, open);
        Ok(session)
    }

    /// Names the destination that `step` reaches by a word, where its calls are made in turn: all steps
    /// of a run share one session there, which ends with `finish`. `None` where calls run side by side.
    pub fn in_turn(&self, step: &str, word: &str, place: &str) -> Option<String> {
        let transport = self.transport(step, word).ok()?;
        if transport.capabilities().concurrent {
            return None;
        }
        // Of a plugin without a place the settings say which one it is.
        let settings = if place.is_empty() { transport.settings() } else { String::new() };
        Some(format!("{word}:{place}{settings}"))
    }
}

fn differing(step: &str, other: &str, word: &str, place: &str) -> Fault {
    let message =
        format!("`{step}` and `{other}` write to `{word}:{place}` with different settings");
    Fault::new(codes::SETTINGS_DIFFER, Origin::Spec, message)
        .help("give both the same `with`, or each a place of its own")
}

fn absent(step: &str, word: &str) -> Fault {
    let message = format!("step `{step}` has no component `{word}` for this role");
    Fault::new(codes::NO_COMPONENT, Origin::Local, message)
}
