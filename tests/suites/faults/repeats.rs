//! What a blob costs its registry at most, when everything fails: what the table "What is repeated" in
//! `specs/architecture.md` multiplies to.

use engine::http::Timeouts;
use engine::stream::Reopen;

const PAGE: &str = include_str!("../../../specs/architecture.md");

/// `run.attempts`, where nobody sets it.
const ATTEMPTS: u32 = 3;

/// Requests for one read: by the first, and by each after a break.
fn opens(reopen: &Reopen) -> u32 {
    1 + reopen.breaks
}

/// Requests for one answer: the first, once more after a dead connection, and after each pause.
fn sends(timeouts: &Timeouts) -> u32 {
    1 + 1 + timeouts.pauses
}

/// Rounds of one request: with a token that ran out, and with a new one.
const ROUNDS: u32 = 2;

#[test]
fn the_page_says_what_the_defaults_come_to() {
    let most = ATTEMPTS * opens(&Reopen::default()) * ROUNDS * sends(&Timeouts::default());
    let says = format!("costs its registry at most {most} GETs");
    assert!(PAGE.contains(&says), "the page does not say: {says}");
}
