//! What a blob costs its registry at most, when everything fails: what the table "What is repeated" in
//! `specs/architecture.md` multiplies to.

use engine::http::Timeouts;
use engine::stream::Reopen;
use engine_tests::fault::{Fault, Proxy, Rule};
use engine_tests::images::Seed;
use engine_tests::registry::{Access, Options, Registry, User};
use engine_tests::walk::Walk;

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

#[test]
fn a_blob_that_never_comes_costs_no_more_than_the_table_says() {
    let user = User::new("ann", "secret");
    let access = Access::Bearer { user, anonymous: true, requests_per_token: None };
    let source = Registry::start(Options { access, ..Options::default() });
    let copy = Registry::open();
    let image = Seed::new(91).image(&[3000]);
    image.push_into(&source, "app", "v1");
    let (layer, _) = image.blobs.iter().max_by_key(|(_, bytes)| bytes.len()).expect("a layer");
    let path = format!("/v2/app/blobs/{layer}");
    let proxy = Proxy::start(source.address(), Vec::new());
    let walk = Walk::new(&format!(
        "apiVersion: engine/v1
run: {{attempts: {ATTEMPTS}, pause: 10ms, state: none}}
registries:
  source.test: {{endpoint: \"{}\", auth: {{anonymous: true}}}}
  copy.test: {{endpoint: \"{}\"}}
sources: {{app: {{from: \"source.test/app:v1\"}}}}
sinks: {{copy: {{inputs: [app], to: \"copy.test/app\"}}}}
",
        proxy.url(),
        copy.url()
    ));
    let (sends, opens) = (sends(&walk.bounds.requests), opens(&walk.bounds.copies.reopen));
    let reads = ATTEMPTS * opens;
    let turn = |read: u32, round: u32, send: u32| {
        usize::try_from((read * ROUNDS + round) * sends + send).expect("a small number")
    };
    for read in 0..reads {
        // The connection dies first in each round. The first round ends with 401, as if the token
        // had run out; every other request is one too many.
        for round in 0..ROUNDS {
            proxy.add(Rule::on("GET", &path, Fault::Refuse).nth(turn(read, round, 1)));
        }
        proxy.add(Rule::on("GET", &path, Fault::Unauthorized).nth(turn(read, 0, sends)));
    }
    let too_many = Fault::TooManyRequests { retry_after: None };
    proxy.add(Rule::on("GET", &path, too_many).always());

    let report = walk.run();
    let item = &report.items[0];
    let code = item.fault.as_ref().map(|fault| fault.code.as_ref());
    assert_eq!((item.attempts, code), (ATTEMPTS, Some("transport::rate-limited")), "{item:?}");
    let line = format!("GET {path}");
    let cost = proxy.seen().iter().filter(|seen| **seen == line).count();
    let most = usize::try_from(reads * ROUNDS * sends).expect("a small number");
    eprintln!("a blob that never comes: {cost} GETs of {most}");
    assert_eq!(cost, most);
}
