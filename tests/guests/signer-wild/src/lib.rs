//! A signer that does what its settings say, in the call that signs.

use engine_plugin_sdk::keys::Key;
use engine_plugin_sdk::signer::{Artifact, Form, Presence};
use engine_plugin_sdk::{Evidence, Fault, Signer, Subject};

/// The guest.
struct Wild;

engine_plugin_sdk::export_signer!(Wild);

impl Signer for Wild {
    fn needs(_: &str) -> Result<Vec<String>, Fault> {
        Ok(Vec::new())
    }

    fn present(_: &Subject, _: &[Evidence], settings: &str) -> Result<Presence, Fault> {
        Ok(if settings.contains("satisfied") { Presence::Yes } else { Presence::No })
    }

    #[expect(clippy::panic, reason = "what this guest is there for")]
    fn sign(_: &Subject, settings: &str) -> Result<Vec<Artifact>, Fault> {
        let artifact = |bytes: Vec<u8>| Artifact {
            form: Form::Attachment,
            media_type: "application/vnd.wild".to_owned(),
            bytes,
            annotations: Vec::new(),
        };
        match settings.split('"').nth(3).unwrap_or_default() {
            "trap" => panic!("this guest panics"),
            "spin" => loop {
                std::hint::spin_loop();
            },
            "deny-calls" => Err(Fault::new("denied", "not today")),
            "many" => Ok((0..17_u8).map(|number| artifact(vec![number])).collect()),
            "huge" => Ok(vec![artifact(vec![0; 5 << 20])]),
            // A key that nobody granted.
            "key" => Key::open("release").map(|_| Vec::new()),
            _ => Ok(Vec::new()),
        }
    }
}
