//! The graph as a picture, for `dot` and for Mermaid.

use super::{Graph, StepKind};

impl Graph {
    /// The graph in Graphviz's language.
    pub fn to_dot(&self) -> String {
        let mut text = format!("digraph {} {{\n  rankdir=LR;\n", quoted(&self.name));
        for step in &self.steps {
            let shape = match step.kind {
                StepKind::Source(_) => "cylinder",
                StepKind::Filter(_) => "trapezium",
                StepKind::Transform(_) => "box",
                StepKind::Sink(_) => "house",
            };
            text.push_str(&format!("  {} [shape={shape}];\n", quoted(&step.id)));
        }
        for (from, to) in self.edges() {
            text.push_str(&format!("  {} -> {};\n", quoted(from), quoted(to)));
        }
        text.push_str("}\n");
        text
    }

    /// The graph in Mermaid's language.
    pub fn to_mermaid(&self) -> String {
        let mut text = "flowchart LR\n".to_owned();
        for (number, step) in self.steps.iter().enumerate() {
            let (open, close) = match step.kind {
                StepKind::Source(_) => ("[(", ")]"),
                StepKind::Filter(_) => ("{{", "}}"),
                StepKind::Transform(_) => ("[", "]"),
                StepKind::Sink(_) => ("([", "])"),
            };
            text.push_str(&format!("  s{number}{open}\"{}\"{close}\n", step.id));
        }
        // Numbers, as some words (`end`) that are ids here mean something in Mermaid.
        let number = |id: &str| self.steps.iter().position(|step| step.id == id);
        for (from, to) in self.edges() {
            if let (Some(from), Some(to)) = (number(from), number(to)) {
                text.push_str(&format!("  s{from} --> s{to}\n"));
            }
        }
        text
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
