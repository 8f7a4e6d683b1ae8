//! What a registry asks for when it wants to know who is there.
//!
//! Source: RFC 9110 sections 11.2 and 11.6.1; the distribution project's token specification.

use crate::diagnostic::Fault;
use crate::http::fault;
use url::Url;

/// How a registry wants requests to be authorized.
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

/// Schemes that are named of a header that nobody understands, and characters of what is quoted of it.
const MAX_NAMED: usize = 5;
const MAX_QUOTED: usize = 200;

impl Challenge {
    /// The challenge that is answered, of all challenges of all lines of the header: the first
    /// Bearer, which keeps the password from the registry, else Basic; `None` when there is neither.
    pub(in crate::http) fn read(answer: &reqwest::Response) -> Option<Self> {
        Self::choose(lines(answer))
    }

    /// The scope that the first Bearer challenge of an answer proposes.
    pub(in crate::http) fn scope(answer: &reqwest::Response) -> Option<String> {
        let mut offered = lines(answer).flat_map(offers);
        let bearer = offered.find(|one| matches!(one.understood(), Some(Self::Bearer { .. })));
        bearer.and_then(|one| one.value("scope"))
    }

    /// What an answer asks for that has challenges, none of which is understood; reads after the
    /// registry's name.
    pub(in crate::http) fn not_understood(answer: &reqwest::Response) -> Option<String> {
        Self::misread(lines(answer))
    }

    fn misread<'a>(lines: impl Iterator<Item = &'a str>) -> Option<String> {
        let offered: Vec<Offer> = lines.flat_map(offers).collect();
        if offered.is_empty() || offered.iter().any(|one| one.understood().is_some()) {
            return None;
        }
        let quoted = |text: &str| text.chars().take(MAX_QUOTED).collect::<String>();
        if let Some(bearer) = offered.iter().find(|one| one.scheme.eq_ignore_ascii_case("bearer")) {
            return Some(match bearer.value("realm") {
                Some(realm) => {
                    let realm = quoted(&realm);
                    format!("asks for `Bearer realm=\"{realm}\"`, and a realm must be a URL")
                }
                None => "asks for `Bearer` without the realm that gives tokens".to_owned(),
            });
        }
        let schemes = offered.iter().take(MAX_NAMED);
        let schemes: Vec<String> =
            schemes.map(|one| format!("`{}`", quoted(&one.scheme))).collect();
        Some(format!("asks for {}, and only Basic and Bearer are known", schemes.join(", ")))
    }

    fn choose<'a>(lines: impl Iterator<Item = &'a str>) -> Option<Self> {
        let offered: Vec<Self> =
            lines.flat_map(offers).filter_map(|one| one.understood()).collect();
        let bearer = offered.iter().find(|one| **one != Self::Basic);
        bearer.or(offered.first()).cloned()
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

/// One challenge of a header line, understood or not.
#[derive(Debug, Default)]
struct Offer {
    scheme: String,
    parameters: Vec<(String, String)>,
}

impl Offer {
    fn understood(&self) -> Option<Challenge> {
        if self.scheme.eq_ignore_ascii_case("basic") {
            return Some(Challenge::Basic);
        }
        if !self.scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let realm = Url::parse(&self.value("realm")?).ok()?;
        Some(Challenge::Bearer { realm, service: self.value("service") })
    }

    fn value(&self, name: &str) -> Option<String> {
        let found = self.parameters.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.clone())
    }
}

/// The lines of the header that holds challenges.
fn lines(answer: &reqwest::Response) -> impl Iterator<Item = &str> {
    let lines = answer.headers().get_all(reqwest::header::WWW_AUTHENTICATE);
    lines.iter().filter_map(|line| line.to_str().ok())
}

/// The challenges of a line. They and their parameters stand in one list, so a member is the
/// beginning of a challenge unless it is `name=value`; `Basic realm="x"` is both.
fn offers(line: &str) -> Vec<Offer> {
    let mut offers: Vec<Offer> = Vec::new();
    for member in members(line) {
        let end = member.find([' ', '\t', '=']).unwrap_or(member.len());
        let (word, rest) = member.split_at(end);
        let rest = rest.trim_start();
        let parameter = if rest.starts_with('=') {
            member
        } else {
            offers.push(Offer { scheme: word.to_owned(), ..Offer::default() });
            rest
        };
        if let (Some(offer), Some((name, value))) = (offers.last_mut(), parameter.split_once('=')) {
            let pair = (name.trim().to_owned(), unquoted(value.trim()));
            offer.parameters.push(pair);
        }
    }
    offers
}

