//! What the engine sees of a signer or a policy: the generated export traits, played by a [`Signer`] or
//! a [`Policy`].

use crate::bindings::engine::plugin::{judgement as wire, types};
use crate::bindings::policy::exports::engine::plugin::policy as wit_policy;
use crate::bindings::signer::exports::engine::plugin::signer as wit_signer;
use crate::raise::{checked, raise};
use crate::signer::{Artifact, Form, Presence};
use crate::{Claim, Evidence, Fault, Policy, Signer, Subject};
use std::marker::PhantomData;

type Answer<T> = Result<T, types::Fault>;

/// Plays the generated trait with a [`Signer`]. Named by `export_signer!` alone.
pub struct ExportedSigner<T>(PhantomData<T>);

/// Plays the generated trait with a [`Policy`]. Named by `export_policy!` alone.
pub struct ExportedPolicy<T>(PhantomData<T>);

impl<T: Signer> wit_signer::Guest for ExportedSigner<T> {
    fn needs(settings: String) -> Answer<Vec<String>> {
        Ok(T::needs(&settings)?)
    }

    fn present(
        subject: wire::Subject,
        evidence: Vec<wire::Evidence>,
        settings: String,
    ) -> Answer<wit_signer::Presence> {
        let (subject, evidence) = (raised(subject)?, pieces(evidence)?);
        Ok(match T::present(&subject, &evidence, &settings)? {
            Presence::Yes => wit_signer::Presence::Yes,
            Presence::No => wit_signer::Presence::No,
            Presence::Fetch => wit_signer::Presence::Fetch,
        })
    }

    fn sign(subject: wire::Subject, settings: String) -> Answer<Vec<wit_signer::Artifact>> {
        let made = T::sign(&raised(subject)?, &settings)?;
        Ok(made.into_iter().map(artifact).collect())
    }
}

impl<T: Policy> wit_policy::Guest for ExportedPolicy<T> {
    fn needs(subject: wire::Subject, settings: String) -> Answer<Vec<String>> {
        Ok(T::needs(&raised(subject)?, &settings)?)
    }

    fn decide(
        subject: wire::Subject,
        evidence: Vec<wire::Evidence>,
        settings: String,
    ) -> Answer<wit_policy::Decision> {
        let made = T::decide(&raised(subject)?, &pieces(evidence)?, &settings)?;
        let claim = |Claim { evidence, by, says }: Claim| wire::Claim {
            evidence,
            by,
            says,
            extra: Vec::new(),
        };
        Ok(wit_policy::Decision {
            allowed: made.reasons.is_empty() && !made.missing,
            kind: if made.missing { "missing" } else { "violation" }.to_owned(),
            claims: made.claims.into_iter().map(claim).collect(),
            reasons: made.reasons,
            until: None,
            extra: Vec::new(),
        })
    }
}

fn artifact(made: Artifact) -> wit_signer::Artifact {
    let (form, artifact_type, manifest_annotations) = match made.form {
        Form::Attachment => ("attachment", None, Vec::new()),
        Form::Referrer { artifact_type, annotations } => ("referrer", artifact_type, annotations),
    };
    wit_signer::Artifact {
        form: form.to_owned(),
        media_type: made.media_type,
        artifact_type,
        bytes: made.bytes,
        annotations: made.annotations,
        manifest_annotations,
        extra: Vec::new(),
    }
}

fn raised(subject: wire::Subject) -> Result<Subject, Fault> {
    Ok(Subject {
        descriptor: raise(subject.descriptor)?,
        bytes: subject.bytes,
        reference: subject.reference,
        transport: subject.transport,
        scopes: subject.scopes,
        within: subject.within.map(|digest| checked(&digest)).transpose()?,
    })
}

fn pieces(evidence: Vec<wire::Evidence>) -> Result<Vec<Evidence>, Fault> {
    let piece = |piece: wire::Evidence| {
        Ok(Evidence {
            form: piece.form,
            descriptor: raise(piece.descriptor)?,
            bytes: piece.bytes,
            carrier: piece.carrier.map(raise).transpose()?,
        })
    };
    evidence.into_iter().map(piece).collect()
}
