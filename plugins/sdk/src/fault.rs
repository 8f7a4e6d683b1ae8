//! The failures that a plugin reports.

use std::borrow::Cow;
use std::fmt;

/// Bytes of the longest message; what is more is cut off.
const MAX_MESSAGE_BYTES: usize = 1024;

/// A failure. The codes and what the engine does about each stand in `wit/types.wit`.
///
/// ```
/// use engine_plugin_sdk::Fault;
///
/// let fault = Fault::not_found("there is no such shelf").fact("shelf", "7");
/// assert_eq!(fault.code, "not-found");
/// assert_eq!(fault.fact_of("shelf"), Some("7"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// One of the words of `wit/types.wit`; any other is shown as it is and not tried again.
    pub code: Cow<'static, str>,
    /// What happened: a lower-case fragment without a full stop, at most 1 KiB.
    pub message: String,
    /// Milliseconds that the other side asked for.
    pub retry_after: Option<u64>,
    /// Facts: `status` (of HTTP), `registry-code`, `stage`; `engine-fault`, by which the engine
    /// knows a fault of its own that is passed on.
    pub extra: Vec<(String, String)>,
}

macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident = $code:literal),* $(,)?) => {
        impl Fault {$(
            $(#[$doc])*
            pub fn $name(message: impl Into<String>) -> Self {
                Self::new($code, message)
            }
        )*}
    };
}

constructors! {
    /// What was asked for is not there.
    not_found = "not-found",
    /// The other side refuses the content.
    invalid = "invalid",
    /// The other side, or the plugin, cannot do this.
    unsupported = "unsupported",
    /// Something else is there.
    conflict = "conflict",
    /// The answer makes no sense.
    protocol = "protocol",
    /// A file or a body could not be read or written.
    io = "io",
    /// The step's settings are wrong.
    settings = "settings",
}

impl Fault {
    /// A fault with any code.
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        let mut message = message.into();
        message.truncate(message.floor_char_boundary(MAX_MESSAGE_BYTES));
        Self { code: code.into(), message, retry_after: None, extra: Vec::new() }
    }

    /// Adds a fact.
    #[must_use]
    pub fn fact(mut self, key: &str, value: impl Into<String>) -> Self {
        self.extra.push((key.to_owned(), value.into()));
        self
    }

    /// The fact with this key.
    pub fn fact_of(&self, key: &str) -> Option<&str> {
        self.extra.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// Says how many milliseconds the other side asked for.
    #[must_use]
    pub fn retry_after(mut self, millis: Option<u64>) -> Self {
        self.retry_after = millis;
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_bounded_and_facts_are_found() {
        let fault = Fault::io("ü".repeat(600)).fact("status", "500").retry_after(Some(3));
        assert_eq!(fault.message.len(), MAX_MESSAGE_BYTES, "cut between characters");
        assert_eq!(Fault::io("x".repeat(2000)).message.len(), MAX_MESSAGE_BYTES);
        assert_eq!(Fault::io("€".repeat(600)).message.len(), MAX_MESSAGE_BYTES - 1);
        assert_eq!(fault.fact_of("status"), Some("500"));
        assert_eq!((fault.fact_of("other"), fault.retry_after), (None, Some(3)));
        assert_eq!(Fault::conflict("two").to_string(), "conflict: two");
    }
}
