//! Text from outside, made safe to print.
//!
//! The attack: a registry's error text, a tag list, an annotation or a plugin's log line holds
//! terminal escapes, and rewrites what the reader sees, sets the window's title or pastes into the
//! shell; or it holds marks of writing direction, and a name reads as another. So every text is
//! passed through here on its way out: control characters and direction marks become visible
//! escapes, such as `\u{1b}`. Nothing is dropped, so what was sent can still be read.
//!
//! Nor does a secret leave that is known, however it is written ([`crate::role::without_secrets`]).
//!
//! Runners of CI read what is printed, too: `##[` and `##vso[` anywhere in a line, or `::` before its
//! first word, begin a command that masks texts, sets outputs or stops other commands. Their first
//! character is escaped. This holds everywhere, as a log is often read by another program than the one
//! it was printed for.

use crate::role::without_secrets;
use std::borrow::Cow;
use std::fmt::Write;

/// Text for one line: line ends are escaped too.
pub(super) fn line(text: &str) -> Cow<'_, str> {
    escaped(without_secrets(text), |_| false)
}

/// Text of several lines: line ends and tabs stay.
pub(super) fn lines(text: &str) -> Cow<'_, str> {
    escaped(without_secrets(text), |character| matches!(character, '\n' | '\t'))
}

/// Text of several lines with colours: sequences that only set colours stay as well, which can do
/// no more harm than an ugly colour.
pub(super) fn painted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        let (before, from_escape) = rest.split_at(at);
        out.push_str(&lines(before));
        let length = colour_length(from_escape);
        let (escape, after) = from_escape.split_at(length.unwrap_or(1));
        match length {
            Some(_) => out.push_str(escape),
            None => out.push_str(&lines(escape)),
        }
        rest = after;
    }
    out.push_str(&lines(rest));
    out
}

/// The text of a JSON document: what JSON itself leaves raw is escaped as JSON escapes. Such
/// characters stand only within its strings.
pub(super) fn json(text: &str) -> Cow<'_, str> {
    let masked = without_secrets_in_values(text);
    let text = masked.as_ref();
    let is_escaped = |(at, character): (usize, char)| {
        character != '\n' && is_unsafe(character) || is_command(text, at)
    };
    if !text.char_indices().any(is_escaped) {
        return masked;
    }
    let mut out = String::with_capacity(text.len() + 16);
    for (at, character) in text.char_indices() {
        if is_escaped((at, character)) {
            // All of them lie in the basic plane, so one escape is enough. Writing to a string
            // does not fail.
            let _written = write!(out, "\\u{:04x}", u32::from(character));
        } else {
            out.push(character);
        }
    }
    Cow::Owned(out)
}

/// The length of `ESC [ 1;31 m` at the front of a text.
fn colour_length(text: &str) -> Option<usize> {
    const LONGEST: usize = 32;
    let parameters = text.strip_prefix("\u{1b}[")?;
    let end =
        parameters.find(|character: char| !(character.is_ascii_digit() || character == ';'))?;
    let ends_well = parameters.as_bytes().get(end) == Some(&b'm');
    (ends_well && end <= LONGEST).then_some(end + 3)
}

