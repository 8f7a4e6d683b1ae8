//! How long a host asks to be left alone.

use crate::role::http_date;
use std::time::Duration;

/// Reads a `Retry-After` header: seconds, or a date. `now` is the time since 1970.
/// Source: RFC 9110 section 10.2.3.
pub(in crate::http) fn parse(value: &str, now: Duration) -> Option<Duration> {
    let value = value.trim();
    match value.parse::<u64>() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => http_date(value).map(|date| date.saturating_sub(now)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_read() {
        let now = Duration::from_secs(784_111_770);
        let seconds = |text| parse(text, now).map(|pause| pause.as_secs());
        assert_eq!(seconds("5"), Some(5));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Some(7));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:20 GMT"), Some(0));
        assert_eq!(seconds("soon"), None);
        assert_eq!(seconds("-1"), None);
    }
}
