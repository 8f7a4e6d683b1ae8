//! `engine plugin build`

use crate::author::{self, Built};
use crate::cli::exit::Exit;
use crate::cli::output_style::Voice;
use crate::cli::refusal::{after_output, cannot_write};
use crate::cli::whole_file::WholeFile;
use crate::cli::{amounts, output};
use crate::role::Surroundings;
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Build the plugin in a folder into a component
///
/// Runs the tools of its language (cargo, componentize-js, componentize-py, or the command under
/// [build] in plugin.toml), puts the manifest into the component, and checks what it imports.
#[derive(Debug, PartialEq, Eq, Args)]
pub(in crate::cli) struct BuildArguments {
    /// Its folder; this one, if left out
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,

    /// The component's file; NAME.wasm in the folder, if left out
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,

    #[command(flatten)]
    voice: Voice,
}

impl BuildArguments {
    /// Builds.
    pub(in crate::cli) fn perform(&self, surroundings: &Arc<Surroundings>) -> Exit {
        let speaker = self.voice.speaker(surroundings);
        let here = self.folder.as_deref().unwrap_or(Path::new("."));
        let folder: PathBuf = surroundings.directory.join(here).components().collect();
        let built = match author::build(&folder, surroundings) {
            Ok(built) => built,
            Err(fault) => {
                speaker.fault(&fault.into());
                return Exit::SomeFailed;
            }
        };
        let name = format!("{}.wasm", built.name);
        let beside =
            self.folder.as_deref().map_or_else(|| name.clone().into(), |in_| in_.join(&name));
        let path = self.out.clone().unwrap_or(beside);
        let written = WholeFile::open(&surroundings.directory.join(&path)).and_then(|file| {
            file.finish_bytes(&built.component).map_err(|fault| (path.clone(), fault))
        });
        match written {
            Ok(()) => after_output(output::text(&line(&path, &built)), Exit::Done),
            Err(fault) => {
                cannot_write(&speaker, &fault);
                Exit::Unwritten
            }
        }
    }
}

/// File, size, digest, wants.
fn line(path: &Path, built: &Built) -> String {
    let wants = if built.wants.is_empty() { "nothing".to_owned() } else { built.wants.join(", ") };
    let size = amounts::bytes(built.component.len() as u64);
    format!("{}  {size}  {}  wants {wants}", path.display(), built.digest)
}
