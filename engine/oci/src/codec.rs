//! Codecs of layers: how an archive is compressed, and which media types say so.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::RangeInclusive;

/// How a layer is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Codec {
    /// gzip. Source: RFC 1952.
    Gzip,
    /// Zstandard. Source: RFC 8878.
    Zstd,
}

impl Codec {
    /// The codec's name, as people and media types write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// The levels that can be asked for. Levels 20 to 22 of zstd are left out: whoever unpacks such
    /// a layer needs up to 128 MiB of memory for it.
    pub fn levels(self) -> RangeInclusive<u32> {
        match self {
            Self::Gzip => 1..=12,
            Self::Zstd => 1..=19,
        }
    }

    /// The level that is used where none is asked for: the one that costs least CPU at the size that
    /// other tools reach by default.
    pub fn default_level(self) -> u32 {
        match self {
            Self::Gzip => 1,
            Self::Zstd => 3,
        }
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
