//! What a registry asks for when it wants to know who is there.
//!
//! Source: RFC 9110 section 11.6.1; the distribution project's token specification.

use crate::diagnostic::Fault;
use crate::http::fault;
use url::Url;

/// How a registry wants requests to be signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::http) enum Challenge {
    /// With user and password.
    Basic,
    /// With a token.
    Bearer {
        /// Where tokens are given.
        realm: Url,
        /// What the registry is called there.
        service: Option<String>,
    },
}

impl Challenge {
    /// The first challenge that is understood, of all lines of the header; `None` when there is
    /// none.
    pub(in crate::http) fn read(answer: &reqwest::Response) -> Option<Self> {
        let lines = answer.headers().get_all(reqwest::header::WWW_AUTHENTICATE);
        lines.iter().find_map(|line| Self::parse(line.to_str().ok()?))
    }

    fn parse(line: &str) -> Option<Self> {
        let (scheme, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Some(Self::Basic);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let pairs = parameters(rest);
        let value = |name: &str| {
            let found = pairs.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.clone())
        };
        let realm = Url::parse(&value("realm")?).ok()?;
        Some(Self::Bearer { realm, service: value("service") })
    }

    /// Refuses a token server that is less safe than the registry, or no web server at all.
    pub(in crate::http) fn check(&self, registry: &Url) -> Result<(), Fault> {
        let Self::Bearer { realm, .. } = self else { return Ok(()) };
        let safe =
            realm.scheme() == "https" || (realm.scheme() == "http" && registry.scheme() == "http");
        let plain = realm.username().is_empty() && realm.password().is_none();
        if safe && plain && realm.has_host() {
            return Ok(());
        }
        let host = registry.host_str().unwrap_or_default();
        Err(fault::not_granted(&format!(
            "`{host}` names a token server that is less safe than itself"
        ))
        .at(host))
    }
}

/// `name=value` and `name="value"`, separated by commas. A quoted value may hold commas.
fn parameters(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text.trim();
    while let Some((name, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let (value, next) = if let Some(quoted) = after.strip_prefix('"') {
            unquote(quoted)
        } else {
            let (value, next) = after.split_once(',').unwrap_or((after, ""));
            (value.trim().to_owned(), next)
        };
        found.push((name.trim().to_owned(), value));
        rest = next.trim_start_matches([',', ' ', '\t']);
    }
    found
}

/// The value up to the closing quote, and what follows it.
fn unquote(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, text.get(at + 1..).unwrap_or("")),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            _ => value.push(character),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bearer(realm: &str, service: Option<&str>) -> Challenge {
        let realm = Url::parse(realm).unwrap();
        Challenge::Bearer { realm, service: service.map(str::to_owned) }
    }

    #[test]
    fn challenges_are_read() {
        for (line, expected) in [
            (
                r#"Bearer realm="https://a/t",service="r, s",scope="x:y:pull,push""#,
                Some(bearer("https://a/t", Some("r, s"))),
            ),
            (r#"bearer service=s , realm = "https://a/t""#, Some(bearer("https://a/t", Some("s")))),
            (r#"Bearer realm="https://a/\t""#, Some(bearer("https://a/t", None))),
            (r#"Basic realm="x""#, Some(Challenge::Basic)),
            ("BASIC", Some(Challenge::Basic)),
            ("Negotiate", None),
            (r#"Bearer service="s""#, None),
            (r#"Bearer realm="nonsense""#, None),
            (r#"Bearer realm="unclosed"#, None),
        ] {
            assert_eq!(Challenge::parse(line), expected, "{line}");
        }
    }

    #[test]
    fn a_token_server_is_as_safe_as_its_registry() {
        for (registry, realm, fine) in [
            ("https://r/", "https://a/t", true),
            ("https://r/", "http://a/t", false),
            ("http://r/", "http://a/t", true),
            ("http://r/", "https://a/t", true),
            ("http://r/", "file:///etc/passwd", false),
            ("https://r/", "https://user:pw@a/t", false),
        ] {
            let challenge = bearer(realm, None);
            let registry = Url::parse(registry).unwrap();
            assert_eq!(challenge.check(&registry).is_ok(), fine, "{realm}");
        }
    }
}
