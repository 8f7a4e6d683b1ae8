//! Globs of which one must match.

use crate::diagnostic::{Fault, Origin};
use crate::graph::codes;
use crate::oci::{Glob, GlobFault};

/// Globs of which one must match the whole name; see [`Glob`] for the signs.
#[derive(Debug, Clone)]
pub struct Globs(Vec<Glob>);

impl Globs {
    /// Prepares globs. None matches nothing.
    ///
    /// # Errors
    ///
    /// `graph::bad-glob`.
    pub fn new(texts: &[String]) -> Result<Self, Fault> {
        let glob = |text: &String| Glob::try_from(text.clone()).map_err(|why| bad(text, &why));
        texts.iter().map(glob).collect::<Result<_, _>>().map(Self)
    }

    /// Whether one matches the whole name.
    pub fn matches(&self, name: &str) -> bool {
        self.0.iter().any(|glob| glob.matches(name))
    }
}

fn bad(text: &str, why: &GlobFault) -> Fault {
    let message = format!("`{text}` is not a glob: {why}");
    Fault::new(codes::BAD_GLOB, Origin::Spec, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_must_match() {
        let globs = Globs::new(&["latest".to_owned(), "*-nightly".to_owned()]).unwrap();
        for (name, expected) in [("latest", true), ("x-nightly", true), ("latest-x", false)] {
            assert_eq!(globs.matches(name), expected, "{name}");
        }
        assert!(!Globs::new(&[]).unwrap().matches("a"));
        let fault = Globs::new(&["[".to_owned()]).unwrap_err();
        assert_eq!(fault.code, "graph::bad-glob");
        assert!(fault.message.starts_with("`[` is not a glob: unclosed"), "{fault}");
    }
}
