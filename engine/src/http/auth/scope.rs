//! The scope of a token: what a request may do where.
//!
//! It is made from the access of the call, and from the request's URL after that was checked against the access;
//! no other word of a guest gets into it. A scope that a registry proposes is asked for only where
//! ours was refused, and is cut to what ours may do. Source: the distribution project's token
//! specification.

use crate::http::permission;
use crate::oci::Name;
use crate::role::{Access, CallAccess};
use url::Url;

/// The scope of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RequestScope {
    /// The scopes with spaces between them; empty for a request that needs no more than to be known.
    pub(super) text: String,
    /// Whether it mounts a blob of another repository, which it must be allowed to read. Such a request
    /// may be refused by a registry that takes the blob itself, so a refusal says nothing about others.
    pub(super) mounts: bool,
}

impl RequestScope {
    /// The scope of a request: the call's repository with what the call may do there; for a mount,
    /// reading the repository that it mounts from as well; and where the URL is that of another
    /// repository that the call may read, reading that one alone.
    ///
    /// A token for all that a call may ever read would be refused where one of these repositories is
    /// not the user's.
    pub(super) fn of(call_access: &CallAccess, url: &Url) -> Self {
        let (path, repository) = (url.path(), call_access.repository.as_str());
        let mut others = call_access.also_read.iter();
        let is_own = permission::is_within(path, repository);
        if let Some(other) = others.find(|other| !is_own && permission::is_within(path, other)) {
            return Self { text: format!("repository:{other}:pull"), mounts: false };
        }
        let own = Self::own(call_access, path);
        let origins = mount_origins(call_access, url);
        let mounts = !origins.is_empty();
        let reads = origins.into_iter().map(|other| format!("repository:{other}:pull"));
        let scopes = Some(own.text).into_iter().filter(|own| !own.is_empty()).chain(reads);
        Self { text: scopes.collect::<Vec<_>>().join(" "), mounts }
    }

    /// The scope of a call at its own repository, or at a path that is about none.
    pub(super) fn own(call_access: &CallAccess, path: &str) -> Self {
        let actions = match call_access.access {
            Access::Read => "pull",
            Access::Write => "pull,push",
            Access::Delete => "pull,push,delete",
        };
        let text = match call_access.repository.as_str() {
            "" if path == "/v2/_catalog" => "registry:catalog:*".to_owned(),
            "" => String::new(),
            repository => format!("repository:{repository}:{actions}"),
        };
        Self { text, mounts: false }
    }
}

/// Other repositories that the request to begin an upload asks to mount from.
fn mount_origins(call_access: &CallAccess, url: &Url) -> Vec<String> {
    if !url.path().trim_end_matches('/').ends_with("/blobs/uploads") {
        return Vec::new();
    }
    let from = url.query_pairs().filter(|(name, _)| name == "from");
    let mut origins: Vec<String> = from
        .map(|(_, from)| from.into_owned())
        .filter(|from| *from != call_access.repository && call_access.also_read.contains(from))
        .collect();
    origins.dedup();
    origins
}

/// The scope that a challenge proposes instead of `own`: another repository, as some registries know
/// one by a name that is not in its URL, with the actions of `own` that the challenge names. `None`
/// where it proposes nothing else.
///
/// The actions are cut since the registry chooses the repository: without that it could have a token
/// made for writing where the step only reads.
pub(super) fn proposed(challenge: &str, own: &str) -> Option<String> {
    let (repository, allowed) = one_repository(own)?;
    let (other, actions) = challenge.split_ascii_whitespace().find_map(one_repository)?;
    let named = |action: &&str| actions.split(',').any(|one| one == *action || one == "*");
    let kept: Vec<&str> = allowed.split(',').filter(named).collect();
    let differs = other != repository && !kept.is_empty();
    differs.then(|| format!("repository:{other}:{}", kept.join(",")))
}

/// The scope of a read at a registry that another one redirected to: the repository that its challenge
/// names, else that of the path, and reading alone.
pub(super) fn pull_only(challenge: Option<&str>, path: &str) -> Option<String> {
    let named = challenge
        .and_then(|scope| scope.split_ascii_whitespace().find_map(one_repository))
        .map(|(repository, _)| repository);
    let repository = named.or_else(|| permission::repository_in(path))?;
    Some(format!("repository:{repository}:pull"))
}

