//! The scope of a token: what a request may do where.
//!
//! It is made from the access of the call alone; no word of a guest gets into it, nor the scope that a
//! registry proposes. Source: the distribution project's token specification.

use crate::role::{Access, CallAccess};

/// The scopes of a call, as one text with spaces: its repository with what it may do there, and
/// reading where it may read. Empty for a call that needs no more than to be known.
pub(super) fn scope(call_access: &CallAccess, path: &str) -> String {
    let actions = match call_access.access {
        Access::Read => "pull",
        Access::Write => "pull,push",
        Access::Delete => "pull,push,delete",
    };
    let mut scopes = Vec::new();
    if !call_access.repository.is_empty() {
        scopes.push(format!("repository:{}:{actions}", call_access.repository));
    } else if path == "/v2/_catalog" {
        scopes.push("registry:catalog:*".to_owned());
    }
    let others = call_access.also_read.iter().filter(|other| **other != call_access.repository);
    scopes.extend(others.map(|other| format!("repository:{other}:pull")));
    scopes.join(" ")
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

    #[test]
    fn scopes_are_made_from_the_access() {
        let read = call_access("a", Access::Read);
        assert_eq!(scope(&read, "/v2/x/y"), "repository:a:pull repository:z:pull");
        let write = call_access("m/n", Access::Write);
        let expected = "repository:m/n:pull,push repository:a:pull repository:z:pull";
        assert_eq!(scope(&write, "/v2/_catalog"), expected);
        let mut catalog = call_access("", Access::Read);
        catalog.also_read.clear();
        assert_eq!(scope(&catalog, "/v2/_catalog"), "registry:catalog:*");
        assert_eq!(scope(&catalog, "/v2/"), "");
    }
}
