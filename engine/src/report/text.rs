//! The report for people: what was done, what was not and why, and what it cost.

use super::{ItemReport, Report, Requests};
use crate::diagnostic::{Fault, size};
use crate::event::Status;

/// Lines for items of one kind; a line says how many more there are.
const MAX_LINES: usize = 200;

/// The report as text, in lines of plain characters. Unchanged items are only counted.
pub fn text(report: &Report) -> String {
    let mut lines = Vec::new();
    some(&mut lines, report.items.iter().filter(|item| good(item)).map(done));
    lines.join("\n") + if lines.is_empty() { "" } else { "\n" } + &closing(report)
}

fn good(item: &ItemReport) -> bool {
    matches!(item.status, Status::Copied | Status::Moved | Status::Deleted)
}

/// The report without what went well: what did not and why, the sums, and the requests.
pub fn closing(report: &Report) -> String {
    let mut lines = Vec::new();
    let bad = |item: &&ItemReport| !good(item) && item.status != Status::Unchanged;
    some(&mut lines, report.items.iter().filter(bad).map(undone));
    some(
        &mut lines,
        report
            .faults
            .iter()
            .filter(|step| !told(report, &step.fault))
            .map(|step| format!("failed     step `{}`{}", step.step, explained(&step.fault))),
    );
    some(
        &mut lines,
        report.warnings.iter().map(|fault| format!("warning    {}{}", fault.message, help(fault))),
    );
    lines.push(totals(report));
    for (host, requests) in &report.summary.requests {
        lines.push(format!("requests   {host}: {}", counted(requests)));
    }
    for reached in &report.led_to {
        let super::Reached { registry, host, by } = reached;
        lines.push(format!("reached    {host}, as {registry} led there by {by}"));
    }
    lines.join("\n") + "\n"
}

/// Whether an item that is shown failed for this very reason, as that of a source with one image.
fn told(report: &Report, fault: &Fault) -> bool {
    let mut faults = report.items.iter().take(MAX_LINES).filter_map(|item| item.fault.as_ref());
    faults.any(|other| other.code == fault.code && other.message == fault.message)
}

fn some(lines: &mut Vec<String>, all: impl Iterator<Item = String>) {
    let mut all = all.peekable();
    lines.extend(all.by_ref().take(MAX_LINES));
    let left = all.count();
    if left > 0 {
        lines.push(format!("           and {left} more, which the JSON report lists"));
    }
}

fn done(item: &ItemReport) -> String {
    let bytes = &item.bytes;
    let line = format!(
        "{:<10} {} → {}",
        word(item.status),
        item.source.reference,
        item.destination.reference
    );
    let mut notes = vec![size(bytes.copied)];
    if bytes.mounted > 0 {
        notes.push(format!("{} mounted", size(bytes.mounted)));
    }
    if item.referrers > 0 {
        notes.push(format!("{} referrers", item.referrers));
    }
    if item.incomplete {
        notes.push("incomplete".to_owned());
    }
    if item.attempts > 1 {
        notes.push(format!("{} attempts", item.attempts));
    }
    format!("{line} ({})", notes.join(", "))
}

fn undone(item: &ItemReport) -> String {
    let ItemReport { status, source, destination, fault, .. } = item;
    let mut fault = fault.clone();
    if let Some(fault) = &mut fault {
        // The line above names it.
        fault.place = fault.place.take().filter(|place| *place != source.reference);
    }
    let why = fault.as_ref().map(explained).unwrap_or_default();
    format!("{:<10} {} → {}{why}", word(*status), source.reference, destination.reference)
}

/// The message, with where it happened unless it says so itself, and what to do below it.
fn explained(fault: &Fault) -> String {
    let unsaid = fault.place.as_ref().filter(|place| !fault.message.contains(place.as_str()));
    let place = unsaid.map(|place| format!(" ({place})")).unwrap_or_default();
    format!("\n           {}{place} [{}]{}", fault.message, fault.code, help(fault))
}

fn help(fault: &Fault) -> String {
    fault.help.as_ref().map(|help| format!("\n           help: {help}")).unwrap_or_default()
}

fn totals(report: &Report) -> String {
    let sums = &report.summary;
    let all = [
        (sums.copied, "copied"),
        (sums.moved, "moved"),
        (sums.unchanged, "unchanged"),
        (sums.deleted, "deleted"),
        (sums.rejected, "rejected"),
        (sums.deferred, "deferred"),
        (sums.drifted, "drifted"),
        (sums.failed, "failed"),
        (sums.incomplete, "incomplete"),
    ];
    let named = all.iter().filter(|(number, _)| *number > 0);
    let mut parts: Vec<_> = named.map(|(number, word)| format!("{number} {word}")).collect();
    if parts.is_empty() {
        parts.push("nothing to do".to_owned());
    }
    if !report.skips.is_empty() {
        parts.push(format!("{} left out", report.skips.len()));
    }
    let bytes = &sums.bytes;
    format!(
        "{:<10} {}; {} copied, {} mounted, {} reused",
        report.run.outcome,
        parts.join(", "),
        size(bytes.copied),
        size(bytes.mounted),
        size(bytes.reused)
    )
}

fn counted(requests: &Requests) -> String {
    let all = [
        (requests.manifest_get, "manifest GET"),
        (requests.manifest_head, "manifest HEAD"),
        (requests.get, "GET"),
        (requests.head, "HEAD"),
        (requests.write, "writes"),
        (requests.token, "tokens"),
        (requests.http429, "answered 429"),
    ];
    let named = all.iter().filter(|(number, _)| *number > 0);
    let mut text = named.map(|(number, word)| format!("{number} {word}")).collect::<Vec<_>>();
    text.extend(requests.pulls_left.map(|left| format!("{left} pulls left")));
    text.join(", ")
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Copied => "copied",
        Status::Moved => "moved",
        Status::Unchanged => "unchanged",
        Status::Deleted => "deleted",
        Status::Rejected => "rejected",
        Status::Deferred => "deferred",
        Status::Drifted => "drifted",
        Status::Failed => "failed",
    }
}
