//! The machine's policy.json: read once for a walk, and before a place is opened without one.

use super::{Refused, Request};
use crate::config::{PolicyRefused, find_policy};
use crate::diagnostic::Fault;
use crate::oci::Reference;
use crate::report::FaultStage;
use crate::role::{MachinePolicy, Surroundings};
use std::sync::Arc;

/// The policy of the machine; `None`: there is none, and nothing is asked of images.
pub(super) fn of_machine(request: &Request) -> Result<Option<Arc<dyn MachinePolicy>>, Refused> {
    match find_policy(&request.surroundings) {
        Ok(found) => Ok(found.map(|policy| Arc::new(policy) as Arc<dyn MachinePolicy>)),
        Err(PolicyRefused { path, text, faults }) => {
            Err(Refused { faults, file: path, text, stage: FaultStage::Start })
        }
    }
}

/// Refuses to hand out one of these images where the policy of the machine refuses it.
pub(super) fn admit(surroundings: &Surroundings, images: &[Reference]) -> Result<(), Fault> {
    let Some(policy) = find_policy(surroundings).map_err(PolicyRefused::into_first)? else {
        return Ok(());
    };
    let fault = images.iter().find_map(|image| policy.requirements(image).fault(image));
    fault.map_or(Ok(()), Err)
}
