//! Guests that wait for what never comes, or never return: each call ends soon after its limit.

use super::play::Play;
use engine::diagnostic::Fault;
use engine::role::{GrantedHost, PutBlob, Selector, Side};
use engine::stream::Body;
use engine_tests::guest::Alone;
use engine_tests::server::Server;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// The limit of what waits and of what computes.
const LIMIT: Duration = Duration::from_millis(300);
/// A call should end 100 ms after its limit. Where other tests take all processors, that cannot be
/// held, so the figure is printed and this much is asserted.
const PATIENCE: Duration = Duration::from_secs(3);

/// A host that accepts, and never answers.
fn silent() -> Server {
    Server::accept(|stream| async move {
        std::future::pending::<()>().await;
        drop(stream);
    })
}

/// A host that sends a byte now and then, and always promises more.
fn dripping() -> Server {
    Server::accept(|mut stream| async move {
        let mut request = [0; 4096];
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n";
        if stream.read(&mut request).await.is_err() || stream.write_all(head).await.is_err() {
            return;
        }
        while stream.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
}

/// A directory with a pipe that nobody writes to.
fn shared(folder: &std::path::Path) {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let pipe = folder.join("pipe");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
}

#[test]
fn sleeper() {
    let (silent, dripping) = (silent(), dripping());
    let hosts = [&silent, &dripping].map(|server| format!("http://{}", server.address()));
    let acts = [
        ("answer", format!("answer {}/", hosts[0])),
        ("many", format!("many {}/", hosts[0])),
        ("all", format!("all {}/", hosts[1])),
        ("pieces", format!("pieces {}/", hosts[1])),
        ("pipe", "pipe".to_owned()),
    ];
    let acts: Vec<_> = acts.iter().map(|(of, act)| (*of, act.as_str())).collect();
    let play = Play::of("sleeper", "resolve", &acts);
    let folder = play.world.here().join("shared");
    std::fs::create_dir(&folder).unwrap();
    shared(&folder);
    let grants = json!({"http": hosts, "dirs": {"shared": "shared"}});
    let played = play.grants(grants).limits(json!({"time": "300ms"})).run();
    let mut ends: Vec<_> = acts.iter().map(|(of, _)| (*of, "host::out-of-time")).collect();
    ends[4].1 = "fs::invalid";
    played.expect(&ends);
    assert!(played.outcome.took < Duration::from_secs(20), "{:?}", played.outcome);
}

#[test]
fn a_lock_that_is_never_let_go_ends_the_call_that_waits() {
    let play = Play::into("sleeper", "manifest", &[("lock", "lock")]);
    let grants = json!({"dirs": {"shared": "shared"}});
    let played = play.grants(grants).limits(json!({"time": "300ms"})).run();
    played.expect(&[("lock", "host::out-of-time")]);
}

#[test]
fn a_body_is_waited_for_as_long_as_bytes_move() {
    let silent = silent();
    let host = format!("http://{}", silent.address());
    let act = format!("answer {host}/");
    let play = Play::into("sleeper", "put", &[("put", &act)]).grants(json!({"http": [host]}));
    let played = play.limits(json!({"idle": "300ms"})).run();
    played.expect(&[("put", "host::idle")]);
}

/// How a call ends, and how long after its limit.
async fn late(guest: &Alone, at: &str, what: &str) -> (Fault, Duration) {
    let side = if at == "put" { Side::Destination } else { Side::Source };
    let session = guest.open(side, at, what).await;
    let begun = Instant::now();
    let fault = match at {
        "put" => {
            let bytes = b"a blob";
            let digest = engine::oci::Digest::of(bytes);
            let descriptor = engine::oci::Descriptor::new("x/y", digest, bytes.len() as u64);
            let body = Body::from_bytes(&bytes[..]);
            let put = PutBlob { expected: descriptor.into(), body, mount_from: None, resume: None };
            session.put_blob("app", put).await.unwrap_err()
        }
        _ => session.resolve("app", &Selector::Tag("v1".to_owned())).await.unwrap_err(),
    };
    (fault, begun.elapsed().saturating_sub(LIMIT))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_ends_soon_after_its_limit() {
    let (silent, dripping) = (silent(), dripping());
    let hosts = [&silent, &dripping].map(|server| format!("http://{}", server.address()));
    let millis = u64::try_from(LIMIT.as_millis()).unwrap();
    for (guest, at, what, code) in [
        ("spin", "resolve", "compute".to_owned(), "host::out-of-cpu"),
        ("spin", "resolve", "clock".to_owned(), "host::out-of-cpu"),
        ("spin", "open", "compute".to_owned(), "host::out-of-cpu"),
        ("spin", "put", "compute".to_owned(), "host::out-of-cpu"),
        ("sleeper", "resolve", format!("answer {}/", hosts[0]), "host::out-of-time"),
        ("sleeper", "resolve", format!("many {}/", hosts[0]), "host::out-of-time"),
        ("sleeper", "resolve", format!("all {}/", hosts[1]), "host::out-of-time"),
        ("sleeper", "resolve", format!("pieces {}/", hosts[1]), "host::out-of-time"),
        ("sleeper", "put", format!("answer {}/", hosts[0]), "host::idle"),
    ] {
        let mut guest_alone = Alone::of(guest);
        guest_alone.grants.http = hosts.iter().map(GrantedHost::anonymous).collect();
        let limits = &mut guest_alone.limits;
        (limits.cpu_millis, limits.idle_millis) = (millis, millis);
        if guest == "sleeper" {
            limits.time_millis = millis;
        }
        let (fault, late) = late(&guest_alone, at, &what).await;
        eprintln!("{guest} in {at}, {what}: {} after {} ms", fault.code, late.as_millis());
        assert_eq!(fault.code, code, "{guest} {what}: {fault:?}");
        assert!(late < PATIENCE, "{guest} {what}: {late:?} after its limit");
    }
}

/// A call whose limit is met while the guest computes does not keep others from running.
#[tokio::test]
async fn one_that_never_returns_lets_others_run_meanwhile() {
    let mut spinning = Alone::of("spin");
    spinning.limits.cpu_millis = 1_000;
    let honest = Alone::of("trap");
    // One thread for both: what does not give way blocks it.
    let spin = spinning.open(Side::Source, "resolve", "compute").await;
    let other = honest.open(Side::Source, "blob", "panic").await;
    let tag = Selector::Tag("v1".to_owned());
    let answered = async {
        let begun = Instant::now();
        for _ in 0..3 {
            assert!(other.resolve("app", &tag).await.unwrap().is_some());
        }
        begun.elapsed()
    };
    let (spun, took) = tokio::join!(spin.resolve("app", &tag), answered);
    assert_eq!(spun.unwrap_err().code, "host::out-of-cpu");
    eprintln!("three calls beside one that spins took {} ms", took.as_millis());
    assert!(took < Duration::from_secs(3), "{took:?}");
}
