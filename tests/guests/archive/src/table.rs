//! The table of an archive, which stands last in it: what is where.
//!
//! An archive is content end to end, the table as JSON, and a last line that says how long the table
//! is. Whoever writes one knows the table only at the end, so nothing of it can be read before that.

use engine_plugin_sdk::fs::{Directory, Kind};
use engine_plugin_sdk::{Fault, Sink};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the last line begins with.
const END: &str = "\narchive ";
/// Bytes of the last line: its beginning, 16 digits and a line break.
const END_BYTES: u64 = 26;
/// Bytes of the largest table.
const MAX_TABLE_BYTES: u64 = 8 << 20;

/// What is where in an archive.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Table {
    /// The first byte of each content and its bytes, by digest.
    pub(crate) content: BTreeMap<String, (u64, u64)>,
    /// The media type of each manifest, by digest.
    pub(crate) manifests: BTreeMap<String, String>,
    /// Names, `repository:tag`, with the digest that each points to.
    pub(crate) names: Vec<(String, String)>,
}

impl Table {
    /// The table of a file; none where there is no file.
    pub(crate) fn read(directory: Directory, file: &str) -> Result<Option<Self>, Fault> {
        let Some(entry) = directory.stat(file)? else { return Ok(None) };
        if entry.kind != Kind::File {
            return Err(Fault::conflict(format!("`{file}` is no file")));
        }
        let broken = || Fault::invalid(format!("`{file}` was not finished, or is no archive"));
        let end = entry.size.checked_sub(END_BYTES).ok_or_else(broken)?;
        let line = directory.read(file, end)?.read_all(END_BYTES)?;
        let line = String::from_utf8(line).map_err(|_| broken())?;
        let length = line.strip_prefix(END).and_then(|rest| rest.trim_end().parse::<u64>().ok());
        let length = length.filter(|length| *length <= MAX_TABLE_BYTES).ok_or_else(broken)?;
        let at = end.checked_sub(length).ok_or_else(broken)?;
        let text = directory.read(file, at)?.take(length).read_all(length)?;
        serde_json::from_slice(&text).map(Some).map_err(|_| broken())
    }

    /// Writes the table behind the content: the archive is whole then.
    pub(crate) fn write(&self, sink: &Sink) -> Result<(), Fault> {
        let text = serde_json::to_string(self).map_err(|why| Fault::invalid(why.to_string()))?;
        sink.write(text.as_bytes())?;
        sink.write(format!("{END}{:016}\n", text.len()).as_bytes())
    }

    /// What a name points to.
    pub(crate) fn named(&self, name: &str) -> Option<&String> {
        self.names.iter().find(|(known, _)| known == name).map(|(_, digest)| digest)
    }

    /// Sets a name; one that is there keeps its position.
    pub(crate) fn name(&mut self, name: String, digest: String) {
        match self.names.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = digest,
            None => self.names.push((name, digest)),
        }
    }
}