/// The members of a list with commas between them; a quoted text may hold commas.
fn members(line: &str) -> Vec<&str> {
    let (mut members, mut start) = (Vec::new(), 0);
    let (mut quoted, mut escaped) = (false, false);
    for (at, character) in line.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted => {
                members.extend(line.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    members.extend(line.get(start..));
    members.into_iter().map(str::trim).filter(|member| !member.is_empty()).collect()
}

/// A value without its quotes, up to the closing one.
fn unquoted(value: &str) -> String {
    let Some(text) = value.strip_prefix('"') else { return value.to_owned() };
    let mut plain = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => plain.extend(characters.next()),
            _ => plain.push(character),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bearer(realm: &str, service: Option<&str>) -> Challenge {
        let realm = Url::parse(realm).unwrap();
        Challenge::Bearer { realm, service: service.map(str::to_owned) }
    }

    fn chosen(lines: &[&str]) -> Option<Challenge> {
        Challenge::choose(lines.iter().copied())
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
            (r#"Bearer realm="https://a/\",t""#, Some(bearer("https://a/\",t", None))),
            (r#"Basic realm="x""#, Some(Challenge::Basic)),
            ("BASIC", Some(Challenge::Basic)),
            ("Negotiate", None),
            ("", None),
            (" , ,", None),
            ("=, =x", None),
            (r#"Bearer service="s""#, None),
            (r#"Bearer realm="nonsense""#, None),
            (r#"Bearer realm="unclosed"#, None),
            (r#"realm="https://a/t""#, None),
        ] {
            assert_eq!(chosen(&[line]), expected, "{line}");
        }
    }

    /// Source: RFC 9110 section 11.6.1, whose example has two challenges in one line.
    #[test]
    fn all_challenges_of_all_lines_are_read() {
        let token = r#"Bearer realm="https://a/t",service="s""#;
        let expected = Some(bearer("https://a/t", Some("s")));
        for lines in [
            vec![format!("Negotiate, {token}")],
            vec![format!("Negotiate YII=, {token}, Basic realm=\"x, y\"")],
            vec![format!("{token}, Negotiate")],
            vec![format!(r#"Newauth realm="apps", type=1, title="Login to \"apps\"", {token}"#)],
            vec!["Negotiate".to_owned(), token.to_owned()],
            vec!["Basic realm=\"x\"".to_owned(), token.to_owned()],
            vec![format!("Basic realm=\"https://b/t\", {token}")],
            vec![format!("Bearer realm=\"nonsense\", {token}")],
        ] {
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            assert_eq!(chosen(&lines), expected, "{lines:?}");
        }
        assert_eq!(chosen(&["Negotiate, Basic realm=\"x\""]), Some(Challenge::Basic));
        assert_eq!(chosen(&["Digest realm=\"x\", nonce=\"Basic\""]), None);
    }

    #[test]
    fn what_is_not_understood_is_named() {
        let misread = |lines: &[&str]| Challenge::misread(lines.iter().copied());
        for (lines, says) in [
            (&["Negotiate, NTLM"][..], "asks for `Negotiate`, `NTLM`"),
            (&["Negotiate", "Digest realm=\"x\""], "asks for `Negotiate`, `Digest`"),
            (&["Bearer realm=\"/token\",service=\"s\""], "asks for `Bearer realm=\"/token\"`"),
            (&["Negotiate, Bearer service=s"], "asks for `Bearer` without the realm"),
        ] {
            let said = misread(lines).unwrap();
            assert!(said.starts_with(says), "{said}");
        }
        for fine in [&[""][..], &[], &["Negotiate, Basic"], &["Bearer realm=\"https://a/t\""]] {
            assert_eq!(misread(fine), None, "{fine:?}");
        }
        let long = "x".repeat(5000);
        assert!(misread(&[long.as_str()]).unwrap().len() < 300);
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
