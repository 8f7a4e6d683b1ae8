//! Points in time, as configs write them.

use std::fmt;

/// Milliseconds since 1970-01-01 00:00:00 UTC. Shows as the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(pub(crate) i64);

const DAY_MILLIS: i64 = 86_400_000;

impl Moment {
    /// Reads RFC 3339, fractions of a second and offsets included. None where it is anything else:
    /// a day that does not exist, a text without an offset. Source: RFC 3339, 5.6.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (day, time) = text.split_once(['T', 't'])?;
        let [year, month, date] = numbers(day, '-', [4, 2, 2])?;
        if !(1..=12).contains(&month) || date < 1 || date > days_of(year, month) {
            return None;
        }
        let cut = time.find(['Z', 'z', '+', '-'])?;
        let (clock, offset) = time.split_at(cut);
        let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
        let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
        let tenths = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
        // 60 is a leap second.
        if hour > 23 || minute > 59 || second > 60 || !tenths {
            return None;
        }
        let seconds = hour * 3600 + minute * 60 + second - offset_seconds(offset)?;
        Some(Self(days_before(year, month, date) * DAY_MILLIS + seconds * 1000))
    }
}

/// Seconds that a clock with this offset is ahead of UTC.
fn offset_seconds(text: &str) -> Option<i64> {
    let sign = match text.split_at_checked(1)? {
        ("Z" | "z", "") => return Some(0),
        ("+", _) => 1,
        ("-", _) => -1,
        _ => return None,
    };
    let [hours, minutes] = numbers(text.get(1..)?, ':', [2, 2])?;
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Numbers with exactly so many digits each.
fn numbers<const N: usize>(text: &str, between: char, digits: [usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(between);
    let mut read = [0; N];
    for (number, digits) in read.iter_mut().zip(digits) {
        let part = parts.next()?;
        if part.len() != digits || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(read)
}

fn days_of(year: i64, month: i64) -> i64 {
    let leaps = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(leaps),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days between 1970-01-01 and a day, in the Gregorian calendar. Years begin in March here, so that
/// the leap day is the last of its year.
fn days_before(year: i64, month: i64, date: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let of_year = (153 * month + 2) / 5 + date - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year
        - 719_468
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The inverse of `days_before`, by looking: a year has 365 days or 366.
        let days = self.0.div_euclid(DAY_MILLIS);
        let mut year = 1970 + days.div_euclid(366).min(days.div_euclid(365));
        while days_before(year + 1, 1, 1) <= days {
            year += 1;
        }
        let mut month = 1;
        while month < 12 && days_before(year, month + 1, 1) <= days {
            month += 1;
        }
        write!(f, "{year:04}-{month:02}-{:02}", days - days_before(year, month, 1) + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_and_shown() {
        for (text, millis, day) in [
            ("1970-01-01T00:00:00Z", 0, "1970-01-01"),
            ("2000-02-29T12:00:00.123456789Z", 951_825_600_000, "2000-02-29"),
            ("2025-01-02T01:00:00+02:00", 1_735_772_400_000, "2025-01-01"),
            ("2025-01-01t23:00:00-00:00", 1_735_772_400_000, "2025-01-01"),
            ("2026-11-23T00:00:00z", 1_795_392_000_000, "2026-11-23"),
            ("0001-01-01T00:00:00Z", -62_135_596_800_000, "0001-01-01"),
            ("9999-12-31T23:59:60Z", 253_402_300_800_000, "10000-01-01"),
        ] {
            let moment = Moment::parse(text).unwrap();
            assert_eq!((moment.0, moment.to_string().as_str()), (millis, day), "{text}");
        }
    }

    #[test]
    fn every_day_of_four_centuries_comes_back() {
        for days in (-3_650_i64..146_097).step_by(13) {
            let shown = Moment(days * DAY_MILLIS).to_string();
            assert_eq!(
                Moment::parse(&format!("{shown}T00:00:00Z")),
                Some(Moment(days * DAY_MILLIS))
            );
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "T",
            "yesterday",
            "2025-01-02",
            "2025-01-02T00:00:00",
            "2025-02-29T00:00:00Z",
            "2025-13-01T00:00:00Z",
            "2025-00-01T00:00:00Z",
            "2025-01-00T00:00:00Z",
            "2025-01-02T24:00:00Z",
            "2025-01-02T00:00:00.Z",
            "2025-01-02T00:00:00+2:00",
            "2025-01-02T00:00:00+24:00",
            "2025-01-02T00:00:00Z ",
            "+025-01-02T00:00:00Z",
            "20250-01-02T00:00:00Z",
            "2025-01-02T00:00:00ü",
            "٢٠٢٥-01-02T00:00:00Z",
        ] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }
}
