//! Globs over names with slashes.

use crate::diagnostic::{Fault, Origin};
use crate::graph::codes;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// Patterns of which one must match the whole name: `*` is any text without a slash, `**` any
/// text, `?` one character, `[…]` one of some, `{a,b}` one of the words.
#[derive(Debug, Clone)]
pub struct Globs {
    set: GlobSet,
}

impl Globs {
    /// Prepares patterns. None matches nothing.
    ///
    /// # Errors
    ///
    /// `graph::bad-glob`.
    pub fn new(patterns: &[String]) -> Result<Self, Fault> {
        let mut set = GlobSetBuilder::new();
        for pattern in patterns {
            let glob = GlobBuilder::new(pattern).literal_separator(true).build();
            set.add(glob.map_err(|fault| bad(pattern, &fault.kind().to_string()))?);
        }
        let set = set.build().map_err(|fault| bad(&patterns.join(", "), &fault.to_string()))?;
        Ok(Self { set })
    }

    /// Whether a pattern matches the whole name.
    pub fn matches(&self, name: &str) -> bool {
        self.set.is_match(name)
    }
}

fn bad(pattern: &str, why: &str) -> Fault {
    let message = format!("`{pattern}` is not a glob: {why}");
    Fault::new(codes::BAD_GLOB, Origin::Spec, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_one_segment() {
        for (pattern, name, expected) in [
            ("prometheus/*", "prometheus/node-exporter", true),
            ("prometheus/*", "prometheus/a/b", false),
            ("prometheus/*", "xprometheus/a", false),
            ("prometheus/**", "prometheus/a/b", true),
            ("**", "a/b/c", true),
            ("*", "a/b", false),
            ("a/**/z", "a/b/c/z", true),
            ("*-nightly", "x-nightly", true),
            ("[0-9].[0-9]*", "3.20", true),
            ("latest", "latest-x", false),
            ("lib{rary,x}/a*", "library/alpine", true),
        ] {
            let globs = Globs::new(&[pattern.to_owned()]).unwrap();
            assert_eq!(globs.matches(name), expected, "{pattern} {name}");
        }
        assert!(!Globs::new(&[]).unwrap().matches("a"));
        assert_eq!(Globs::new(&["[".to_owned()]).unwrap_err().code, "graph::bad-glob");
    }
}
