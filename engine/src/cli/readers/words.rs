//! The words for each event.

use super::phrase::{Mood, Phrase};
use super::running_items::{Book, RunningItem};
use crate::cli::amounts::{bytes, counted, duration};
use crate::cli::output_style::Level;
use crate::diagnostic::Fault;
use crate::event::{Event, Outcome, Presence, Status, Totals};
use crate::oci::Digest;
use std::time::Duration;

/// Takes note of an event in the book and finds the words for it; none for events that people
/// are shown as a bar at most.
pub(super) fn phrase(book: &mut Book, event: &Event) -> Option<Phrase> {
    let ended = book.note(event);
    match event {
        Event::RunStarted { .. }
        | Event::SurveyStarted { .. }
        | Event::SurveyFinished { .. }
        | Event::SurveyFailed { .. }
        | Event::PlanReady { .. }
        | Event::Stopping { .. }
        | Event::RunFinished { .. } => of_the_run(event),
        Event::ItemFinished { item, outcome } => Some(end(*item, ended.as_ref(), outcome)),
        Event::ItemStarted { .. }
        | Event::ItemRetried { .. }
        | Event::BlobStarted { .. }
        | Event::BlobProgress { .. }
        | Event::BlobFinished { .. }
        | Event::ReadReopened { .. }
        | Event::ItemWritten { .. }
        | Event::TagMoved { .. } => of_an_item(book, event),
        Event::Requested { .. }
        | Event::LedTo { .. }
        | Event::CredentialUsed { .. }
        | Event::KeyUsed { .. }
        | Event::Judged { .. }
        | Event::Signed { .. }
        | Event::GrantRefused { .. }
        | Event::Waiting { .. }
        | Event::QuotaTold { .. }
        | Event::PluginLog { .. }
        | Event::Warned { .. } => of_the_surroundings(event),
    }
}

fn of_the_run(event: &Event) -> Option<Phrase> {
    let (level, word, mood, text) = match event {
        Event::RunStarted { run, pipeline } => {
            (Level::Debug, "run", Mood::Plain, format!("{run} of {pipeline}"))
        }
        Event::SurveyStarted { step, place } => {
            (Level::Debug, "looking", Mood::Plain, format!("at {place} ({step})"))
        }
        Event::SurveyFinished { step, images } => {
            (Level::Debug, "found", Mood::Plain, format!("{} ({step})", counted(*images, "image")))
        }
        Event::SurveyFailed { step, fault } => return Some(failure(step, fault)),
        Event::PlanReady { totals, bytes } => {
            (Level::Info, "plan", Mood::Plain, totals_text(totals, *bytes))
        }
        Event::Stopping { signal } => {
            let text = format!("on {signal}: nothing new starts; once more aborts");
            (Level::Warn, "stopping", Mood::Odd, text)
        }
        Event::RunFinished { exit_code } => {
            (Level::Debug, "ended", Mood::Plain, format!("with exit code {exit_code}"))
        }
        _ => return None,
    };
    Some(Phrase::new(level, word, mood, text))
}

fn of_an_item(book: &Book, event: &Event) -> Option<Phrase> {
    let (level, word, mood, text) = match event {
        Event::ItemStarted { item, attempt, .. } => {
            let again = if *attempt > 1 { format!(" (attempt {attempt})") } else { String::new() };
            let way = way(*item, book.running(*item));
            (Level::Debug, "started", Mood::Plain, format!("{way}{again}"))
        }
        Event::ItemRetried { item, attempt, fault, pause_millis } => {
            let pause = duration(Duration::from_millis(*pause_millis));
            let way = way(*item, book.running(*item));
            let text = format!("{way} in {pause}; attempt {attempt} failed: {fault}");
            (Level::Warn, "retrying", Mood::Odd, text)
        }
        Event::BlobFinished { digest, size, written, presence, .. } => {
            let word = match presence {
                Presence::Copied => "sent",
                Presence::Mounted => "mounted",
                Presence::Reused => "reused",
            };
            let size = size.map(|size| format!(" ({})", bytes(size))).unwrap_or_default();
            let made = written.as_ref().map(|made| format!(" as {}", short(made)));
            let made = made.unwrap_or_default();
            (Level::Trace, word, Mood::Plain, format!("{}{made}{size}", short(digest)))
        }
        Event::ReadReopened { digest, offset, fault } => {
            let text = format!("{} at {} after: {fault}", short(digest), bytes(*offset));
            (Level::Debug, "reopened", Mood::Odd, text)
        }
        Event::ItemWritten { destination, .. } => {
            (Level::Debug, "written", Mood::Plain, format!("{destination}, to be finished"))
        }
        Event::TagMoved { destination, previous, digest, .. } => {
            let before = previous.as_ref().map(|was| format!("{} → ", short(was)));
            let text = format!("{destination}: {}{}", before.unwrap_or_default(), short(digest));
            (Level::Debug, "tag", Mood::Plain, text)
        }
        _ => return None,
    };
    Some(Phrase::new(level, word, mood, text))
}

