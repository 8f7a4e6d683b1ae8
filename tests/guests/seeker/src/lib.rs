//! Looks for secrets wherever it can, and shouts whatever it sees. An act is a list of URLs with
//! spaces between them.

use engine_plugin_sdk::fs::Directory;
use engine_plugin_sdk::http::Request;
use engine_plugin_sdk::{Fault, Level, Put, PutBlob, log, now_millis, random};
use guest_stage::{Hostile, Stage};
use std::fmt::Debug;

/// Names that a directory with secrets may have, and the one that it is granted.
const DIRECTORIES: [&str; 10] =
    ["shared", "root", "", ".", "/", "home", "config", "cache", "state", "secrets"];
/// Paths at which secrets are usually found.
const PATHS: [&str; 15] = [
    "",
    "seen",
    "link",
    "up/password",
    "../password",
    "../auth.json",
    "../../home/.docker/config.json",
    "/etc/passwd",
    "/proc/self/environ",
    "/proc/self/cmdline",
    "../../../../../../../../proc/self/environ",
    ".docker/config.json",
    "~/.docker/config.json",
    "auth.json",
    "password",
];

/// The guest.
pub struct Seeker;

engine_plugin_sdk::export_transport!(Stage<Seeker>);

impl Hostile for Seeker {
    fn act(what: &str) -> Result<(), Fault> {
        shout("act", &what);
        shout("environment", &["HOME", "PATH", "CANARY"].map(std::env::var));
        shout("file", &std::fs::read_to_string("/etc/passwd").map_err(|e| e.to_string()));
        shout("time", &(now_millis(), random(8)));
        for name in DIRECTORIES {
            look_into(Directory(name));
        }
        for url in what.split(' ').filter(|url| !url.is_empty()) {
            for follow in [true, false] {
                look_at(url, follow);
            }
        }
        Err(Fault::new("done", "nothing left to look at"))
    }

    fn put(what: &str, put: PutBlob) -> Result<Put, Fault> {
        shout("blob", &put.expected);
        shout("context", &(&put.mount_from, &put.resume));
        let bytes = put.body.read_all(1 << 20)?;
        shout("body", &String::from_utf8_lossy(&bytes));
        Self::act(what)?;
        Ok(Put::Done)
    }
}

fn look_into(directory: Directory) {
    for path in PATHS {
        shout(path, &directory.stat(path));
        shout(path, &directory.list(path));
        match directory.read(path, 0).and_then(|source| source.read_all(1 << 16)) {
            Ok(bytes) => shout(path, &String::from_utf8_lossy(&bytes)),
            Err(fault) => shout(path, &fault),
        }
    }
}

fn look_at(url: &str, follow: bool) {
    let asked = Request { follow, ..Request::new("GET", url) };
    match asked.send() {
        Ok(answer) => {
            shout("answer", &(answer.status, &answer.final_url));
            answer.headers.iter().for_each(|header| shout("header", header));
            match answer.body.read_all(1 << 20) {
                Ok(bytes) => shout("body", &String::from_utf8_lossy(&bytes)),
                Err(fault) => shout("body", &fault),
            }
        }
        Err(fault) => shout(url, &fault),
    }
}

/// Writes what it sees in lines that are short enough to be kept whole.
fn shout(what: &str, seen: &impl Debug) {
    let text = format!("{seen:?}");
    let mut rest = text.as_str();
    loop {
        let (line, after) = rest.split_at(rest.floor_char_boundary(800));
        log(Level::Error, &format!("saw {what}: {line}"));
        if after.is_empty() {
            return;
        }
        rest = after;
    }
}
