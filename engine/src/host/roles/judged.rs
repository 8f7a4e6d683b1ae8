//! Subjects and evidence in the guest's words.

use super::conversions::descriptor_to_guest;
use crate::host::bindings::engine::plugin::judgement as wit;
use crate::role::{Evidence, Subject};

/// A subject in the guest's words.
pub(in crate::host) fn subject_to_guest(subject: &Subject) -> wit::Subject {
    wit::Subject {
        descriptor: descriptor_to_guest(&subject.descriptor),
        bytes: subject.bytes.to_vec(),
        reference: subject.reference.clone(),
        transport: subject.transport.clone(),
        scopes: subject.scopes.clone(),
        within: subject.within.as_ref().map(ToString::to_string),
        extra: Vec::new(),
    }
}

/// Evidence in the guest's words.
pub(in crate::host) fn evidence_to_guest(evidence: &[Evidence]) -> Vec<wit::Evidence> {
    let piece = |piece: &Evidence| wit::Evidence {
        form: piece.form.clone(),
        descriptor: descriptor_to_guest(&piece.descriptor),
        bytes: piece.bytes.as_ref().map(|bytes| bytes.to_vec()),
        carrier: piece.carrier.as_ref().map(descriptor_to_guest),
        extra: Vec::new(),
    };
    evidence.iter().map(piece).collect()
}