fn of_the_surroundings(event: &Event) -> Option<Phrase> {
    let (level, word, mood, text) = match event {
        Event::Requested { host, kind, status } => {
            let answer = status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
            (Level::Trace, "request", Mood::Plain, format!("{host} {kind:?}: {answer}"))
        }
        Event::LedTo { registry, host, by } => {
            (Level::Debug, "led to", Mood::Plain, format!("{host} by {registry} ({by})"))
        }
        Event::CredentialUsed { registry, user } => {
            (Level::Debug, "login", Mood::Plain, format!("at {registry} as {user}"))
        }
        Event::KeyUsed { step, key, digest } => {
            (Level::Debug, "key", Mood::Plain, format!("{key} signed {} ({step})", short(digest)))
        }
        Event::Judged { step, image, digest, refusal, reasons, .. } => {
            let text = format!("{image} {} by {step}", short(digest));
            if refusal.is_some() {
                (Level::Debug, "refused", Mood::Odd, format!("{text}: {}", reasons.join("; ")))
            } else {
                (Level::Debug, "allowed", Mood::Good, text)
            }
        }
        Event::Signed { step, digest, identity, .. } => {
            let name = identity.as_deref().unwrap_or("itself");
            (Level::Info, "signed", Mood::Good, format!("{} as {name} ({step})", short(digest)))
        }
        Event::GrantRefused { step, wanted } => {
            (Level::Warn, "refused", Mood::Odd, format!("{step} wanted {wanted}"))
        }
        Event::Waiting { host, millis, status } => {
            let pause = duration(Duration::from_millis(*millis));
            (Level::Info, "waiting", Mood::Odd, format!("{pause} for {host} (status {status})"))
        }
        Event::QuotaTold { host, remaining } => {
            (Level::Debug, "quota", Mood::Plain, format!("{host} allows {remaining} more pulls"))
        }
        Event::PluginLog { step, level, line } => {
            // A plugin's own word for a failure is a claim: what really failed has an event.
            let level = match level.as_str() {
                "error" | "warn" => Level::Warn,
                "info" => Level::Debug,
                _ => Level::Trace,
            };
            (level, "plugin", Mood::Plain, format!("{step}: {line}"))
        }
        Event::Warned { fault } => {
            return Some(Phrase::about(Level::Warn, "warning", Mood::Odd, fault));
        }
        _ => return None,
    };
    Some(Phrase::new(level, word, mood, text))
}

/// The end of an item: its word, its way, and what it cost.
fn end(item: u64, known: Option<&RunningItem>, outcome: &Outcome) -> Phrase {
    let (level, word, mood) = match outcome.status {
        Status::Copied => (Level::Info, "copied", Mood::Good),
        Status::Moved => (Level::Info, "moved", Mood::Good),
        Status::Deleted => (Level::Info, "deleted", Mood::Good),
        Status::Unchanged => (Level::Debug, "unchanged", Mood::Plain),
        Status::Drifted => (Level::Info, "drifted", Mood::Odd),
        Status::Deferred => (Level::Info, "deferred", Mood::Odd),
        Status::Rejected => (Level::Warn, "rejected", Mood::Odd),
        Status::Failed => (Level::Error, "failed", Mood::Bad),
    };
    if let Some(fault) = &outcome.fault {
        if known.is_none() {
            // It never began. Its fault names it, where it has one of its own; a run that is
            // stopped defers all that is left, and says so once.
            let level = if outcome.status == Status::Deferred { Level::Debug } else { level };
            return Phrase::about(level, word, mood, fault);
        }
        let text = format!("{}: {fault}", way(item, known));
        return Phrase::new(level, word, mood, text).with_help(fault);
    }
    let way = way(item, known);
    if !matches!(outcome.status, Status::Copied | Status::Moved) {
        return Phrase::new(level, word, mood, way);
    }
    let took = duration(Duration::from_millis(outcome.millis));
    let cost = cost(known, outcome);
    Phrase::new(level, word, mood, format!("{way}  ({cost}) {took}"))
}

/// What an item cost: `12.3 MiB, 4 blobs reused, 1 mounted, 2 referrers, 2 attempts`.
fn cost(known: Option<&RunningItem>, outcome: &Outcome) -> String {
    let mut parts = vec![bytes(outcome.bytes_copied)];
    if let Some(reused) = known.map(|known| known.reused).filter(|count| *count > 0) {
        parts.push(format!("{} reused", counted(reused, "blob")));
    }
    if let Some(mounted) = known.map(|known| known.mounted).filter(|count| *count > 0) {
        parts.push(format!("{} mounted", counted(mounted, "blob")));
    }
    if outcome.referrers > 0 {
        parts.push(counted(u64::from(outcome.referrers), "referrer"));
    }
    if outcome.incomplete {
        parts.push("incomplete".to_owned());
    }
    if outcome.attempts > 1 {
        parts.push(counted(u64::from(outcome.attempts), "attempt"));
    }
    parts.join(", ")
}

fn way(item: u64, known: Option<&RunningItem>) -> String {
    known.map_or_else(
        || format!("item {item}"),
        |known| format!("{} → {}", known.source, known.destination),
    )
}

fn failure(step: &str, fault: &Fault) -> Phrase {
    let unsaid = fault.place.as_ref().filter(|place| !fault.message.contains(place.as_str()));
    let place = unsaid.map(|place| format!("{place}: ")).unwrap_or_default();
    let text = format!("to look at {step}: {place}{fault}");
    Phrase::new(Level::Error, "failed", Mood::Bad, text).with_help(fault)
}

/// `12 to copy, 3 to move, 840 unchanged, at most 3.1 GiB`; zeros are left out.
fn totals_text(totals: &Totals, most: Option<u64>) -> String {
    let parts = [
        (totals.copy, "to copy"),
        (totals.moved, "to move"),
        (totals.sign, "to sign"),
        (totals.unchanged, "unchanged"),
        (totals.conflict, "in conflict"),
        (totals.rejected, "refused"),
        (totals.failed, "failed"),
    ];
    let mut parts: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if parts.is_empty() {
        parts.push("nothing to do".to_owned());
    }
    if let Some(most) = most.filter(|_| totals.copy + totals.moved > 0) {
        parts.push(format!("at most {}", bytes(most)));
    }
    parts.join(", ")
}

/// A digest as people tell them apart: `sha256:` and twelve digits.
pub(super) fn short(digest: &Digest) -> String {
    format!("{}:{}", digest.algorithm().name(), digest.short())
}
