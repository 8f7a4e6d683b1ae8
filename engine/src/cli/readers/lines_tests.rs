use super::*;
use crate::cli::output_style::{Level, Tone};
use crate::cli::readers::sample::{
    Paper, blob_finished, digest, finished, item_started, plan_ready, unwritable_fault,
};
use crate::diagnostic::{Code, Fault, Kind, Origin};
use crate::event::{Outcome, Presence, RequestKind, Status};
use std::time::Duration;

/// What these events come to in lines.
fn said(tone: Tone, events: &[Event]) -> String {
    let paper = Paper::default();
    let lines = Lines::new(paper.speaker(tone));
    for event in events {
        lines.read(event);
    }
    paper.text()
}

fn text(level: Level) -> Tone {
    Tone { level, json: false, colour: false }
}

/// An item's life.
fn life(status: Status, fault: Option<Fault>) -> Vec<Event> {
    vec![
        item_started(7),
        blob_finished(7, "a", Presence::Copied),
        blob_finished(7, "b", Presence::Reused),
        blob_finished(7, "c", Presence::Reused),
        blob_finished(7, "d", Presence::Mounted),
        Event::ItemFinished { item: 7, outcome: Outcome { fault, ..finished(status) } },
    ]
}

const WAY: &str = "docker.io/library/nginx:1.29 → registry.corp/mirror/nginx:1.29";

#[test]
fn an_item_ends_in_one_line() {
    let refused = || Some(unwritable_fault());
    for (status, fault, line) in [
        (
            Status::Copied,
            None,
            format!(
                "copied   {WAY}  (12.3 MiB, 2 blobs reused, 1 blob mounted, 1 referrer) 1.2s\n"
            ),
        ),
        (
            Status::Moved,
            None,
            format!(
                "moved    {WAY}  (12.3 MiB, 2 blobs reused, 1 blob mounted, 1 referrer) 1.2s\n"
            ),
        ),
        (Status::Unchanged, None, String::new()),
        (Status::Drifted, None, format!("drifted  {WAY}\n")),
        (
            Status::Failed,
            refused(),
            format!("failed   {WAY}: the registry answered 507\n         help: make room\n"),
        ),
    ] {
        assert_eq!(said(text(Level::Info), &life(status, fault)), line, "{status:?}");
    }
}

#[test]
fn an_item_that_never_began_is_named_by_its_fault() {
    let named = unwritable_fault().at("registry.corp/mirror/nginx:1.29");
    for (status, fault, shown) in [
        (Status::Failed, named, "failed   registry.corp/mirror/nginx:1.29: the registry answered"),
        (Status::Failed, unwritable_fault(), "failed   the registry answered 507\n"),
        (Status::Deferred, unwritable_fault(), ""),
    ] {
        let outcome = Outcome { fault: Some(fault), ..finished(status) };
        let said = said(text(Level::Info), &[Event::ItemFinished { item: 7, outcome }]);
        assert!(said.starts_with(shown) && said.is_empty() == shown.is_empty(), "{said}");
    }
}

#[test]
fn security_relevant_things_are_shown_at_v_and_refused_grants_always() {
    let events = [
        Event::CredentialUsed { registry: "docker.io".into(), user: "<token>".into() },
        Event::LedTo {
            registry: "docker.io".into(),
            host: "auth.docker.io:443".into(),
            by: "challenge".into(),
        },
        Event::TagMoved {
            item: 1,
            destination: "r/a:1".into(),
            previous: Some(digest("old")),
            digest: digest("new"),
        },
        Event::GrantRefused { step: "mirror".into(), wanted: "https://evil.example".into() },
        Event::Requested {
            host: "docker.io:443".into(),
            kind: RequestKind::ManifestHead,
            status: None,
        },
    ];
    let refused = "refused  mirror wanted https://evil.example\n";
    assert_eq!(said(text(Level::Info), &events), refused);
    let (old, new) = (digest("old"), digest("new"));
    let verbose = format!(
        "login    at docker.io as <token>\n\
         led to   auth.docker.io:443 by docker.io (challenge)\n\
         tag      r/a:1: sha256:{} → sha256:{}\n{refused}",
        old.short(),
        new.short()
    );
    assert_eq!(said(text(Level::Debug), &events), verbose);
    let all = said(text(Level::Trace), &events);
    assert_eq!(all, format!("{verbose}request  docker.io:443 ManifestHead: no answer\n"));
}

