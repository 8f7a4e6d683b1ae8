//! Between the guest's words and ours: faults, descriptors, selectors.

use crate::diagnostic::{Code, Fault, Kind, Origin, Retry};
use crate::host::bindings::engine::plugin::types as wit;
use crate::host::bindings::transport::exports::engine::plugin::transport as role_wit;
use crate::host::codes;
use crate::host::fault::HostFault;
use crate::host::instance::known_faults::Given;
use crate::oci::{Descriptor, Digest};
use crate::role::{ExpectedBlob, Selector};
use std::borrow::Cow;

/// Characters of a guest's message that are kept.
const MAX_MESSAGE: usize = 1024;
/// Bytes of the annotations of one descriptor. What signers put there has some KiB.
const MAX_ANNOTATION_BYTES: usize = 256 << 10;

/// The words that a guest's fault may have, with our codes and whether trying again helps. The kind
/// stands with the code.
const WORDS: [(&str, Code, Retry); 16] = [
    ("not-found", codes::TRANSPORT_NOT_FOUND, Retry::Never),
    ("unauthorized", codes::TRANSPORT_UNAUTHORIZED, Retry::Never),
    ("denied", codes::TRANSPORT_DENIED, Retry::Never),
    ("rate-limited", codes::TRANSPORT_RATE_LIMITED, Retry::Backoff),
    ("unavailable", codes::TRANSPORT_UNAVAILABLE, Retry::Backoff),
    ("unreachable", codes::TRANSPORT_UNREACHABLE, Retry::Backoff),
    ("timeout", codes::TRANSPORT_TIMEOUT, Retry::Backoff),
    ("invalid", codes::TRANSPORT_INVALID, Retry::Never),
    ("unsupported", codes::TRANSPORT_UNSUPPORTED, Retry::Never),
    ("conflict", codes::TRANSPORT_CONFLICT, Retry::Never),
    ("raced", codes::TRANSPORT_RACED, Retry::Backoff),
    ("protocol", codes::TRANSPORT_PROTOCOL, Retry::Backoff),
    ("io", codes::TRANSPORT_IO, Retry::Backoff),
    ("full", codes::TRANSPORT_FULL, Retry::Never),
    ("settings", codes::TRANSPORT_SETTINGS, Retry::Never),
    ("not-granted", codes::TRANSPORT_NOT_GRANTED, Retry::Never),
];

/// A host's fault as a guest sees it: a word of the interface, and our message, which holds no
/// secret.
pub(in crate::host) fn to_guest(fault: &Fault) -> wit::Fault {
    let word = match fault.kind {
        Kind::Unauthorized => "unauthorized",
        Kind::Unreachable => "unreachable",
        Kind::Timeout => "timeout",
        Kind::NotFound => "not-found",
        Kind::Quota => "rate-limited",
        Kind::Conflict => "conflict",
        Kind::Held => "raced",
        Kind::Refused => "not-granted",
        Kind::Unsupported => "unsupported",
        Kind::Invalid => "invalid",
        Kind::Exhausted => "full",
        // What is wrong with bytes is for the host to know: the guest sees that it got none.
        Kind::Unreadable | Kind::Corrupt | Kind::Crashed | Kind::Interrupted | Kind::Other => "io",
    };
    let retry_after = match fault.retry {
        Retry::AfterMillis(millis) => Some(millis),
        Retry::Never | Retry::Backoff => None,
    };
    let message = fault.message.clone();
    wit::Fault { code: word.to_owned(), message, retry_after, extra: Vec::new() }
}

/// A fault of a transport as we report it. One of the host's that it passed on is reported as the
/// host gave it, with its true code, kind and help.
pub(in crate::host) fn from_guest(fault: &wit::Fault, given: &Given, origin: Origin) -> Fault {
    passed_on(fault, given).unwrap_or_else(|| own(fault, origin).1)
}

/// The same for a component that is no transport: its codes begin with `plugin::`.
pub(in crate::host) fn from_role(fault: &wit::Fault, given: &Given, origin: Origin) -> Fault {
    passed_on(fault, given).unwrap_or_else(|| {
        let (word, made) = own(fault, origin);
        Fault { code: Cow::Owned(format!("plugin::{word}")), ..made }
    })
}

/// The host's fault that a guest passes on, with what the guest says about it.
fn passed_on(fault: &wit::Fault, given: &Given) -> Option<Fault> {
    let given = given.find(&fault.extra)?.clone();
    Some(Fault { message: plain(&fault.message), ..given })
}