/// A JSON document without secrets in its strings. A number may have a password's digits, and a member its
/// name: both stay, else it would be no document any more.
fn without_secrets_in_values(text: &str) -> Cow<'_, str> {
    if matches!(without_secrets(text), Cow::Borrowed(_)) {
        return Cow::Borrowed(text);
    }
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(start) = rest.find('"') {
        let (before, string) = rest.split_at(start + 1);
        let (string, after) = string.split_at(string_length(string));
        out.push_str(before);
        if after.starts_with("\":") {
            out.push_str(string);
        } else {
            out.push_str(&without_secrets(string));
        }
        let (quote, after) = after.split_at(after.len().min(1));
        out.push_str(quote);
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The length of a JSON string whose first quote was read, up to its last.
fn string_length(text: &str) -> usize {
    let mut is_escape = false;
    let end = text.bytes().position(|byte| {
        let ends = byte == b'"' && !is_escape;
        is_escape = byte == b'\\' && !is_escape;
        ends
    });
    end.unwrap_or(text.len())
}

fn escaped(masked: Cow<'_, str>, stays: impl Fn(char) -> bool) -> Cow<'_, str> {
    let text = masked.as_ref();
    let begins = |at| is_command(text, at) || is_first_command(text, at);
    let is_escaped = |(at, character)| is_unsafe(character) && !stays(character) || begins(at);
    if !text.char_indices().any(is_escaped) {
        return masked;
    }
    let mut out = String::with_capacity(text.len() + 16);
    for (at, character) in text.char_indices() {
        match character {
            of_command if begins(at) => out.extend(of_command.escape_unicode()),
            '\n' if !stays(character) => out.push_str("\\n"),
            '\t' if !stays(character) => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            unsafe_one if is_unsafe(unsafe_one) && !stays(unsafe_one) => {
                out.extend(unsafe_one.escape_unicode());
            }
            safe => out.push(safe),
        }
    }
    Cow::Owned(out)
}

/// Whether a command to a runner of CI begins there, which it obeys anywhere in a line. Source:
/// actions/runner and microsoft/azure-pipelines-agent, `TryParse` of their commands.
fn is_command(text: &str, at: usize) -> bool {
    let rest = text.as_bytes().get(at..).and_then(|rest| rest.strip_prefix(b"##"));
    rest.is_some_and(|rest| {
        rest.starts_with(b"[")
            || rest.get(..4).is_some_and(|word| word.eq_ignore_ascii_case(b"vso["))
    })
}

/// Whether a command begins there that is obeyed only as the first word of a line.
fn is_first_command(text: &str, at: usize) -> bool {
    // First what costs nothing: this is asked of each character.
    let Some((before, rest)) = text.split_at_checked(at) else { return false };
    let is_blank = |line: &str| line.chars().all(char::is_whitespace);
    rest.starts_with("::") && before.rsplit(['\n', '\r']).next().is_none_or(is_blank)
}

/// Control characters (C0, DEL, C1), and marks that change the direction of writing or separate
/// lines. Source: Unicode Standard Annex 9, "Explicit Directional Formatting Characters".
fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_moves_a_terminal_gets_through() {
        for (raw, safe) in [
            ("plain ü → 漢", "plain ü → 漢"),
            ("\u{1b}[2Jgone", "\\u{1b}[2Jgone"),
            ("title\u{1b}]0;x\u{7}", "title\\u{1b}]0;x\\u{7}"),
            ("c1 \u{9b}31m", "c1 \\u{9b}31m"),
            ("two\nlines\r\n", "two\\nlines\\r\\n"),
            ("del\u{7f}", "del\\u{7f}"),
            ("gpj\u{202e}exe", "gpj\\u{202e}exe"),
        ] {
            assert_eq!(line(raw), safe);
        }
        assert_eq!(lines("a\n\tb\r\u{1b}c"), "a\n\tb\\r\\u{1b}c");
    }

    #[test]
    fn no_command_to_a_runner_gets_through() {
        for (raw, safe) in [
            ("a ##[add-mask]x", "a \\u{23}#[add-mask]x"),
            ("###[x]", "#\\u{23}#[x]"),
            ("##vso[task.x]", "\\u{23}#vso[task.x]"),
            ("##VSO[task.x]", "\\u{23}#VSO[task.x]"),
            ("::set-output name=x::y", "\\u{3a}:set-output name=x::y"),
            (" \t::x", " \\t\\u{3a}:x"),
            ("at [::1]:5000 ## v1", "at [::1]:5000 ## v1"),
        ] {
            assert_eq!(line(raw), safe);
        }
        assert_eq!(lines("a\n  ::stop::\nb"), "a\n  \\u{3a}:stop::\nb");
        let value = serde_json::json!({"a": "##[stop-commands]t ##vso[x]"});
        let safe = json(&value.to_string()).into_owned();
        assert!(!safe.contains("##"), "{safe}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), value);
    }

    #[test]
    fn a_painted_text_keeps_colours_only() {
        assert_eq!(painted("\u{1b}[1;31mred\u{1b}[0m\n"), "\u{1b}[1;31mred\u{1b}[0m\n");
        assert_eq!(
            painted("\u{1b}[2J\u{1b}[31m\u{1b}]0;t\u{7}"),
            "\\u{1b}[2J\u{1b}[31m\\u{1b}]0;t\\u{7}"
        );
        assert_eq!(painted("cut \u{1b}["), "cut \\u{1b}[");
        assert_eq!(painted("cut \u{1b}"), "cut \\u{1b}");
    }

    #[test]
    fn json_stays_the_same_value() {
        let value = serde_json::json!({"a": "x\u{9b}y\u{202e}\u{1b}z\u{7f}"});
        let raw = value.to_string();
        let safe = json(&raw);
        assert!(safe.is_ascii(), "{safe}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), value);
        assert!(matches!(json("{\n}\n"), Cow::Borrowed(_)));
    }
}