#[test]
fn a_plugin_s_line_moves_no_terminal_and_is_no_failure_of_ours() {
    let line = |level: &str| Event::PluginLog {
        step: "upstream".into(),
        level: level.into(),
        line: "\u{1b}[2Jhello\ncopied   a → b".into(),
    };
    let shown = "plugin   upstream: \\u{1b}[2Jhello\\ncopied   a → b\n";
    for (level, threshold, text_shown) in [
        ("error", Level::Warn, shown),
        ("info", Level::Info, ""),
        ("info", Level::Debug, shown),
        ("debug", Level::Debug, ""),
        ("what", Level::Trace, shown),
    ] {
        assert_eq!(said(text(threshold), &[line(level)]), text_shown, "{level} {threshold:?}");
    }
}

#[test]
fn the_run_itself_speaks_little() {
    let fault =
        Fault::new(Code::new("http::refused", Kind::Other), Origin::Source, "connection refused");
    let events = [
        Event::RunStarted { run: "r1".into(), pipeline: "p".into() },
        Event::SurveyFailed { step: "upstream".into(), fault: fault.clone().help("is it up?") },
        plan_ready(12, 3, 840),
        Event::Waiting { host: "docker.io:443".into(), millis: 30_000, status: 429 },
        Event::Warned { fault: fault.at("docker.io") },
        Event::Stopping { signal: "SIGINT".into() },
        Event::RunFinished { exit_code: 130 },
    ];
    assert_eq!(
        said(text(Level::Info), &events),
        "failed   to look at upstream: connection refused\n\
         \x20        help: is it up?\n\
         plan     12 to copy, 3 to move, 840 unchanged, at most 3.1 GiB\n\
         waiting  30.0s for docker.io:443 (status 429)\n\
         warning  docker.io: connection refused\n\
         stopping on SIGINT: nothing new starts; once more aborts\n"
    );
    assert_eq!(said(text(Level::Info), &[plan_ready(0, 0, 0)]), "plan     nothing to do\n");
}

#[test]
fn a_retry_says_when_and_why() {
    let retried =
        Event::ItemRetried { item: 7, attempt: 1, fault: unwritable_fault(), pause_millis: 1_000 };
    let line = format!("retrying {WAY} in 1.0s; attempt 1 failed: the registry answered 507\n");
    assert_eq!(said(text(Level::Info), &[item_started(7), retried]), line);
}

#[test]
fn json_lines_hold_the_words_and_the_event() {
    let tone = Tone { level: Level::Info, json: true, colour: false };
    let said = said(tone, &[Event::Stopping { signal: "SIGTERM".into() }]);
    assert_eq!(
        said,
        "{\"ts\":\"1970-01-01T00:00:00.000Z\",\"level\":\"warn\",\
         \"msg\":\"stopping on SIGTERM: nothing new starts; once more aborts\",\
         \"type\":\"stopping\",\"signal\":\"SIGTERM\"}\n"
    );
}

#[test]
fn colours_are_on_the_word_only() {
    let tone = Tone { level: Level::Warn, json: false, colour: true };
    let said = said(tone, &[Event::Stopping { signal: "SIGINT".into() }]);
    assert!(said.starts_with("\u{1b}[33mstopping\u{1b}[0m on SIGINT"), "{said:?}");
}

#[test]
fn a_heartbeat_says_how_far_the_run_is() {
    let paper = Paper::default();
    let lines = Lines::new(paper.speaker(text(Level::Info)));
    lines.beat();
    let before = "running: looking at sources and destinations, ";
    assert!(paper.text().starts_with(before), "{}", paper.text());
    let progress = Event::BlobProgress { digest: digest("a"), bytes: 1536 };
    let mut events = vec![plan_ready(2, 0, 0), item_started(8), progress];
    events.extend(life(Status::Failed, Some(unwritable_fault())));
    for event in &events {
        lines.read(event);
    }
    lines.beat();
    let beat = "running: 1 of 2 images done, 1 failed, 1 running, 1.5 KiB moved, ";
    assert!(paper.text().contains(beat), "{}", paper.text());
    let book = lines.book.lock().unwrap();
    assert!(book.so_far(Duration::from_secs(125)).ends_with(", 2m05s"));
}
