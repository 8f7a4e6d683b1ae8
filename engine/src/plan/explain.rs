//! Why (not)? What a plan says about one reference.

use super::text::{note, why};
use super::{Action, Item, Plan, Skip};
use crate::companion::names::companion_of;
use crate::oci::Reference;
use std::fmt::Write as _;

/// Says what becomes of an image and why: its items with the steps that they passed, or the step
/// that left it out. `reference` may be a source or a destination, as people write it.
pub fn explain(plan: &Plan, reference: &str) -> String {
    let asked = Reference::parse(reference, &plan.words());
    let named = asked.as_ref().map_or_else(|_| reference.to_owned(), ToString::to_string);
    let mut out = String::new();
    let is_asked = |one: &Reference| one.to_string() == named;
    for item in &plan.items {
        if is_asked(&item.source) || is_asked(&item.destination) {
            tell_item(&mut out, item);
        }
    }
    for skip in plan.skips.iter().filter(|skip| skip.image == named) {
        tell_skip(&mut out, skip);
    }
    if !out.is_empty() {
        return out;
    }
    let tag = asked.ok().and_then(|asked| asked.name.tag);
    if let Some(image) = tag.as_deref().and_then(companion_of) {
        return format!("{named}\n  travels with the image {image}\n");
    }
    let mut out = format!("{named}\n  no source offers it, and no sink writes it\n");
    for (step, fault) in &plan.faults {
        let _infallible = writeln!(out, "  `{step}` could not be looked at: {fault}");
    }
    out
}

fn tell_item(out: &mut String, item: &Item) {
    let verb = match item.action {
        Action::Copy => "is copied",
        Action::Move => "is copied, and moves the tag",
        Action::Unchanged => "is unchanged",
        Action::Sign => "is signed",
        Action::Reject => "is refused",
        Action::Drift => "is left as it is",
        Action::Conflict => "is not copied",
        Action::Fail => "could not be planned",
    };
    let way = item.trace.join(" → ");
    let lines = [
        format!("{} → {}", item.source, item.destination),
        format!("  {verb}: {}", why(item)),
        format!("  way: {way}"),
    ];
    for line in lines {
        let _infallible = writeln!(out, "{line}");
    }
    if let Some(note) = note(item) {
        let _infallible = writeln!(out, "  {note}");
    }
    for verdict in &item.verdicts {
        let claims = verdict.claims.iter().map(|claim| format!("{} ({})", claim.says, claim.by));
        let said: Vec<String> = verdict.reasons.iter().cloned().chain(claims).collect();
        let word = if verdict.refusal.is_some() { "refuses" } else { "allows" };
        let _infallible = writeln!(
            out,
            "  `{}` {word} {}: {}",
            verdict.step,
            verdict.digest.short(),
            said.join("; ")
        );
    }
    if item.action != Action::Fail {
        let _infallible = writeln!(out, "  pinned: {}", item.pinned.digest);
    }
}

fn tell_skip(out: &mut String, skip: &Skip) {
    let _infallible = writeln!(out, "{}\n  left out by `{}`: {}", skip.image, skip.step, skip.why);
}
