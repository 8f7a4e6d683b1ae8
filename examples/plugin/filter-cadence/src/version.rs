//! Tags that are releases: `1.2.3`, `v1.2.3`, `1.2.3-alpine`.

/// A release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Version<'a> {
    /// What shares a series: major, minor, and the variant that is behind the number.
    pub(crate) series: (u64, u64, &'a str),
    /// Its place in the series.
    pub(crate) patch: u64,
}

impl<'a> Version<'a> {
    /// Reads a tag; none where it is no release with three numbers.
    pub(crate) fn parse(tag: &'a str) -> Option<Self> {
        let mut parts = tag.strip_prefix('v').unwrap_or(tag).splitn(3, '.');
        let (major, minor, rest) = (parts.next()?, parts.next()?, parts.next()?);
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (patch, variant) = rest.split_at(digits);
        if !(variant.is_empty() || variant.starts_with('-')) {
            return None;
        }
        Some(Self { series: (number(major)?, number(minor)?, variant), patch: number(patch)? })
    }
}

fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_have_three_numbers() {
        let version = |tag| Version::parse(tag).map(|found| (found.series, found.patch));
        assert_eq!(version("1.27.3"), Some(((1, 27, ""), 3)));
        assert_eq!(version("v1.27.10-alpine"), Some(((1, 27, "-alpine"), 10)));
        for tag in ["", "1", "1.2", "1.2.3.4", "1.2.x", "1.+2.3", "vv1.2.3", "latest", "1.2.3rc1"] {
            assert_eq!(version(tag), None, "{tag}");
        }
        assert_eq!(version("1.2.99999999999999999999"), None, "no number is as large");
    }
}
