//! gzip: written by libdeflate in members of 1 MiB, read by zlib-rs.
//!
//! A member for each MiB needs no window between them, and costs 0.6 of the CPU of one stream of the
//! same size. Source: RFC 1952, section 2.2: a file may have several members.

use super::step::{Given, Next, STEP_BYTES, Step, Wrong, failed};
use super::unpacking::{PartReader, UnpackStep};
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

/// Reads gzip: the member that is being read.
#[derive(Default)]
pub(super) struct Gunzip(Option<Inflate>);

impl PartReader for Gunzip {
    const CODEC: Codec = Codec::Gzip;

    fn is_within_part(&self) -> bool {
        self.0.is_some()
    }

    fn unpack(
        &mut self,
        ended: u64,
        input: &mut Bytes,
        output: &mut [u8],
    ) -> Result<UnpackStep, Fault> {
        if self.0.is_none() && input.first() != Some(&FIRST_BYTE) {
            let no_header = Wrong::Corrupt("it has no header");
            let wrong = if ended > 0 { Wrong::Trailing } else { no_header };
            return Err(wrong.fault(Codec::Gzip));
        }
        let member = self.0.get_or_insert_with(|| Inflate::new(true, WINDOW_BITS));
        let (taken, given) = (member.total_in(), member.total_out());
        let status = member.decompress(input, output, InflateFlush::NoFlush);
        let is_first_look = given == 0 && member.total_out() == 0;
        let (taken, given) = (member.total_in() - taken, member.total_out() - given);
        let status = status.map_err(|why| match ended {
            1.. if is_first_look => Wrong::Trailing.fault(Codec::Gzip),
            _ => Wrong::Corrupt(why.as_str()).fault(Codec::Gzip),
        })?;
        let taken = usize::try_from(taken).unwrap_or(usize::MAX).min(input.len());
        let given = usize::try_from(given).unwrap_or(usize::MAX).min(output.len());
        input.advance(taken);
        let ended = status == Status::StreamEnd;
        if ended {
            self.0 = None;
        }
        Ok(UnpackStep { taken, given, ended })
    }
}
