//! Templates: `{{ item.tag }}` and the like, read into their parts.

use super::faults::fault;
use super::{Filling, Part, Template};
use crate::diagnostic::{Fault, suggestion};
use crate::graph::codes;
use crate::oci::{Name, Reference, ReferenceForm};

/// What stands between the braces, and what it is.
const NAMES: [(&str, Part); 7] = [
    ("item.tag", Part::Tag),
    ("item.digest", Part::Digest),
    ("item.source.ref", Part::SourceRef),
    ("item.source.registry", Part::SourceRegistry),
    ("item.source.repo", Part::SourceRepo),
    ("run.date", Part::RunDate),
    ("run.id", Part::RunId),
];

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    ///
    /// `graph::bad-template`, one for each name that is not known, or one for braces that do not
    /// close.
    pub fn parse(text: &str) -> Result<Self, Vec<Fault>> {
        let mut parts = Vec::new();
        let mut faults = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            push_text(&mut parts, before);
            let Some((name, after)) = after.split_once("}}") else {
                let message = format!("`{{{{{after}` has no `}}}}`");
                faults.push(fault(codes::BAD_TEMPLATE, message));
                return Err(faults);
            };
            match NAMES.iter().find(|(known, _)| *known == name.trim()) {
                Some((_, part)) => parts.push(part.clone()),
                None => faults.push(unknown(name.trim())),
            }
            rest = after;
        }
        push_text(&mut parts, rest);
        if faults.is_empty() { Ok(Self { parts }) } else { Err(faults) }
    }

    /// The text before the first place to be filled in.
    pub(super) fn leading_text(&self) -> &str {
        match self.parts.first() {
            Some(Part::Text(text)) => text,
            _ => "",
        }
    }

    /// An image that could be one.
    pub(super) const SAMPLE: &str = "registry.example/some/image:tag";

    /// The template, filled in with [`Self::SAMPLE`].
    pub(super) fn sample(&self) -> Option<String> {
        const DIGEST: &str =
            "sha256:0000000000000000000000000000000000000000000000000000000000000000";
        let source = Reference {
            transport: "docker".to_owned(),
            form: ReferenceForm::REGISTRY,
            place: "registry.example".to_owned(),
            name: Name::tagged("some/image", "tag"),
        };
        let filling = Filling {
            source: &source,
            tag: Some("tag"),
            digest: DIGEST,
            date: "2026-11-23",
            run: "0123456789abcdef",
        };
        Some(self.fill(&filling)).filter(|text| !text.is_empty())
    }
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    if !text.is_empty() {
        parts.push(Part::Text(text.to_owned()));
    }
}

fn unknown(name: &str) -> Fault {
    let message = format!("`{name}` is not known in a template");
    let mut fault = fault(codes::BAD_TEMPLATE, message);
    fault.help = suggestion(name, NAMES.iter().map(|(known, _)| *known));
    fault
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_are_read_in_order() {
        let template = Template::parse("r.example/{{item.source.repo}}:{{ item.tag }}-x").unwrap();
        let text = |text: &str| Part::Text(text.to_owned());
        let expected = [text("r.example/"), Part::SourceRepo, text(":"), Part::Tag, text("-x")];
        assert_eq!(template.parts, expected);
    }

    #[test]
    fn unknown_names_get_the_nearest() {
        let faults = Template::parse("{{ item.tga }}/{{ x }}/{{ run.id").unwrap_err();
        assert_eq!(faults.len(), 3);
        assert_eq!(faults[0].help.as_deref(), Some("did you mean `item.tag`?"));
        assert_eq!(faults[2].message, "`{{ run.id` has no `}}`");
    }
}
