//! The verdict: what the first rule that fits says.

use crate::condition::Fit;
use crate::facts::Facts;
use crate::moment::Moment;
use crate::settings::{Rule, Settings, Verb};
use engine_plugin_sdk::policy::Decision;
use engine_plugin_sdk::{Claim, Fault, Subject, now_millis};

/// Judges a subject. Fails with `invalid` where its manifest or config is not readable, and with
/// whatever the engine says when it cannot read them.
///
/// An index passes where the first rule that may allow its images does: whether it really does is asked
/// of each of them, with the same rules, before anything is written.
pub(crate) fn decide(subject: &Subject, settings: &Settings) -> Result<Decision, Fault> {
    let facts = Facts::of(subject)?;
    let now = Moment(i64::try_from(now_millis()).unwrap_or(i64::MAX));
    for (number, rule) in (1..).zip(&settings.rules) {
        let by = Name { number, rule };
        match (rule.verb, rule.condition.fits(&facts, now)?) {
            (Verb::Deny, Fit::Yes(what)) => {
                return Ok(Decision::violation(vec![format!("{what} ({by})")]));
            }
            (Verb::Deny, Fit::Unknown(why)) => {
                let reason = format!("{why}, which must be known to decide ({by})");
                return Ok(Decision::missing(vec![reason]));
            }
            (Verb::Allow, Fit::Yes(what)) => return Ok(allowed(&format!("rule:{number}"), what)),
            (Verb::Allow, Fit::OfImages) => {
                let says = "its images decide, each for itself".to_owned();
                return Ok(allowed(&format!("rule:{number}"), says));
            }
            (_, Fit::No | Fit::OfImages) | (Verb::Allow, Fit::Unknown(_)) => {}
        }
    }
    Ok(match settings.default {
        Verb::Allow => allowed("rule:default", "no rule fits".to_owned()),
        Verb::Deny => Decision::violation(vec!["no rule allows it (default: deny)".to_owned()]),
    })
}

fn allowed(by: &str, says: String) -> Decision {
    Decision::allowed(vec![Claim { evidence: None, by: by.to_owned(), says }])
}

/// A rule as people find it again: by its number, and its author's reason.
struct Name<'a> {
    number: usize,
    rule: &'a Rule,
}

impl std::fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "rule {}", self.number)?;
        self.rule.reason.as_ref().map_or(Ok(()), |reason| write!(f, ": {reason}"))
    }
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
