//! One broken promise of a destination.

use std::fmt;

/// One broken promise of a destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The name it was found under, such as `team/app:v1`, or a file.
    pub name: String,
    /// What is wrong.
    pub wrong: Wrong,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// A manifest or a blob that is named is not there.
    Missing(String),
    /// Content does not hash to the digest it is kept under.
    Digest(String),
    /// Content is not as long as its descriptor says.
    Size(String),
    /// Something is not readable as what it should be.
    Malformed(String),
    /// A file stands where content stands, and is none.
    Stray(String),
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, which) = match &self.wrong {
            Wrong::Missing(which) => ("is missing", which),
            Wrong::Digest(which) => ("has another digest", which),
            Wrong::Size(which) => ("has another size", which),
            Wrong::Malformed(which) => ("is malformed", which),
            Wrong::Stray(which) => ("is no content", which),
        };
        write!(f, "{}: {which} {what}", self.name)
    }
}
