//! Lets the tags pass that begin with the prefix of the step's settings.
//!
//! `wit/` says what each call means. A call gets an instance of its own: nothing is remembered.

wit_bindgen::generate!({ path: "wit", world: "plugin", generate_all });

use engine::plugin::log;
use engine::plugin::types::Fault;
use exports::engine::plugin::filter::{Candidate, Choice, Guest};
use serde_json::Value;

struct Plugin;

export!(Plugin);

impl Guest for Plugin {
    fn needs(_settings: String) -> Result<Vec<String>, Fault> {
        // Names suffice: `digest`, `platforms`, `labels` and `created` cost requests.
        Ok(Vec::new())
    }

    fn select(candidates: Vec<Candidate>, settings: String) -> Result<Vec<Choice>, Fault> {
        let prefix = prefix(&settings);
        log::write(log::Level::Debug, &format!("{} tags to look at", candidates.len()));
        let tags = candidates.iter().map(|candidate| candidate.tag.as_deref().unwrap_or_default());
        Ok(tags.map(|tag| choice(tag, &prefix)).collect())
    }
}

/// The engine has checked the settings by settings.schema.json.
fn prefix(settings: &str) -> String {
    let settings: Value = serde_json::from_str(settings).unwrap_or_default();
    settings["prefix"].as_str().unwrap_or("v").to_owned()
}

fn choice(tag: &str, prefix: &str) -> Choice {
    let keep = tag.starts_with(prefix);
    let reason = if keep { String::new() } else { format!("does not begin with `{prefix}`") };
    Choice { keep, reason, extra: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_chooses() {
        assert!(choice("v1", &prefix("{}")).keep);
        assert!(choice("3.20", &prefix(r#"{"prefix": "3."}"#)).keep);
        assert_eq!(choice("edge", "3.").reason, "does not begin with `3.`");
    }
}