/// A guest's own fault, and its word where it is one of the interface.
fn own(fault: &wit::Fault, origin: Origin) -> (&'static str, Fault) {
    let known = WORDS.iter().find(|(word, ..)| *word == fault.code);
    let (word, code, retry) =
        known.copied().unwrap_or(("other", codes::TRANSPORT_OTHER, Retry::Never));
    // A word that is a kind says what kind of failure it is, and nothing more.
    let of_kind = Kind::ALL.into_iter().find(|kind| kind.word() == fault.code);
    let kind = known.map(|_| code.kind()).or(of_kind).unwrap_or(Kind::Other);
    let retry = match (retry, fault.retry_after) {
        (Retry::Backoff, Some(millis)) => Retry::AfterMillis(millis.min(3_600_000)),
        _ => retry,
    };
    let facts = fault.extra.iter().filter(|(key, _)| key != Given::KEY).take(16);
    let mut facts: Vec<(String, String)> =
        facts.map(|(key, value)| (plain(key), plain(value))).collect();
    if known.is_none() {
        facts.push(("plugin-code".to_owned(), plain(&fault.code)));
    }
    let made = Fault::new(code, origin, plain(&fault.message)).retry(retry);
    (word, Fault { kind, facts, ..made })
}

/// A guest's text without control characters, at most 1 KiB.
pub(in crate::host) fn plain(text: &str) -> String {
    let mut plain: String =
        text.chars().take(MAX_MESSAGE).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(MAX_MESSAGE).is_some() {
        plain.push('…');
    }
    plain
}

/// A descriptor in the guest's words.
pub(in crate::host) fn descriptor_to_guest(descriptor: &Descriptor) -> wit::Descriptor {
    wit::Descriptor {
        media_type: descriptor.media_type.clone(),
        digest: descriptor.digest.to_string(),
        size: descriptor.size,
        artifact_type: descriptor.artifact_type.clone(),
        annotations: descriptor.annotations.clone().into_iter().collect(),
        platform: descriptor.platform.as_ref().map(ToString::to_string),
        extra: Vec::new(),
    }
}

/// A guest's descriptor, whose digest and platform are checked.
pub(in crate::host) fn descriptor_from_guest(
    descriptor: wit::Descriptor,
) -> Result<Descriptor, HostFault> {
    let digest: Digest =
        descriptor.digest.parse().map_err(|fault| HostFault::Lied(plain(&format!("{fault}"))))?;
    let annotations = descriptor.annotations.iter();
    let annotated: usize = annotations.map(|(key, value)| key.len() + value.len()).sum();
    if annotated > MAX_ANNOTATION_BYTES {
        let what =
            format!("a descriptor has more than {MAX_ANNOTATION_BYTES} bytes of annotations");
        return Err(HostFault::Lied(what));
    }
    Ok(Descriptor {
        media_type: plain(&descriptor.media_type),
        digest,
        size: descriptor.size,
        artifact_type: descriptor.artifact_type.as_deref().map(plain),
        annotations: descriptor.annotations.into_iter().collect(),
        platform: descriptor.platform.and_then(|platform| platform.parse().ok()),
        urls: Vec::new(),
    })
}

/// A selector in the guest's words.
pub(in crate::host) fn selector_to_guest(which: &Selector) -> role_wit::Selector {
    match which {
        Selector::Tag(tag) => role_wit::Selector::Tag(tag.clone()),
        Selector::Digest(digest) => role_wit::Selector::Digest(digest.to_string()),
        Selector::Index(index) => role_wit::Selector::Index(*index),
        Selector::Id(id) => role_wit::Selector::Id(id.clone()),
        Selector::Only => role_wit::Selector::Only,
    }
}

/// What is known of a blob, in the guest's words.
pub(in crate::host) fn expected_to_guest(blob: &ExpectedBlob) -> role_wit::Expected {
    role_wit::Expected {
        media_type: blob.media_type.clone(),
        digest: blob.digest.as_ref().map(ToString::to_string),
        size: blob.size,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn descriptor(key: &str, value: &str) -> wit::Descriptor {
        wit::Descriptor {
            annotations: vec![(key.to_owned(), value.to_owned())],
            artifact_type: Some("\u{1b}[2Jx/y".to_owned()),
            ..descriptor_to_guest(&Descriptor::new("x/y", Digest::of(b"x"), 1))
        }
    }

    #[test]
    fn a_guests_descriptor_is_small_and_plain() {
        let fine = descriptor_from_guest(descriptor("key", &"x".repeat(1000))).unwrap();
        assert_eq!(fine.artifact_type.as_deref(), Some(" [2Jx/y"));
        let large = descriptor_from_guest(descriptor("key", &"x".repeat(300_000)));
        assert!(matches!(large, Err(HostFault::Lied(_))));
        let mut wrong = descriptor("key", "value");
        wrong.digest = "x".repeat(1 << 20);
        let Err(HostFault::Lied(what)) = descriptor_from_guest(wrong) else { panic!("no digest") };
        assert!(what.len() < 2000, "{} bytes", what.len());
    }
}
