//! Lists, page by page.

use super::shared::{Call, Shared};
use crate::server::Answer;
use serde_json::json;

/// The names of all repositories.
pub(super) fn catalog(shared: &Shared, call: &Call) -> Answer {
    let names = shared.store().names();
    let (page, more) = page(names, call, shared.options.page);
    let answer = Answer::json(&json!({"repositories": page}));
    with_link(answer, "/v2/_catalog", more.as_deref(), page.len())
}

/// The tags of a repository.
pub(super) fn tags(shared: &Shared, call: &Call, repository: &str) -> Answer {
    let tags: Vec<String> = {
        let store = shared.store();
        let Some(found) = store.repositories.get(repository) else {
            return Answer::fault(404, "NAME_UNKNOWN", "repository name not known to registry");
        };
        found.tags.keys().cloned().collect()
    };
    let (page, more) = page(tags, call, shared.options.page);
    let answer = Answer::json(&json!({"name": repository, "tags": page}));
    with_link(answer, &format!("/v2/{repository}/tags/list"), more.as_deref(), page.len())
}

/// The entries after `last`, at most `n` and at most `limit`, and the last one if more follow.
fn page(names: Vec<String>, call: &Call, limit: usize) -> (Vec<String>, Option<String>) {
    let last = call.query.get("last").unwrap_or_default();
    let asked = call.query.get("n").and_then(|n| n.parse().ok()).unwrap_or(limit);
    let mut after = names.into_iter().filter(|name| name.as_str() > last);
    let page: Vec<String> = after.by_ref().take(asked.min(limit)).collect();
    let more = after.next().and(page.last().cloned());
    (page, more)
}

/// Source: distribution-spec 1.1, "Content Discovery": `Link` as in RFC 5988.
fn with_link(answer: Answer, path: &str, last: Option<&str>, n: usize) -> Answer {
    match last {
        None => answer,
        Some(last) => answer.header("link", format!("<{path}?last={last}&n={n}>; rel=\"next\"")),
    }
}
