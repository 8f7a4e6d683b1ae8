//! Unpacking, whatever the codec: parts in a row (members of gzip, frames of Zstandard) are one
//! content, within the bounds.

use super::UnpackBounds;
use super::step::{Given, Next, STEP_BYTES, Step, Wrong};
use crate::diagnostic::Fault;
use crate::oci::Codec;
use bytes::Bytes;

/// What a codec's library does with a part.
pub(super) trait PartReader: Send + 'static {
    /// The codec.
    const CODEC: Codec;

    /// Whether a part has begun and not ended.
    fn is_within_part(&self) -> bool;

    /// Unpacks some of `input` into `output`. `ended` parts came before this one.
    ///
    /// # Errors
    ///
    /// It is not of the codec; after an ended part, that something else follows.
    fn unpack(
        &mut self,
        ended: u64,
        input: &mut Bytes,
        output: &mut [u8],
    ) -> Result<UnpackStep, Fault>;
}

/// What one call of a codec's library did.
pub(super) struct UnpackStep {
    /// Bytes that were read.
    pub taken: usize,
    /// Bytes that were written.
    pub given: usize,
    /// Whether the part came to its end.
    pub ended: bool,
}

/// The unpacking of one body.
pub(super) struct Unpacking<R> {
    reader: R,
    bounds: UnpackBounds,
    parts: u64,
    taken: u64,
    given: u64,
}

impl<R: PartReader> Unpacking<R> {
    pub(super) fn new(reader: R, bounds: UnpackBounds) -> Self {
        Self { reader, bounds, parts: 0, taken: 0, given: 0 }
    }

    fn unpack(&mut self, input: &mut Bytes, output: &mut [u8]) -> Result<UnpackStep, Fault> {
        let moved = self.reader.unpack(self.parts, input, output)?;
        self.taken += moved.taken as u64;
        self.given += moved.given as u64;
        self.parts += u64::from(moved.ended);
        self.bounds.check(self.taken, self.given)?;
        Ok(moved)
    }
}

impl<R: PartReader> Step for Unpacking<R> {
    fn takes(&self) -> usize {
        STEP_BYTES / 4
    }

    fn step(&mut self, input: &mut Bytes, last: bool) -> Result<Given, Fault> {
        let mut output = vec![0; STEP_BYTES];
        let mut filled = 0;
        let next = loop {
            let Some(space) = output.get_mut(filled..).filter(|space| !space.is_empty()) else {
                break Next::Again;
            };
            // Between parts nothing is waited for; within one, something may be left to be given.
            if input.is_empty() && !self.reader.is_within_part() {
                break if last { Next::End } else { Next::Input };
            }
            let moved = self.unpack(input, space)?;
            filled += moved.given;
            if moved.taken > 0 || moved.given > 0 || moved.ended {
                continue;
            }
            if !input.is_empty() {
                return Err(Wrong::Corrupt("it does not go on").fault(R::CODEC));
            }
            if last {
                return Err(Wrong::Truncated.fault(R::CODEC));
            }
            break Next::Input;
        };
        if next == Next::End && self.parts == 0 {
            return Err(Wrong::Truncated.fault(R::CODEC));
        }
        output.truncate(filled);
        Ok(Given { bytes: output.into(), next })
    }
}
