//! Dates in the text forms that others use.

use jiff::fmt::rfc2822::DateTimeParser;
use std::time::Duration;

/// A date of an HTTP header (`Sun, 06 Nov 1994 08:49:37 GMT`) as the time since 1970; `None` when
/// it is no such date, or before 1970. Source: RFC 9110 section 5.6.7.
pub fn http_date(text: &str) -> Option<Duration> {
    let date = DateTimeParser::new().parse_timestamp(text).ok()?;
    Duration::try_from(date.as_duration()).ok()
}
