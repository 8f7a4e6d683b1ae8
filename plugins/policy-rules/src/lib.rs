//! The policy behind `policy:`: allow and deny lists.
//!
//! In: rules over references, platforms, labels, annotations, ages and sizes. Out: what the first rule
//! that fits says, in words for people. What a rule must know and nobody can know is never taken for
//! good: a deny rule that asks for it ends in `missing`, an allow rule does not fit.
//!
//! It asks for no evidence. It reads a config when a rule asks for something in it, and believes what
//! stands there: labels and dates are their author's word.

mod amount;
mod condition;
mod facts;
mod moment;
mod settings;
mod verdict;

use engine_plugin_sdk::policy::Decision;
use engine_plugin_sdk::{Evidence, Fault, Policy, Subject};

/// Judges by rules.
struct Rules;

impl Policy for Rules {
    fn needs(_: &Subject, _: &str) -> Result<Vec<String>, Fault> {
        Ok(Vec::new())
    }

    fn decide(subject: &Subject, _: &[Evidence], settings: &str) -> Result<Decision, Fault> {
        verdict::decide(subject, &settings::Settings::parse(settings)?)
    }
}

engine_plugin_sdk::export_policy!(Rules);
