//! What is said when a spec, or a file of the command line, is refused.

use crate::cli::calls_below;
use crate::cli::exit::Exit;
use crate::cli::standard_error::Speaker;
use crate::cli::start::unwritten;
use crate::run::Refused;
use std::io;
use std::path::PathBuf;

/// Draws all faults of a spec.
pub(super) fn refused(speaker: &Speaker, refused: &Refused) -> Exit {
    if speaker.tone().json {
        for fault in &refused.faults {
            speaker.fault(fault);
        }
    } else {
        speaker.block(&calls_below::drawn(refused, speaker.tone().colour));
    }
    calls_below::refused_exit(refused)
}

/// Says that a file cannot be written.
pub(super) fn cannot_write(speaker: &Speaker, (path, fault): &(PathBuf, io::Error)) {
    speaker.complain(&format!("cannot write `{}`: {fault}", path.display()));
}

/// Says that a file of the command line cannot be written, before anything begins.
pub(super) fn unwritable(speaker: &Speaker, fault: &(PathBuf, io::Error)) -> Exit {
    cannot_write(speaker, fault);
    Exit::UnreadableConfig
}

/// The exit code of a command that wrote its data to standard output.
pub(super) fn after_output(written: io::Result<()>, exit: Exit) -> Exit {
    match written {
        Ok(()) => exit,
        Err(fault) => exit.or(unwritten(&fault)),
    }
}
