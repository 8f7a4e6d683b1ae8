//! A guest that gives the engine what is no text, lies where it has no memory, or is not its own.

use super::play::Play;

#[test]
fn crooked() {
    let acts = [
        "divide",
        "read",
        "no-text",
        "half-a-text",
        "surrogate",
        "beyond",
        "across",
        "around",
        "list",
        "long-list",
        "room-beyond",
        "room-of-others",
        "guessed",
        "of-others",
        "twice",
        "log",
        "url",
    ];
    let acts: Vec<_> = acts.iter().map(|act| (*act, *act)).collect();
    let mut ends: Vec<_> = acts.iter().map(|(of, _)| (*of, "host::trap")).collect();
    for (of, end) in &mut ends {
        match *of {
            // Its own code stumbles over it first, and wants more than it may have.
            "long-list" => *end = "host::out-of-memory",
            // It is its own memory that it has overwritten.
            "room-of-others" => *end = "copied",
            _ => {}
        }
    }
    for at in ["resolve", "blob"] {
        Play::of("crooked", at, &acts).run().expect(&ends);
    }
}
