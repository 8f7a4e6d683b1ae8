//! Globs over names with slashes: the same in a spec and in the settings of a plugin.

use serde::de::{Deserialize, Deserializer, Error};

/// Bytes of the longest glob.
const MAX_BYTES: usize = 1024;

/// Ways in which the alternatives in braces may combine. Each may be tried from the start, so that
/// ten pairs of braces with six alternatives each would keep a run for minutes.
const MAX_COMBINATIONS: usize = 64;

/// A glob, which must match a whole name.
///
/// `*` is any text without a slash, `?` one character (of ASCII) that is no slash, `[…]` one of some
/// characters, `[!…]` any other one, `{a,b}` one of the texts, and `\` takes the next sign as it is.
/// `**` is any text, slashes among it; it stands for whole segments: `a/**`, `**/z`, `a/**/z`, where
/// it may stand for nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob(String);

/// Why a text is no glob.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GlobFault {
    /// It is empty.
    #[error("it is empty")]
    Empty,
    /// It is longer than anybody needs.
    #[error("it is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// Something is not closed, or braces are too many.
    #[error("{0}")]
    Malformed(fast_glob::Error),
    /// `a**`, `***`: it would be read as one star, which matches less than its author means.
    #[error("`**` stands for whole segments, between slashes: `a/**`, `**/z`, `a/**/z`")]
    PartOfASegment,
    /// `!a`: there is no negation, and a deny rule must not become its opposite.
    #[error("it begins with `!`, and there is no negation; write `\\!` for the sign itself")]
    Negated,
    /// Too many combinations of alternatives.
    #[error("its braces have more than {MAX_COMBINATIONS} combinations")]
    TooManyCombinations,
}

impl Glob {
    /// The glob as it was written.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Whether it matches a whole name.
    pub fn matches(&self, name: &str) -> bool {
        fast_glob::glob_match(&self.0, name)
    }
}

impl TryFrom<String> for Glob {
    type Error = GlobFault;

    fn try_from(text: String) -> Result<Self, GlobFault> {
        if text.is_empty() {
            return Err(GlobFault::Empty);
        }
        if text.len() > MAX_BYTES {
            return Err(GlobFault::TooLong);
        }
        if text.starts_with('!') {
            return Err(GlobFault::Negated);
        }
        fast_glob::validate(&text).map_err(GlobFault::Malformed)?;
        if text.split('/').any(|segment| segment.contains("**") && segment != "**") {
            return Err(GlobFault::PartOfASegment);
        }
        if combinations(&text) > MAX_COMBINATIONS {
            return Err(GlobFault::TooManyCombinations);
        }
        Ok(Self(text))
    }
}

impl<'de> Deserialize<'de> for Glob {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let fault = |why| D::Error::custom(format!("`{text}` is not a glob: {why}"));
        Self::try_from(text.clone()).map_err(fault)
    }
}

/// Ways in which the alternatives combine, at most: signs that are escaped count too, and
/// alternatives within others count as if they stood beside them.
fn combinations(glob: &str) -> usize {
    let (mut all, mut open) = (1_usize, Vec::new());
    for sign in glob.bytes() {
        match (sign, open.last_mut()) {
            (b'{', _) => open.push(1_usize),
            (b',', Some(alternatives)) => *alternatives += 1,
            (b'}', Some(alternatives)) => {
                all = all.saturating_mul(*alternatives);
                open.pop();
            }
            _ => {}
        }
    }
    all
}

#[cfg(test)]
#[path = "glob_tests.rs"]
mod tests;
