//! Waits for what never comes, in each import that can wait. An act is a word, with a URL behind it
//! where there is somebody to ask.

use engine_plugin_sdk::fs::Directory;
use engine_plugin_sdk::http::{Request, send_many};
use engine_plugin_sdk::{Fault, Put, PutBlob};
use guest_stage::{Hostile, Stage};

/// The directory that it is granted.
const DIRECTORY: Directory = Directory("shared");

/// The guest.
pub struct Sleeper;

engine_plugin_sdk::export_transport!(Stage<Sleeper>);

impl Hostile for Sleeper {
    fn act(what: &str) -> Result<(), Fault> {
        let (word, url) = what.split_once(' ').unwrap_or((what, ""));
        let asked = || Request::new("GET", url);
        match word {
            "answer" => asked().send().map(drop),
            "many" => send_many((0..64).map(|_| asked()).collect())
                .pop()
                .map_or(Ok(()), |one| one.map(drop)),
            "all" => asked().send()?.body.read_all(1 << 20).map(drop),
            "pieces" => {
                let body = asked().send()?.body;
                while body.read(1)?.is_some() {}
                Ok(())
            }
            "pipe" => DIRECTORY.read("pipe", 0)?.read_all(1).map(drop),
            _ => {
                // Whoever comes second waits for the first, who never lets go.
                let _first = DIRECTORY.lock("lock", u32::MAX)?;
                DIRECTORY.lock("lock", u32::MAX).map(|_| ())
            }
        }
    }

    fn put(what: &str, put: PutBlob) -> Result<Put, Fault> {
        Self::act(what)?;
        guest_stage::take(&put.body)
    }
}
