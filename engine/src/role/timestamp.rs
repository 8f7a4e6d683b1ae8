//! Times as text.

use std::time::Duration;

/// A time as RFC 3339 text in UTC with milliseconds, such as `2026-11-23T11:00:00.042Z`. What lies
/// beyond the year 9999 is given as the epoch.
pub fn timestamp(since_epoch: Duration) -> String {
    let millis = i64::try_from(since_epoch.as_millis()).unwrap_or_default();
    let time = jiff::Timestamp::from_millisecond(millis).unwrap_or_default();
    format!("{time:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_utc_with_milliseconds() {
        assert_eq!(timestamp(Duration::from_secs(1)), "1970-01-01T00:00:01.000Z");
        assert_eq!(timestamp(Duration::from_millis(1_795_431_600_042)), "2026-11-23T11:00:00.042Z");
        assert_eq!(timestamp(Duration::MAX), "1970-01-01T00:00:00.000Z");
    }
}
