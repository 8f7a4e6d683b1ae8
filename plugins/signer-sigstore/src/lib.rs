//! Not written yet.

use engine_plugin_sdk::signer::{Artifact, Presence};
use engine_plugin_sdk::{Evidence, Fault, Signer, Subject};

struct Sigstore;

impl Signer for Sigstore {
    fn needs(_: &str) -> Result<Vec<String>, Fault> {
        Err(Fault::unsupported("not written yet"))
    }

    fn present(_: &Subject, _: &[Evidence], _: &str) -> Result<Presence, Fault> {
        Err(Fault::unsupported("not written yet"))
    }

    fn sign(_: &Subject, _: &str) -> Result<Vec<Artifact>, Fault> {
        Err(Fault::unsupported("not written yet"))
    }
}

engine_plugin_sdk::export_signer!(Sigstore);
