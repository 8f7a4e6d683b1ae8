//! Names that come after other names.
//!
//! In go names and edges, out come orders, cycles and reachability. The same input gives the same
//! answer, in the order in which the names were given wherever that is free.

use petgraph::Direction;
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{Bfs, Reversed};
use std::collections::{BTreeMap, BTreeSet};

/// Names that come after other names.
#[derive(Debug, Clone, Default)]
pub struct Order {
    graph: DiGraph<String, ()>,
    by_name: BTreeMap<String, NodeIndex>,
}

impl Order {
    /// An order of these names.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut order = Self::default();
        for name in names {
            let Self { graph, by_name } = &mut order;
            by_name.entry(name.to_owned()).or_insert_with(|| graph.add_node(name.to_owned()));
        }
        order
    }

    /// Says that `later` comes after `earlier`. Names that are not in the order are passed over.
    pub fn after(&mut self, earlier: &str, later: &str) {
        if let (Some(earlier), Some(later)) = (self.by_name.get(earlier), self.by_name.get(later)) {
            self.graph.update_edge(*earlier, *later, ());
        }
    }

    /// The names, each after all that it comes after; those in or behind a cycle are left out.
    pub fn sorted(&self) -> Vec<&str> {
        let mut waits: BTreeMap<NodeIndex, usize> = self
            .graph
            .node_indices()
            .map(|node| (node, self.graph.neighbors_directed(node, Direction::Incoming).count()))
            .collect();
        let mut ready: BTreeSet<NodeIndex> =
            waits.iter().filter(|(_, count)| **count == 0).map(|(node, _)| *node).collect();
        let mut sorted = Vec::new();
        while let Some(node) = ready.pop_first() {
            sorted.extend(self.graph.node_weight(node).map(String::as_str));
            for next in self.graph.neighbors(node) {
                if let Some(count) = waits.get_mut(&next) {
                    *count = count.saturating_sub(1);
                    if *count == 0 {
                        ready.insert(next);
                    }
                }
            }
        }
        sorted
    }

    /// The groups of names that come after themselves, each as a walk around: every name comes
    /// after the one before it, and the first after the last.
    pub fn cycles(&self) -> Vec<Vec<&str>> {
        let mut cycles: Vec<Vec<NodeIndex>> = tarjan_scc(&self.graph)
            .into_iter()
            .filter(|group| {
                group.len() > 1 || group.iter().any(|n| self.graph.contains_edge(*n, *n))
            })
            .map(|group| self.walk_around(&group))
            .collect();
        cycles.sort_unstable();
        cycles
            .into_iter()
            .map(|cycle| {
                cycle
                    .iter()
                    .filter_map(|n| self.graph.node_weight(*n))
                    .map(String::as_str)
                    .collect()
            })
            .collect()
    }

    /// All that comes after one of these names, themselves included.
    pub fn reached_from<'a>(
        &'a self,
        names: impl IntoIterator<Item = &'a str>,
    ) -> BTreeSet<&'a str> {
        let mut reached = BTreeSet::new();
        for start in names.into_iter().filter_map(|name| self.by_name.get(name)) {
            let mut walk = Bfs::new(&self.graph, *start);
            while let Some(node) = walk.next(&self.graph) {
                reached.extend(self.graph.node_weight(node).map(String::as_str));
            }
        }
        reached
    }

    /// All that one of these names comes after, themselves included.
    pub fn leading_to<'a>(&'a self, names: impl IntoIterator<Item = &'a str>) -> BTreeSet<&'a str> {
        let backwards = Reversed(&self.graph);
        let mut leading = BTreeSet::new();
        for start in names.into_iter().filter_map(|name| self.by_name.get(name)) {
            let mut walk = Bfs::new(backwards, *start);
            while let Some(node) = walk.next(backwards) {
                leading.extend(self.graph.node_weight(node).map(String::as_str));
            }
        }
        leading
    }

    /// A walk through a strongly connected group, from its first name back to it, that visits as
    /// many of its names as a walk without repetition finds; the others follow, in order.
    fn walk_around(&self, group: &[NodeIndex]) -> Vec<NodeIndex> {
        let members: BTreeSet<NodeIndex> = group.iter().copied().collect();
        let mut left = members.clone();
        let mut walk = Vec::new();
        let mut next = members.first().copied();
        while let Some(node) = next {
            left.remove(&node);
            walk.push(node);
            next = self.graph.neighbors(node).filter(|other| left.contains(other)).min();
        }
        walk.extend(left);
        walk
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(edges: &[(&str, &str)]) -> Order {
        let names = edges.iter().flat_map(|(earlier, later)| [*earlier, *later]);
        let mut order = Order::new(names);
        for (earlier, later) in edges {
            order.after(earlier, later);
        }
        order
    }

    #[test]
    fn sorts_and_keeps_the_order_given() {
        let order = order(&[("b", "d"), ("a", "d"), ("d", "c")]);
        assert_eq!(order.sorted(), ["b", "a", "d", "c"]);
        assert!(order.cycles().is_empty());
        assert_eq!(order.reached_from(["d"]), BTreeSet::from(["c", "d"]));
        assert_eq!(order.leading_to(["d"]), BTreeSet::from(["a", "b", "d"]));
    }

    #[test]
    fn cycles_are_walks() {
        let order = order(&[("s", "a"), ("a", "b"), ("b", "c"), ("c", "a"), ("x", "x")]);
        assert_eq!(order.cycles(), [vec!["a", "b", "c"], vec!["x"]]);
        assert_eq!(order.sorted(), ["s"]);
    }
}
