//! The rows of the matrix: every request that copying an image is made of.

use super::strikes::Column;
use engine_tests::fault::{Fault, Rule};

/// Where a request goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The registry that is read.
    Source,
    /// Its token server.
    SourceTokens,
    /// The registry that is written.
    Destination,
    /// Its token server.
    DestinationTokens,
}

/// What a run does with the images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Copies them to a registry.
    Copy,
    /// Copies them to a registry with layers compressed anew.
    Compress,
    /// Writes them into an archive, which is there only when it is finished.
    Archive,
}

/// A kind of request, as a rule can strike it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    /// Its name in the table.
    pub(super) name: &'static str,
    /// Where it goes to.
    pub(super) place: Place,
    /// Its method.
    pub(super) method: &'static str,
    path: &'static str,
    nth: usize,
    /// What the run does.
    pub(super) way: Way,
}

/// Every kind of request. All but the mount are about `team/app`, which is copied first, so that
/// `team/twin` shows that others go on.
pub(super) const ROWS: [Row; 24] = [
    row("source: list tags", Place::Source, "GET", "/v2/team/app/tags/list"),
    row("source: head tag", Place::Source, "HEAD", "/v2/team/app/manifests/v1"),
    row("source: get top", Place::Source, "GET", "/v2/team/app/manifests/sha256:*"),
    Row { nth: 2, ..row("source: get child", Place::Source, "GET", "/v2/team/app/manifests/*") },
    row("source: get blob", Place::Source, "GET", "/v2/team/app/blobs/*"),
    row("source: referrers", Place::Source, "GET", "/v2/team/app/referrers/{top}"),
    row("source: token", Place::SourceTokens, "GET", "/token"),
    row("destination: head tag", Place::Destination, "HEAD", "/v2/team/app/manifests/v1"),
    row("destination: head blob", Place::Destination, "HEAD", "/v2/team/app/blobs/*"),
    row("destination: begin upload", Place::Destination, "POST", "/v2/team/app/blobs/uploads/"),
    row("destination: mount", Place::Destination, "POST", "/v2/team/twin/blobs/uploads/"),
    row("destination: append", Place::Destination, "PATCH", "/v2/team/app/blobs/uploads/*"),
    row("destination: put blob", Place::Destination, "PUT", "/v2/team/app/blobs/uploads/*"),
    row("destination: put child", Place::Destination, "PUT", "/v2/team/app/manifests/sha256:*"),
    row("destination: put tag", Place::Destination, "PUT", "/v2/team/app/manifests/v1"),
    row("destination: token", Place::DestinationTokens, "GET", "/token"),
    compressed(row("compress: get blob", Place::Source, "GET", "/v2/team/app/blobs/*")),
    compressed(row(
        "compress: begin upload",
        Place::Destination,
        "POST",
        "/v2/team/app/blobs/uploads/",
    )),
    compressed(row(
        "compress: append",
        Place::Destination,
        "PATCH",
        "/v2/team/app/blobs/uploads/*",
    )),
    compressed(row(
        "compress: put blob",
        Place::Destination,
        "PUT",
        "/v2/team/app/blobs/uploads/*",
    )),
    archived(row("archive: head tag", Place::Source, "HEAD", "/v2/team/app/manifests/v1")),
    archived(row("archive: get top", Place::Source, "GET", "/v2/team/app/manifests/sha256:*")),
    archived(Row {
        nth: 2,
        ..row("archive: get child", Place::Source, "GET", "/v2/team/app/manifests/*")
    }),
    archived(row("archive: get blob", Place::Source, "GET", "/v2/team/app/blobs/*")),
];

const fn row(name: &'static str, place: Place, method: &'static str, path: &'static str) -> Row {
    Row { name, place, method, path, nth: 1, way: Way::Copy }
}

const fn compressed(row: Row) -> Row {
    Row { way: Way::Compress, ..row }
}

const fn archived(row: Row) -> Row {
    Row { way: Way::Archive, ..row }
}

impl Row {
    /// What must go wrong first, or the request is never made: a blob is appended only where the
    /// registry takes no whole one, or where nobody knows its digest yet.
    pub(super) fn prelude(&self) -> Option<Rule> {
        let refusal = Fault::ServerFault { status: 405 };
        let whole = Rule::on("PUT", "/v2/team/app/blobs/uploads/*", refusal);
        (self.method == "PATCH" && self.way == Way::Copy).then_some(whole)
    }

    /// The rule that strikes such requests; `top` is the digest of `team/app:v1`.
    pub(super) fn rule(&self, top: &str, column: &Column) -> Rule {
        let path = self.path.replace("{top}", top);
        let rule = Rule::on(self.method, &path, column.fault.clone()).nth(self.nth);
        if column.always { rule.always() } else { rule }
    }
}
