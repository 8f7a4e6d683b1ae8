//! What is said when the engine itself is at fault.

use super::clean;
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
    let place = panic.location().map_or_else(
        || "an unknown place".to_owned(),
        |location| format!("{}:{}", location.file(), location.line()),
    );
    let what = panic.payload().downcast_ref::<&'static str>();
    let what = what.map(|text| format!(": {}", clean::line(text))).unwrap_or_default();
    format!(
        "internal error at {place}{what}\n\
         This is a fault of engine {}, not of what you asked for. Please report it with this text \
         and your spec, without its secrets.\n",
        env!("CARGO_PKG_VERSION")
    )
}
