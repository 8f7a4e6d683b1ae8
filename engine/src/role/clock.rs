//! Time, as a contract, so that a test can set it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Since 1970-01-01 00:00:00 UTC.
    fn since_epoch(&self) -> Duration;
}

/// The clock of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn since_epoch(&self) -> Duration {
        SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
    }
}

/// A time as RFC 3339 text in UTC with milliseconds, such as `2026-11-23T11:00:00.042Z`. What lies
/// beyond the year 9999 is given as the epoch.
pub fn utc_text(since_epoch: Duration) -> String {
    let millis = i64::try_from(since_epoch.as_millis()).unwrap_or_default();
    let time = jiff::Timestamp::from_millisecond(millis).unwrap_or_default();
    format!("{time:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_utc_with_milliseconds() {
        assert_eq!(utc_text(Duration::from_secs(1)), "1970-01-01T00:00:01.000Z");
        assert_eq!(utc_text(Duration::from_millis(1_795_431_600_042)), "2026-11-23T11:00:00.042Z");
        assert_eq!(utc_text(Duration::MAX), "1970-01-01T00:00:00.000Z");
    }
}
