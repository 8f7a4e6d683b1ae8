//! A place that a step has opened. Each question is asked again where that may help, and a place
//! that is out is not asked anything more.
//!
//! This is the survey's owner of retries; `http` below repeats only what died before an answer.

use super::error;
use super::outage::Outage;
use crate::companion::OpenRepository;
use crate::diagnostic::{Backoff, Fault};
use crate::graph::RunSettings;
use crate::role::{self, Capabilities, Roles, Session, Side, Stop};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One place as one step sees it.
pub(super) struct OpenPlace {
    /// The step.
    pub step: String,
    /// What its transport can do.
    pub can: Capabilities,
    session: Arc<dyn Session>,
    /// The place with its transport, as `docker:quay.io`.
    pub place: String,
    retries: RetryLimits,
    outage: Mutex<Outage>,
}

/// How often a question is asked, with which pauses, and until when.
#[derive(Debug, Clone)]
pub(super) struct RetryLimits {
    attempts: u32,
    backoff: Backoff,
    stop: Stop,
}

impl RetryLimits {
    /// Those of the run.
    pub(super) fn new(run: &RunSettings, stop: Stop) -> Self {
        let RunSettings { attempts, pause, max_pause, .. } = *run;
        let backoff = Backoff { first: pause, longest: max_pause };
        Self { attempts: attempts.max(1), backoff, stop }
    }
}

/// Places that were opened, each once.
pub(super) struct OpenPlaces<'a> {
    roles: &'a Roles,
    retries: RetryLimits,
    side: Side,
    open: BTreeMap<(String, String, String), Result<Arc<OpenPlace>, Fault>>,
}

impl<'a> OpenPlaces<'a> {
    /// None opened yet.
    pub(super) fn new(roles: &'a Roles, retries: RetryLimits, side: Side) -> Self {
        Self { roles, retries, side, open: BTreeMap::new() }
    }

    /// The place that a step reaches by a transport word. Nothing is asked there yet.
    pub(super) async fn open(
        &mut self,
        step: &str,
        word: &str,
        place: &str,
    ) -> Result<Arc<OpenPlace>, Fault> {
        let key = (step.to_owned(), word.to_owned(), place.to_owned());
        if let Some(open) = self.open.get(&key) {
            return open.clone();
        }
        let open = self.begin(step, word, place).await.map(Arc::new);
        self.open.insert(key, open.clone());
        open
    }

    /// The faults of places that could not be opened, each once, by step.
    pub(super) fn closed(self) -> Vec<(String, Fault)> {
        let mut faults = Vec::new();
        for ((step, ..), place) in self.open {
            let Err(fault) = place else { continue };
            if !faults.contains(&(step.clone(), fault.clone())) {
                faults.push((step, fault));
            }
        }
        faults
    }

    async fn begin(&self, step: &str, word: &str, place: &str) -> Result<OpenPlace, Fault> {
        let can = self.roles.transport(step, word)?.capabilities().clone();
        let session = self.roles.session(step, word, place, self.side).await?;
        let (step, retries) = (step.to_owned(), self.retries.clone());
        let place = format!("{word}:{place}");
        Ok(OpenPlace { step, can, session, place, retries, outage: Mutex::default() })
    }
}

impl OpenPlace {
    /// Asks something about a repository; an empty one is the place as a whole.
    ///
    /// # Errors
    ///
    /// What the place answers when asking again does not help, or did not; at once the fault that
    /// put the place or the repository out, if one did; `survey::stopped`.
    pub(super) async fn ask<T, F>(
        &self,
        repository: &str,
        question: impl Fn(Arc<dyn Session>) -> F,
    ) -> Result<T, Fault>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        let RetryLimits { attempts, backoff, .. } = self.retries;
        let mut attempt = 1;
        loop {
            if let Some(fault) = self.outage().of(repository) {
                return Err(fault);
            }
            if self.retries.stop.requested().is_some() {
                return Err(error::stopped());
            }
            let fault = match question(Arc::clone(&self.session)).await {
                Ok(answer) => {
                    self.outage().answered(repository);
                    return Ok(answer);
                }
                Err(fault) => fault,
            };
            // A place that asks for a longer pause than the run allows is left for the next run.
            let pause = backoff.pause(&fault, attempt).filter(|pause| *pause <= backoff.longest);
            match pause {
                Some(pause) if attempt < attempts => tokio::time::sleep(pause).await,
                // Nobody was asked, and all that is not counted may be asked for.
                _ if fault.is(role::codes::QUOTA) => return Err(fault),
                _ => {
                    self.outage().failed(repository, &fault);
                    return Err(fault);
                }
            }
            attempt += 1;
        }
    }

    /// A repository of the place, as the floor `companion` takes it; `session` is the one that
    /// [`OpenPlace::ask`] gives.
    pub(super) fn repository<'a>(
        &'a self,
        session: &'a Arc<dyn Session>,
        name: &'a str,
    ) -> OpenRepository<'a> {
        let Self { step, place, can, .. } = self;
        OpenRepository { step, place, name, session, lists_tags: can.lists_tags }
    }

    /// What is wrong with the place as a whole: what put it out, or that it never answered.
    pub(super) fn trouble(&self) -> Option<Fault> {
        self.outage().trouble()
    }

    fn outage(&self) -> MutexGuard<'_, Outage> {
        self.outage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
