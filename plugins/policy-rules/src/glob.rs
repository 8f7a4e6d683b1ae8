//! Globs over names: `*` is any text without a slash, `**` any text.
//!
//! The spec file's globs also know `?`, `[…]` and `{…}`. The crate that reads those brings a regex
//! engine, ten times the size of this plugin, so they are refused here rather than read otherwise.

use serde::Deserialize;

/// A pattern that must match a whole text.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Glob(String);

impl TryFrom<String> for Glob {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.is_empty() || text.contains(['?', '[', ']', '{', '}', '\\']) {
            return Err(format!(
                "`{text}` is not a pattern: a text in which only `*` and `**` are special"
            ));
        }
        Ok(Self(text))
    }
}

impl Glob {
    /// The pattern as it was written.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// Whether the whole text matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        matches(self.0.as_bytes(), text.as_bytes())
    }
}

/// Where to go on after a mismatch: the pattern after a star, and how much text the star took.
#[derive(Clone, Copy)]
struct Star {
    pattern: usize,
    text: usize,
    /// Taken are whole segments: `**/` at the start of a segment may also stand for nothing.
    segments: bool,
}

/// Two places to come back to are enough: a `*` that reached its slash could not have been helped by
/// an earlier `*`, as that one may not pass the same slash; only the last `**` may.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut seen) = (0, 0);
    let (mut few, mut many): (Option<Star>, Option<Star>) = (None, None);
    loop {
        let rest = pattern.get(at..).unwrap_or_default();
        if rest.starts_with(b"**") {
            let starts = at == 0 || pattern.get(at - 1) == Some(&b'/');
            let segments = starts && rest.get(2) == Some(&b'/');
            at += if segments { 3 } else { 2 };
            many = Some(Star { pattern: at, text: seen, segments });
            few = None;
            continue;
        }
        if rest.first() == Some(&b'*') {
            at += 1;
            few = Some(Star { pattern: at, text: seen, segments: false });
            continue;
        }
        match (rest.first(), text.get(seen)) {
            (None, None) => return true,
            (Some(wanted), Some(there)) if wanted == there => (at, seen) = (at + 1, seen + 1),
            _ => match back(&mut few, &mut many, text) {
                Some(star) => (at, seen) = (star.pattern, star.text),
                None => return false,
            },
        }
    }
}

/// Gives the nearest star that can take more.
fn back(few: &mut Option<Star>, many: &mut Option<Star>, text: &[u8]) -> Option<Star> {
    if let Some(star) = few {
        if text.get(star.text).is_some_and(|byte| *byte != b'/') {
            star.text += 1;
            return Some(*star);
        }
        *few = None;
    }
    let star = many.as_mut()?;
    let left = text.get(star.text..).filter(|left| !left.is_empty())?;
    let slash = left.iter().position(|byte| *byte == b'/');
    star.text += if star.segments { slash? + 1 } else { 1 };
    Some(*star)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, text: &str) -> bool {
        Glob::try_from(pattern.to_owned()).unwrap().matches(text)
    }

    #[test]
    fn a_star_is_one_segment_and_two_are_any() {
        for (pattern, text, expected) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("docker.io/library/*:latest", "docker.io/library/nginx:latest", true),
            ("docker.io/library/*:latest", "docker.io/library/a/b:latest", false),
            ("quay.io/p/*", "quay.io/p/a/b", false),
            ("quay.io/p/**", "quay.io/p/a/b:1", true),
            ("quay.io/p/**", "quay.io/p/", true),
            ("**", "", true),
            ("**", "a/b", true),
            ("*", "a/b", false),
            ("a/**/z", "a/z", true),
            ("a/**/z", "a/b/c/z", true),
            ("a/**/z", "a/bz", false),
            ("**/z", "z", true),
            ("**/z", "az", false),
            ("a**/z", "ab/c/z", true),
            ("*-rc*", "v1-rc-2", true),
            ("*a*b", "aab", true),
            ("**/*a*b", "xa/ab/aab", true),
            ("**a*b", "a/ab", true),
            ("**x*y/z", "x/xy/xay/z", true),
            ("a*c", "abd", false),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn agrees_with_trying_everything() {
        fn slow(pattern: &[u8], text: &[u8]) -> bool {
            match pattern {
                [] => text.is_empty(),
                [b'*', b'*', rest @ ..] => (0..=text.len()).any(|taken| slow(rest, &text[taken..])),
                [b'*', rest @ ..] => (0..=text.len())
                    .take_while(|taken| !text[..*taken].contains(&b'/'))
                    .any(|taken| slow(rest, &text[taken..])),
                [byte, rest @ ..] => text.first() == Some(byte) && slow(rest, &text[1..]),
            }
        }
        let mut seed = 7_u32;
        let mut letter = |letters: &[u8]| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            letters[(seed >> 16) as usize % letters.len()]
        };
        for _ in 0..20_000 {
            let pattern: Vec<u8> = (0..6).map(|_| letter(b"ab*/")).collect();
            let text: Vec<u8> = (0..7).map(|_| letter(b"aab/")).collect();
            // There `**/` stands for nothing too, and three stars are read in pairs.
            if pattern.windows(3).any(|three| three == b"**/" || three == b"***") {
                continue;
            }
            let (shown, name) = (pattern.escape_ascii(), text.escape_ascii());
            assert_eq!(matches(&pattern, &text), slow(&pattern, &text), "{shown} {name}");
        }
    }

    #[test]
    fn other_signs_are_refused() {
        for text in ["", "a?", "[ab]", "{a,b}", "a\\*"] {
            assert!(Glob::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_pattern_made_to_be_slow_is_not() {
        assert!(!fits(&"*a".repeat(64), &format!("{}b", "a".repeat(4 * 1024))));
        assert!(!fits("**a*b", &"a".repeat(4 * 1024)));
    }
}
