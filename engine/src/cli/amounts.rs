//! Bytes and durations as people read them.

pub(super) use crate::diagnostic::size as bytes;
use std::time::Duration;

/// A duration with what matters of it: `42ms`, `1.2s`, `2m05s`, `3h07m`. Cut, not rounded.
pub(super) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => format!("{}ms", duration.as_millis()),
        1..60 => format!("{seconds}.{}s", duration.subsec_millis() / 100),
        60..3600 => format!("{}m{:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h{:02}m", seconds / 3600, seconds / 60 % 60),
    }
}

/// A count with its noun: `1 blob`, `4 blobs`.
pub(super) fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_show_what_matters() {
        for (millis, text) in [
            (0, "0ms"),
            (999, "999ms"),
            (1_250, "1.2s"),
            (59_999, "59.9s"),
            (125_000, "2m05s"),
            (3_600_000 + 7 * 60_000, "1h07m"),
            (360_000_000, "100h00m"),
        ] {
            assert_eq!(duration(Duration::from_millis(millis)), text, "{millis}");
        }
    }

    #[test]
    fn one_has_no_plural() {
        assert_eq!(counted(1, "blob"), "1 blob");
        assert_eq!(counted(0, "blob"), "0 blobs");
    }
}
