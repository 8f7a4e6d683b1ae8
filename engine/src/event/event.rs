//! All that a run can say.

use super::{Outcome, Presence, RequestKind, Totals};
use crate::diagnostic::Fault;
use crate::oci::Digest;
use crate::role::{Claim, Refusal};
use serde::{Deserialize, Serialize};

/// Something that happened. The events of one item come in the order of its life; those of
/// different items mix.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Event {
    /// The run began.
    RunStarted {
        /// Names this run.
        run: String,
        /// The pipeline's name, or its file.
        pipeline: String,
    },
    /// A source began to be looked at.
    SurveyStarted {
        /// The step.
        step: String,
        /// What it looks at.
        place: String,
    },
    /// A source was looked at.
    SurveyFinished {
        /// The step.
        step: String,
        /// Images that it offers, after its own selection.
        images: u64,
    },
    /// A source, or a destination, could not be looked at; the others go on.
    SurveyFailed {
        /// The step.
        step: String,
        /// Why.
        fault: Fault,
    },
    /// The plan is made.
    PlanReady {
        /// What it holds.
        totals: Totals,
        /// Bytes to move at most; what is there already is found when an item starts.
        bytes: Option<u64>,
    },
    /// An item began an attempt.
    ItemStarted {
        /// The item.
        item: u64,
        /// Which attempt, from 1.
        attempt: u32,
        /// The source, for people.
        source: String,
        /// The destination, for people.
        destination: String,
    },
    /// A blob of an item began to move.
    BlobStarted {
        /// The item that started it; others may wait for it.
        item: u64,
        /// The blob.
        digest: Digest,
        /// Its bytes, if known.
        size: Option<u64>,
    },
    /// Bytes of a blob were handed on.
    BlobProgress {
        /// The blob.
        digest: Digest,
        /// Bytes since the last such event.
        bytes: u64,
    },
    /// A blob is at a destination.
    BlobFinished {
        /// The item.
        item: u64,
        /// The blob.
        digest: Digest,
        /// The bytes that are there, if known.
        size: Option<u64>,
        /// What is there in its place, where a transform made something else of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        written: Option<Digest>,
        /// How it got there.
        presence: Presence,
    },
    /// A read broke and was opened again where it broke.
    ReadReopened {
        /// The blob.
        digest: Digest,
        /// The byte at which it went on.
        offset: u64,
        /// What broke it.
        fault: Fault,
    },
    /// An attempt failed and another will follow.
    ItemRetried {
        /// The item.
        item: u64,
        /// The attempt that failed.
        attempt: u32,
        /// Why.
        fault: Fault,
        /// Milliseconds until the next.
        pause_millis: u64,
    },
    /// All of an item is written at a place that is not finished yet; it is there for good only after
    /// that.
    ItemWritten {
        /// The item.
        item: u64,
        /// The destination, for people.
        destination: String,
    },
    /// A tag was set.
    TagMoved {
        /// The item.
        item: u64,
        /// The destination, in full.
        destination: String,
        /// What it pointed to before.
        previous: Option<Digest>,
        /// What it points to now.
        digest: Digest,
    },
    /// An item came to its end.
    ItemFinished {
        /// The item.
        item: u64,
        /// Its end.
        outcome: Outcome,
    },
    /// A request was answered, or failed.
    Requested {
        /// The host that was asked, with its port.
        host: String,
        /// What kind of request.
        kind: RequestKind,
        /// The status of the answer; none where there was no answer.
        status: Option<u16>,
    },
    /// A host was reached that the spec does not name, because a registry led there.
    LedTo {
        /// The registry.
        registry: String,
        /// The host, with its port.
        host: String,
        /// `challenge`, `redirect` or `location`.
        by: String,
    },
    /// A credential was used at a host, for the first time in this run.
    CredentialUsed {
        /// The registry.
        registry: String,
        /// The user, never the secret; a token's user is `<token>`.
        user: String,
    },
    /// A private key signed.
    KeyUsed {
        /// The step.
        step: String,
        /// The key's name in the spec.
        key: String,
        /// The image that the message named.
        digest: Digest,
    },
    /// A policy judged an image.
    Judged {
        /// The step.
        step: String,
        /// The image, for people.
        image: String,
        /// The manifest or index that was judged.
        digest: Digest,
        /// Why it may not pass; none: it may.
        refusal: Option<Refusal>,
        /// What was established.
        claims: Vec<Claim>,
        /// Why not, in words.
        reasons: Vec<String>,
    },
    /// A signature was attached.
    Signed {
        /// The item.
        item: u64,
        /// The step.
        step: String,
        /// The manifest or index that was signed.
        digest: Digest,
        /// What it was signed as.
        identity: Option<String>,
    },
    /// A guest asked for something that it was not granted.
    GrantRefused {
        /// The step.
        step: String,
        /// What it asked for.
        wanted: String,
    },
    /// A host asked for patience.
    Waiting {
        /// The host.
        host: String,
        /// Milliseconds.
        millis: u64,
        /// The status that asked for it.
        status: u16,
    },
    /// A host said how many more manifests may be read there.
    QuotaTold {
        /// The host.
        host: String,
        /// How many.
        remaining: u64,
    },
    /// A plugin wrote a line to the log.
    PluginLog {
        /// The step.
        step: String,
        /// `error`, `warn`, `info` or `debug`.
        level: String,
        /// The line, without control characters.
        line: String,
    },
    /// Something that people should know; the run goes on.
    Warned {
        /// What.
        fault: Fault,
    },
    /// The run was asked to stop.
    Stopping {
        /// `SIGINT` or `SIGTERM`.
        signal: String,
    },
    /// The run ended.
    RunFinished {
        /// The exit code.
        exit_code: u8,
    },
}

impl Event {
    /// Whether it matters to who answers for security: what was used, led to, refused, judged,
    /// signed or changed.
    pub fn is_for_the_audit(&self) -> bool {
        matches!(
            self,
            Self::RunStarted { .. }
                | Self::RunFinished { .. }
                | Self::TagMoved { .. }
                | Self::LedTo { .. }
                | Self::CredentialUsed { .. }
                | Self::KeyUsed { .. }
                | Self::Judged { .. }
                | Self::Signed { .. }
                | Self::GrantRefused { .. }
        )
    }
}
