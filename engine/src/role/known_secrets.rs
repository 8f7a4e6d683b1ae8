//! The secrets of this program, in every writing in which a text may hold them.
//!
//! The attack: a registry answers with what it was sent, as it is or as base64, in the text of an error, in
//! a header, or in the address that it leads to. Whoever reads the log of a CI run did not ask for that.
//! So each secret is known here from the moment it is made, and what leaves the program is looked through.
//!
//! There is one list for the program, and only the program keeps it: a list that is passed to each maker
//! of secrets would miss the one that somebody forgot to pass it to. A library's callers have no such list.

use crate::oci::base64;
use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::VecDeque;
use std::fmt::Write;
use std::sync::{OnceLock, PoisonError, RwLock};
use zeroize::Zeroizing;

/// What stands for a secret.
const MASK: &str = "***";
/// Bytes of the shortest secret that is looked for as it is. A shorter one stands in most words.
const SHORTEST: usize = 4;
/// Bytes of the shortest part of a secret in base64, which begins and ends within a text of others.
const SHORTEST_WRITTEN: usize = 6;
/// Bytes of a secret that is looked for in other writings too. Longer ones are tokens, which are sent
/// as they are.
const LONGEST_WRITTEN: usize = 256;
/// Writings of secrets and tokens that are kept; the oldest goes first, tokens before secrets.
const MOST: usize = 2048;

static KNOWN: OnceLock<RwLock<KnownSecrets>> = OnceLock::new();

/// From now on each secret is known when it is made.
pub fn know_secrets() {
    KNOWN.get_or_init(RwLock::default);
}

/// Takes note of a secret, if this program wants to know.
pub(super) fn note(secret: &str) {
    if let Some(known) = KNOWN.get() {
        known.write().unwrap_or_else(PoisonError::into_inner).add(secret);
    }
}

/// A text without the secrets that are known.
pub fn without_secrets(text: &str) -> Cow<'_, str> {
    match KNOWN.get() {
        Some(known) => known.read().unwrap_or_else(PoisonError::into_inner).masked(text),
        None => Cow::Borrowed(text),
    }
}

/// Some secrets, in their writings.
#[derive(Default)]
struct KnownSecrets {
    short: VecDeque<Zeroizing<String>>,
    tokens: VecDeque<Zeroizing<String>>,
}

impl KnownSecrets {
    fn add(&mut self, secret: &str) {
        // An `Authorization` header's value begins with its scheme.
        let schemes = ["Basic ", "Bearer "];
        let bare = schemes.iter().find_map(|scheme| secret.strip_prefix(scheme)).unwrap_or(secret);
        let (kept, writings) = if bare.len() > LONGEST_WRITTEN {
            (&mut self.tokens, vec![bare.to_owned()])
        } else {
            (&mut self.short, writings(bare))
        };
        for writing in writings.into_iter().map(Zeroizing::new) {
            if !kept.contains(&writing) {
                kept.push_back(writing);
            }
        }
        while kept.len() > MOST {
            kept.pop_front();
        }
    }

    /// The longest writings go first: a password may be a part of another, or of the pair in which it is sent.
    fn masked<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let known = self.short.iter().chain(&self.tokens).map(|writing| writing.as_str());
        let mut found: Vec<&str> = known.filter(|writing| text.contains(writing)).collect();
        found.sort_by_key(|writing| Reverse(writing.len()));
        found
            .into_iter()
            .fold(Cow::Borrowed(text), |masked, writing| Cow::Owned(masked.replace(writing, MASK)))
    }
}

/// The writings of a secret.
fn writings(secret: &str) -> Vec<String> {
    if secret.len() < SHORTEST {
        return Vec::new();
    }
    let mut all = vec![secret.to_owned(), in_json(secret), hex(secret), hex(secret).to_uppercase()];
    for space in ["%20", "+"] {
        let written = in_url(secret, space);
        all.push(with_small_digits(&written));
        all.push(written);
    }
    for before in 0..3 {
        let part = in_base64(secret, before);
        if part.len() >= SHORTEST_WRITTEN {
            all.push(part.replace('+', "-").replace('/', "_"));
            all.push(part);
        }
    }
    all
}

