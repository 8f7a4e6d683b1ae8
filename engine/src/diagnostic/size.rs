//! Bytes as people read them.

const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];

/// Bytes with one decimal: `0 B`, `512 B`, `1.5 KiB`, `12.3 MiB`. Rounded half up, so the text
/// never reads `1024.0 KiB`.
pub fn size(bytes: u64) -> String {
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut scale = 1024_u128;
    let mut tenths = rounded_tenths(bytes, scale);
    let mut units = UNITS.iter();
    let mut unit = units.next();
    while tenths >= 10_240 {
        let Some(next) = units.next() else { break };
        unit = Some(next);
        scale *= 1024;
        tenths = rounded_tenths(bytes, scale);
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, unit.copied().unwrap_or_default())
}

fn rounded_tenths(bytes: u64, scale: u128) -> u128 {
    (u128::from(bytes) * 10 + scale / 2) / scale
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn bytes_have_one_decimal_and_the_nearest_unit() {
        for (bytes, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1536, "1.5 KiB"),
            (12_897_485, "12.3 MiB"),
            (1_048_575, "1.0 MiB"),
            (1 << 30, "1.0 GiB"),
            (u64::MAX, "16384.0 PiB"),
        ] {
            assert_eq!(size(bytes), text, "{bytes}");
        }
    }
}
