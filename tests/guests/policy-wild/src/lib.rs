//! A policy that does what its settings say, in the call that decides.

use engine_plugin_sdk::policy::Decision;
use engine_plugin_sdk::{Claim, Digest, Evidence, Fault, Level, Policy, Subject, image, log};

/// The guest.
struct Wild;

engine_plugin_sdk::export_policy!(Wild);

impl Policy for Wild {
    fn needs(_: &Subject, settings: &str) -> Result<Vec<String>, Fault> {
        let needs_evidence = act(settings) == "evidence";
        Ok(if needs_evidence { vec!["referrer".to_owned()] } else { Vec::new() })
    }

    #[expect(clippy::panic, reason = "what this guest is there for")]
    fn decide(subject: &Subject, evidence: &[Evidence], settings: &str) -> Result<Decision, Fault> {
        let act = act(settings);
        let lack = || Decision::missing(vec!["nobody speaks for it".to_owned()]);
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
            // Asks again and again for what it may not have.
            "ask-on" => {
                for number in 0..200_u32 {
                    for _ in 0..3 {
                        image::manifest(&Digest::of(&number.to_le_bytes())).ok();
                    }
                }
                Ok(allowed(claim))
            }
            // Allows, with more claims than anybody reads, each with signs of terminals.
            "crowd" => {
                let says = "\u{1b}[2J".repeat(1000);
                Ok(Decision::allowed(vec![Claim { says, ..claim }; 5000]))
            }
            "deny" => Ok(Decision::violation(vec!["it is not nice".to_owned()])),
            "lack" => Ok(lack()),
            "evidence" if evidence.is_empty() => Ok(lack()),
            // Takes referrers that cannot be read for none, and does not mind, or minds.
            "careless" => {
                drop(image::referrers(&subject.descriptor.digest));
                Ok(allowed(claim))
            }
            "lacking" => match image::referrers(&subject.descriptor.digest) {
                Ok(listed) if !listed.is_empty() => Ok(allowed(claim)),
                _ => Ok(lack()),
            },
            _ => Ok(allowed(claim)),
        }
    }
}

/// What the settings ask for: `{"act": "…"}`.
fn act(settings: &str) -> &str {
    settings.split('"').nth(3).unwrap_or_default()
}

fn allowed(claim: Claim) -> Decision {
    Decision::allowed(vec![claim])
}
