//! A guest that looks for secrets wherever it can, and shouts whatever it sees: no secret is in it.

use super::play::{Play, Played};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use engine_tests::registry::User;
use engine_tests::server::{Answer, Server};
use serde_json::json;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

/// What nobody should ever see. Each is planted somewhere else.
const PASSWORD: &str = "canary-password-in-a-file";
const VARIABLE: &str = "canary-in-the-environment";
const LOGIN: &str = "canary-in-the-login-file";
const BESIDE: &str = "canary-beside-the-grant";
const COOKIE: &str = "canary-in-a-cookie";
/// What anybody may see, so that silence is no success.
const PUBLIC: &str = "seen-by-everybody";

/// A registry that wants a login, and tells whoever asks what it was sent.
fn telling() -> Server {
    Server::start(None, |request| async move {
        let sent = request.headers().get("authorization");
        let sent = sent.and_then(|sent| sent.to_str().ok()).unwrap_or_default().to_owned();
        let answer = match sent.as_str() {
            "" => Answer::empty(401),
            _ => Answer::content("text/plain", PUBLIC),
        };
        let answer = answer
            .header("www-authenticate", format!("Basic realm=\"{COOKIE}\""))
            .header("set-cookie", format!("session={COOKIE}"))
            .header("authentication-info", COOKIE)
            .header("authorization", sent.clone())
            .header("proxy-authorization", sent.clone())
            .header("x-you-sent", format!("you sent: {sent}"))
            .header("x-in-the-clear", in_the_clear(&sent))
            .header("x-request-id", PUBLIC);
        answer.send(Box::new(()))
    })
}

/// The user and the password of a login that was sent.
fn in_the_clear(sent: &str) -> String {
    let pair = sent.strip_prefix("Basic ").unwrap_or_default();
    String::from_utf8(STANDARD.decode(pair).unwrap()).unwrap()
}

/// Where the reflecting registry leads to.
const FOUND: &str = "/v2/registry/manifests/found";

/// A registry that wants a login, and refuses all with an error that tells what it was sent: as it was
/// sent, in the clear, as a part of something longer, and in the address that it leads to.
fn reflecting() -> Server {
    Server::start(None, |request| async move {
        let sent = request.headers().get("authorization");
        let sent = sent.and_then(|sent| sent.to_str().ok()).unwrap_or_default().to_owned();
        let clear = in_the_clear(&sent);
        let longer = STANDARD.encode(format!("login={clear};"));
        let answer = match request.uri().path() {
            _ if sent.is_empty() => {
                Answer::empty(401).header("www-authenticate", "Basic realm=\"r\"")
            }
            path if path.ends_with("/moved") => {
                Answer::empty(307).header("location", format!("{FOUND}?echo={longer}&in={clear}"))
            }
            _ => Answer::fault(400, "DENIED", &format!("{PUBLIC}: {sent}, {clear}, {longer}")),
        };
        answer.send(Box::new(()))
    })
}

/// All that was planted, as it is and as it is sent.
fn canaries() -> Vec<String> {
    let sent = STANDARD.encode(format!("ann:{PASSWORD}"));
    let kept = STANDARD.encode(format!("bob:{LOGIN}"));
    let words = [PASSWORD, VARIABLE, LOGIN, BESIDE, COOKIE];
    let longer = STANDARD.encode(format!("login=ann:{PASSWORD};"));
    words.iter().map(|word| (*word).to_owned()).chain([sent, kept, longer]).collect()
}

/// What stands in all files of a folder but those that it was planted in.
fn everything_in(folder: &Path, all: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.display().to_string();
        if path.is_symlink()
            || ["/password", "/beside", "/config.json"].iter().any(|own| name.ends_with(own))
        {
            continue;
        }
        if path.is_dir() {
            everything_in(&path, all);
        } else {
            all.push((name, fs::read(&path).unwrap()));
        }
    }
}

