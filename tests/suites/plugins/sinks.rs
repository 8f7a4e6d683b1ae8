//! Guests that lie as destinations: what they say was written is not believed where it cannot be
//! so, and what they say went wrong has an end.

use super::play::Play;

/// A blob that was not read is not written, whatever the guest says. What it was given and threw
/// away, nobody can know.
#[test]
fn what_was_not_read_is_not_written() {
    let played = Play::into("liar", "put", &[("unread", "unread")]).run();
    played.expect(&[("unread", "host::lied")]);
}

/// A write that breaks again and again is given up, and what is to be remembered is small.
#[test]
fn interruptions_have_an_end() {
    let lies = [("more", "more"), ("again", "again"), ("remember", "remember")];
    let played = Play::into("liar", "put", &lies).run();
    played.expect(&[
        ("more", "transport::unavailable"),
        ("again", "transport::unavailable"),
        ("remember", "host::lied"),
    ]);
}

/// A destination that says it has what it has not harms itself, and no other.
#[test]
fn what_is_said_to_be_there_is_the_destinations_own() {
    let played = Play::into("liar", "has", &[("there", "there")]).run();
    played.expect(&[("there", "copied")]);
    let items = played.report["items"].as_array().unwrap();
    let item = items.iter().find(|item| item["sink"] == "into-there").unwrap();
    assert_eq!(item["bytes"]["copied"], 0, "nothing is said to be copied: {item}");
}
