//! When a fault strikes.

use super::Fault;

/// A fault, and the requests that it strikes.
#[derive(Debug, Clone)]
pub struct Rule {
    method: String,
    path: String,
    first: usize,
    times: usize,
    /// What goes wrong.
    pub fault: Fault,
}

impl Rule {
    /// Strikes the first request with this method and a path like this one. In both, `*` stands
    /// for anything. What follows the `?` of a URL is looked at only by a pattern with a `?`, so
    /// `/v2/*/blobs/uploads/?mount=*` strikes mounts and no other upload.
    pub fn on(method: &str, path: &str, fault: Fault) -> Self {
        Self { method: method.into(), path: path.into(), first: 1, times: 1, fault }
    }

    /// Strikes the n-th such request instead, counted from 1.
    #[must_use]
    pub fn nth(self, first: usize) -> Self {
        Self { first, ..self }
    }

    /// Strikes so many such requests in a row.
    #[must_use]
    pub fn times(self, times: usize) -> Self {
        Self { times, ..self }
    }

    /// Strikes every such request.
    #[must_use]
    pub fn always(self) -> Self {
        self.times(usize::MAX)
    }

    /// Whether a request is like this one.
    pub(super) fn matches(&self, method: &str, uri: &str) -> bool {
        let path = if self.path.contains('?') { uri } else { path_of(uri) };
        like(&self.method, method) && like(&self.path, path)
    }

    /// Whether the n-th such request is struck.
    pub(super) fn strikes(&self, nth: usize) -> bool {
        nth >= self.first && nth - self.first < self.times
    }
}

/// A URI without its query.
pub(super) fn path_of(uri: &str) -> &str {
    uri.split('?').next().unwrap_or_default()
}

/// Whether a text is like a pattern in which `*` stands for anything.
fn like(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(text) = text.strip_prefix(start) else { return false };
    (0..=text.len()).filter(|at| text.is_char_boundary(*at)).any(|at| like(rest, &text[at..]))
}

#[cfg(test)]
mod tests {
    use super::{Rule, like};
    use crate::fault::Fault;

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("/v2/*/blobs/*", "/v2/a/b/blobs/sha256:x", true),
            ("/v2/*/blobs/*", "/v2/a/manifests/x", false),
            ("GET", "GET", true),
            ("GET", "GETS", false),
            ("*/tags/list", "/v2/a/tags/list", true),
        ] {
            assert_eq!(like(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_query_counts_only_where_a_pattern_has_one() {
        let rule = |path| Rule::on("*", path, Fault::Refuse);
        assert!(rule("/a").matches("POST", "/a?mount=x"));
        assert!(rule("/a?mount=*").matches("POST", "/a?mount=x"));
        assert!(!rule("/a?mount=*").matches("POST", "/a"));
    }

    #[test]
    fn a_rule_strikes_its_turns_only() {
        let strikes = |rule: Rule| (1..=4).map(|nth| rule.strikes(nth)).collect::<Vec<_>>();
        let rule = || Rule::on("GET", "*", Fault::Refuse);
        assert_eq!(strikes(rule()), [true, false, false, false]);
        assert_eq!(strikes(rule().nth(2).times(2)), [false, true, true, false]);
        assert_eq!(strikes(rule().always()), [true, true, true, true]);
    }
}
