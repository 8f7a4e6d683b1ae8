//! A plan as people read it.

use super::{Action, Expected, Forecast, Item, Plan, Reason};
use crate::diagnostic::size;
use crate::role::Refusal;
use std::fmt::Write as _;

/// Shows a plan: what changes, by sink; what stays, as a count; what is wrong; a summary.
pub fn text(plan: &Plan) -> String {
    let mut out = String::new();
    let mut left = plan.items.as_slice();
    while let Some(first) = left.first() {
        let end = left.iter().position(|item| item.sink != first.sink).unwrap_or(left.len());
        let (sink, rest) = left.split_at(end);
        section(&mut out, &first.sink, sink);
        left = rest;
    }
    for (step, fault) in &plan.faults {
        line(&mut out, format_args!("! {step}: {fault}"));
        if let Some(help) = &fault.help {
            line(&mut out, format_args!("    {help}"));
        }
    }
    if !plan.faults.is_empty() {
        out.push('\n');
    }
    if !plan.skips.is_empty() {
        let count = plan.skips.len();
        line(&mut out, format_args!("{count} left out (`engine explain SPEC REF` says why)."));
    }
    line(&mut out, format_args!("{}", summary(plan)));
    out
}

/// The last line: `Plan: 12 to copy, 3 to move, 840 unchanged, 4 conflicts. At most 3.1 GiB to
/// move.` What is not known is not told.
pub fn summary(plan: &Plan) -> String {
    let totals = plan.totals();
    let conflicts = if totals.conflict == 1 { "conflict" } else { "conflicts" };
    let mut text = format!(
        "Plan: {} to copy, {} to move, {} unchanged, {} {conflicts}",
        totals.copy, totals.moved, totals.unchanged, totals.conflict
    );
    if totals.sign > 0 {
        let _infallible = write!(text, ", {} to sign", totals.sign);
    }
    if totals.rejected > 0 {
        let _infallible = write!(text, ", {} refused", totals.rejected);
    }
    if totals.failed > 0 {
        let _infallible = write!(text, ", {} failed", totals.failed);
    }
    text.push('.');
    let Forecast { bytes, unknown } = plan.forecast;
    let writes = totals.copy + totals.moved;
    if unknown < writes {
        let _infallible = write!(text, " At most {} to move", size(bytes));
        if unknown > 0 {
            let known = writes - unknown;
            let _infallible = write!(text, " for {known}; of {unknown} the sizes are not known");
        }
        text.push('.');
    }
    text
}

fn section(out: &mut String, sink: &str, items: &[Item]) {
    line(out, format_args!("{sink}"));
    for item in items.iter().filter(|item| item.action != Action::Unchanged) {
        line(out, format_args!("  {} {} → {}", symbol(item.action), item.source, item.destination));
        if item.reason != Reason::Missing {
            line(out, format_args!("      {}", why(item)));
        }
        if let Some(note) = note(item) {
            line(out, format_args!("      {note}"));
        }
    }
    let unchanged = items.iter().filter(|item| item.action == Action::Unchanged);
    let followed = unchanged.clone().filter(|item| item.follow).count();
    let unchanged = unchanged.count();
    if followed > 0 {
        line(out, format_args!("  = {unchanged} unchanged; {followed} asked for new referrers"));
    } else if unchanged > 0 {
        line(out, format_args!("  = {unchanged} unchanged"));
    }
    out.push('\n');
}

/// How the result of an item is known, where it is not simply what was read.
pub(super) fn note(item: &Item) -> Option<String> {
    item.copying.as_ref()?;
    match item.expected.as_ref()? {
        Expected::Exact(_) => None,
        Expected::Remembered(digest) => Some(format!("made again as {}", digest.short())),
        Expected::After(recipe) => Some(format!("known only after it is done: {recipe}")),
    }
}

fn symbol(action: Action) -> char {
    match action {
        Action::Copy => '+',
        Action::Move => '~',
        Action::Unchanged | Action::Drift => '=',
        Action::Sign => '*',
        Action::Conflict | Action::Fail | Action::Reject => '!',
    }
}

/// Why an item has its action, in one sentence without a full stop.
pub(super) fn why(item: &Item) -> String {
    let wanted = item.wanted().map_or("another image", |digest| digest.short());
    match &item.reason {
        Reason::Missing => "the destination has nothing under that name".to_owned(),
        Reason::Present => "the destination has it already".to_owned(),
        Reason::ImmutableKnown => {
            "mirrored before, its tag never moves, and both tag lists have it".to_owned()
        }
        Reason::Differs { has } if item.action == Action::Conflict => {
            format!("conflict: the destination has {}, and the sink says `fail`", has.short())
        }
        Reason::Differs { has } => format!("{} becomes {wanted}", has.short()),
        Reason::MadeAgain { has } if item.action == Action::Conflict => format!(
            "conflict: the destination has {}, and whether that is the result is known only after it \
             is made again; a state file or `onConflict: overwrite` mends it",
            has.short()
        ),
        Reason::MadeAgain { has } => format!(
            "made again: whether {} is the result is known only then, as nobody remembers it and a \
             manifest of Docker's types cannot say it; a state file would",
            has.short()
        ),
        Reason::ImmutableDiffers { has } => {
            format!("conflict: the tag is not mutable, and the destination has {}", has.short())
        }
        Reason::Unsigned { steps } => {
            format!("the destination has it, and not the signature of {}", steps.join(", "))
        }
        Reason::Refused { step, refusal, reasons, .. } => {
            let word = match refusal {
                Refusal::Missing => "lacks what must speak for it",
                Refusal::Violation => "refused",
                Refusal::Error => "could not be judged",
            };
            format!("{word} by `{step}`: {}", reasons.join("; "))
        }
        Reason::KeptByRule { has } => {
            format!("differs and stays: the destination has {}", has.short())
        }
        Reason::SameDestination { other } => {
            format!("conflict: `{other}` goes to the same destination with another digest")
        }
        Reason::Fault { fault } => match &fault.help {
            Some(help) => format!("{fault} [{}]; {help}", fault.code),
            None => format!("{fault} [{}]", fault.code),
        },
    }
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    let _infallible = writeln!(out, "{text}");
}
