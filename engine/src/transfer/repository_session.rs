//! One end of a copy: a session and a repository in it.

use crate::companion::OpenRepository;
use crate::diagnostic::Fault;
use crate::oci::{Digest, Reference};
use crate::role::{Capabilities, Roles, Session, Side};
use std::sync::Arc;

/// A repository at an open place.
#[derive(Clone)]
pub(super) struct RepositorySession {
    /// The session.
    pub(super) session: Arc<dyn Session>,
    /// What its transport can do.
    pub(super) can: Capabilities,
    /// The place, with its transport: `docker:quay.io`.
    pub(super) place: Arc<str>,
    /// The repository.
    pub(super) repository: Arc<str>,
}

impl RepositorySession {
    /// Opens the place of `reference` as `step` may.
    pub(super) async fn open(
        roles: &Roles,
        step: &str,
        reference: &Reference,
        side: Side,
    ) -> Result<Self, Fault> {
        let word = &reference.transport;
        let can = roles.transport(step, word)?.capabilities().clone();
        let session = roles.session(step, word, &reference.place, side).await?;
        let place = format!("{word}:{}", reference.place).into();
        let repository = reference.name.repository.as_str().into();
        Ok(Self { session, can, place, repository })
    }

    /// Where blobs are kept: the repository, or nothing where all repositories of the place share
    /// them.
    pub(super) fn shelf(&self) -> Arc<str> {
        if self.can.shared_blobs { "".into() } else { Arc::clone(&self.repository) }
    }

    /// The same as the floor `companion` takes it; `step` is the one that opened it.
    pub(super) fn opened_by<'a>(&'a self, step: &'a str) -> OpenRepository<'a> {
        OpenRepository {
            step,
            place: &self.place,
            name: &self.repository,
            session: &self.session,
            lists_tags: self.can.lists_tags,
        }
    }

    /// How people know content at this end.
    pub(super) fn name_of(&self, digest: &Digest) -> String {
        self.opened_by("").name_of(digest)
    }
}
