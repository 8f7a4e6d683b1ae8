//! Allows images that one of some keys has signed, as cosign and Skopeo sign. See README.md.
//!
//! The attack: whoever can write to the source repository can attach anything to an image: other
//! people's signatures of other images, texts that two readers understand differently, thousands
//! of layers. So a text is read only when a key has signed it, what is said twice is refused,
//! digest and name are compared, and everything has a bound.

mod identity;
mod known_key;
mod piece;
mod settings;

use engine_plugin_sdk::oci::simple_signing::MEDIA_TYPE;
use engine_plugin_sdk::policy::Decision;
use engine_plugin_sdk::{Claim, Evidence, Fault, Policy, Subject};
use known_key::KnownKey;
use piece::Piece;
use settings::{Children, Settings};

/// The form of evidence that is looked at.
const FORM: &str = "attachment";
/// The most claims and reasons of a verdict. Source: `wit/policy.wit`.
const MAX_WORDS: usize = 64;

struct Sigstore;

impl Policy for Sigstore {
    fn needs(subject: &Subject, settings: &str) -> Result<Vec<String>, Fault> {
        let covered = covering(subject, &Settings::parse(settings)?).is_some();
        Ok(if covered { Vec::new() } else { vec![FORM.to_owned()] })
    }

    fn decide(subject: &Subject, evidence: &[Evidence], settings: &str) -> Result<Decision, Fault> {
        let settings = Settings::parse(settings)?;
        if let Some(claim) = covering(subject, &settings) {
            return Ok(Decision::allowed(vec![claim]));
        }
        // All of them, also where the first would do: one that cannot be read is a mistake that
        // must not show on the day when it is needed.
        let keys: Vec<KnownKey> =
            settings.keys.iter().map(|name| KnownKey::open(name)).collect::<Result<_, _>>()?;
        let (mut claims, mut reasons) = (Vec::new(), Vec::new());
        for (number, (at, evidence)) in (1_usize..).zip(signatures(evidence)) {
            let piece = Piece { evidence, keys: &keys, identity: &settings.identity };
            match piece.judge(subject) {
                Ok(proof) => claims.push(Claim { evidence: Some(at), ..proof }),
                Err(why) => reasons.push(format!("signature {number}: {why}")),
            }
        }
        if !claims.is_empty() {
            claims.truncate(MAX_WORDS);
            return Ok(Decision::allowed(claims));
        }
        if reasons.is_empty() {
            return Ok(Decision::missing(vec![missing(subject, evidence, &keys)]));
        }
        Ok(Decision::violation(bounded(reasons)))
    }
}

/// What allows a child whose index was judged already.
fn covering(subject: &Subject, settings: &Settings) -> Option<Claim> {
    let index = subject.within.as_ref().filter(|_| settings.children == Children::Covered)?;
    let says = format!("named by the index {index}, which was judged before it");
    Some(Claim { evidence: None, by: "rule:covered".to_owned(), says })
}

/// What may be a signature, with its place among the evidence.
fn signatures(evidence: &[Evidence]) -> impl Iterator<Item = (u32, &Evidence)> {
    let fit =
        |evidence: &Evidence| evidence.form == FORM && evidence.descriptor.media_type == MEDIA_TYPE;
    (0_u32..).zip(evidence).filter(move |(_, evidence)| fit(evidence))
}

fn missing(subject: &Subject, evidence: &[Evidence], keys: &[KnownKey]) -> String {
    let digest = &subject.descriptor.digest;
    let beside = match evidence.len() {
        0 => String::new(),
        other => format!("; the {other} attached pieces are no signatures"),
    };
    format!("no signature was found for {digest}, where one by {} must be{beside}", named(keys))
}

/// The keys by their names, for people.
fn named(keys: &[KnownKey]) -> String {
    let names: Vec<String> = keys.iter().map(|key| format!("`{}`", key.name)).collect();
    names.join(" or ")
}

/// As many reasons as a verdict may have.
fn bounded(mut reasons: Vec<String>) -> Vec<String> {
    let left = reasons.len().saturating_sub(MAX_WORDS);
    if left > 0 {
        reasons.truncate(MAX_WORDS - 1);
        reasons.push(format!("{} more signatures, none of them good", left + 1));
    }
    reasons
}

engine_plugin_sdk::export_policy!(Sigstore);

#[cfg(test)]
#[path = "lib_tests.rs"]
mod tests;
