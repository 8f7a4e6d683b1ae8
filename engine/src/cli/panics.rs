//! What is said when the engine itself is at fault.

use super::printable;
use std::any::Any;
use std::io::Write;
use std::panic::{PanicHookInfo, set_hook};

/// Makes a panic one short message on standard error: where it happened and what to do, without a
/// backtrace. What was panicked with is shown only where it is a literal of the source: a text
/// that was put together at run time could hold a secret.
pub(super) fn catch() {
    set_hook(Box::new(|panic| {
        // Nothing is left to be done where standard error is gone.
        let _written = std::io::stderr().lock().write_all(message(panic).as_bytes());
    }));
}

fn message(panic: &PanicHookInfo<'_>) -> String {
    let place = panic.location().map(|location| format!("{}:{}", location.file(), location.line()));
    words(place.as_deref().unwrap_or("an unknown place"), literal(panic.payload()))
}

/// What was panicked with, if it is a literal.
fn literal(payload: &(dyn Any + Send)) -> Option<&'static str> {
    payload.downcast_ref::<&'static str>().copied()
}

fn words(place: &str, what: Option<&str>) -> String {
    let what = what.map(|text| format!(": {}", printable::line(text))).unwrap_or_default();
    format!(
        "internal error at {place}{what}\n\
         This is a fault of engine {}, not of what you asked for. Please report it with this text \
         and your spec, without its secrets.\n",
        env!("CARGO_PKG_VERSION")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_literals_are_shown() {
        assert_eq!(literal(&"plain"), Some("plain"));
        assert_eq!(literal(&format!("password {}", "hunter2")), None);
        assert!(words("a.rs:1", Some("b")).starts_with("internal error at a.rs:1: b\nThis is a "));
        assert!(words("a.rs:1", None).starts_with("internal error at a.rs:1\n"));
    }
}
