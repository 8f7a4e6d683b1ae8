//! Every statement on the tables. Each is prepared once for a connection: a sync asks the same
//! question for each blob, and to understand it costs more than to answer it.

use crate::oci::{Descriptor, Digest};
use crate::role::{Edited, Mirrored, Remembered};
use rusqlite::{Connection, OptionalExtension, Result, params};
use std::time::Duration;

/// Repositories that are given for a blob.
const MAX_LOCATIONS: u32 = 4;

/// A change to be written.
pub(super) enum Change {
    /// What was left at a destination.
    Mirrored(Mirrored),
    /// An edit.
    Edited(Edited),
    /// A source has a digest under a name, at this time.
    Seen(String, Digest, Duration),
    /// A digest was put under a name of a destination, at this time.
    Made(String, Digest, Duration),
    /// A blob is there.
    Located(String, String, Digest),
    /// A blob is not there.
    Forgotten(String, String, Digest),
}

/// Writes one change.
pub(super) fn apply(connection: &Connection, change: &Change) -> Result<usize> {
    match change {
        Change::Mirrored(row) => {
            let Mirrored { destination, digest, source, source_digest, chain, incomplete } = row;
            let sql = "INSERT OR REPLACE INTO mirrored VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            connection.prepare_cached(sql)?.execute(params![
                destination,
                digest.as_str(),
                source,
                source_digest.as_str(),
                chain,
                incomplete
            ])
        }
        Change::Edited(Edited { kind, source, chain, result }) => {
            let sql = "INSERT OR REPLACE INTO remembered VALUES (?1, ?2, ?3, ?4)";
            let result = serde_json::to_string(result).unwrap_or_default();
            let row = params![kind.word(), source.as_str(), chain, result];
            connection.prepare_cached(sql)?.execute(row)
        }
        Change::Seen(source, digest, at) => {
            let sql = "INSERT OR IGNORE INTO first_seen VALUES (?1, ?2, ?3)";
            connection.prepare_cached(sql)?.execute(params![source, digest.as_str(), seconds(*at)])
        }
        Change::Made(destination, digest, at) => {
            let sql = "INSERT OR REPLACE INTO made VALUES (?1, ?2, ?3)";
            let row = params![destination, digest.as_str(), seconds(*at)];
            connection.prepare_cached(sql)?.execute(row)
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
    let sql = "SELECT digest, source, source_digest, chain, incomplete FROM mirrored
               WHERE destination = ?1";
    let found = connection.prepare_cached(sql).and_then(|mut statement| {
        statement.query_row([destination], |row| {
            Ok((text(row, 0)?, text(row, 1)?, text(row, 2)?, text(row, 3)?, row.get::<_, bool>(4)?))
        })
    });
    let (digest, source, source_digest, chain, incomplete) = found.optional().ok()??;
    Some(Mirrored {
        destination: destination.to_owned(),
        digest: digest.parse().ok()?,
        source,
        source_digest: source_digest.parse().ok()?,
        chain,
        incomplete,
    })
}

/// What came out of an edit, or of what else is remembered in its way.
pub(super) fn edited(
    connection: &Connection,
    kind: Remembered,
    source: &Digest,
    chain: &str,
) -> Option<Descriptor> {
    let sql = "SELECT result FROM remembered WHERE kind = ?1 AND source = ?2 AND chain = ?3";
    let found = connection.prepare_cached(sql).and_then(|mut statement| {
        statement.query_row([kind.word(), source.as_str(), chain], |row| text(row, 0))
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

/// When a source was first seen to have a digest under a name.
pub(super) fn first_seen(
    connection: &Connection,
    source: &str,
    digest: &Digest,
) -> Option<Duration> {
    let sql = "SELECT at FROM first_seen WHERE source = ?1 AND digest = ?2";
    let found = connection.prepare_cached(sql).and_then(|mut statement| {
        statement.query_row([source, digest.as_str()], |row| row.get::<_, i64>(0))
    });
    Some(Duration::from_secs(u64::try_from(found.optional().ok()??).ok()?))
}

/// What was last put under a name of a destination.
pub(super) fn made(connection: &Connection, destination: &str) -> Option<Digest> {
    let sql = "SELECT digest FROM made WHERE destination = ?1";
    let found = connection
        .prepare_cached(sql)
        .and_then(|mut statement| statement.query_row([destination], |row| text(row, 0)));
    found.optional().ok()??.parse().ok()
}

fn seconds(at: Duration) -> i64 {
    i64::try_from(at.as_secs()).unwrap_or(i64::MAX)
}

fn text(row: &rusqlite::Row<'_>, column: usize) -> Result<String> {
    row.get(column)
}
