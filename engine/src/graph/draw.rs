//! The graph as a picture, for `dot` and for Mermaid.

use super::{Graph, StepKind};

impl Graph {
    /// The graph in Graphviz's language.
    pub fn to_dot(&self) -> String {
        let mut lines =
            vec![format!("digraph {} {{", quoted(&self.name)), "  rankdir=LR;".to_owned()];
        for step in &self.steps {
            let shape = match step.kind {
                StepKind::Source(_) => "cylinder",
                StepKind::Filter(_) => "trapezium",
                StepKind::Transform(_) => "box",
                StepKind::Sink(_) => "house",
            };
            lines.push(format!("  {} [shape={shape}];", quoted(&step.id)));
        }
        for (from, to) in self.edges() {
            lines.push(format!("  {} -> {};", quoted(from), quoted(to)));
        }
        lines.push("}\n".to_owned());
        lines.join("\n")
    }

    /// The graph in Mermaid's language.
    pub fn to_mermaid(&self) -> String {
        let mut lines = vec!["flowchart LR".to_owned()];
        for (number, step) in self.steps.iter().enumerate() {
            let (open, close) = match step.kind {
                StepKind::Source(_) => ("[(", ")]"),
                StepKind::Filter(_) => ("{{", "}}"),
                StepKind::Transform(_) => ("[", "]"),
                StepKind::Sink(_) => ("([", "])"),
            };
            lines.push(format!("  s{number}{open}\"{}\"{close}", step.id));
        }
        // Numbers, as some words (`end`) that are ids here mean something in Mermaid.
        let number = |id: &str| self.steps.iter().position(|step| step.id == id);
        for (from, to) in self.edges() {
            if let (Some(from), Some(to)) = (number(from), number(to)) {
                lines.push(format!("  s{from} --> s{to}"));
            }
        }
        lines.join("\n") + "\n"
    }

    fn edges(&self) -> impl Iterator<Item = (&str, &str)> {
        self.steps.iter().flat_map(|step| {
            step.inputs.iter().map(move |input| (input.as_str(), step.id.as_str()))
        })
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use crate::graph::{Filter, OnConflict, Sink, Template};
    use crate::graph::{Graph, RunSettings, Step, StepKind};
    use std::collections::BTreeMap;

    fn graph() -> Graph {
        let step = |id: &str, inputs: &[&str], kind| Step {
            id: id.to_owned(),
            inputs: inputs.iter().map(|input| (*input).to_owned()).collect(),
            kind,
        };
        let sink = Sink {
            to: Template { parts: Vec::new() },
            words: std::sync::Arc::default(),
            base: "/".into(),
            plugin: None,
            on_conflict: OnConflict::Fail,
            partial: false,
            remove_signatures: false,
        };
        let steps = vec![
            step("a", &[], StepKind::Filter(Filter::Platforms(Vec::new()))),
            step("end", &["a"], StepKind::Sink(sink)),
        ];
        Graph {
            name: "my \"own\"".to_owned(),
            run: RunSettings::default(),
            registries: BTreeMap::new(),
            keys: BTreeMap::new(),
            steps,
            bindings: Vec::new(),
            reports: Vec::new(),
        }
    }

    #[test]
    fn draws_steps_and_edges() {
        let dot = "digraph \"my \\\"own\\\"\" {\n  rankdir=LR;\n  \"a\" [shape=trapezium];\n  \
            \"end\" [shape=house];\n  \"a\" -> \"end\";\n}\n";
        assert_eq!(graph().to_dot(), dot);
        let mermaid = "flowchart LR\n  s0{{\"a\"}}\n  s1([\"end\"])\n  s0 --> s1\n";
        assert_eq!(graph().to_mermaid(), mermaid);
    }
}
