//! The tables, and every statement on them. Each is prepared once for a connection: a sync asks
//! the same question for each blob, and to understand it costs more than to answer it.

use crate::oci::{Descriptor, Digest};
use crate::role::{Edited, Mirrored};
use rusqlite::{Connection, OptionalExtension, Result, params};

/// Of the tables. It grows when they change.
pub(super) const VERSION: i64 = 1;

/// Repositories that are given for a blob.
const MAX_LOCATIONS: u32 = 4;

/// Makes what is not there. A replaced location gets a new, highest rowid: rows are in the order
/// in which they were last seen.
pub(super) const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS mirrored (
        destination TEXT PRIMARY KEY, digest TEXT NOT NULL, source TEXT NOT NULL,
        source_digest TEXT NOT NULL, chain TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS edited (
        source TEXT NOT NULL, chain TEXT NOT NULL, result TEXT NOT NULL,
        PRIMARY KEY (source, chain)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS locations (
        place TEXT NOT NULL, blob TEXT NOT NULL, repository TEXT NOT NULL,
        UNIQUE (place, blob, repository)
    );
    PRAGMA user_version = 1;
";

/// A change to be written.
pub(super) enum Change {
    /// What was left at a destination.
    Mirrored(Mirrored),
    /// An edit.
    Edited(Edited),
    /// A blob is there.
    Located(String, String, Digest),
    /// A blob is not there.
    Forgotten(String, String, Digest),
}

/// Writes one change.
pub(super) fn apply(connection: &Connection, change: &Change) -> Result<usize> {
    match change {
        Change::Mirrored(Mirrored { destination, digest, source, source_digest, chain }) => {
            let sql = "INSERT OR REPLACE INTO mirrored VALUES (?1, ?2, ?3, ?4, ?5)";
            connection.prepare_cached(sql)?.execute(params![
                destination,
                digest.as_str(),
                source,
                source_digest.as_str(),
                chain
            ])
        }
        Change::Edited(Edited { source, chain, result }) => {
            let sql = "INSERT OR REPLACE INTO edited VALUES (?1, ?2, ?3)";
            let result = serde_json::to_string(result).unwrap_or_default();
            connection.prepare_cached(sql)?.execute(params![source.as_str(), chain, result])
        }
        Change::Located(place, repository, blob) => {
            let sql = "INSERT OR REPLACE INTO locations (place, blob, repository) \
                       VALUES (?1, ?2, ?3)";
            connection.prepare_cached(sql)?.execute(params![place, blob.as_str(), repository])
        }
        Change::Forgotten(place, repository, blob) => {
            let sql = "DELETE FROM locations WHERE place = ?1 AND blob = ?2 AND repository = ?3";
            connection.prepare_cached(sql)?.execute(params![place, blob.as_str(), repository])
        }
    }
}

/// What was left at a destination. A row that cannot be read is no hint.
pub(super) fn mirrored(connection: &Connection, destination: &str) -> Option<Mirrored> {
    let sql = "SELECT digest, source, source_digest, chain FROM mirrored WHERE destination = ?1";
    let found = connection.prepare_cached(sql).and_then(|mut statement| {
        statement.query_row([destination], |row| {
            Ok((text(row, 0)?, text(row, 1)?, text(row, 2)?, text(row, 3)?))
        })
    });
    let (digest, source, source_digest, chain) = found.optional().ok()??;
    Some(Mirrored {
        destination: destination.to_owned(),
        digest: digest.parse().ok()?,
        source,
        source_digest: source_digest.parse().ok()?,
        chain,
    })
}

/// What came out of an edit.
pub(super) fn edited(connection: &Connection, source: &Digest, chain: &str) -> Option<Descriptor> {
    let sql = "SELECT result FROM edited WHERE source = ?1 AND chain = ?2";
    let found = connection.prepare_cached(sql).and_then(|mut statement| {
        statement.query_row([source.as_str(), chain], |row| text(row, 0))
    });
    serde_json::from_str(&found.optional().ok()??).ok()
}

/// Repositories that have a blob, last seen first.
pub(super) fn locations(connection: &Connection, place: &str, blob: &Digest) -> Vec<String> {
    let read = || -> Result<Vec<String>> {
        let mut statement = connection.prepare_cached(
            "SELECT repository FROM locations WHERE place = ?1 AND blob = ?2
             ORDER BY rowid DESC LIMIT ?3",
        )?;
        let rows = statement
            .query_map(params![place, blob.as_str(), MAX_LOCATIONS], |row| text(row, 0))?;
        rows.collect()
    };
    read().unwrap_or_default()
}

fn text(row: &rusqlite::Row<'_>, column: usize) -> Result<String> {
    row.get(column)
}