/// Repository and actions of a scope that is about one repository.
fn one_repository(scope: &str) -> Option<(&str, &str)> {
    let (repository, actions) = scope.strip_prefix("repository:")?.rsplit_once(':')?;
    Name::is_repository(repository).then_some((repository, actions))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn call_access(repository: &str, access: Access) -> CallAccess {
        CallAccess {
            step: String::new(),
            registry: None,
            repository: repository.to_owned(),
            also_read: BTreeSet::from(["a".to_owned(), "z".to_owned()]),
            access,
            granted: Vec::new(),
            uncounted: crate::role::UncountedTime::default(),
        }
    }

    fn scope(call_access: &CallAccess, path: &str) -> (String, bool) {
        let url = Url::parse("https://r.io").unwrap().join(path).unwrap();
        let RequestScope { text, mounts } = RequestScope::of(call_access, &url);
        (text, mounts)
    }

    fn plain(text: &str) -> (String, bool) {
        (text.to_owned(), false)
    }

    #[test]
    fn scopes_are_made_from_the_access() {
        let read = call_access("a", Access::Read);
        assert_eq!(scope(&read, "/v2/x/y"), plain("repository:a:pull"));
        assert_eq!(scope(&read, "/v2/a/manifests/1"), plain("repository:a:pull"));
        assert_eq!(scope(&read, "/v2/z/manifests/1"), plain("repository:z:pull"));
        let write = call_access("m/n", Access::Write);
        assert_eq!(scope(&write, "/v2/_catalog"), plain("repository:m/n:pull,push"));
        let mut catalog = call_access("", Access::Read);
        catalog.also_read.clear();
        assert_eq!(scope(&catalog, "/v2/_catalog"), plain("registry:catalog:*"));
        assert_eq!(scope(&catalog, "/v2/"), plain(""));
    }

    #[test]
    fn only_a_mount_reads_the_other_repository() {
        let write = call_access("m/n", Access::Write);
        let own = "repository:m/n:pull,push";
        let uploads = "/v2/m/n/blobs/uploads/";
        assert_eq!(scope(&write, uploads), plain(own));
        let mount = scope(&write, &format!("{uploads}?mount=sha256:x&from=z"));
        assert_eq!(mount, (format!("{own} repository:z:pull"), true));
        for other in ["?mount=sha256:x&from=m%2Fn", "?mount=sha256:x&from=stranger", "1?from=z"] {
            assert_eq!(scope(&write, &format!("{uploads}{other}")), plain(own), "{other}");
        }
    }

    #[test]
    fn what_a_registry_proposes_is_cut_to_what_the_step_may_do() {
        let write = "repository:a:pull,push";
        for (challenge, own, expected) in [
            ("repository:key/a:pull", "repository:a:pull", Some("repository:key/a:pull")),
            ("repository:key/a:push,pull", write, Some("repository:key/a:pull,push")),
            ("repository:key/a:*", write, Some("repository:key/a:pull,push")),
            ("repository:key/a:pull,push,delete", write, Some("repository:key/a:pull,push")),
            ("repository:key/a:push", "repository:a:pull", None),
            ("registry:catalog:* repository:b:pull", write, Some("repository:b:pull")),
            ("repository:a:pull", write, None),
            ("registry:catalog:*", write, None),
            ("repository:../a:pull", write, None),
            ("repository:b:pull", "registry:catalog:*", None),
            ("repository:b:pull", "repository:a:pull,push repository:z:pull", None),
            ("", write, None),
        ] {
            assert_eq!(proposed(challenge, own).as_deref(), expected, "{challenge} for {own}");
        }
    }

    #[test]
    fn another_registry_is_only_read() {
        let path = "/v2/team/app/manifests/1";
        for (challenge, expected) in [
            (None, Some("repository:team/app:pull")),
            (Some("repository:key/app:pull,push"), Some("repository:key/app:pull")),
            (Some("registry:catalog:*"), Some("repository:team/app:pull")),
        ] {
            assert_eq!(pull_only(challenge, path).as_deref(), expected, "{challenge:?}");
        }
        assert_eq!(pull_only(None, "/bucket/x"), None);
    }
}
