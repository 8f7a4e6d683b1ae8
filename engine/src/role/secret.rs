//! Secrets: values that cannot be printed.

use super::known_secrets;
use std::fmt;
use zeroize::Zeroizing;

/// A password, a token or a key. It has no text: neither `Display` nor a telling `Debug`, and it
/// cannot be serialized, so it cannot get into a log, a plan or a report by accident. Its memory
/// is cleared when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Keeps `value`.
    pub fn new(value: impl Into<String>) -> Self {
        let value = Zeroizing::new(value.into());
        known_secrets::note(&value);
        Self(value)
    }

    /// The value, for the one place that sends it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
