//! The scope of a token: what a request may do where.
//!
//! It is made from the errand alone; no word of a guest gets into it, nor the scope that a registry
//! proposes. Source: the distribution project's token specification.

use crate::role::{Access, Errand};

/// The scopes of a call, as one text with spaces: its repository with what it may do there, and
/// reading where it may read. Empty for a call that needs no more than to be known.
pub(super) fn scope(errand: &Errand, path: &str) -> String {
    let actions = match errand.access {
        Access::Read => "pull",
        Access::Write => "pull,push",
        Access::Delete => "pull,push,delete",
    };
    let mut scopes = Vec::new();
    if !errand.repository.is_empty() {
        scopes.push(format!("repository:{}:{actions}", errand.repository));
    } else if path == "/v2/_catalog" {
        scopes.push("registry:catalog:*".to_owned());
    }
    let others = errand.also_read.iter().filter(|other| **other != errand.repository);
    scopes.extend(others.map(|other| format!("repository:{other}:pull")));
    scopes.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn errand(repository: &str, access: Access) -> Errand {
        Errand {
            step: String::new(),
            registry: None,
            repository: repository.to_owned(),
            also_read: BTreeSet::from(["a".to_owned(), "z".to_owned()]),
            access,
            granted: Vec::new(),
            patience: crate::role::Patience::default(),
        }
    }

    #[test]
    fn scopes_are_made_from_the_errand() {
        let read = errand("a", Access::Read);
        assert_eq!(scope(&read, "/v2/x/y"), "repository:a:pull repository:z:pull");
        let write = errand("m/n", Access::Write);
        let expected = "repository:m/n:pull,push repository:a:pull repository:z:pull";
        assert_eq!(scope(&write, "/v2/_catalog"), expected);
        let mut catalog = errand("", Access::Read);
        catalog.also_read.clear();
        assert_eq!(scope(&catalog, "/v2/_catalog"), "registry:catalog:*");
        assert_eq!(scope(&catalog, "/v2/"), "");
    }
}
