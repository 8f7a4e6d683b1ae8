//! `engine explain`

use super::listening::Listening;
use crate::cli::exit::Exit;
use crate::cli::refusal::after_output;
use crate::cli::spec_arguments::{Keeping, SpecArguments};
use crate::cli::{calls_below, output};
use crate::oci::{Reference, TransportWords};
use crate::role::Surroundings;
use crate::run;
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Explain what becomes of one image, and why
///
/// Plans like `plan`, and shows for one reference which steps it passes, where it stops, and what
/// would be done with it.
#[derive(Debug, PartialEq, Eq, Args)]
pub(in crate::cli) struct ExplainArguments {
    #[command(flatten)]
    pub(in crate::cli) spec: SpecArguments,

    /// A source or destination, such as docker.io/library/nginx:1.29
    #[arg(value_name = "REF")]
    pub(in crate::cli) reference: String,

    #[command(flatten)]
    pub(in crate::cli) keeping: Keeping,
    #[command(flatten)]
    pub(in crate::cli) listening: Listening,
}

impl ExplainArguments {
    /// Explains.
    pub(in crate::cli) fn perform(&self, surroundings: &Arc<Surroundings>) -> Exit {
        let listeners = match self.listening.start(surroundings) {
            Ok(listeners) => listeners,
            Err(exit) => return exit,
        };
        let mut request = match self.spec.request(surroundings, listeners.speaker()) {
            Ok(request) => request,
            Err(exit) => return exit,
        };
        request.state = self.keeping.choice();
        let folder = request.folder();
        let show = |planned: run::Planned| {
            let reference = grounded(&self.reference, &folder, &planned.plan.words());
            let text = calls_below::explained(&planned, &reference);
            after_output(output::text(&text), Exit::Done)
        };
        listeners.walk(request, |request| async move { run::plan(&request).await }, show)
    }
}

/// The reference as plans name it: a path starts at the spec's folder, as it does in the spec.
fn grounded(written: &str, folder: &Path, words: &TransportWords) -> String {
    match Reference::parse(written, words) {
        Ok(mut reference) if reference.form.shape.is_path() => {
            let path: PathBuf = folder.join(&reference.place).components().collect();
            reference.place = path.to_string_lossy().into_owned();
            reference.to_string()
        }
        _ => written.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::ReferenceForm;

    #[test]
    fn paths_start_at_the_folder_of_the_spec() {
        let mut words = TransportWords::default();
        words.insert("shelf", ReferenceForm::LAYOUT);
        for (written, named) in [
            ("oci:images:1.2-rc1", "oci:/specs/images:1.2-rc1"),
            ("oci:./images:1.2-rc1", "oci:/specs/images:1.2-rc1"),
            ("dir:/else/where", "dir:/else/where"),
            ("oci:images:@1", "oci:/specs/images:@1"),
            ("shelf:a.tar:x:1", "shelf:/specs/a.tar:x:1"),
            ("docker.io/library/alpine:3", "docker.io/library/alpine:3"),
            ("what is this?", "what is this?"),
        ] {
            assert_eq!(grounded(written, Path::new("/specs"), &words), named);
        }
    }
}
