//! `engine key`

use crate::cli::exit::Exit;
use crate::cli::output::put;
use crate::cli::output_style::Voice;
use crate::cli::refusal::cannot_write;
use crate::cli::standard_error::Speaker;
use crate::role::{SecretSource, Surroundings};
use crate::run::{self, NewKey};
use clap::{Args, Subcommand};
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::runtime::Builder;

/// Where a passphrase is when no file is named.
const VARIABLE: &str = "ENGINE_KEY_PASSPHRASE";

/// Make keys for signing images
#[derive(Debug, PartialEq, Eq, Args)]
pub(in crate::cli) struct KeyArguments {
    #[command(subcommand)]
    pub(in crate::cli) command: KeyCommand,
}

/// What to do with keys.
#[derive(Debug, PartialEq, Eq, Subcommand)]
pub(in crate::cli) enum KeyCommand {
    /// Make a key: an encrypted private file, which cosign and Skopeo read too, and a public one
    ///
    /// Writes NAME.key, which only you can read, and NAME.pub; neither may be there yet. The
    /// passphrase is read from `--passphrase-file`, else from `ENGINE_KEY_PASSPHRASE`.
    Generate(GenerateArguments),
}

/// What `engine key generate` is told.
#[derive(Debug, PartialEq, Eq, Args)]
pub(in crate::cli) struct GenerateArguments {
    /// What both files are named after; may begin with a folder
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) output_prefix: PathBuf,

    /// A file with the passphrase; a line break at its end is no part of it
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) passphrase_file: Option<PathBuf>,

    #[command(flatten)]
    pub(in crate::cli) voice: Voice,
}

impl KeyArguments {
    /// Does it.
    pub(in crate::cli) fn perform(&self, surroundings: &Arc<Surroundings>) -> Exit {
        match &self.command {
            KeyCommand::Generate(arguments) => arguments.perform(surroundings),
        }
    }
}

impl GenerateArguments {
    fn perform(&self, surroundings: &Surroundings) -> Exit {
        let speaker = self.voice.speaker(surroundings);
        let passphrase = match &self.passphrase_file {
            Some(path) => SecretSource::File(path.clone()),
            None if surroundings.variable(VARIABLE).is_some() => {
                SecretSource::Variable(VARIABLE.to_owned())
            }
            None => {
                speaker.complain(&format!(
                    "there is no passphrase: set {VARIABLE}, or give --passphrase-file"
                ));
                return Exit::Usage;
            }
        };
        // Before the work, so that a name that is taken costs nothing.
        let files = match self.open(surroundings) {
            Ok(files) => files,
            Err(refused) => {
                cannot_write(&speaker, &refused);
                return Exit::Usage;
            }
        };
        let made = Builder::new_current_thread()
            .enable_all()
            .build()
            .map(|runtime| runtime.block_on(run::new_key(surroundings, &passphrase)));
        match made {
            Ok(Ok(key)) => write(&speaker, files, &key),
            Ok(Err(fault)) => {
                speaker.fault(&fault);
                Exit::Usage
            }
            Err(fault) => {
                speaker.complain(&format!("cannot start: {fault}"));
                Exit::Engine
            }
        }
    }

    fn open(&self, surroundings: &Surroundings) -> Result<[NewFile; 2], (PathBuf, io::Error)> {
        let named = |ending: &str, mode: u32| {
            // Not `with_extension`, which would cut `v1.2`.
            let mut path = surroundings.directory.join(&self.output_prefix).into_os_string();
            path.push(ending);
            NewFile::open(PathBuf::from(path), mode)
        };
        Ok([named(".key", 0o600)?, named(".pub", 0o644)?])
    }
}

/// Writes both halves, and says where they are.
fn write(speaker: &Speaker, files: [NewFile; 2], key: &NewKey) -> Exit {
    let [mut private, mut public] = files;
    let written = private.write(&key.private_pem).and_then(|()| public.write(&key.public_pem));
    if let Err(refused) = written {
        cannot_write(speaker, &refused);
        return Exit::Unwritten;
    }
    let (private, public) = (private.keep(), public.keep());
    speaker.note(&format!("{}: keep it, and its passphrase, to yourself", private.display()));
    speaker.note(&format!("{}: give it to who verifies", public.display()));
    speaker.note(&format!("fingerprint sha256:{}", key.fingerprint));
    Exit::Done
}

/// A file that was not there before, and is gone again unless it is kept.
struct NewFile {
    file: File,
    path: PathBuf,
    kept: bool,
}

impl NewFile {
    fn open(path: PathBuf, mode: u32) -> Result<Self, (PathBuf, io::Error)> {
        match OpenOptions::new().write(true).create_new(true).mode(mode).open(&path) {
            Ok(file) => Ok(Self { file, path, kept: false }),
            Err(fault) => Err((path, fault)),
        }
    }

    fn write(&mut self, text: &str) -> Result<(), (PathBuf, io::Error)> {
        let written = put(&mut self.file, text).and_then(|()| self.file.sync_data());
        written.map_err(|fault| (self.path.clone(), fault))
    }

    fn keep(mut self) -> PathBuf {
        self.kept = true;
        std::mem::take(&mut self.path)
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        if !self.kept {
            // It is rubbish at worst, and there is nobody left to tell.
            let _removed = fs::remove_file(&self.path);
        }
    }
}
