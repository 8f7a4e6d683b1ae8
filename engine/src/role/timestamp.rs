//! Times as text.

use std::time::Duration;

/// A time since 1970-01-01 00:00:00 UTC as `2026-11-23T11:00:00Z`, in whole seconds.
pub fn timestamp(since_epoch: Duration) -> String {
    let seconds = i64::try_from(since_epoch.as_secs()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_utc() {
        assert_eq!(timestamp(Duration::from_millis(1_795_435_199_999)), "2026-11-23T11:59:59Z");
        assert!(timestamp(Duration::MAX).ends_with('Z'));
    }
}
