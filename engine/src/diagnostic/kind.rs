//! What kind of failure a fault is.

use serde::{Deserialize, Serialize};

/// What kind of failure a fault is. Exit codes, repeats and refusals follow from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A credential was refused, is missing, or does not allow this.
    Unauthorized,
    /// No connection, or the other side cannot serve now.
    Unreachable,
    /// No answer, or no progress, in time.
    Timeout,
    /// What was asked for is not there.
    NotFound,
    /// The other side allows no more requests for now.
    Quota,
    /// Something else is there already.
    Conflict,
    /// Somebody else has it, or changed it meanwhile.
    Held,
    /// A policy, a grant or a rule does not allow it.
    Refused,
    /// This side or the other cannot do it.
    Unsupported,
    /// What was given is wrong.
    Invalid,
    /// A file or a body cannot be read or written.
    Unreadable,
    /// Content or an answer that is not what it must be.
    Corrupt,
    /// A bound or the space is used up.
    Exhausted,
    /// A program failed inside: the engine itself, or a plugin.
    Crashed,
    /// It was stopped, or broke off in the middle.
    Interrupted,
    /// None of these.
    Other,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 16] = [
        Self::Unauthorized,
        Self::Unreachable,
        Self::Timeout,
        Self::NotFound,
        Self::Quota,
        Self::Conflict,
        Self::Held,
        Self::Refused,
        Self::Unsupported,
        Self::Invalid,
        Self::Unreadable,
        Self::Corrupt,
        Self::Exhausted,
        Self::Crashed,
        Self::Interrupted,
        Self::Other,
    ];

    /// The kind's word, as reports and plans have it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unauthorized => "unauthorized",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::NotFound => "not-found",
            Self::Quota => "quota",
            Self::Conflict => "conflict",
            Self::Held => "held",
            Self::Refused => "refused",
            Self::Unsupported => "unsupported",
            Self::Invalid => "invalid",
            Self::Unreadable => "unreadable",
            Self::Corrupt => "corrupt",
            Self::Exhausted => "exhausted",
            Self::Crashed => "crashed",
            Self::Interrupted => "interrupted",
            Self::Other => "other",
        }
    }

    /// Whether the other side could not be reached.
    pub const fn is_unreachable(self) -> bool {
        matches!(self, Self::Unreachable | Self::Timeout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_documents() {
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{}\"", kind.word()));
        }
    }
}
