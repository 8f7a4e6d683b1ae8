//! A walk that did not begin.

use crate::diagnostic::Fault;
use crate::report::{ExitCode, FaultStage};

/// What was refused before anything began, with all that is wrong.
#[derive(Debug, Clone)]
pub struct Refused {
    /// What is wrong.
    pub faults: Vec<Fault>,
    /// The spec file, for people.
    pub file: String,
    /// Its text, for drawing.
    pub text: Option<String>,
    /// What was refused.
    pub stage: FaultStage,
}

impl Refused {
    /// The exit code: the most important of the faults' codes.
    pub fn exit_code(&self) -> ExitCode {
        let of = |fault: &Fault| ExitCode::of(fault.kind, fault.origin, self.stage);
        ExitCode::first(self.faults.iter().map(of))
    }
}
