//! The tables of a state file: the schema of the ledger.

/// The version of the tables. It grows when they change.
pub(super) const VERSION: i64 = 3;

/// Makes what is not there. A replaced location gets a new, highest rowid: rows are in the order
/// in which they were last seen.
pub(super) const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS mirrored (
        destination TEXT PRIMARY KEY, digest TEXT NOT NULL, source TEXT NOT NULL,
        source_digest TEXT NOT NULL, chain TEXT NOT NULL, incomplete INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS remembered (
        kind TEXT NOT NULL, source TEXT NOT NULL, chain TEXT NOT NULL, result TEXT NOT NULL,
        PRIMARY KEY (kind, source, chain)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS locations (
        place TEXT NOT NULL, blob TEXT NOT NULL, repository TEXT NOT NULL,
        UNIQUE (place, blob, repository)
    );
    -- Times are in seconds since 1970. These two are no hints: who loses them, loses the only word.
    CREATE TABLE IF NOT EXISTS first_seen (
        source TEXT NOT NULL, digest TEXT NOT NULL, at INTEGER NOT NULL,
        PRIMARY KEY (source, digest)
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS made (
        destination TEXT PRIMARY KEY, digest TEXT NOT NULL, at INTEGER NOT NULL
    ) WITHOUT ROWID;
    PRAGMA user_version = 3;
";

/// From version 1, whose rows of edits had no kind: a signature's has no media type, and what a
/// filter let through is unchanged. A wrong guess costs a question, as the kinds are hints.
pub(super) const FROM_1: &str = "
    INSERT OR IGNORE INTO remembered
        SELECT CASE
            WHEN json_extract(result, '$.mediaType') = '' THEN 'signature'
            WHEN json_extract(result, '$.digest') = source THEN 'choice'
            ELSE 'edit'
        END, source, chain, result FROM edited WHERE json_valid(result);
    DROP TABLE edited;
";

/// From versions 1 and 2, where nothing that could not be read was remembered.
pub(super) const FROM_2: &str = "
    ALTER TABLE mirrored ADD COLUMN incomplete INTEGER NOT NULL DEFAULT 0;
";
