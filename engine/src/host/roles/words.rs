//! Between the guest's words and ours: faults, descriptors, selectors.

use crate::diagnostic::{Fault, Origin, Retry};
use crate::host::bindings::engine::plugin::types as wit;
use crate::host::bindings::transport::exports::engine::plugin::transport as role_wit;
use crate::host::fault::HostFault;
use crate::oci::{Descriptor, Digest};
use crate::role::Selector;
use std::borrow::Cow;

/// Characters of a guest's message that are kept.
const MAX_MESSAGE: usize = 1024;
/// Bytes of the annotations of one descriptor. What signers put there has some KiB.
const MAX_ANNOTATION_BYTES: usize = 256 << 10;

/// The codes that a guest's fault may have, with ours and whether trying again helps.
const CODES: [(&str, &str, Retry); 16] = [
    ("not-found", "transport::not-found", Retry::Never),
    ("unauthorized", "transport::unauthorized", Retry::Never),
    ("denied", "transport::denied", Retry::Never),
    ("rate-limited", "transport::rate-limited", Retry::Backoff),
    ("unavailable", "transport::unavailable", Retry::Backoff),
    ("unreachable", "transport::unreachable", Retry::Backoff),
    ("timeout", "transport::timeout", Retry::Backoff),
    ("invalid", "transport::invalid", Retry::Never),
    ("unsupported", "transport::unsupported", Retry::Never),
    ("conflict", "transport::conflict", Retry::Never),
    ("raced", "transport::raced", Retry::Backoff),
    ("protocol", "transport::protocol", Retry::Backoff),
    ("io", "transport::io", Retry::Backoff),
    ("full", "transport::full", Retry::Never),
    ("settings", "transport::settings", Retry::Never),
    ("not-granted", "transport::not-granted", Retry::Never),
];

/// A host's fault as a guest sees it: a code of the interface, and our message, which holds no
/// secret.
pub(in crate::host) fn to_guest(fault: &Fault) -> wit::Fault {
    let last = fault.code.rsplit("::").next().unwrap_or_default();
    let known = CODES.iter().map(|(code, ..)| *code).find(|code| *code == last);
    let code = known.unwrap_or(match (last, fault.retry) {
        ("stalled", _) => "timeout",
        ("cut", _) => "unreachable",
        ("too-large", _) => "invalid",
        ("quota", _) => "rate-limited",
        _ => "io",
    });
    let retry_after = match fault.retry {
        Retry::AfterMillis(millis) => Some(millis),
        Retry::Never | Retry::Backoff => None,
    };
    let message = fault.message.clone();
    wit::Fault { code: code.to_owned(), message, retry_after, extra: Vec::new() }
}

/// A guest's fault as we report it. A fault that it merely passed on is reported as the host gave
/// it, with its true code and help.
pub(in crate::host) fn from_guest(fault: &wit::Fault, given: &[Fault], origin: Origin) -> Fault {
    if let Some(own) = given.iter().find(|own| fault.message.contains(&own.message)) {
        let mut own = own.clone();
        own.message = plain(&fault.message);
        return own;
    }
    let found = CODES.iter().find(|(code, ..)| *code == fault.code);
    let (code, retry) = match found {
        Some((_, code, retry)) => (Cow::Borrowed(*code), *retry),
        None => (Cow::Borrowed("transport::other"), Retry::Never),
    };
    let retry = match (retry, fault.retry_after) {
        (Retry::Backoff, Some(millis)) => Retry::AfterMillis(millis.min(3_600_000)),
        _ => retry,
    };
    let facts = fault.extra.iter().take(16).map(|(key, value)| (plain(key), plain(value)));
    let mut facts: Vec<(String, String)> = facts.collect();
    if found.is_none() {
        facts.push(("plugin-code".to_owned(), plain(&fault.code)));
    }
    Fault { code, message: plain(&fault.message), origin, retry, place: None, help: None, facts }
}

/// The same for a component that is no transport: its codes begin with `plugin::`.
pub(in crate::host) fn from_role(fault: &wit::Fault, given: &[Fault], origin: Origin) -> Fault {
    let mut made = from_guest(fault, given, origin);
    if let Some(code) = made.code.strip_prefix("transport::") {
        made.code = Cow::Owned(format!("plugin::{code}"));
    }
    made
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
        Selector::Only => role_wit::Selector::Only,
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
