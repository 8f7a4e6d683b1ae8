//! Zstandard, written and read by its reference library.

use super::step::{Given, Next, STEP_BYTES, Step, Wrong, failed};
use super::unpacking::{PartReader, UnpackStep};
use crate::diagnostic::Fault;
use crate::oci::Codec;
use bytes::{Buf, Bytes};
use zstd_safe::zstd_sys::ZSTD_EndDirective as Directive;
use zstd_safe::{CCtx, CParameter, DCtx, DParameter, InBuffer, OutBuffer, get_error_name};

/// The largest window that is read, as a power of two: 128 MiB, what the reference tool takes without
/// being told to.
const MAX_WINDOW_LOG: u32 = 27;

/// Writes Zstandard.
pub(super) struct Zstd(CCtx<'static>);

impl Zstd {
    pub(super) fn new(level: u32) -> Result<Self, Fault> {
        let mut context = CCtx::try_create().ok_or_else(no_memory)?;
        let level = i32::try_from(level).map_err(|why| failed(Codec::Zstd, &why.to_string()))?;
        context.set_parameter(CParameter::CompressionLevel(level)).map_err(broken)?;
        Ok(Self(context))
    }
}

impl Step for Zstd {
    fn takes(&self) -> usize {
        STEP_BYTES
    }

    fn step(&mut self, input: &mut Bytes, last: bool) -> Result<Given, Fault> {
        let mut output = vec![0; STEP_BYTES];
        let mut to = OutBuffer::around(output.as_mut_slice());
        let mut from = InBuffer::around(input);
        let whole = input.len();
        while from.pos() < whole && to.pos() < to.capacity() {
            let go_on = Directive::ZSTD_e_continue;
            self.0.compress_stream2(&mut to, &mut from, go_on).map_err(broken)?;
        }
        let used = from.pos();
        // The end is asked for with nothing else: a library that is shown all of a small input at
        // once makes other bytes of it.
        let next = if used < whole || to.pos() == to.capacity() {
            Next::Again
        } else if !last {
            Next::Input
        } else {
            let mut nothing = InBuffer::around(&[]);
            let end = Directive::ZSTD_e_end;
            match self.0.compress_stream2(&mut to, &mut nothing, end).map_err(broken)? {
                0 => Next::End,
                _ => Next::Again,
            }
        };
        let filled = to.pos();
        input.advance(used);
        output.truncate(filled);
        output.shrink_to_fit();
        Ok(Given { bytes: output.into(), next })
    }
}

/// Reads Zstandard.
pub(super) struct Unzstd {
    context: DCtx<'static>,
    in_frame: bool,
}

impl Unzstd {
    pub(super) fn new() -> Result<Self, Fault> {
        let mut context = DCtx::try_create().ok_or_else(no_memory)?;
        context.set_parameter(DParameter::WindowLogMax(MAX_WINDOW_LOG)).map_err(broken)?;
        Ok(Self { context, in_frame: false })
    }
}

impl PartReader for Unzstd {
    const CODEC: Codec = Codec::Zstd;

    fn is_within_part(&self) -> bool {
        self.in_frame
    }

    fn unpack(
        &mut self,
        ended: u64,
        input: &mut Bytes,
        output: &mut [u8],
    ) -> Result<UnpackStep, Fault> {
        let mut to = OutBuffer::around(output);
        let mut from = InBuffer::around(input);
        let left = self.context.decompress_stream(&mut to, &mut from);
        let left = left.map_err(|code| match ended {
            1.. if !self.in_frame => Wrong::Trailing.fault(Codec::Zstd),
            _ => Wrong::Corrupt(get_error_name(code)).fault(Codec::Zstd),
        })?;
        let (taken, given) = (from.pos(), to.pos());
        input.advance(taken);
        self.in_frame = left > 0;
        Ok(UnpackStep { taken, given, ended: left == 0 && taken + given > 0 })
    }
}

fn broken(code: usize) -> Fault {
    failed(Codec::Zstd, get_error_name(code))
}

fn no_memory() -> Fault {
    failed(Codec::Zstd, "there is not enough memory")
}
