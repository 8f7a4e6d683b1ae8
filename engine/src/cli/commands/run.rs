//! `engine run`

use super::listening::{Listeners, Listening};
use super::refusal::{refused, unwritable};
use crate::cli::exit::Exit;
use crate::cli::reading::{Keeping, Reading};
use crate::cli::walking::walk;
use crate::cli::whole_file::WholeFile;
use crate::cli::{output, seams};
use crate::role::Surroundings;
use crate::run::{self, Finished};
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Make destinations look as a spec says
///
/// Looks at sources and destinations, plans, and copies what is missing. The first Ctrl-C lets
/// what runs end; the second aborts. Exit codes: 0 done, 1 some images failed, 4 a conflict at
/// a destination, 65 the spec is invalid, 69 all sources are unreachable, 75 another run holds
/// the state, 77 a registry refused a credential, 130 or 143 stopped by a signal.
#[derive(Debug, PartialEq, Eq, Args)]
pub(in crate::cli) struct RunArguments {
    #[command(flatten)]
    pub(in crate::cli) reading: Reading,
    #[command(flatten)]
    pub(in crate::cli) keeping: Keeping,

    /// Write the report as JSON to this file, or to standard output for -
    #[arg(long, value_name = "FILE|-")]
    pub(in crate::cli) report: Option<PathBuf>,

    #[command(flatten)]
    pub(in crate::cli) listening: Listening,
}

impl RunArguments {
    /// Runs.
    pub(in crate::cli) fn perform(&self, surroundings: &Arc<Surroundings>) -> Exit {
        let listeners = match self.listening.start(surroundings) {
            Ok(listeners) => listeners,
            Err(exit) => return exit,
        };
        let speaker = &listeners.speaker;
        let report = match self.report.as_deref().map(Sheet::open).transpose() {
            Ok(report) => report,
            Err((path, fault)) => return unwritable(speaker, &path, &fault),
        };
        if self.listening.takes_stdout() && matches!(report, Some(Sheet::Stdout)) {
            speaker.complain("only one of --events and --report can have standard output");
            return Exit::USAGE;
        }
        let mut request = self.reading.request(surroundings);
        request.state = self.keeping.choice();
        let beat = || listeners.beat();
        let beside = listeners.attach(&mut request, &beat);
        let ended = walk(async move { run::run(&request).await }, &beside);
        listeners.end();
        match ended {
            Err(fault) => {
                speaker.complain(&format!("cannot start: {fault}"));
                Exit::INTERNAL
            }
            Ok(ended) => ended.exit(|result| match result {
                Ok(finished) => finish(&listeners, report, &finished),
                Err(faults) => refused(speaker, &faults),
            }),
        }
    }
}

/// Where a report goes.
enum Sheet {
    Stdout,
    File(WholeFile, PathBuf),
}

impl Sheet {
    fn open(path: &Path) -> Result<Self, (PathBuf, std::io::Error)> {
        if path == Path::new("-") {
            return Ok(Self::Stdout);
        }
        let file = WholeFile::open(path).map_err(|fault| (path.to_owned(), fault))?;
        Ok(Self::File(file, path.to_owned()))
    }
}

/// Shows the summary and writes the report.
fn finish(listeners: &Listeners, sheet: Option<Sheet>, finished: &Finished) -> Exit {
    let speaker = &listeners.speaker;
    let exit = seams::finished_exit(finished);
    speaker.summary(&seams::report_text(finished));
    let (written, name) = match sheet {
        None => return exit,
        Some(Sheet::Stdout) => {
            (output::json(&seams::report_json(finished)), "standard output".to_owned())
        }
        Some(Sheet::File(file, path)) => {
            (file.finish(&seams::report_json(finished)), path.display().to_string())
        }
    };
    match written {
        Ok(()) => exit,
        Err(fault) => {
            speaker.complain(&format!("cannot write the report to {name}: {fault}"));
            exit.or(Exit::SOME_FAILED)
        }
    }
}
