//! A policy that does what its settings say, in the call that decides.

use engine_plugin_sdk::policy::Decision;
use engine_plugin_sdk::{Claim, Digest, Evidence, Fault, Level, Policy, Subject, image, log};

/// The guest.
struct Wild;

engine_plugin_sdk::export_policy!(Wild);

impl Policy for Wild {
    fn needs(_: &Subject, _: &str) -> Result<Vec<String>, Fault> {
        Ok(Vec::new())
    }

    #[expect(clippy::panic, reason = "what this guest is there for")]
    fn decide(subject: &Subject, _: &[Evidence], settings: &str) -> Result<Decision, Fault> {
        let act = settings.split('"').nth(3).unwrap_or_default();
        log(Level::Info, &format!("{act} {}", subject.descriptor.digest));
        let claim = Claim { evidence: None, by: "rule:wild".to_owned(), says: "fine".to_owned() };
        match act {
            "trap" => panic!("this guest panics"),
            "spin" => loop {
                std::hint::spin_loop();
            },
            "deny-calls" => Err(Fault::new("denied", "not today")),
            // No, and nobody may know why.
            "silent" => Ok(Decision { missing: true, ..Decision::violation(Vec::new()) }),
            "elsewhere" => image::manifest(&Digest::of(b"another image")).map(|_| allowed(claim)),
            // Allows, with more claims than anybody reads, each with signs of terminals.
            "crowd" => {
                let says = "\u{1b}[2J".repeat(1000);
                Ok(Decision::allowed(vec![Claim { says, ..claim }; 5000]))
            }
            "deny" => Ok(Decision::violation(vec!["it is not nice".to_owned()])),
            "lack" => Ok(Decision::missing(vec!["nobody speaks for it".to_owned()])),
            _ => Ok(allowed(claim)),
        }
    }
}

fn allowed(claim: Claim) -> Decision {
    Decision::allowed(vec![claim])
}
