//! The way in: arguments to a command, its exit code out.

use super::arguments::Arguments;
use super::exit::Exit;
use super::{output, panics, printable, surroundings};
use crate::role::know_secrets;
use clap::Parser;
use clap::error::{Error, ErrorKind};
use std::io::{Write, stderr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Arc;

/// Does what the process was asked for. Never panics: a fault of the engine itself is exit 70.
pub fn main() -> ExitCode {
    panics::catch();
    know_secrets();
    let answer = || match Arguments::try_parse_from(surroundings::arguments()) {
        Ok(arguments) => arguments.command.perform(&Arc::new(surroundings::surroundings())),
        Err(refusal) => refuse(&refusal),
    };
    catch_unwind(AssertUnwindSafe(answer)).unwrap_or(Exit::Engine).into()
}

/// Shows what clap has to say: help and the version are answers, all else is a usage fault.
fn refuse(refusal: &Error) -> Exit {
    let text = refusal.render().to_string();
    let (shown, exit) = match refusal.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => (output::text(&text), Exit::Done),
        _ => (output::put(&mut stderr().lock(), &printable::lines(&text)), Exit::Usage),
    };
    match shown {
        Ok(()) => exit,
        Err(fault) => unwritten(&fault),
    }
}

/// Says that standard output could not be written, as a full disk does.
pub(super) fn unwritten(fault: &std::io::Error) -> Exit {
    // Where standard error is gone as well, the exit code says it alone.
    let _written = writeln!(stderr().lock(), "error: cannot write standard output: {fault}");
    Exit::Unwritten
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clap_s_refusals_have_our_exit_codes() {
        for (line, exit) in [
            ("engine --version", Exit::Done),
            ("engine --help", Exit::Done),
            ("engine run --help", Exit::Done),
            ("engine help plan", Exit::Done),
            ("engine", Exit::Usage),
            ("engine fly", Exit::Usage),
            ("engine run", Exit::Usage),
            ("engine run a b", Exit::Usage),
            ("engine run a -v -q", Exit::Usage),
            ("engine run a --var x", Exit::Usage),
            ("engine run a --log-format xml", Exit::Usage),
            ("engine completion cmd", Exit::Usage),
        ] {
            let refusal = Arguments::try_parse_from(line.split(' ')).map(drop).unwrap_err();
            let given = match refusal.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Done,
                _ => Exit::Usage,
            };
            assert_eq!(given, exit, "{line}");
        }
    }
}
