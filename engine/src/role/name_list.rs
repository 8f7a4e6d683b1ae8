//! A list of names as a place gives it.

/// The names of a list: tags of a repository, or repositories of a place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NameList {
    /// Those that can be names, in the order of the place.
    pub names: Vec<String>,
    /// The first of those that cannot, without control characters: nothing can be asked about them,
    /// so they are for people only.
    pub illegal: Vec<String>,
    /// How many cannot.
    pub illegal_count: u64,
}

impl From<Vec<String>> for NameList {
    fn from(names: Vec<String>) -> Self {
        Self { names, ..Self::default() }
    }
}
