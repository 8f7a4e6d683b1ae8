//! What was filled into a spec, and how it was written there.
//!
//! The attack: `password: {env: "${env:PASSWORD}"}` is an easy mistake, and a fault that quotes the name of
//! the variable would tell the password in the log of a CI run. So faults show what was written.

use crate::diagnostic::Fault;
use std::cmp::Reverse;

/// Bytes of the shortest value that is shown as it was written. A shorter one stands in most words.
const SHORTEST: usize = 4;

/// Values of the environment that were filled in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FilledIn(Vec<(String, String)>);

impl FilledIn {
    /// Notes that `written`, such as `${env:X}`, became `value`.
    pub(super) fn note(&mut self, value: &str, written: &str) {
        let entry = (value.to_owned(), written.to_owned());
        if value.len() >= SHORTEST && !self.0.contains(&entry) {
            self.0.push(entry);
            // What is a part of another value must not be found in it.
            self.0.sort_by_key(|(value, _)| Reverse(value.len()));
        }
    }

    /// Faults with what was written in place of what was filled in.
    pub fn as_written(&self, faults: Vec<Fault>) -> Vec<Fault> {
        faults.into_iter().map(|fault| self.one_as_written(fault)).collect()
    }

    fn one_as_written(&self, fault: Fault) -> Fault {
        let text = |text: String| {
            self.0.iter().fold(text, |text, (value, written)| text.replace(value, written))
        };
        Fault {
            message: text(fault.message),
            help: fault.help.map(text),
            facts: fault.facts.into_iter().map(|(key, fact)| (key, text(fact))).collect(),
            ..fault
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::spec::{Variables, read};
    use std::collections::BTreeMap;

    #[test]
    fn a_fault_shows_what_was_written() {
        let env = BTreeMap::from([
            ("PW".to_owned(), "hunter2-and-more".to_owned()),
            ("PART".to_owned(), "hunter2".to_owned()),
        ]);
        let variables = Variables { env, vars: BTreeMap::new() };
        let text = "apiVersion: engine/v1\nvars: {p: \"${env:PW}\"}\nregistries:\n  a.example:\n    \
            auth: {username: u, password: {env: \"${env:PW}\"}}\n  b.example:\n    \
            auth: {username: u, password: {env: \"${var:p}${env:PART}\"}}\n";
        let faults = read(text, &variables).faults;
        let said: Vec<_> = faults.iter().map(|fault| fault.message.as_str()).collect();
        let missing: Vec<_> = said.iter().filter(|text| text.contains("no secret")).collect();
        assert_eq!(missing.len(), 2, "{said:?}");
        assert!(missing[0].contains("`${env:PW}`"), "{said:?}");
        assert!(missing[1].contains("`${env:PW}${env:PART}`"), "{said:?}");
        assert!(!said.concat().contains("hunter2"), "{said:?}");
    }
}
