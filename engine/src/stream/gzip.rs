//! gzip: written by libdeflate in members of 1 MiB, read by zlib-rs.
//!
//! A member for each MiB needs no window between them, and costs 0.6 of the CPU of one stream of the
//! same size. Source: RFC 1952, section 2.2: a file may have several members.

use super::UnpackBounds;
use super::step::{Given, Next, STEP_BYTES, Step, Wrong, failed};
use crate::diagnostic::Fault;
use crate::oci::Codec;
use bytes::{Buf, Bytes};
use libdeflater::{CompressionLvl, Compressor};
use zlib_rs::{Inflate, InflateFlush, Status};

/// 2^15 bytes of window, and 16 for a header and trailer of gzip.
const WINDOW_BITS: u8 = 15 + 16;

/// The first byte of each member. zlib asks for two before it says that there is no header.
const FIRST_BYTE: u8 = 0x1f;

/// Writes gzip.
pub(super) struct Gzip {
    compressor: Compressor,
    begun: bool,
}

impl Gzip {
    pub(super) fn new(level: u32) -> Result<Self, Fault> {
        let level = i32::try_from(level).ok().and_then(|level| CompressionLvl::new(level).ok());
        let level = level.ok_or_else(|| failed(Codec::Gzip, "there is no such level"))?;
        Ok(Self { compressor: Compressor::new(level), begun: false })
    }
}

impl Step for Gzip {
    fn takes(&self) -> usize {
        STEP_BYTES
    }

    fn step(&mut self, input: &mut Bytes, last: bool) -> Result<Given, Fault> {
        let next = if last { Next::End } else { Next::Input };
        let plain = std::mem::take(input);
        // Nothing at all is one empty member.
        if plain.is_empty() && (self.begun || !last) {
            return Ok(Given { bytes: Bytes::new(), next });
        }
        self.begun = true;
        let mut member = vec![0; self.compressor.gzip_compress_bound(plain.len())];
        let size = self.compressor.gzip_compress(&plain, &mut member);
        member.truncate(size.map_err(|why| failed(Codec::Gzip, &why.to_string()))?);
        member.shrink_to_fit();
        Ok(Given { bytes: member.into(), next })
    }
}

/// Reads gzip.
pub(super) struct Gunzip {
    bounds: UnpackBounds,
    /// The member that is being read.
    member: Option<Inflate>,
    members: u64,
    taken: u64,
    given: u64,
}

impl Gunzip {
    pub(super) fn new(bounds: UnpackBounds) -> Self {
        Self { bounds, member: None, members: 0, taken: 0, given: 0 }
    }

    /// Inflates some of `input`. Gives the bytes written, and whether anything moved.
    fn inflate(&mut self, input: &mut Bytes, output: &mut [u8]) -> Result<(usize, bool), Fault> {
        if self.member.is_none() && input.first() != Some(&FIRST_BYTE) {
            let no_header = Wrong::Corrupt("it has no header");
            let wrong = if self.members > 0 { Wrong::Trailing } else { no_header };
            return Err(wrong.fault(Codec::Gzip));
        }
        let member = self.member.get_or_insert_with(|| Inflate::new(true, WINDOW_BITS));
        let (taken, given) = (member.total_in(), member.total_out());
        let status = member.decompress(input, output, InflateFlush::NoFlush);
        let is_first_look = given == 0 && member.total_out() == 0;
        let (taken, given) = (member.total_in() - taken, member.total_out() - given);
        let status = status.map_err(|why| match self.members {
            1.. if is_first_look => Wrong::Trailing.fault(Codec::Gzip),
            _ => Wrong::Corrupt(why.as_str()).fault(Codec::Gzip),
        })?;
        input.advance(usize::try_from(taken).unwrap_or(usize::MAX).min(input.len()));
        (self.taken, self.given) = (self.taken + taken, self.given + given);
        if status == Status::StreamEnd {
            self.member = None;
            self.members += 1;
        }
        let written = usize::try_from(given).unwrap_or(usize::MAX).min(output.len());
        Ok((written, taken > 0 || given > 0 || status == Status::StreamEnd))
    }
}

impl Step for Gunzip {
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
            // Between members nothing is waited for; within one, something may be left to be given.
            if input.is_empty() && self.member.is_none() {
                break if last { Next::End } else { Next::Input };
            }
            let (written, moved) = self.inflate(input, space)?;
            filled += written;
            self.bounds.check(self.taken, self.given)?;
            if moved {
                continue;
            }
            if !input.is_empty() {
                return Err(Wrong::Corrupt("it does not go on").fault(Codec::Gzip));
            }
            if last {
                return Err(Wrong::Truncated.fault(Codec::Gzip));
            }
            break Next::Input;
        };
        if next == Next::End && self.members == 0 {
            return Err(Wrong::Truncated.fault(Codec::Gzip));
        }
        output.truncate(filled);
        Ok(Given { bytes: output.into(), next })
    }
}
