//! The requests that moving an image is made of: the rows of a fault matrix.

use super::{Fault, Rule};

/// One kind of request of the protocol, as a rule can strike it.
///
/// Tags of images under test start with `v`, so that a pattern can tell them from digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exchange {
    /// A name for the row.
    pub name: &'static str,
    /// The method.
    pub method: &'static str,
    /// The path, as in [`Rule::on`].
    pub path: &'static str,
}

impl Exchange {
    /// Every kind of request once. The token has a host of its own, so a proxy before the
    /// registry never sees it: put one before the token server.
    pub const EVERY: [Self; 16] = [
        row("ping", "GET", "/v2/"),
        row("token", "GET", "/token?*"),
        row("catalog", "GET", "/v2/_catalog"),
        row("list-tags", "GET", "/v2/*/tags/list"),
        row("resolve-tag", "HEAD", "/v2/*/manifests/v*"),
        row("check-manifest", "HEAD", "/v2/*/manifests/sha256:*"),
        row("get-tag", "GET", "/v2/*/manifests/v*"),
        row("get-manifest", "GET", "/v2/*/manifests/sha256:*"),
        row("check-blob", "HEAD", "/v2/*/blobs/sha256:*"),
        row("get-blob", "GET", "/v2/*/blobs/sha256:*"),
        row("begin-or-mount", "POST", "/v2/*/blobs/uploads/"),
        row("append", "PATCH", "/v2/*/blobs/uploads/*"),
        row("finish", "PUT", "/v2/*/blobs/uploads/*"),
        row("put-manifest", "PUT", "/v2/*/manifests/sha256:*"),
        row("put-tag", "PUT", "/v2/*/manifests/v*"),
        row("referrers", "GET", "/v2/*/referrers/sha256:*"),
    ];

    /// The rule that strikes the first such request.
    pub fn broken_by(self, fault: Fault) -> Rule {
        Rule::on(self.method, self.path, fault)
    }
}

const fn row(name: &'static str, method: &'static str, path: &'static str) -> Exchange {
    Exchange { name, method, path }
}

#[cfg(test)]
mod tests {
    use super::Exchange;
    use crate::fault::Fault;

    #[test]
    fn each_request_is_in_one_row() {
        for (method, uri, name) in [
            ("GET", "/v2/", "ping"),
            ("GET", "/token?service=x&scope=y", "token"),
            ("GET", "/v2/_catalog?n=10", "catalog"),
            ("GET", "/v2/team/app/tags/list?last=v1", "list-tags"),
            ("HEAD", "/v2/team/app/manifests/v1", "resolve-tag"),
            ("HEAD", "/v2/team/app/manifests/sha256:00", "check-manifest"),
            ("GET", "/v2/team/app/manifests/v1", "get-tag"),
            ("GET", "/v2/team/app/manifests/sha256:00", "get-manifest"),
            ("HEAD", "/v2/team/app/blobs/sha256:00", "check-blob"),
            ("GET", "/v2/team/app/blobs/sha256:00", "get-blob"),
            ("POST", "/v2/team/app/blobs/uploads/", "begin-or-mount"),
            ("POST", "/v2/team/app/blobs/uploads/?mount=sha256:00&from=x", "begin-or-mount"),
            ("PATCH", "/v2/team/app/blobs/uploads/7?_state=x", "append"),
            ("PUT", "/v2/team/app/blobs/uploads/7?_state=x&digest=sha256:00", "finish"),
            ("PUT", "/v2/team/app/manifests/sha256:00", "put-manifest"),
            ("PUT", "/v2/team/app/manifests/v1", "put-tag"),
            ("GET", "/v2/team/app/referrers/sha256:00?artifactType=x", "referrers"),
        ] {
            let rows = Exchange::EVERY
                .iter()
                .filter(|row| row.broken_by(Fault::Refuse).matches(method, uri));
            let names: Vec<&str> = rows.map(|row| row.name).collect();
            assert_eq!(names, [name], "{method} {uri}");
        }
    }
}
