//! What an answer means: a registry's status and error document as a fault.

use engine_plugin_sdk::Fault;
use engine_plugin_sdk::http::Response;
use serde_json::Value;

/// Bytes of an error document that are read.
const MAX_ERROR_BYTES: u64 = 64 * 1024;
/// Characters of a registry's own words that are passed on; a fault has 1 KiB in all.
const MAX_WORDS: usize = 700;

/// The fault of an answer that is not what was hoped for; `while_doing` reads after "while".
pub(crate) fn refused(answer: Response, while_doing: &str) -> Fault {
    let (status, whose) = (answer.status, Whose::of(&answer));
    let wait = answer.header("retry-after").and_then(|text| text.trim().parse::<u64>().ok());
    let text = answer.body.take(MAX_ERROR_BYTES).read_all(MAX_ERROR_BYTES).unwrap_or_default();
    fault(status, wait, &text, &whose.doing(status, while_doing))
}

/// Who answered, and whom it took us for.
struct Whose {
    led_to: Option<String>,
    is_stranger: bool,
}

impl Whose {
    fn of(answer: &Response) -> Self {
        let led_to = answer.extra("led-to").map(str::to_owned);
        Self { led_to, is_stranger: answer.extra("login") == Some("none") }
    }

    /// What was answered, and while doing what.
    fn doing(&self, status: u16, while_doing: &str) -> String {
        match &self.led_to {
            Some(host) => {
                format!("`{host}`, where the registry leads, answered {status} while {while_doing}")
            }
            None if self.is_stranger && matches!(status, 401 | 403) => format!(
                "the registry answered {status} while {while_doing}, and no login was tried, as it asked for none"
            ),
            None => format!("the registry answered {status} while {while_doing}"),
        }
    }
}

/// As [`refused`], of what was read; `answered` says who answered what.
fn fault(status: u16, wait: Option<u64>, text: &[u8], answered: &str) -> Fault {
    let (code, words) = document(text);
    let mut message = answered.to_owned();
    for part in [code.as_deref(), words.as_deref()].into_iter().flatten() {
        message.push_str(": ");
        message.push_str(part);
    }
    if status == 413 {
        message.push_str(": the body is larger than the registry, or a proxy before it, allows");
    }
    let mut fault = Fault::new(meaning(status, code.as_deref()), message)
        .fact("status", status.to_string())
        .retry_after(wait.map(|seconds| seconds.saturating_mul(1000)));
    if let Some(code) = code {
        fault = fault.fact("registry-code", code);
    }
    fault
}

/// The word of `wit/types.wit` for a status and a registry's code. The code decides where it says
/// more than the status. Source: distribution-spec 1.1, "Error Codes".
fn meaning(status: u16, code: Option<&str>) -> &'static str {
    match (status, code) {
        (429, _) | (400..500, Some("TOOMANYREQUESTS")) => "rate-limited",
        (400..500, Some("DENIED")) | (403, _) => "denied",
        (401, _) => "unauthorized",
        (400..500, Some("UNSUPPORTED")) | (405 | 501, _) => "unsupported",
        // A manifest that was refused since a part of it is missing: the content is at fault,
        // not the place.
        (400..500, Some("MANIFEST_BLOB_UNKNOWN" | "BLOB_UNKNOWN")) if status != 404 => "invalid",
        (404, Some("MANIFEST_BLOB_UNKNOWN")) => "invalid",
        (404 | 410, _) => "not-found",
        (408, _) => "timeout",
        (400..500, _) => "invalid",
        (500..600, _) => "unavailable",
        _ => "protocol",
    }
}

/// The first error of a registry's document: its code and its words; or the start of a text that
/// is none.
fn document(text: &[u8]) -> (Option<String>, Option<String>) {
    let Ok(value) = serde_json::from_slice::<Value>(text) else {
        let words = clean(&String::from_utf8_lossy(text));
        let page = words.starts_with('<');
        return (None, Some(words).filter(|words| !words.is_empty() && !page));
    };
    let Some(first) = value.get("errors").and_then(|errors| errors.get(0)) else {
        let words = value.get("details").or_else(|| value.get("message"));
        return (None, words.and_then(Value::as_str).map(clean));
    };
    let member = |name: &str| first.get(name).and_then(Value::as_str).map(clean);
    (member("code").filter(|code| !code.is_empty()), member("message"))
}

/// One line without control characters.
fn clean(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(MAX_WORDS).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine_plugin_sdk::http::Request;
    use engine_plugin_sdk::testing::{Answer, serve};

    #[test]
    fn statuses_and_codes_have_a_meaning() {
        for (status, code, word) in [
            (401, "UNAUTHORIZED", "unauthorized"),
            (401, "DENIED", "denied"),
            (403, "", "denied"),
            (404, "MANIFEST_UNKNOWN", "not-found"),
            (404, "MANIFEST_BLOB_UNKNOWN", "invalid"),
            (400, "MANIFEST_INVALID", "invalid"),
            (400, "UNSUPPORTED", "unsupported"),
            (405, "", "unsupported"),
            (429, "", "rate-limited"),
            (403, "TOOMANYREQUESTS", "rate-limited"),
            (503, "UNAVAILABLE", "unavailable"),
            (302, "", "protocol"),
        ] {
            let text = format!(r#"{{"errors":[{{"code":"{code}","message":"no"}}]}}"#);
            let fault = fault(status, Some(3), text.as_bytes(), "it answered");
            assert_eq!(fault.code, word, "{status} {code}");
            assert_eq!(fault.fact_of("status"), Some(status.to_string().as_str()));
            assert_eq!(fault.fact_of("registry-code").unwrap_or_default(), code);
            assert_eq!(fault.retry_after, Some(3000));
        }
    }

    #[test]
    fn who_answered_and_without_a_login_is_said() {
        let message = |answer: Answer| {
            serve(move |_| answer.clone());
            refused(Request::new("GET", "https://r.io/").send().unwrap(), "trying").message
        };
        let plain = message(Answer::status(403));
        assert_eq!(plain, "the registry answered 403 while trying");
        let stranger = message(Answer::status(403).extra("login", "none"));
        assert!(
            stranger.starts_with(&plain) && stranger.contains("no login was tried"),
            "{stranger}"
        );
        let gone = message(Answer::status(500).extra("login", "none"));
        assert_eq!(gone, "the registry answered 500 while trying");
        let led = Answer::status(403).extra("login", "none").extra("led-to", "cdn.example:443");
        let led = message(led);
        assert_eq!(led, "`cdn.example:443`, where the registry leads, answered 403 while trying");
    }

    #[test]
    fn what_a_registry_says_is_kept_short_and_clean() {
        let fault_of = |text: &[u8]| fault(500, None, text, "it answered").message;
        assert_eq!(fault_of(b"bad\r\n\x1b[31mgateway"), "it answered: bad   [31mgateway");
        assert_eq!(fault_of(b"<html>x</html>"), "it answered");
        assert_eq!(fault_of(b""), "it answered");
        assert!(fault_of(&[b'x'; 5000]).len() <= 1024);
        assert!(fault_of(br#"{"details":"quota"}"#).ends_with(": quota"));
        let large = fault(413, None, b"<html>too large</html>", "writing a blob");
        assert_eq!(large.code, "invalid");
        assert!(large.message.contains("a proxy before it"), "{}", large.message);
    }
}
