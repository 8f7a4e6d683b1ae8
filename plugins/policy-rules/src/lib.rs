//! Not written yet.

use engine_plugin_sdk::policy::Decision;
use engine_plugin_sdk::{Evidence, Fault, Policy, Subject};

struct Rules;

impl Policy for Rules {
    fn needs(_: &Subject, _: &str) -> Result<Vec<String>, Fault> {
        Err(Fault::unsupported("not written yet"))
    }

    fn decide(_: &Subject, _: &[Evidence], _: &str) -> Result<Decision, Fault> {
        Err(Fault::unsupported("not written yet"))
    }
}

engine_plugin_sdk::export_policy!(Rules);