/// As it stands within a string of JSON.
fn in_json(secret: &str) -> String {
    let quoted = serde_json::Value::from(secret).to_string();
    quoted.trim_start_matches('"').strip_suffix('"').unwrap_or(&quoted).to_owned()
}

/// As it stands within a URL or a form.
fn in_url(secret: &str, space: &str) -> String {
    let mut written = String::new();
    for byte in secret.bytes() {
        match byte {
            b' ' => written.push_str(space),
            b'-' | b'.' | b'_' | b'~' => written.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => written.push(char::from(byte)),
            // Writing to a string does not fail.
            _ => write!(written, "%{byte:02X}").unwrap_or_default(),
        }
    }
    written
}

/// The same escapes with `a` to `f` for `A` to `F`.
fn with_small_digits(url: &str) -> String {
    let mut left = 0;
    let small = |character: char| {
        let is_digit = left > 0;
        left = if character == '%' { 2_u8 } else { left.saturating_sub(1) };
        if is_digit { character.to_ascii_lowercase() } else { character }
    };
    url.chars().map(small).collect()
}

fn hex(secret: &str) -> String {
    secret.bytes().fold(String::new(), |mut written, byte| {
        write!(written, "{byte:02x}").unwrap_or_default();
        written
    })
}

/// What of the base64 of a longer text is the secret's alone, with so many bytes before it, modulo three.
fn in_base64(secret: &str, before: usize) -> String {
    let mut bytes = vec![0; before];
    bytes.extend_from_slice(secret.as_bytes());
    let (first, end) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
    base64::encode(&bytes).get(first..end).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(secrets: &[&str]) -> KnownSecrets {
        let mut known = KnownSecrets::default();
        for secret in secrets {
            known.add(secret);
        }
        known
    }

    #[test]
    fn a_secret_is_masked_in_every_writing() {
        let secret = "hunter2 \"+/ü";
        let known = known(&[secret]);
        let pair = |user: &str| base64::encode(format!("{user}:{secret}").as_bytes());
        let json = serde_json::json!({ "message": format!("got {secret}!") }).to_string();
        for text in [
            format!("you sent {secret}"),
            json,
            format!("https://r.example/?echo={}", in_url(secret, "%20")),
            format!("https://r.example/?echo={}", in_url(secret, "+")),
            format!("https://r.example/?echo={}", with_small_digits(&in_url(secret, "%20"))),
            hex(secret),
            pair("a"),
            pair("ab"),
            pair("abc"),
            pair("abcd").replace('+', "-").replace('/', "_"),
        ] {
            let masked = known.masked(&text);
            assert!(masked.contains(MASK), "{text} became {masked}");
            assert!(!masked.contains("hunter2"), "{text} became {masked}");
        }
        assert!(matches!(known.masked("nothing is in here"), Cow::Borrowed(_)));
    }

    #[test]
    fn of_a_header_the_scheme_is_no_secret() {
        let known = known(&["Basic dXNlcjpwYXNz", "Bearer abcdefgh"]);
        assert_eq!(
            known.masked("Basic auth: dXNlcjpwYXNz, Bearer abcdefgh"),
            "Basic auth: ***, Bearer ***"
        );
    }

    #[test]
    fn a_secret_within_another_leaves_no_rest() {
        let pair = base64::encode(b"ann:hunter2");
        assert_eq!(known(&["hunter2", &pair, "hunter2-too"]).masked(&pair), MASK);
        assert_eq!(known(&["hunter2", "hunter2-too"]).masked("hunter2-too, hunter2"), "***, ***");
    }

    #[test]
    fn what_is_too_short_to_be_told_from_words_is_left() {
        assert_eq!(known(&["a", "abc"]).masked("a cab, abc"), "a cab, abc");
    }

    #[test]
    fn tokens_do_not_push_out_passwords() {
        let mut known = known(&["password"]);
        for number in 0..2 * MOST {
            known.add(&format!("Bearer {number:0300}"));
        }
        assert_eq!(known.tokens.len(), MOST);
        assert_eq!(known.masked("the password"), "the ***");
        assert_eq!(known.masked(&format!("{:0300}", 2 * MOST - 1)), "***");
    }
}
