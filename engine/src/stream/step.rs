//! One step of a codec: pure computing on bytes at hand.

use super::codes;
use crate::diagnostic::{Fault, Origin};
use crate::oci::Codec;
use bytes::Bytes;

/// Bytes that a step gives at most, and about as many as it takes.
pub(super) const STEP_BYTES: usize = 1 << 20;

/// A codec in the middle of its work.
pub(super) trait Step: Send + 'static {
    /// Bytes that each step but the last gets, exactly: so the output does not depend on how the
    /// input was cut into chunks.
    fn takes(&self) -> usize;

    /// Works on `input` until it is used up or enough is given. `last`: nothing follows `input`.
    fn step(&mut self, input: &mut Bytes, last: bool) -> Result<Given, Fault>;
}

/// What a step gave.
#[derive(Debug)]
pub(super) struct Given {
    /// The next bytes of the output; may be none.
    pub(super) bytes: Bytes,
    /// What is to be done next.
    pub(super) next: Next,
}

/// What follows a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// The rest of the input, or more of it.
    Input,
    /// Another step with what is left of the input, even where that is nothing.
    Again,
    /// Nothing: the output is complete.
    End,
}

/// What is wrong with compressed input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong<'a> {
    /// It is not of the codec, or damaged; what the codec's library says.
    Corrupt(&'a str),
    /// It ends too early.
    Truncated,
    /// Something follows its end.
    Trailing,
}

impl Wrong<'_> {
    /// The fault of a source whose layer is not what its media type says.
    pub(super) fn fault(self, codec: Codec) -> Fault {
        let (code, message) = match self {
            Self::Corrupt(why) => {
                (codes::COMPRESSION_CORRUPT, format!("the layer is not readable as {codec}: {why}"))
            }
            Self::Truncated => (
                codes::COMPRESSION_TRUNCATED,
                format!("the layer ends in the middle of its {codec} data"),
            ),
            Self::Trailing => (
                codes::COMPRESSION_TRAILING,
                format!("something that is not {codec} follows the {codec} data of the layer"),
            ),
        };
        Fault::new(code, Origin::Source, message)
            .help("its digest is right, so it was published like this: copy it without `compress`")
    }
}

/// The fault of a codec that cannot work, whatever its input is.
pub(super) fn failed(codec: Codec, why: &str) -> Fault {
    Fault::new(codes::CODEC_FAILED, Origin::Local, format!("{codec} does not work here: {why}"))
}
