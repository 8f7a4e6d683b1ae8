//! `${env:X}` and `${var:x}` in a scalar that was parsed already.
//!
//! The text of the file is never touched, so that a value can put no YAML into it.

use super::fill::Filling;
use crate::diagnostic::{Fault, Origin, suggestion};
use crate::spec::codes;

/// Fills in one text. `$${` stands for `${`.
///
/// As in a shell, `:-default` and `:?message` also mean a variable that is empty.
pub(super) fn interpolate(text: &str, filling: &mut Filling<'_>) -> Result<String, Vec<Fault>> {
    let mut filled = String::with_capacity(text.len());
    let mut faults = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let (before, after) = rest.split_at(start);
        let after = after.strip_prefix("${").unwrap_or(after);
        if let Some(before) = before.strip_suffix('$') {
            filled.push_str(before);
            filled.push_str("${");
            rest = after;
            continue;
        }
        filled.push_str(before);
        let Some((inside, after)) = after.split_once('}') else {
            faults.push(wrong(&format!("${{{after}"), "it has no `}`"));
            return Err(faults);
        };
        match value_of(inside, filling) {
            Ok(value) => filled.push_str(&value),
            Err(fault) => faults.push(fault),
        }
        rest = after;
    }
    filled.push_str(rest);
    if faults.is_empty() { Ok(filled) } else { Err(faults) }
}

/// The value of what stands between the braces.
fn value_of(inside: &str, filling: &mut Filling<'_>) -> Result<String, Fault> {
    let whole = format!("${{{inside}}}");
    let Some((kind, rest)) = inside.split_once(':') else {
        return Err(wrong(&whole, "write `${env:NAME}` or `${var:name}`"));
    };
    // The first `:-` or `:?` ends the name; whatever follows is the default or the message.
    let (name, default, message) = match rest.split_once(':') {
        None => (rest, None, None),
        Some((name, after)) => (name, after.strip_prefix('-'), after.strip_prefix('?')),
    };
    let odd = rest.contains(':') && default.is_none() && message.is_none();
    if name.is_empty() || odd {
        return Err(wrong(&whole, "a name, then perhaps `:-default` or `:?message`"));
    }
    let value = match kind {
        "env" => filling.env.get(name).cloned(),
        "var" => variable(name, filling)?,
        _ => return Err(wrong(&whole, "only `env:` and `var:` are known")),
    };
    let given = value.clone().filter(|value| !value.is_empty());
    match (given, default, message) {
        (Some(value), ..) => {
            if kind == "env" {
                filling.filled_in.note(&value, &whole);
            }
            Ok(value)
        }
        (None, Some(default), _) => Ok(default.to_owned()),
        (None, None, Some(message)) => {
            Err(Fault::new(codes::UNSET_VARIABLE, Origin::Spec, format!("`{name}`: {message}")))
        }
        (None, None, None) => value.ok_or_else(|| unset(kind, name)),
    }
}

fn variable(name: &str, filling: &Filling<'_>) -> Result<Option<String>, Fault> {
    if let Some(value) = filling.vars.get(name) {
        return Ok(value.clone());
    }
    let message = format!("no variable is called `{name}`");
    let mut fault = Fault::new(codes::UNKNOWN_VARIABLE, Origin::Spec, message);
    fault.help = suggestion(name, filling.vars.keys().map(String::as_str))
        .or_else(|| Some("declare it in the block `vars`".to_owned()));
    Err(fault)
}

fn unset(kind: &str, name: &str) -> Fault {
    let (what, how) = match kind {
        "env" => ("environment variable", format!("set it, or write `${{env:{name}:-default}}`")),
        _ => ("variable", format!("say `--var {name}=value`, or give it a value in `vars`")),
    };
    Fault::new(codes::UNSET_VARIABLE, Origin::Spec, format!("the {what} `{name}` is not set"))
        .help(how)
}

fn wrong(text: &str, why: &str) -> Fault {
    Fault::new(codes::WRONG_VARIABLE, Origin::Spec, format!("`{text}` is not a variable"))
        .help(format!("{why}; `$${{` stands for `${{`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::filled_in::FilledIn;
    use std::collections::BTreeMap;

    fn filled(text: &str) -> Result<String, String> {
        let env = BTreeMap::from([("A".to_owned(), "1".to_owned()), ("E".into(), String::new())]);
        let vars = BTreeMap::from([("m".to_owned(), Some("x/y".to_owned())), ("n".into(), None)]);
        let (faults, filled_in) = (Vec::new(), FilledIn::default());
        let mut filling = Filling { env: &env, vars, faults, filled_in };
        interpolate(text, &mut filling).map_err(|faults| {
            faults.iter().map(|fault| fault.code.to_string()).collect::<Vec<_>>().join(" ")
        })
    }

    #[test]
    fn values_defaults_and_escapes() {
        for (text, expected) in [
            ("plain $ {x} $5", "plain $ {x} $5"),
            ("a${env:A}b${var:m}", "a1bx/y"),
            ("${env:NO:-d:-e}", "d:-e"),
            ("${env:E:-d}", "d"),
            ("${env:E}", ""),
            ("${env:NO:-}", ""),
            ("$${env:A}", "${env:A}"),
            ("${var:n:-what?:?}", "what?:?"),
        ] {
            assert_eq!(filled(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn every_fault_is_named() {
        for (text, expected) in [
            ("${env:NO}", "spec::unset-variable"),
            ("${env:E:?say it}", "spec::unset-variable"),
            ("${var:n} ${var:x}", "spec::unset-variable spec::unknown-variable"),
            ("${A}", "spec::wrong-variable"),
            ("${env:A", "spec::wrong-variable"),
            ("${secret:A}", "spec::wrong-variable"),
            ("${env:}", "spec::wrong-variable"),
        ] {
            assert_eq!(filled(text), Err(expected.to_owned()), "{text}");
        }
    }
}
