//! Bytes and durations as people read them.

use std::time::Duration;

const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];

/// Bytes with one decimal: `0 B`, `512 B`, `1.5 KiB`, `12.3 MiB`. Rounded half up, so the text
/// never reads `1024.0 KiB`.
pub(super) fn bytes(count: u64) -> String {
    if count < 1024 {
        return format!("{count} B");
    }
    let mut scale = 1024_u128;
    let mut tenths = rounded_tenths(count, scale);
    let mut units = UNITS.iter();
    let mut unit = units.next();
    while tenths >= 10_240 {
        let Some(next) = units.next() else { break };
        unit = Some(next);
        scale *= 1024;
        tenths = rounded_tenths(count, scale);
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, unit.copied().unwrap_or_default())
}

fn rounded_tenths(count: u64, scale: u128) -> u128 {
    (u128::from(count) * 10 + scale / 2) / scale
}

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
    fn bytes_have_one_decimal_and_the_nearest_unit() {
        for (count, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1536, "1.5 KiB"),
            (12_897_485, "12.3 MiB"),
            (1_048_575, "1.0 MiB"),
            (1 << 30, "1.0 GiB"),
            (u64::MAX, "16384.0 PiB"),
        ] {
            assert_eq!(bytes(count), text, "{count}");
        }
    }

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