#[track_caller]
fn none_is_told(play: &Play, played: &Played) {
    let said = format!("{}\n{}", played.outcome.stdout, played.outcome.stderr);
    let mut all = vec![("the output".to_owned(), said.into_bytes())];
    everything_in(play.world.root(), &mut all);
    assert!(all.len() > 5, "there is more to look at");
    for (place, bytes) in &all {
        for canary in canaries() {
            let found = bytes.windows(canary.len()).any(|part| part == canary.as_bytes());
            assert!(!found, "`{canary}` is in {place}");
        }
    }
}

fn play(make: impl Fn(&[(&str, &str)]) -> Play) -> (Server, Play) {
    let server = telling();
    let address = server.address();
    let own = "v2/seek/manifests/v1";
    let urls = format!("http://{address}/{own} https://{address}/{own} file:///etc/passwd");
    let play = make(&[("seek", &urls)]);
    let (world, host) = (&play.world, format!("http://{address}"));
    world.write("password", PASSWORD);
    world.write("beside", BESIDE);
    world.write("shared/seen", PUBLIC);
    world.login("127.0.0.1:1".parse().unwrap(), &User::new("bob", LOGIN));
    symlink("../beside", world.here().join("shared/link")).unwrap();
    symlink("..", world.here().join("shared/up")).unwrap();
    let auth = json!({"username": "ann", "password": {"file": "password"}});
    let settings = json!({"endpoint": host, "auth": auth});
    let login = json!({"url": host, "auth": address.to_string()});
    let play = play
        .grants(json!({"http": [login], "dirs": {"shared": "shared"}}))
        .settings_of(&address.to_string(), settings)
        .limits(json!({"log": "10MiB", "cpu": "30s"}))
        .arguments(&["-v", "--events", "events.jsonl"]);
    (server, play.variable("CANARY", VARIABLE))
}

#[test]
fn seeker() {
    let (_server, play) = play(|acts| Play::of("seeker", "resolve", acts));
    let played = play.run();
    played.expect(&[("seek", "transport::other")]);
    let said = format!("{}{}", played.outcome.stdout, played.outcome.stderr);
    assert!(said.matches(PUBLIC).count() >= 3, "it saw nothing: {said}");
    // What a plan says is looked at with the rest.
    let planned = play.world.run(&["plan", "sync.yaml", "-vv", "--out", "planned.json"]);
    assert!(play.world.here().join("planned.json").exists(), "{}", planned.snapshot());
    play.world.write("planned.txt", &format!("{}\n{}", planned.stdout, planned.stderr));
    none_is_told(&play, &played);
}

/// The same from the other end, where the guest may write.
#[test]
fn a_destination_is_told_no_secret() {
    let (_server, play) = play(|acts| Play::into("seeker", "put", acts));
    let played = play.run();
    played.expect(&[("seek", "transport::other")]);
    let said = format!("{}{}", played.outcome.stdout, played.outcome.stderr);
    assert!(said.matches(PUBLIC).count() >= 3, "it saw nothing: {said}");
    none_is_told(&play, &played);
}

/// What a registry tells of what it was sent reaches no guest, and no text that the engine writes.
#[test]
fn a_registry_tells_nobody_what_it_was_sent() {
    let server = reflecting();
    let (name, host) = (server.address().to_string(), format!("http://{}", server.address()));
    let auth = json!({"username": "ann", "password": {"file": "password"}});
    let settings = json!({"endpoint": host, "auth": auth});
    let urls = format!("{host}/v2/registry/manifests/moved {host}/v2/registry/manifests/v1");
    let play = Play::of("seeker", "resolve", &[("registry", &urls)])
        .registry(&name, settings, &format!("{name}/registry:v1"))
        .grants(json!({"http": [{"url": host, "auth": name}]}))
        .limits(json!({"log": "10MiB", "cpu": "30s"}))
        .arguments(&["-v", "--events", "events.jsonl"]);
    play.world.write("password", PASSWORD);
    let played = play.run();
    let said = &played.outcome.stderr;
    assert!(said.contains(&format!("{PUBLIC}: Basic ***, ann:***, ")), "{said}");
    assert!(said.contains("?echo="), "the guest saw where it was led: {said}");
    none_is_told(&play, &played);
}
