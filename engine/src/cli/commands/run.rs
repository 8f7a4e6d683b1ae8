//! `engine run`

use super::listening::Listening;
use crate::cli::exit::Exit;
use crate::cli::refusal::unwritable;
use crate::cli::spec_arguments::{Keeping, SpecArguments};
use crate::cli::standard_error::Speaker;
use crate::cli::whole_file::WholeFile;
use crate::cli::{calls_below, output};
use crate::graph::ReportKind;
use crate::role::Surroundings;
use crate::run::{self, Finished};
use clap::Args;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Make destinations look as a spec says
///
/// Looks at sources and destinations, plans, and copies what is missing. The first Ctrl-C lets
/// what runs end; the second aborts. Exit codes: 0 done, 1 some images failed, 3 a policy refused
/// something, 4 a conflict at a destination, 64 the command line is wrong, 65 the spec is
/// invalid, 69 no source or no destination could be reached, 70 a fault of the engine, 74 a
/// report could not be written, 75 another run holds the state or images wait for a later run, 77
/// a registry refused a credential, 78 a file cannot be read, 130 or 143 stopped by a signal.
#[derive(Debug, PartialEq, Eq, Args)]
pub(in crate::cli) struct RunArguments {
    #[command(flatten)]
    pub(in crate::cli) spec: SpecArguments,
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
        let speaker = listeners.speaker();
        let report = match self.report.as_deref().map(Sheet::open).transpose() {
            Ok(report) => report,
            Err(fault) => return unwritable(speaker, &fault),
        };
        if self.listening.takes_stdout() && matches!(report, Some(Sheet::Stdout)) {
            speaker.complain("only one of --events and --report can have standard output");
            return Exit::Usage;
        }
        let mut request = match self.spec.request(surroundings, speaker) {
            Ok(request) => request,
            Err(exit) => return exit,
        };
        request.state = self.keeping.choice();
        listeners.walk(
            request,
            |request| async move { run::run(&request).await },
            |finished| finish(speaker, report, &finished),
        )
    }
}

/// Where a report goes.
enum Sheet {
    Stdout,
    File(WholeFile),
}

impl Sheet {
    fn open(path: &Path) -> Result<Self, (PathBuf, io::Error)> {
        if path == Path::new("-") {
            return Ok(Self::Stdout);
        }
        WholeFile::open(path).map(Self::File)
    }

    fn name(&self) -> String {
        match self {
            Self::Stdout => "standard output".to_owned(),
            Self::File(file) => file.path().display().to_string(),
        }
    }

    fn write(self, document: &str) -> io::Result<()> {
        match self {
            Self::Stdout => output::json(document),
            Self::File(file) => file.finish_json(document),
        }
    }
}

/// Shows the summary and writes the reports: those of the spec, and the one of the command line.
fn finish(speaker: &Speaker, sheet: Option<Sheet>, finished: &Finished) -> Exit {
    let mut exit = calls_below::finished_exit(finished);
    speaker.summary(&calls_below::closing_text(finished));
    for report in &finished.graph.reports {
        let written = WholeFile::open(&report.path).map_err(|(_, fault)| fault).and_then(|file| {
            let text = calls_below::report_as(finished, report.kind);
            match report.kind {
                ReportKind::Json => file.finish_json(&text),
                ReportKind::Text => file.finish(&text),
            }
        });
        exit = exit.or(told(speaker, &report.path.display().to_string(), written));
    }
    if let Some(sheet) = sheet {
        let name = sheet.name();
        exit = exit.or(told(speaker, &name, sheet.write(&calls_below::report_json(finished))));
    }
    exit
}

/// What a report that could not be written means for the exit code.
fn told(speaker: &Speaker, name: &str, written: io::Result<()>) -> Exit {
    match written {
        Ok(()) => Exit::Done,
        Err(fault) => {
            speaker.complain(&format!("cannot write the report to {name}: {fault}"));
            Exit::Unwritten
        }
    }
}
