//! A filter that does what its settings say.

use engine_plugin_sdk::filter::{Candidate, Choice};
use engine_plugin_sdk::{Fault, Filter};

/// The guest.
struct Wild;

engine_plugin_sdk::export_filter!(Wild);

impl Filter for Wild {
    fn needs(_: &str) -> Result<Vec<String>, Fault> {
        Ok(Vec::new())
    }

    #[expect(clippy::panic, reason = "what this guest is there for")]
    fn select(candidates: &[Candidate], settings: &str) -> Result<Vec<Choice>, Fault> {
        let choices = |count: usize| Ok(vec![Choice::Keep; count]);
        match settings.split('"').nth(3).unwrap_or_default() {
            "trap" => panic!("this guest panics"),
            "spin" => loop {
                std::hint::spin_loop();
            },
            "deny-calls" => Err(Fault::new("denied", "not today")),
            "few" => choices(candidates.len().saturating_sub(1)),
            "many" => choices(candidates.len() + 1),
            _ => choices(candidates.len()),
        }
    }
}
